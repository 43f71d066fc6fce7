//! Taking in values and charge links.

use super::{CLOCK_TOLERANCE_MS, Event, MOST_DAYS, Reply, State, StoredDays, Values, ValuesRefused};
use crate::charge::{ChargeKind, ChargeLink};
use crate::day::{Day, DayRule};
use crate::day_span::DaySpan;
use crate::day_version::{self, DayVersion};
use crate::document::MeteringPointKind;
use crate::entity::market_document::Outcome;
use crate::entity::message::FromDocument;
use crate::entity::{Decided, Facts, Moment, Need};
use crate::instant::{Instant, Period};
use crate::quantity::{Quantity, Unit};
use crate::series::{Direction, TimeSeries};

/// A thousand million: what a country takes in an hour, in any unit, is below it.
const MOST_OF_AN_INTERVAL: Quantity = Quantity::from_micros(1_000_000_000_000_000);

/// What is scheduled for some weeks may be told, what is further ahead comes of a clock that is wrong.
const MOST_AHEAD_MS: i64 = 31 * 86_400_000;

pub(super) fn needs(state: &State, item: &Values) -> Vec<Need> {
    days_needed(state, item.direction, &item.series)
}

/// The stored versions of the days that the values touch.
pub(super) fn days_needed(state: &State, direction: Direction, series: &TimeSeries) -> Vec<Need> {
    let rule = state.details.as_ref().map(|details| &details.rule);
    let span = rule.and_then(|rule| DaySpan::of_period(series.period(rule)?, rule));
    let bounded = span.filter(|span| span.count() <= MOST_DAYS);
    bounded.map(|span| Need::Days { direction, span }).into_iter().collect()
}

/// Values that came by stream or request: each item by itself.
pub(super) fn store(
    state: &State,
    items: &[Values],
    facts: &Facts,
    moment: &Moment,
) -> Decided<Event, Reply> {
    let mut facts = facts.clone();
    let mut events = Vec::new();
    let mut outcomes = Vec::new();
    for item in items {
        let outcome = versions(state, item, &facts, moment).map(|(stored, versions)| {
            facts.days.entry(item.direction).or_default().extend(versions.iter().cloned());
            events.extend(versions.into_iter().map(Event::DayStored));
            stored
        });
        outcomes.push(outcome);
    }
    Decided::with(events, Reply::Stored(outcomes))
}

/// A series of a document.
pub(super) fn apply_document(
    state: &State,
    from: &FromDocument,
    (kind, unit): (MeteringPointKind, Unit),
    series: &TimeSeries,
    facts: &Facts,
    moment: &Moment,
) -> (Vec<Event>, Outcome) {
    let values = Values {
        direction: kind.direction(),
        created: from.created,
        source: from.document.clone(),
        series: series.clone(),
    };
    let fits = match &state.details {
        None => Err(ValuesRefused::UnknownMeteringPoint),
        Some(details) if details.kind != kind => Err(ValuesRefused::WrongKind),
        Some(details) if details.unit != unit => Err(ValuesRefused::WrongUnit),
        Some(_) => Ok(()),
    };
    match fits.and_then(|()| versions(state, &values, facts, moment)) {
        Ok((stored, versions)) => {
            (versions.into_iter().map(Event::DayStored).collect(), Outcome::Stored(stored))
        }
        Err(refused) => (Vec::new(), Outcome::Refused(refused.into())),
    }
}

/// The links of a document laid over those that the point has: from a link's start on, its charge is linked as it
/// says. A fee without an end is due on the day of its start alone. The link of a charge that nobody described yet is
/// stored and waits.
pub(super) fn apply_links(state: &State, links: &[ChargeLink], facts: &Facts) -> (Vec<Event>, Outcome) {
    let Some(details) = &state.details else {
        return (Vec::new(), Outcome::Refused(ValuesRefused::UnknownMeteringPoint.into()));
    };
    let mut held = state.links.clone();
    for link in links {
        held = with_link(held, &bounded_fee(link, &details.rule));
    }
    held.sort_by(|one, other| (&one.charge, one.period).cmp(&(&other.charge, other.period)));
    let is_unchanged = held == state.links;
    let events = if is_unchanged { Vec::new() } else { vec![Event::LinksSet(held)] };
    let outcome = match links.iter().find(|link| !facts.charges.contains_key(&link.charge)) {
        Some(link) => Outcome::Waiting(format!("charge {} is not described yet", link.charge)),
        None if is_unchanged => Outcome::Unchanged,
        None => Outcome::Done,
    };
    (events, outcome)
}

