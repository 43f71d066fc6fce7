//! Prepaid supply of an account: what it needs to know, what it books in the account's own sequence, whom it tells.

use std::collections::{BTreeMap, BTreeSet};

use super::{Event, Line, Rejection, Reply, State, funds};
use crate::agreement::{ENERGY, PriceFacts, price_in_force};
use crate::amount::Amount;
use crate::contract::Contract;
use crate::day::{Day, DayRule};
use crate::entity::message::{Message, Recipient};
use crate::entity::{Decided, Facts, Moment, Need, Registered};
use crate::funds::{FundsCommand, FundsFacts, FundsRefused, FundsReply, Usage};
use crate::identity::MeteringPointId;
use crate::model::ChargeModel;
use crate::model::pricing::Pricing as _;
use crate::prepaid::{
    PrepaidCommand, PrepaidEvent, PrepaidFacts, PrepaidRefused, PrepaidReply, PrepaidTerms, RatedKey,
    RatedTotal, TodayPrice,
};
use crate::product::{PriceSource, Product, QuantitySource};
use crate::quantity::{Quantity, Unit};
use crate::tax::TaxTable;
use crate::zone::Zone;

type AccountDecided = Decided<Event, Reply>;

/// Units in which a metering point may be supplied in advance.
const UNITS: [Unit; 3] = [Unit::KilowattHour, Unit::CubicMetre, Unit::Gigajoule];

/// What has to be read: the zone of friendly hours; of a top-up the answer that it had, and, as for a question, what
/// energy costs.
pub(super) fn needs(state: &State, command: &PrepaidCommand) -> Vec<Need> {
    let shown = state.prepaid.needs_shown(&state.funds, command).map(Need::ShownTopUp);
    let is_shown = matches!(command, PrepaidCommand::Get | PrepaidCommand::Funds(FundsCommand::TopUp(_)));
    let products: BTreeSet<String> = match is_shown {
        true => contracts(state).map(|(_, contract)| contract.product.clone()).collect(),
        false => BTreeSet::new(),
    };
    std::iter::once(Need::Tenant).chain(shown).chain(products.into_iter().map(Need::Product)).collect()
}

/// Decides a command about prepaid supply that is none about funds.
pub(super) fn decide(
    state: &State,
    command: &PrepaidCommand,
    facts: &Facts,
    moment: &Moment,
) -> Result<AccountDecided, Rejection> {
    if let PrepaidCommand::Funds(command) = command {
        return funds::decide(state, command, None, facts, moment);
    }
    let account = &state.details.as_ref().ok_or(Rejection::UnknownAccount)?.id;
    let settings = facts.settings.as_ref().ok_or(Rejection::NoSettings)?;
    let days = DayRule::civil(settings.zone.clone());
    let decided = decide_with(state, command, without_price(account, &days, facts, moment), facts)?;
    if let PrepaidCommand::SetTerms(terms, first) = command {
        if terms.currency != settings.currency {
            return Err(Rejection::Prepaid(PrepaidRefused::OtherCurrency));
        }
        let today = days.day_of(moment.now);
        let from = first.unwrap_or(today);
        if let Some(point) = joining(state, terms).find(|point| !is_under_contract(state, *point, from)) {
            return Err(Rejection::Prepaid(PrepaidRefused::NoContract(point)));
        }
        if from < today && is_billed(state, terms, from) {
            return Err(Rejection::Prepaid(PrepaidRefused::DaysBilled));
        }
    }
    Ok(decided)
}

/// The metering points that join by the terms.
fn joining(state: &State, terms: &PrepaidTerms) -> impl Iterator<Item = MeteringPointId> {
    let held = state.prepaid.terms.as_ref();
    let joins = move |point: &MeteringPointId| held.is_none_or(|held| !held.points.contains(point));
    terms.points.iter().copied().filter(joins)
}

/// Whether the account pays a contract at the point alone that goes on, from a day on or later. Without one no order would
/// reach a meter.
fn is_under_contract(state: &State, point: MeteringPointId, from: Day) -> bool {
    state.paid_alone(point).any(|contract| contract.span.end() > from)
}

