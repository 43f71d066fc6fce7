//! Rating on arrival: what a metering point tells of a contract that is paid in advance once readings are there.

use std::collections::BTreeMap;

use super::rated::{RatedParts, RatedPeriod};
use crate::contract::Contract;
use crate::day::{Day, Month};
use crate::day_span::DaySpan;
use crate::product::Product;
use crate::quantity::Quantity;
use crate::rating::{NotReady, RatedPoint, RatingFacts, rate_days};
use crate::series::{Direction, Quality};

/// A period of a contract, as it is rated with what is known, or why it can't be yet.
pub type Arrived = (RatedPeriod, Result<RatedParts, Vec<NotReady>>);

/// Rates what is known of some days of a month of a contract, days and price lists as they stand: each day by itself of which
/// there are values; or, where a component counts over the month, the days from its first on as far as none lacks a value.
/// What rates only with all values of the month (a capacity) is rated when it is over.
#[must_use]
pub fn rate_arrived(
    contract: &Contract,
    (month, days): (Month, DaySpan),
    point: &RatedPoint<'_>,
    facts: &RatingFacts,
) -> Vec<Arrived> {
    let service =
        DaySpan::of_month(month).and_then(|month| month.intersection(contract.span)?.intersection(days));
    let Some(service) = service else { return Vec::new() };
    let known = |day: Day| facts.days.values().any(|days| days.contains_key(&day));
    let rate = |days: DaySpan| {
        let positions = rate_days(contract, (month, days), point, facts)?;
        let parts = RatedParts::of_positions(&positions, used(days, facts));
        parts.ok_or_else(|| vec![NotReady::OutOfRange(contract.id.clone())])
    };
    if counts_over_the_month(contract, service, facts) {
        let last = service.days().filter(|day| known(*day)).last();
        let days = last.and_then(|last| DaySpan::new(service.first(), last.next()));
        return days.map(|days| (RatedPeriod::Month(month), so_far(days, point, rate))).into_iter().collect();
    }
    let days = service.days().filter(|day| known(*day));
    let one = |day: Day| Some((RatedPeriod::Day(day), rate(DaySpan::new(day, day.next())?)));
    days.filter_map(one).collect()
}

/// The days from the first on, cut before the first value that is missing.
fn so_far(
    mut days: DaySpan,
    point: &RatedPoint<'_>,
    rate: impl Fn(DaySpan) -> Result<RatedParts, Vec<NotReady>>,
) -> Result<RatedParts, Vec<NotReady>> {
    loop {
        let reasons = match rate(days) {
            Err(reasons) => reasons,
            rated => return rated,
        };
        let missing = reasons.iter().filter_map(|reason| match reason {
            NotReady::MissingValues { first, .. } => Some(point.rule.day_of(*first)),
            _ => None,
        });
        match missing.min().and_then(|first| DaySpan::new(days.first(), first)) {
            Some(shorter) if shorter.end() < days.end() => days = shorter,
            _ => return Err(reasons),
        }
    }
}

/// Whether a component of the product counts over the month, so that its days can't be rated each by itself.
pub(super) fn counts_over_the_month(contract: &Contract, service: DaySpan, facts: &RatingFacts) -> bool {
    let serves = |version: &&Product| version.valid_from < service.end();
    let versions = facts.products.get(&contract.product).into_iter().flatten();
    versions.filter(serves).any(|version| version.components.iter().any(|one| one.conditions.is_some()))
}

/// What was consumed on each of the days of which no value is missing.
fn used(span: DaySpan, facts: &RatingFacts) -> BTreeMap<Day, Quantity> {
    let days = facts.days.get(&Direction::Consumption);
    let days = days.into_iter().flat_map(|days| days.range(span.first()..span.end()));
    let used = days.filter_map(|(day, version)| {
        let is_missing = version.values.values().any(|value| value.quality == Quality::Missing);
        let quantities = version.values.values().map(|value| value.quantity);
        (!is_missing).then(|| Quantity::checked_sum(quantities).map(|sum| (*day, sum)))?
    });
    used.collect()
}
