//! Contracts that are paid in advance: what the account that pays is told when values arrive, when a contract is cut short,
//! and when a month is closed.

use std::collections::BTreeSet;

use super::{CORRECTION_MONTHS, Event, MOST_DAYS, PointDetails, Reply, State, close};
use crate::contract::Contract;
use crate::day::{Day, Month};
use crate::day_span::DaySpan;
use crate::entity::message::{Message, Recipient};
use crate::entity::{Decided, Facts, Moment, Need};
use crate::money::Currency;
use crate::prepaid::{
    Arrived, RatedKey, RatedParts, RatedPeriod, RatedTotal, ToTell, Told, batched, rate_arrived,
};
use crate::rating::{NotReady, RatedPoint, RatingFacts, rate_days};
use crate::series::TimeSeries;

/// Most events of a decision that stores values or closes months, those of totals included.
const MOST_EVENTS: usize = 800;
/// Most totals that are forgotten at once.
const MOST_FORGOTTEN: usize = 62;
/// Most messages that say so: beside them a decision that closes a month sends up to 38 about bills, and 20 of totals.
const MOST_FORGETTING: usize = 4;

type PointDecided = Decided<Event, Reply>;

/// What has to be read to rate the months in which the values lie: nothing where no contract of them is paid in advance.
pub(super) fn needs(state: &State, series: &TimeSeries, facts: &Facts) -> Vec<Need> {
    let rule = state.details.as_ref().map(|details| &details.rule);
    let span = rule.and_then(|rule| DaySpan::of_period(series.period(rule)?, rule));
    let Some(span) = span.filter(|span| span.count() <= MOST_DAYS) else { return Vec::new() };
    let months: BTreeSet<Month> = span.days().map(Day::month).collect();
    needs_of(state, months.into_iter().filter(|month| is_concerned(state, *month)), facts)
}

/// What has to be read to end a contract before a day.
pub(super) fn needs_to_end(state: &State, id: &str, end: Day, facts: &Facts) -> Vec<Need> {
    needs_of(state, months_behind(state, id, end).into_iter(), facts)
}

/// What has to be read to tell the rest.
pub(super) fn needs_to_go_on(state: &State, facts: &Facts) -> Vec<Need> {
    needs_of(state, state.supply.pending.iter().copied(), facts)
}

fn needs_of(state: &State, months: impl Iterator<Item = Month>, facts: &Facts) -> Vec<Need> {
    let months: Vec<Month> = months.collect();
    if months.is_empty() {
        return Vec::new();
    }
    let needs = close::needs(state, &months, facts).into_iter();
    needs.filter(|need| !matches!(need, Need::Rated(_))).collect()
}

/// The decision that stored values, with what follows for contracts that are paid in advance: each period that is rated
/// otherwise now than it was told last is told to the account that pays. What can't be rated yet waits for more values, or
/// for the next run.
pub(super) fn after_values(
    state: &State,
    decided: PointDecided,
    facts: &Facts,
    moment: &Moment,
) -> PointDecided {
    let stored = decided.events.iter().filter_map(|event| match event {
        Event::DayStored(version) => Some(version),
        _ => None,
    });
    let months: BTreeSet<Month> = stored.clone().map(|version| version.day.month()).collect();
    if !months.iter().any(|month| is_concerned(state, *month)) {
        return decided;
    }
    let mut facts = facts.clone();
    for version in stored {
        facts.days.entry(version.direction).or_default().push(version.clone());
    }
    tell(state, decided, &months, (&facts, moment), None)
}

/// The decision that cut a contract short: what was told of days that it no longer has is taken back.
pub(super) fn after_end(
    state: &State,
    decided: PointDecided,
    contract: &Contract,
    facts: &Facts,
    moment: &Moment,
) -> PointDecided {
    let months = months_behind(state, &contract.id, contract.span.end());
    tell(state, decided, &months, (facts, moment), Some(contract))
}