/// Whether a run has rated days from the first one on, at a metering point that joins by the terms. Of today and later the
/// next run takes that back.
fn is_billed(state: &State, terms: &PrepaidTerms, first: Day) -> bool {
    let is_something = |line: &Line| line.latest.position.amount != Amount::ZERO || !line.issued.is_empty();
    state.lines.iter().any(|(key, line)| {
        let joins = joining(state, terms).any(|point| point == key.metering_point);
        joins && key.position.service.end() > first && is_something(line)
    })
}

/// Books what a metering point tells, and forgets what it tells nothing about any more. It can't be refused: what the funds do
/// not take is booked on suspense, and everything where supply can't follow.
pub(super) fn receive(
    state: &State,
    account: &str,
    (totals, forgotten): (&[RatedTotal], &[RatedKey]),
    facts: &Facts,
    moment: &Moment,
) -> AccountDecided {
    let zone = facts.settings.as_ref().map_or_else(Zone::utc, |settings| settings.zone.clone());
    let days = DayRule::civil(zone);
    let command = PrepaidCommand::Rated(totals.to_vec());
    let known = || without_price(account, &days, facts, moment);
    let mut decided = decide_with(state, &command, known(), facts)
        .unwrap_or_else(|_| suspended(state, totals, known(), facts));
    let keys: Vec<RatedKey> =
        forgotten.iter().filter(|key| state.prepaid.booked.contains_key(key)).cloned().collect();
    if !keys.is_empty() {
        decided.events.push(Event::Prepaid(PrepaidEvent::Forgotten(keys)));
    }
    decided
}

/// Everything on suspense, where a person finds it.
fn suspended(state: &State, totals: &[RatedTotal], funds: FundsFacts<'_>, facts: &Facts) -> AccountDecided {
    let moment = funds.moment;
    let known = PrepaidFacts { funds, today: None, shown: &facts.shown };
    let suspended = state.prepaid.suspend(&state.funds, totals, &known);
    // What is told lies far within the range, and no account comes to its last number.
    assert!(suspended.is_ok(), "what was told can be booked: {suspended:?}");
    let events = suspended.map(|decided| decided.events).unwrap_or_default();
    Decided::with(booked(state.posting_sets, events, moment), Reply::Done)
}

/// Decides a command with what the funds are to know.
pub(super) fn decide_with(
    state: &State,
    command: &PrepaidCommand,
    funds: FundsFacts<'_>,
    facts: &Facts,
) -> Result<AccountDecided, Rejection> {
    let (account, moment) = (funds.account, funds.moment);
    let today = today(state, facts, funds.days, moment);
    let known = PrepaidFacts { funds, today, shown: &facts.shown };
    let decided = state.prepaid.decide(&state.funds, command, &known).map_err(|refused| match refused {
        PrepaidRefused::Funds(refused) => Rejection::Funds(refused),
        refused => Rejection::Prepaid(refused),
    })?;
    let mut told = ordered(&decided.events);
    told.extend(transferred(account, command, &decided.events));
    let reply = match decided.reply {
        PrepaidReply::Done => Reply::Done,
        PrepaidReply::Funds(reply) => Reply::Funds(reply),
        reply => Reply::Prepaid(reply),
    };
    Ok(Decided::with(booked(state.posting_sets, decided.events, moment), reply).telling(told))
}

fn without_price<'a>(
    account: &'a str,
    days: &'a DayRule,
    facts: &'a Facts,
    moment: &'a Moment,
) -> FundsFacts<'a> {
    FundsFacts {
        account,
        price: Err(FundsRefused::NoPrice),
        usage: None,
        barred: None,
        allows_overuse: false,
        days,
        records: &facts.records,
        suspended: None,
        moment,
    }
}

