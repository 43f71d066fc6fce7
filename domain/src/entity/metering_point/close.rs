//! Rating a month, without effect or to close it for a payer.

use std::collections::{BTreeMap, BTreeSet};

use super::{CORRECTION_MONTHS, Event, PointDetails, RatedContract, Reply, State, prepaid};
use crate::charge::ChargeKind;
use crate::contract::Contract;
use crate::day::{DayRule, Month};
use crate::day_span::DaySpan;
use crate::day_version;
use crate::entity::account::ClosedContract;
use crate::entity::message::{Closing, Message, Recipient};
use crate::entity::{Decided, Facts, Moment, Need, Registered};
use crate::instant::Instant;
use crate::invoice::ChannelUsage;
use crate::position::{PositionKey, RatedPosition, RatedVersion};
use crate::price_series::{PriceSeries, SeriesId};
use crate::rating::{self, NotReady, RatedPoint, RatingFacts};
use crate::series::Direction;
use crate::tax::TaxTable;

/// The month and those closed before that may still be corrected or were not ready, in order.
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
    // A contract that was cut short is rated to nothing in the months it no longer reaches.
    needs.extend(months.iter().map(|month| Need::Rated(*month)));
    if contracts.is_empty() {
        return needs;
    }
    for span in &spans {
        for direction in Direction::ALL {
            needs.push(Need::Days { direction, span: *span });
        }
        // Months of prices are civil; a point's days may begin at another hour or in another zone.
        let priced = DaySpan::new(span.first().previous(), span.end().next()).unwrap_or(*span);
        for link in &state.links {
            let series = SeriesId::Charge(link.charge.clone());
            let carried = link.charge.kind != ChargeKind::Tariff;
            needs.push(Need::Prices { series, span: priced, carried });
        }
        for contract in &contracts {
            let products = facts.products.get(&contract.product).into_iter().flatten();
            for index in products.flat_map(|product| product.fact.indexes()) {
                let series = SeriesId::Index(index.to_owned());
                needs.push(Need::Prices { series, span: priced, carried: false });
            }
        }
    }
    needs.extend(state.links.iter().map(|link| Need::Charge(link.charge.clone())));
    needs.extend(contracts.iter().map(|contract| Need::Product(contract.product.clone())));
    needs
}

/// What closing a month reads: the months that runs rate, and those of contracts that are paid in advance.
pub(super) fn needs_to_close(state: &State, month: Month, facts: &Facts) -> Vec<Need> {
    let billed: BTreeSet<Month> = months(state, month).into_iter().collect();
    let advance = prepaid::months_to_close(state, month);
    let all: Vec<Month> = billed.union(&advance).copied().collect();
    let needs = needs(state, &all, facts).into_iter();
    needs.filter(|need| !matches!(need, Need::Rated(month) if !billed.contains(month))).collect()
}

/// The point as rating knows it.
pub(super) fn rated_point<'a>(state: &'a State, details: &'a PointDetails) -> RatedPoint<'a> {
    RatedPoint {
        rule: &details.rule,
        unit: details.unit,
        main_channel: details.kind.direction(),
        links: &state.links,
    }
}

/// Rates every contract that holds in a month, however it is paid, as known at a registration time.
pub(super) fn rate_month(
    state: &State,
    details: &PointDetails,
    month: Month,
    known: &RatingFacts,
) -> Vec<RatedContract> {
    let point = rated_point(state, details);
    let rated = concerned(state, month, &[]).map(|contract| RatedContract {
        contract: contract.id.clone(),
        result: rating::rate(contract, month, &point, known),
    });
    rated.collect()
}

/// The contracts that hold in a month, or that were rated for it before they were cut short.
fn concerned<'a>(
    state: &'a State,
    month: Month,
    held: &'a [RatedVersion],
) -> impl Iterator<Item = &'a Contract> {
    let within = DaySpan::of_month(month);
    let holds = move |contract: &Contract| within.is_some_and(|days| days.overlaps(contract.span));
    let was_rated = |contract: &Contract| held.iter().any(|one| one.position.key.contract == contract.id);
    state.contracts.values().filter(move |contract| holds(contract) || was_rated(contract))
}

/// Rates the days of a contract in a month that are paid afterwards.
fn rate_afterwards(
    contract: &Contract,
    month: Month,
    days: &[DaySpan],
    point: &RatedPoint<'_>,
    known: &RatingFacts,
) -> Result<Vec<RatedPosition>, Vec<NotReady>> {
    let (mut positions, mut reasons) = (Vec::new(), Vec::new());
    for days in days {
        match rating::rate_days(contract, (month, *days), point, known) {
            Ok(rated) => positions.extend(rated),
            Err(why) => reasons.extend(why),
        }
    }
    if reasons.is_empty() { Ok(positions) } else { Err(reasons) }
}