fn bounded_fee(link: &ChargeLink, rule: &DayRule) -> ChargeLink {
    let next_day = rule.start(rule.day_of(link.period.start()).next());
    match Period::new(link.period.start(), next_day) {
        Some(period) if link.charge.kind == ChargeKind::Fee && link.period.is_open() => {
            ChargeLink { period, ..link.clone() }
        }
        _ => link.clone(),
    }
}

fn with_link(held: Vec<ChargeLink>, link: &ChargeLink) -> Vec<ChargeLink> {
    let mut kept: Vec<ChargeLink> = Vec::with_capacity(held.len().saturating_add(1));
    for other in held {
        if other.charge != link.charge || !other.period.overlaps(link.period) {
            kept.push(other);
            continue;
        }
        let before = Period::new(other.period.start(), link.period.start());
        let after = Period::new(link.period.end(), other.period.end());
        kept.extend(
            [before, after].into_iter().flatten().map(|period| ChargeLink { period, ..other.clone() }),
        );
    }
    kept.push(link.clone());
    kept
}

/// The new versions of days that the values make; a day that holds the same already makes none.
fn versions(
    state: &State,
    item: &Values,
    facts: &Facts,
    moment: &Moment,
) -> Result<(StoredDays, Vec<DayVersion>), ValuesRefused> {
    let details = state.details.as_ref().ok_or(ValuesRefused::UnknownMeteringPoint)?;
    let period = item.series.period(&details.rule).ok_or(ValuesRefused::Empty)?;
    if item.created.millis_since(moment.now) > CLOCK_TOLERANCE_MS {
        return Err(ValuesRefused::FromTheFuture);
    }
    plausible(&item.series, &details.rule, moment.now)?;
    let span = DaySpan::of_period(period, &details.rule).ok_or(ValuesRefused::Empty)?;
    if span.count() > MOST_DAYS {
        return Err(ValuesRefused::TooManyDays);
    }
    let parts = item.series.split_days(&details.rule).ok_or(ValuesRefused::OffTheGrid)?;
    let held = facts.days.get(&item.direction).map(Vec::as_slice).unwrap_or_default();
    let mut counts = StoredDays::default();
    let mut made = Vec::new();
    for (day, values) in parts {
        let of_day: Vec<DayVersion> = held.iter().filter(|version| version.day == day).cloned().collect();
        match next_version(&of_day, item, day, &values, &details.rule, moment.now)? {
            Some(version) => {
                counts.stored = counts.stored.saturating_add(1);
                made.push(version);
            }
            None => counts.unchanged = counts.unchanged.saturating_add(1),
        }
    }
    Ok((counts, made))
}

/// That the values can be those of a point, as far as that can be told without knowing it.
fn plausible(series: &TimeSeries, rule: &DayRule, now: Instant) -> Result<(), ValuesRefused> {
    if series.quantities().iter().any(|quantity| *quantity < Quantity::ZERO) {
        return Err(ValuesRefused::Negative);
    }
    if series.quantities().iter().any(|quantity| *quantity > MOST_OF_AN_INTERVAL) {
        return Err(ValuesRefused::Absurd);
    }
    let is_ahead = |until: Instant| until.millis_since(now) > MOST_AHEAD_MS;
    match series.known_until(rule).is_some_and(is_ahead) {
        true => Err(ValuesRefused::TooFarAhead),
        false => Ok(()),
    }
}

/// The version of the day that counts once these values are in, or `None` where nothing changes.
///
/// Values that were made before others are laid over what was known when they were made, so that order of arrival
/// does not matter for which version counts.
fn next_version(
    held: &[DayVersion],
    item: &Values,
    day: Day,
    values: &TimeSeries,
    rule: &DayRule,
    now: Instant,
) -> Result<Option<DayVersion>, ValuesRefused> {
    let older: Vec<DayVersion> = held
        .iter()
        .filter(|version| (version.created, &version.source) <= (item.created, &item.source))
        .cloned()
        .collect();
    let before = day_version::effective(&older, Instant::MAX).map(|version| &version.values);
    let merged = day_version::merged(before, values, day, rule).ok_or(ValuesRefused::OffTheGrid)?;
    if before == Some(&merged) {
        return Ok(None);
    }
    let latest = held.iter().map(|version| version.version).max().unwrap_or_default();
    Ok(Some(DayVersion {
        direction: item.direction,
        day,
        version: latest.saturating_add(1),
        created: item.created,
        received: now,
        source: item.source.clone(),
        values: merged,
    }))
}