/// The decision that closed months, with all that became known of them since it was told last: prices that were missing, for
/// example. Totals that no run corrects any more are forgotten on both sides.
pub(super) fn after_close(
    state: &State,
    decided: PointDecided,
    month: Month,
    facts: &Facts,
    moment: &Moment,
) -> PointDecided {
    let months = months_to_close(state, month);
    let mut decided = tell(state, decided, &months, (facts, moment), None);
    let Some(first) = first_open(state) else { return decided };
    let is_settled = |key: &&RatedKey| month_of(key.period) < first;
    let settled: Vec<&RatedKey> = state.supply.told.keys().filter(is_settled).take(MOST_FORGOTTEN).collect();
    let of_contract = |(contract, (account, _)): (&Contract, (&str, _))| {
        let keys = settled.iter().filter(|key| key.contract == contract.id).map(|key| (*key).clone());
        (account.to_owned(), keys.collect::<Vec<RatedKey>>())
    };
    let forgotten = in_advance(state).map(of_contract).filter(|(_, keys)| !keys.is_empty());
    for (account, forgotten) in forgotten.take(MOST_FORGETTING) {
        decided.events.push(Event::PrepaidForgotten(forgotten.clone()));
        let message = Message::PrepaidRated { account: account.clone(), totals: Vec::new(), forgotten };
        decided.messages.push((Recipient::Account(account), message));
    }
    decided
}

/// Tells what the decision before this one had no room for.
pub(super) fn go_on(state: &State, facts: &Facts, moment: &Moment) -> PointDecided {
    tell(state, Decided::reply(Reply::Done), &state.supply.pending, (facts, moment), None)
}

/// The months that are rated for contracts paid in advance when a month is closed: all that may still change.
pub(super) fn months_to_close(state: &State, closing: Month) -> BTreeSet<Month> {
    let first = in_advance(state).filter_map(|(contract, (_, spans))| {
        let span = spans.iter().find_map(|span| span.intersection(contract.span))?;
        Some(span.first().month())
    });
    let mut months = BTreeSet::new();
    let Some(mut month) = first.min() else { return months };
    while month <= closing {
        months.insert(month);
        if months.len() > CORRECTION_MONTHS.saturating_add(1) {
            months.pop_first();
        }
        month = month.next();
    }
    months
}

/// Why the days of a month that a contract pays in advance can't be rated.
pub(super) fn not_ready(
    contract: &Contract,
    month: Month,
    days: &[DaySpan],
    point: &RatedPoint<'_>,
    known: &RatingFacts,
) -> Vec<NotReady> {
    let reasons = days.iter().filter_map(|days| rate_days(contract, (month, *days), point, known).err());
    reasons.flatten().collect()
}

/// Adds what is told of some months; `changed` is a contract as it is after the decision.
fn tell(
    state: &State,
    mut decided: PointDecided,
    months: &BTreeSet<Month>,
    (facts, moment): (&Facts, &Moment),
    changed: Option<&Contract>,
) -> PointDecided {
    let Some(details) = &state.details else { return decided };
    let known = close::known(facts, details, moment.now);
    let point = close::rated_point(state, details);
    let first = first_open(state);
    let open = months.iter().copied().filter(|month| first.is_none_or(|first| *month >= first));
    let mut all: Vec<ToTell> = Vec::new();
    for month in open {
        for contract in state.contracts.values() {
            let contract = changed.filter(|changed| changed.id == contract.id).unwrap_or(contract);
            all.extend(of_contract(state, details, contract, month, (&point, &known)));
        }
    }
    // A contract has one payer, so that what stands together goes together.
    all.sort_by(|one, other| one.account.cmp(&other.account));
    let of_months: Vec<Month> = all.iter().map(|one| month_of(one.total.key.period)).collect();
    let mut count = 0_usize;
    for Told { account, totals } in batched(all, MOST_EVENTS.saturating_sub(decided.events.len())) {
        count = count.saturating_add(totals.len());
        decided.events.extend(totals.iter().cloned().map(Event::PrepaidRated));
        let to = Recipient::Account(account.clone());
        decided.messages.push((to, Message::PrepaidRated { account, totals, forgotten: Vec::new() }));
    }
    let rest: BTreeSet<Month> = of_months.into_iter().skip(count).collect();
    let pending: BTreeSet<Month> = state.supply.pending.difference(months).chain(&rest).copied().collect();
    if pending != state.supply.pending {
        decided.events.push(Event::PrepaidPending(pending));
    }
    decided.continuing(!rest.is_empty())
}

