//! Rating a month, without effect or to close it for a payer.

use std::collections::{BTreeMap, BTreeSet};

use super::{CORRECTION_MONTHS, Event, PointDetails, RatedContract, Reply, State};
use crate::charge::ChargeKind;
use crate::contract::Contract;
use crate::day::Month;
use crate::day_span::DaySpan;
use crate::day_version;
use crate::entity::account::ClosedContract;
use crate::entity::message::{Closing, Message, Recipient};
use crate::entity::{Decided, Facts, Need, Registered};
use crate::instant::Instant;
use crate::invoice::ChannelUsage;
use crate::position::{PositionKey, RatedPosition, RatedVersion};
use crate::price_series::{PriceSeries, SeriesId};
use crate::rating::{self, RatedPoint, RatingFacts};
use crate::series::Direction;
use crate::tax::TaxTable;

/// The month and those rated before that may still be corrected, in order.
pub(super) fn months(state: &State, month: Month) -> Vec<Month> {
    let mut months: BTreeSet<Month> =
        state.rated_months.range(..month).rev().take(CORRECTION_MONTHS).copied().collect();
    months.insert(month);
    months.into_iter().collect()
}

/// Everything that rating these months reads: what is known without the products first, then what they name.
pub(super) fn needs(state: &State, months: &[Month], facts: &Facts) -> Vec<Need> {
    let mut needs = vec![Need::Tenant];
    let spans: Vec<DaySpan> = months.iter().filter_map(|month| DaySpan::of_month(*month)).collect();
    let concerned = |contract: &&Contract| spans.iter().any(|span| span.overlaps(contract.span));
    let contracts: Vec<&Contract> = state.contracts.values().filter(concerned).collect();
    if contracts.is_empty() {
        return needs;
    }
    for (month, span) in months.iter().zip(&spans) {
        needs.push(Need::Rated(*month));
        for direction in Direction::ALL {
            needs.push(Need::Days { direction, span: *span });
        }
        for link in &state.links {
            let series = SeriesId::Charge(link.charge.clone());
            let carried = link.charge.kind != ChargeKind::Tariff;
            needs.push(Need::Prices { series, span: *span, carried });
        }
        for contract in &contracts {
            let products = facts.products.get(&contract.product).into_iter().flatten();
            for index in products.flat_map(|product| product.fact.indexes()) {
                let series = SeriesId::Index(index.to_owned());
                needs.push(Need::Prices { series, span: *span, carried: false });
            }
        }
    }
    needs.extend(state.links.iter().map(|link| Need::Charge(link.charge.clone())));
    needs.extend(contracts.iter().map(|contract| Need::Product(contract.product.clone())));
    needs
}

/// Rates every contract of the point for a month, as known at a registration time.
pub(super) fn rate_month(
    state: &State,
    details: &PointDetails,
    month: Month,
    known_at: Instant,
    facts: &Facts,
) -> Vec<RatedContract> {
    let point = RatedPoint {
        rule: &details.rule,
        unit: details.unit,
        main_channel: details.kind.direction(),
        links: &state.links,
    };
    let facts = known(facts, details, known_at);
    let within = DaySpan::of_month(month);
    let contracts =
        state.contracts.values().filter(|contract| within.is_some_and(|days| days.overlaps(contract.span)));
    let rated = contracts.map(|contract| RatedContract {
        contract: contract.id.clone(),
        result: rating::rate(contract, month, &point, &facts),
    });
    rated.collect()
}

