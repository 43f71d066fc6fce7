//! Taking in prices: cut into local months and laid over what each month held.

use std::collections::BTreeMap;

use super::{Event, State};
use crate::charge::ChargeKind;
use crate::day::{DayRule, Month};
use crate::day_span::DaySpan;
use crate::entity::market_document::{Outcome, SeriesRefused};
use crate::entity::message::FromDocument;
use crate::entity::metering_point::{CLOCK_TOLERANCE_MS, ValuesRefused};
use crate::entity::{Facts, Moment, Need};
use crate::instant::{Instant, Period};
use crate::money::Currency;
use crate::price::Price;
use crate::price_series::{PriceColumn, PriceMonth, SeriesId};
use crate::quantity::Unit;
use crate::resolution::Resolution;

/// What holds for all prices of one message.
pub(super) struct Terms<'a> {
    pub(super) unit: Unit,
    pub(super) currency: Currency,
    pub(super) created: Instant,
    pub(super) source: &'a str,
    pub(super) received: Instant,
}

/// The versions held of the months that a column touches, and what is known of the charge.
pub(super) fn needs(state: &State, series: &SeriesId, column: &PriceColumn) -> Vec<Need> {
    let span = state.rule().filter(|_| is_bounded(column)).and_then(|rule| {
        let intervals = column.intervals(&rule);
        let (first, last) = (intervals.first()?, intervals.last()?);
        DaySpan::of_period(Period::new(first.0.start(), last.0.end())?, &rule)
    });
    let held = span.map(|span| Need::Prices { series: series.clone(), span, carried: false });
    let described = match series {
        SeriesId::Charge(key) => Some(Need::Charge(key.clone())),
        SeriesId::Index(_) => None,
    };
    held.into_iter().chain(described).collect()
}

/// Prices of charges, from a document.
pub(super) fn apply(
    state: &State,
    from: &FromDocument,
    given: &[(SeriesId, PriceColumn)],
    facts: &Facts,
    moment: &Moment,
) -> (Vec<Event>, Outcome) {
    let (Some(rule), Some(settings)) = (state.rule(), &state.settings) else {
        return (Vec::new(), Outcome::Refused(SeriesRefused::NoSettings));
    };
    if from.created.millis_since(moment.now) > CLOCK_TOLERANCE_MS {
        return (Vec::new(), Outcome::Refused(SeriesRefused::Values(ValuesRefused::FromTheFuture)));
    }
    // A column may go on where another of the same series ended: it is laid over what that one left.
    let mut facts = facts.clone();
    let mut added = Vec::new();
    for (series, column) in given {
        let terms = Terms {
            unit: unit_of(series),
            currency: settings.currency,
            created: from.created,
            source: &from.document,
            received: moment.now,
        };
        match months(series, column, &terms, &facts, &rule) {
            Some(months) => {
                facts.prices.entry(series.clone()).or_default().extend(months.iter().cloned());
                added.extend(months.into_iter().map(Event::PricesAdded));
            }
            None => return (Vec::new(), Outcome::Refused(SeriesRefused::PricesOffTheGrid)),
        }
    }
    let undescribed = given.iter().find_map(|(series, _)| match series {
        SeriesId::Charge(key) if !facts.charges.contains_key(key) => Some(key),
        _ => None,
    });
    let outcome = match undescribed {
        Some(key) => Outcome::Waiting(format!("charge {key} is not described yet")),
        None if added.is_empty() => Outcome::Unchanged,
        None => Outcome::Done,
    };
    (added, outcome)
}