/// The events as the account's: every set of postings gets its place in the account's sequence.
fn booked(mut sequence: u64, events: Vec<PrepaidEvent>, moment: &Moment) -> Vec<Event> {
    let event = |event| match event {
        PrepaidEvent::Funds(event) => funds::placed(&mut sequence, *event, moment),
        event => Event::Prepaid(event),
    };
    events.into_iter().map(event).collect()
}

/// What the metering points are told.
fn ordered(events: &[PrepaidEvent]) -> Vec<(Recipient, Message)> {
    let orders = events.iter().filter_map(|event| match event {
        PrepaidEvent::SupplyOrdered { order, points } => Some((order, points)),
        _ => None,
    });
    let told = orders.flat_map(|(order, points)| {
        let message = |point: &MeteringPointId| {
            (Recipient::MeteringPoint(*point), Message::SupplyOrdered { order: order.clone() })
        };
        points.iter().map(message).collect::<Vec<_>>()
    });
    told.collect()
}

/// What the receiver of a transfer is told.
fn transferred(
    account: &str,
    command: &PrepaidCommand,
    events: &[PrepaidEvent],
) -> Option<(Recipient, Message)> {
    let PrepaidCommand::Funds(command) = command else { return None };
    let of_funds = events.iter().filter_map(|event| match event {
        PrepaidEvent::Funds(event) => Some(event.as_ref().clone()),
        _ => None,
    });
    funds::transferred(account, command, &Decided::with(of_funds.collect(), FundsReply::Done))
}

/// The contracts at the metering points that are supplied in advance.
fn contracts(state: &State) -> impl Iterator<Item = (MeteringPointId, &Contract)> {
    let points = state.prepaid.terms.as_ref().map(|terms| &terms.points);
    let contracts = state.contracts.iter().map(|((point, _), contract)| (*point, contract));
    contracts.filter(move |(point, _)| points.is_some_and(|points| points.contains(point)))
}

/// What energy costs today at the first of the metering points that has a contract: its product's price of energy now, with
/// tax. Price lists that only a metering point can read (indexes, charges of the network) leave it unknown.
fn today(state: &State, facts: &Facts, days: &DayRule, moment: &Moment) -> Option<TodayPrice> {
    let today = days.day_of(moment.now);
    let (point, contract) = contracts(state).find(|(_, contract)| contract.span.contains(today))?;
    let known = facts.products.get(&contract.product)?;
    let versions: Vec<Product> = Registered::known_at(known, moment.now).collect();
    let taxes = TaxTable::new(Registered::known_at(&facts.taxes, moment.now));
    let prices = PriceFacts { days, taxes: &taxes, series: &BTreeMap::new() };
    let usage = Usage {
        metering_point: Some(point),
        dimension: ENERGY.to_owned(),
        product: contract.product.clone(),
        agreement: String::new(),
    };
    UNITS.into_iter().find_map(|unit| {
        let price = price_in_force(&versions, &prices, &usage, unit, moment.now).ok()?;
        let each = price.sale_price().amount(Quantity::ONE)?;
        Some(TodayPrice { unit, each, per_day: per_day(contract, &versions, &taxes, today)? })
    })
}

/// What a day costs whatever is used, with tax: the product's prices of days, those of a month by its civil days.
fn per_day(contract: &Contract, versions: &[Product], taxes: &TaxTable, today: Day) -> Option<Amount> {
    let product = versions.iter().rev().find(|version| version.valid_from <= today)?;
    let days = product.components.iter().filter(|component| component.quantity == QuantitySource::Days);
    days.map(|component| {
        let price = match &component.price {
            PriceSource::Constant(prices) => {
                prices.iter().rev().find(|price| price.valid_from <= today)?.price
            }
            PriceSource::Parameter(name) => *contract.parameters.get(name)?,
            _ => return None,
        };
        let price = Amount::of(Quantity::ONE, price)?;
        let net = match component.model {
            ChargeModel::PerUnit => price,
            _ => price.fraction(1, today.month().days())?,
        };
        let rate = taxes.rate(&component.tax_class, today)?;
        net.checked_add(rate.on(net)?)
    })
    .try_fold(Amount::ZERO, |sum, day| sum.checked_add(day?))
}