/// The totals of a contract and month that differ from what was told last. One that ceased is told as nothing: a day that
/// the contract no longer has, days after it is told by months, the old currency. One that can't be rated now stays as it
/// was told, and with it everything of the month if it was told by months and is by days now, or the reverse.
fn of_contract(
    state: &State,
    details: &PointDetails,
    contract: &Contract,
    month: Month,
    (point, known): (&RatedPoint<'_>, &RatingFacts),
) -> Vec<ToTell> {
    let Some((account, _)) = state.supply.payer_in_advance(contract) else { return Vec::new() };
    let days = state.supply.paid_days(contract, month, known).advance;
    let arrived: Vec<Arrived> =
        days.iter().flat_map(|days| rate_arrived(contract, (month, *days), point, known)).collect();
    let is_of_month = |key: &&RatedKey| key.contract == contract.id && month_of(key.period) == month;
    let told: Vec<&RatedKey> = state.supply.told.keys().filter(is_of_month).collect();
    let is_other_shape =
        |period: RatedPeriod| arrived.first().is_some_and(|(now, _)| is_day(*now) != is_day(period));
    let waits = |period: RatedPeriod| arrived.iter().any(|(now, rated)| *now == period && rated.is_err());
    let holds =
        |key: &RatedKey| state.supply.told.get(key).is_some_and(|total| total.rated != RatedParts::default());
    if arrived.iter().any(|(_, rated)| rated.is_err())
        && told.iter().any(|key| is_other_shape(key.period) && holds(key))
    {
        return Vec::new();
    }
    let key = |period, currency| {
        let (metering_point, contract) = (details.id, contract.id.clone());
        RatedKey { metering_point, contract, period, currency }
    };
    let mut due: Vec<(RatedKey, RatedParts)> = Vec::new();
    for (period, rated) in &arrived {
        if let (Ok(rated), Some(currency)) = (rated, currency(contract, *period, known)) {
            due.push((key(*period, currency), rated.clone()));
        }
    }
    let ceased = told.into_iter().filter(|key| !waits(key.period) && due.iter().all(|(now, _)| now != *key));
    let ceased: Vec<RatedKey> = ceased.cloned().collect();
    due.extend(ceased.into_iter().map(|key| (key, RatedParts::default())));
    let differs = due.into_iter().filter_map(|(key, rated)| {
        let held_parts = state.supply.told.get(&key).map_or(0, |total| total.rated.parts.len());
        let total: RatedTotal = state.supply.next(&key, rated)?;
        Some(ToTell { account: account.to_owned(), total, held_parts })
    });
    differs.collect()
}

/// Whether anything of a month may have to be told.
fn is_concerned(state: &State, month: Month) -> bool {
    let days = DaySpan::of_month(month);
    let overlaps = |span: DaySpan| days.is_some_and(|days| days.overlaps(span));
    let is_paid = in_advance(state)
        .any(|(contract, (_, spans))| overlaps(contract.span) && spans.iter().any(|span| overlaps(*span)));
    is_paid || state.supply.told.keys().any(|key| month_of(key.period) == month)
}

/// The months of a contract that reach to a day or behind it, of which anything was told.
fn months_behind(state: &State, id: &str, end: Day) -> BTreeSet<Month> {
    let told = state.supply.told.keys().filter(|key| key.contract == id).map(|key| month_of(key.period));
    told.filter(|month| month.next().first_day() > end).collect()
}

/// The first month that may still be corrected; none while all may.
fn first_open(state: &State) -> Option<Month> {
    state.rated_months.iter().rev().nth(CORRECTION_MONTHS).copied()
}

/// The contracts that one account pays alone and, at some time, in advance: with the account and its days.
fn in_advance(state: &State) -> impl Iterator<Item = (&Contract, (&str, &[DaySpan]))> {
    let contracts = state.contracts.values();
    contracts.filter_map(|contract| Some((contract, state.supply.payer_in_advance(contract)?)))
}

fn month_of(period: RatedPeriod) -> Month {
    match period {
        RatedPeriod::Day(day) => day.month(),
        RatedPeriod::Month(month) => month,
    }
}

fn is_day(period: RatedPeriod) -> bool {
    matches!(period, RatedPeriod::Day(_))
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