/// The new versions of months that a column makes; a month that holds the same already makes none. `None` where the
/// column has no interval or does not fit its resolution.
pub(super) fn months(
    series: &SeriesId,
    column: &PriceColumn,
    terms: &Terms<'_>,
    facts: &Facts,
    rule: &DayRule,
) -> Option<Vec<PriceMonth>> {
    is_bounded(column).then_some(())?;
    let column = &by_days(column, rule)?;
    let intervals = column.intervals(rule);
    (!intervals.is_empty() && intervals.len() == column.prices.len()).then_some(())?;
    let mut by_month: BTreeMap<Month, Vec<(Instant, Option<Price>)>> = BTreeMap::new();
    for (interval, price) in intervals {
        by_month.entry(rule.day_of(interval.start()).month()).or_default().push((interval.start(), price));
    }
    let held = facts.prices.get(series).map(Vec::as_slice).unwrap_or_default();
    let mut made = Vec::new();
    for (month, prices) in by_month {
        let of_month: Vec<&PriceMonth> = held.iter().filter(|one| one.month == month).collect();
        let older =
            of_month.iter().filter(|one| (one.created, one.source.as_str()) <= (terms.created, terms.source));
        let before = older.max_by(|one, other| one.rank().cmp(&other.rank()));
        let merged = merged(before.map(|one| &one.prices), column, &prices, rule)?;
        if before.is_some_and(|one| {
            one.prices == merged && one.unit == terms.unit && one.currency == terms.currency
        }) {
            continue;
        }
        made.push(PriceMonth {
            series: series.clone(),
            month,
            version: of_month.iter().map(|one| one.version).max().unwrap_or_default().saturating_add(1),
            created: terms.created,
            received: terms.received,
            source: terms.source.to_owned(),
            unit: terms.unit,
            currency: terms.currency,
            prices: merged,
        });
    }
    Some(made)
}

/// Prices of months as the same prices of each of their days, so that one that begins inside a month stands beside the
/// one before it.
fn by_days(column: &PriceColumn, rule: &DayRule) -> Option<PriceColumn> {
    if column.resolution != Resolution::Month {
        return Some(column.clone());
    }
    let months = column.intervals(rule);
    (months.len() == column.prices.len() && months.iter().all(|(month, _)| rule.is_start(month.start())))
        .then_some(())?;
    let days = months.iter().flat_map(|(month, price)| rule.days_of(*month).into_iter().map(|_| *price));
    Some(PriceColumn { start: column.start, resolution: Resolution::Day, prices: days.collect() })
}

/// Whether a column is short enough to be taken at once: ten years of months, a year or so of anything finer.
fn is_bounded(column: &PriceColumn) -> bool {
    let most = match column.resolution {
        Resolution::Month => 120,
        Resolution::Day => 400,
        _ => 400 * 24 * 12,
    };
    let years = column.resolution.millis().and_then(|millis| {
        let count = i64::try_from(column.prices.len()).ok()?;
        millis.checked_mul(count)?.checked_div(400 * 24 * 3_600_000)
    });
    column.prices.len() <= most && years.unwrap_or_default() < 2
}

/// The prices laid over what the month held. Where it held another resolution, nothing of that remains.
fn merged(
    before: Option<&PriceColumn>,
    given: &PriceColumn,
    prices: &[(Instant, Option<Price>)],
    rule: &DayRule,
) -> Option<PriceColumn> {
    let held = before.filter(|held| held.resolution == given.resolution);
    let mut by_start: BTreeMap<Instant, Option<Price>> = held
        .map(|held| held.intervals(rule))
        .unwrap_or_default()
        .into_iter()
        .map(|(at, price)| (at.start(), price))
        .collect();
    by_start.extend(prices.iter().copied());
    let (start, last) = (*by_start.keys().next()?, *by_start.keys().next_back()?);
    let starts =
        (0..).map_while(|index| given.resolution.start_of(index, start, rule)).take_while(|at| *at <= last);
    let prices: Vec<Option<Price>> = starts.map(|at| by_start.get(&at).copied().flatten()).collect();
    Some(PriceColumn { start, resolution: given.resolution, prices })
}

/// Charges are priced per kWh or per piece; their documents do not say so.
fn unit_of(series: &SeriesId) -> Unit {
    match series {
        SeriesId::Charge(key) if key.kind != ChargeKind::Tariff => Unit::Piece,
        SeriesId::Charge(_) | SeriesId::Index(_) => Unit::KilowattHour,
    }
}
