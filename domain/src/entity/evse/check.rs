//! What is suspect about a session, given the others of its charging point.

use super::{EvseDetails, KnownSession};
use crate::cdr::{SeenSession, Suspicion};
use crate::instant::Instant;
use crate::quantity::Quantity;

/// Two records may tell of one session where they start within so many milliseconds of each other.
const SAME_START_MS: u64 = 120_000;
/// How many percent more than its most power a charging point is believed to give: what its meter may be off.
const POWER_TOLERANCE_PERCENT: i128 = 5;
const HOUR_MS: i128 = 3_600_000;
/// How many others of one kind are named: one is enough to hold a session back.
const MOST_NAMED: usize = 4;

/// What is suspect about a session, given what is known of its charging point and the sessions that came before it and
/// still stand; in a fixed order.
pub(super) fn suspicions<'a>(
    session: &SeenSession,
    details: Option<&EvseDetails>,
    earlier: impl Iterator<Item = &'a KnownSession> + Clone,
) -> Vec<Suspicion> {
    let earlier = earlier.map(|known| &known.session);
    let mut found = Vec::new();
    if goes_back(session, earlier.clone()) {
        found.push(Suspicion::RegisterWentBack);
    }
    if details.and_then(|details| details.most_power_kw).is_some_and(|most| is_over_power(session, most)) {
        found.push(Suspicion::OverPower);
    }
    let overlaps = earlier.clone().filter(|other| overlap(session, other) && !is_told_twice(session, other));
    found.extend(overlaps.take(MOST_NAMED).map(|other| Suspicion::Overlaps(other.cdr.clone())));
    let twice = earlier.filter(|other| is_told_twice(session, other));
    found.extend(twice.take(MOST_NAMED).map(|other| Suspicion::SuspectedDuplicate(other.cdr.clone())));
    found
}

/// Whether both were at the same connector at the same time. One that does not say its connector may be at any.
fn overlap(one: &SeenSession, other: &SeenSession) -> bool {
    let may_be_same =
        one.connector == other.connector || one.connector.is_empty() || other.connector.is_empty();
    may_be_same && one.start < other.end && other.start < one.end
}

/// Whether both tell of one session: the same token, a start within two minutes, the same energy.
fn is_told_twice(one: &SeenSession, other: &SeenSession) -> bool {
    one.token == other.token
        && one.energy_kwh == other.energy_kwh
        && one.start.millis_since(other.start).unsigned_abs() <= SAME_START_MS
}

/// Whether the meter showed less than at the end of the session before, or more than at the start of the one after it. The
/// nearest on either side count, so that a meter that was exchanged is noticed once.
fn goes_back<'a>(session: &SeenSession, earlier: impl Iterator<Item = &'a SeenSession> + Clone) -> bool {
    let Some(own) = session.registers else { return false };
    let metered = earlier.filter(|other| other.connector == session.connector && other.registers.is_some());
    let before = metered.clone().filter(|other| other.end <= session.start).max_by_key(|other| other.end);
    let after = metered.filter(|other| other.start >= session.end).min_by_key(|other| other.start);
    before.and_then(|other| other.registers).is_some_and(|other| own.start_kwh < other.end_kwh)
        || after.and_then(|other| other.registers).is_some_and(|other| other.start_kwh < own.end_kwh)
}

/// Whether energy / time is more than the power, with the tolerance: energy x 1 h x 100 > power x time x 105.
fn is_over_power(session: &SeenSession, most_kw: Quantity) -> bool {
    let time_ms = i128::from(time_ms(session.start, session.end));
    let energy = i128::from(session.energy_kwh.micros()).checked_mul(HOUR_MS);
    let drawn = energy.and_then(|energy| energy.checked_mul(100));
    let percent = POWER_TOLERANCE_PERCENT.saturating_add(100);
    let most = i128::from(most_kw.micros()).checked_mul(time_ms).and_then(|most| most.checked_mul(percent));
    drawn.zip(most).is_none_or(|(drawn, most)| drawn > most)
}

fn time_ms(start: Instant, end: Instant) -> i64 {
    end.millis_since(start).max(0)
}