/// Rates the month, and again the months rated before; stores what changed; tells the account all that is current.
pub(super) fn close(state: &State, closing: &Closing, account: &str, facts: &Facts) -> Decided<Event, Reply> {
    let Some(details) = &state.details else {
        return Decided::reply(Reply::Done);
    };
    let mut events = Vec::new();
    let mut closed: BTreeMap<&str, ClosedContract> = BTreeMap::new();
    for month in months(state, closing.month) {
        let held = facts.rated.get(&month).map(Vec::as_slice).unwrap_or_default();
        let mut has_positions = false;
        for rated in rate_month(state, details, month, closing.known_at, facts) {
            let Some(contract) = state.contracts.get(&rated.contract) else { continue };
            let of_contract: Vec<&RatedVersion> =
                held.iter().filter(|version| version.position.key.contract == contract.id).collect();
            let entry = closed.entry(&contract.id).or_insert_with(|| opened(contract, details, facts));
            match rated.result {
                Ok(positions) => {
                    let (current, changed) = compared(&of_contract, positions, closing.known_at);
                    events.extend(changed.into_iter().map(Event::Rated));
                    has_positions |= !current.is_empty();
                    entry.positions.extend(current);
                }
                Err(reasons) => entry.not_ready.extend(reasons),
            }
            if month == closing.month {
                entry.usage = usage(details, contract, month, closing.known_at, facts);
            }
        }
        if has_positions && !state.rated_months.contains(&month) {
            events.push(Event::MonthRated(month));
        }
    }
    let paid =
        |contract: &ClosedContract| contract.contract.payers.iter().any(|payer| payer.account == account);
    let message = Message::PointClosed {
        run: closing.run.clone(),
        metering_point: details.id,
        contracts: closed.into_values().filter(paid).collect(),
    };
    Decided::with(events, Reply::Done).telling([(Recipient::Account(account.to_owned()), message)])
}

fn opened(contract: &Contract, details: &PointDetails, facts: &Facts) -> ClosedContract {
    let versions = facts.products.get(&contract.product).into_iter().flatten();
    ClosedContract {
        contract: contract.clone(),
        product: versions
            .last()
            .map_or_else(|| contract.product.clone(), |product| product.fact.name.clone()),
        address: details.address.clone(),
        positions: Vec::new(),
        not_ready: Vec::new(),
        usage: Vec::new(),
    }
}

/// What is current after a rating, and which of it is new: a position that changed gets its next version, one that
/// vanished is reversed.
fn compared(
    held: &[&RatedVersion],
    positions: Vec<RatedPosition>,
    known_at: Instant,
) -> (Vec<RatedVersion>, Vec<RatedVersion>) {
    let mut before: BTreeMap<&PositionKey, &RatedVersion> =
        held.iter().map(|version| (&version.position.key, *version)).collect();
    let mut current = Vec::new();
    let mut changed = Vec::new();
    let next =
        |version: u32, position| RatedVersion { version: version.saturating_add(1), known_at, position };
    for position in positions {
        match before.remove(&position.key) {
            Some(held) if held.position.agrees_with(&position) => current.push(held.clone()),
            held => changed.push(next(held.map_or(0, |held| held.version), position)),
        }
    }
    for vanished in before.into_values() {
        let reversed = vanished.position.reversed();
        if vanished.position.agrees_with(&reversed) {
            current.push(vanished.clone());
        } else {
            changed.push(next(vanished.version, reversed));
        }
    }
    current.extend(changed.iter().cloned());
    current.sort_by(|one, other| one.position.key.cmp(&other.position.key));
    (current, changed)
}

/// The facts as they were known, in the form rating reads.
fn known(facts: &Facts, details: &PointDetails, known_at: Instant) -> RatingFacts {
    let days = facts
        .days
        .iter()
        .map(|(direction, versions)| (*direction, day_version::effective_days(versions.clone(), known_at)));
    let prices = facts.prices.iter().filter_map(|(id, months)| {
        Some((id.clone(), PriceSeries::known_at(months, known_at, &details.rule)?))
    });
    RatingFacts {
        days: days.collect(),
        products: facts
            .products
            .iter()
            .map(|(id, all)| (id.clone(), Registered::known_at(all, known_at).collect()))
            .collect(),
        charges: facts
            .charges
            .iter()
            .map(|(key, all)| (key.clone(), Registered::known_at(all, known_at).collect()))
            .collect(),
        prices: prices.collect(),
        taxes: TaxTable::new(Registered::known_at(&facts.taxes, known_at)),
    }
}

/// The point's values by day over the days of the contract, for the reader of the bill.
fn usage(
    details: &PointDetails,
    contract: &Contract,
    month: Month,
    known_at: Instant,
    facts: &Facts,
) -> Vec<ChannelUsage> {
    let span = DaySpan::of_month(month).and_then(|days| days.intersection(contract.span));
    let channels = facts.days.iter().filter(|(_, versions)| !versions.is_empty());
    let usage = channels.filter_map(|(direction, versions)| {
        let days = day_version::effective_days(versions.clone(), known_at);
        ChannelUsage::of(*direction, details.unit, span?, &days)
    });
    usage.filter(|usage| !usage.days.is_empty()).collect()
}
