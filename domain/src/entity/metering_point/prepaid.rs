//! Contracts that are paid in advance: what the account that pays is told when values arrive.

use std::collections::BTreeSet;

use super::{Event, MOST_DAYS, Reply, State, close};
use crate::contract::Contract;
use crate::day::{Day, Month};
use crate::day_span::DaySpan;
use crate::entity::message::{Message, Recipient};
use crate::entity::{Decided, Facts, Moment, Need};
use crate::money::Currency;
use crate::prepaid::{RatedKey, RatedPeriod, RatedTotal, rate_arrived};
use crate::rating::{RatedPoint, RatingFacts};
use crate::series::TimeSeries;

/// What has to be read to rate the months in which the values lie: nothing where no contract of them is paid in advance.
pub(super) fn needs(state: &State, series: &TimeSeries, facts: &Facts) -> Vec<Need> {
    let rule = state.details.as_ref().map(|details| &details.rule);
    let span = rule.and_then(|rule| DaySpan::of_period(series.period(rule)?, rule));
    let Some(span) = span.filter(|span| span.count() <= MOST_DAYS) else { return Vec::new() };
    let months: BTreeSet<Month> = span.days().map(Day::month).collect();
    let months: Vec<Month> =
        months.into_iter().filter(|month| paid_in_advance(state, *month).next().is_some()).collect();
    if months.is_empty() {
        return Vec::new();
    }
    let needs = close::needs(state, &months, facts).into_iter();
    needs.filter(|need| !matches!(need, Need::Rated(_))).collect()
}

/// The decision that stored values, with what follows for contracts that are paid in advance: each period that is rated
/// otherwise now than it was told last is told to the account that pays. What can't be rated yet waits for more values.
pub(super) fn told(
    state: &State,
    mut decided: Decided<Event, Reply>,
    facts: &Facts,
    moment: &Moment,
) -> Decided<Event, Reply> {
    let stored = decided.events.iter().filter_map(|event| match event {
        Event::DayStored(version) => Some(version),
        _ => None,
    });
    let months: BTreeSet<Month> = stored.clone().map(|version| version.day.month()).collect();
    let is_concerned = months.iter().any(|month| paid_in_advance(state, *month).next().is_some());
    if !is_concerned {
        return decided;
    }
    let mut facts = facts.clone();
    for version in stored {
        facts.days.entry(version.direction).or_default().push(version.clone());
    }
    for (account, totals) in months.into_iter().flat_map(|month| changed(state, month, &facts, moment)) {
        decided.events.extend(totals.iter().cloned().map(Event::PrepaidRated));
        let to = Recipient::Account(account.clone());
        decided.messages.push((to, Message::PrepaidRated { account, totals }));
    }
    decided
}

/// The totals of a month that differ from what was told last, by contract, and whom to tell.
fn changed(state: &State, month: Month, facts: &Facts, moment: &Moment) -> Vec<(String, Vec<RatedTotal>)> {
    let Some(details) = &state.details else { return Vec::new() };
    let known = close::known(facts, details, moment.now);
    let point = RatedPoint {
        rule: &details.rule,
        unit: details.unit,
        main_channel: details.kind.direction(),
        links: &state.links,
    };
    let totals = |contract: &Contract| {
        let arrived = rate_arrived(contract, month, &point, &known).into_iter();
        let next = arrived.filter_map(|(period, rated)| {
            let currency = currency(contract, period, &known)?;
            let (metering_point, contract) = (details.id, contract.id.clone());
            state.supply.next(&RatedKey { metering_point, contract, period, currency }, rated.ok()?)
        });
        next.collect::<Vec<_>>()
    };
    let paid = paid_in_advance(state, month);
    let changed = paid.map(|(account, contract)| (account.to_owned(), totals(contract)));
    changed.filter(|(_, totals)| !totals.is_empty()).collect()
}

/// The contracts of a month that one account pays in advance, with that account.
fn paid_in_advance(state: &State, month: Month) -> impl Iterator<Item = (&str, &Contract)> {
    let days = DaySpan::of_month(month);
    let contracts = state.contracts.values();
    contracts.filter_map(move |contract| {
        let account = state.supply.payer_in_advance(contract)?;
        days.is_some_and(|days| days.overlaps(contract.span)).then_some((account, contract))
    })
}

/// The currency of the product's version that serves then.
fn currency(contract: &Contract, period: RatedPeriod, known: &RatingFacts) -> Option<Currency> {
    let first = match period {
        RatedPeriod::Day(day) => day,
        RatedPeriod::Month(month) => month.first_day().max(contract.span.first()),
    };
    let versions = known.products.get(&contract.product)?;
    versions.iter().rev().find(|version| version.valid_from <= first).map(|version| version.currency)
}