/// Rates the month, and again the months closed before; stores what changed; tells the account all that is current,
/// month by month, so that no message grows with the years.
///
/// What is paid in advance is debited when it is used; no run bills it. Days of it that can't be rated are listed like any
/// other, and hold up no bill.
pub(super) fn close(
    state: &State,
    closing: &Closing,
    account: &str,
    (facts, moment): (&Facts, &Moment),
) -> Decided<Event, Reply> {
    let Some(details) = &state.details else {
        return Decided::reply(Reply::Done);
    };
    let (known, point) = (known(facts, details, closing.known_at), rated_point(state, details));
    let known_now = self::known(facts, details, moment.now);
    let mut events = Vec::new();
    let mut heads: BTreeMap<&str, ClosedContract> = BTreeMap::new();
    let mut told = Vec::new();
    for month in months(state, closing.month) {
        let held = facts.rated.get(&month).map(Vec::as_slice).unwrap_or_default();
        let mut current: Vec<ClosedContract> = Vec::new();
        let mut is_open = false;
        for contract in concerned(state, month, held) {
            let paid = state.supply.paid_days(contract, month, &known_now);
            let waiting = prepaid::not_ready(contract, month, &paid.advance, &point, &known_now);
            is_open |= !paid.advance.is_empty();
            let of_contract: Vec<&RatedVersion> =
                held.iter().filter(|version| version.position.key.contract == contract.id).collect();
            if paid.afterwards.is_empty() && of_contract.is_empty() && waiting.is_empty() {
                continue;
            }
            let is_payer = contract.payers.iter().any(|payer| payer.account == account);
            let head = heads.entry(&contract.id).or_insert_with(|| opened(contract, details, facts));
            head.not_ready.extend(waiting);
            match rate_afterwards(contract, month, &paid.afterwards, &point, &known) {
                Ok(positions) => {
                    let (positions, changed) = compared(&of_contract, positions, closing.known_at);
                    events.extend(changed.into_iter().map(Event::Rated));
                    is_open |= !positions.is_empty();
                    if is_payer && !positions.is_empty() {
                        current.push(ClosedContract { positions, ..opened(contract, details, facts) });
                    }
                }
                Err(reasons) => {
                    is_open = true;
                    head.not_ready.extend(reasons);
                    head.not_ready_months.insert(month);
                }
            }
            if month == closing.month {
                head.usage = usage(details, &paid.afterwards, &known);
            }
        }
        if is_open && !state.rated_months.contains(&month) {
            events.push(Event::MonthRated(month));
        }
        if !current.is_empty() {
            told.push(current);
        }
    }
    let paid =
        |contract: &ClosedContract| contract.contract.payers.iter().any(|payer| payer.account == account);
    let message = |contracts, more_follows| Message::PointClosed {
        run: closing.run.clone(),
        metering_point: details.id,
        contracts,
        more_follows,
    };
    let last = message(heads.into_values().filter(paid).collect(), false);
    let messages = told.into_iter().map(|contracts| message(contracts, true)).chain([last]);
    let to = |message| (Recipient::Account(account.to_owned()), message);
    Decided::with(events, Reply::Done).telling(messages.map(to))
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
        not_ready_months: BTreeSet::new(),
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
pub(super) fn known(facts: &Facts, details: &PointDetails, known_at: Instant) -> RatingFacts {
    let days = facts
        .days
        .iter()
        .map(|(direction, versions)| (*direction, day_version::effective_days(versions.clone(), known_at)));
    // Prices are stated in the tenant's civil days and months, whatever the point's days are.
    let civil = facts.settings.as_ref().map(|settings| DayRule::civil(settings.zone.clone()));
    let rule = civil.as_ref().unwrap_or(&details.rule);
    let prices = facts
        .prices
        .iter()
        .filter_map(|(id, months)| Some((id.clone(), PriceSeries::known_at(months, known_at, rule)?)));
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

/// The point's values by day over some days of a contract, for the reader of the bill.
fn usage(details: &PointDetails, days: &[DaySpan], known: &RatingFacts) -> Vec<ChannelUsage> {
    let of_days = |span: &DaySpan| {
        let channels = known.days.iter();
        let usage =
            channels.filter_map(|(direction, days)| ChannelUsage::of(*direction, details.unit, *span, days));
        usage.filter(|usage| !usage.days.is_empty()).collect::<Vec<_>>()
    };
    days.iter().flat_map(of_days).collect()
}
