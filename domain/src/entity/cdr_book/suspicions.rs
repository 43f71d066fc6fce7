//! What a book itself finds suspect about a record.

use super::terms::{PartyTerms, WhosePrice};
use crate::cdr::{Cdr, Suspicion};
use crate::instant::Instant;
use crate::quantity::{Quantity, QuantitySum};
use crate::session::Session;

/// A station's clock may run ahead of ours by so much: five minutes.
pub const FUTURE_TOLERANCE_MS: i64 = 5 * 60_000;
/// A station's clock was set where the session is not before this: 2010-01-01T00:00:00Z, before the first OCPI.
const CLOCK_SET_MS: i64 = 1_262_304_000_000;
/// The longest session that is believed: 366 days.
const MOST_SESSION_MS: i64 = 366 * 86_400_000;
/// By how much a record's energy may differ from what its meter's readings do: 10 Wh, the step of many displays.
const REGISTER_TOLERANCE: u64 = 10_000;
/// By how much a record's energy may differ from the sum of its periods, for each volume that is rounded: half a Wh, since both
/// are written to the Wh at least. A record of one period may so be 1 Wh off.
const ROUNDED_WH_HALF: u64 = 500;
const DAY_MS: i64 = 86_400_000;

/// What is suspect about a record that was received then, apart from what other sessions make suspect; in a fixed order.
/// None for the terms: nothing was agreed with its party.
#[must_use]
pub fn of_record(
    cdr: &Cdr,
    payer: Option<&str>,
    terms: Option<&PartyTerms>,
    received: Instant,
) -> Vec<Suspicion> {
    let session = &cdr.session;
    let since_end_ms = received.millis_since(session.end);
    let most_days = terms.and_then(|terms| terms.most_days_late).map(i64::from);
    let is_late = most_days.is_some_and(|days| since_end_ms > days.saturating_mul(DAY_MS));
    let is_other = terms.is_some_and(|terms| terms.currency != session.currency);
    let checks = [
        (is_before_clocks(session), Suspicion::ClockNotSet),
        (since_end_ms < FUTURE_TOLERANCE_MS.saturating_neg(), Suspicion::FromTheFuture),
        (session.end < session.start, Suspicion::EndsBeforeStart),
        (is_malformed(session), Suspicion::Malformed),
        (goes_back(cdr), Suspicion::RegisterWentBack),
        (differs(cdr), Suspicion::RegisterDiffers),
        (is_summed_otherwise(session), Suspicion::EnergyDiffers),
        (terms.is_none(), Suspicion::UnknownParty),
        (payer.is_none(), Suspicion::UnknownToken),
        (is_other, Suspicion::OtherCurrency),
        (terms.is_some_and(|terms| has_no_price(cdr, terms)), Suspicion::NoPrice),
        (is_late, Suspicion::TooLate),
    ];
    checks.into_iter().filter_map(|(is_so, suspicion)| is_so.then_some(suspicion)).collect()
}

/// Whether a person or a rule may pass the reason over as it is. For the others something has to be put right first, or
/// the record can only be rejected.
#[must_use]
pub fn is_releasable(code: &str) -> bool {
    let releasable = [
        Suspicion::ClockNotSet,
        Suspicion::FromTheFuture,
        Suspicion::RegisterWentBack,
        Suspicion::RegisterDiffers,
        Suspicion::EnergyDiffers,
        Suspicion::OverPower,
        Suspicion::TooLate,
    ];
    // Both name another record, whichever.
    let of_others = ["OVERLAPS", "SUSPECTED_DUPLICATE"];
    releasable.iter().any(|suspicion| suspicion.code() == code) || of_others.contains(&code)
}

/// Whether a session can't be billed at all: no price can be found for it, and its time would make others suspect.
pub(super) fn is_hopeless(suspicion: &Suspicion) -> bool {
    matches!(suspicion, Suspicion::EndsBeforeStart | Suspicion::Malformed)
}

/// The energy of a session: as it is stated, else the sum of its periods.
pub(super) fn energy(session: &Session) -> Quantity {
    session.stated.energy_kwh.unwrap_or_else(|| of_periods(session).unwrap_or(Quantity::ZERO))
}

/// The sum of what the periods have, which is what a session is priced by; `None` beyond the range.
fn of_periods(session: &Session) -> Option<Quantity> {
    session.periods.iter().filter_map(|period| period.energy_kwh).sum::<QuantitySum>().quantity()
}

fn is_before_clocks(session: &Session) -> bool {
    session.start.millis().min(session.end.millis()) < CLOCK_SET_MS
}

fn is_malformed(session: &Session) -> bool {
    let mut starts = session.periods.iter().map(|period| period.start);
    let is_in_order = session.periods.is_sorted_by_key(|period| period.start);
    let is_inside = starts.all(|start| (session.start..=session.end).contains(&start));
    let volumes = session.periods.iter().flat_map(|period| {
        [period.energy_kwh, period.time, period.parking, period.reservation].into_iter().flatten()
    });
    let is_below_zero = volumes.chain(session.stated.energy_kwh).any(|volume| volume < Quantity::ZERO);
    let is_too_long = session.end.millis_since(session.start) > MOST_SESSION_MS;
    // Where it ends before it starts that is told, and nothing lies inside it.
    let is_scattered = session.start <= session.end && !is_inside;
    session.periods.is_empty() || !is_in_order || is_scattered || is_below_zero || is_too_long
}

fn goes_back(cdr: &Cdr) -> bool {
    cdr.registers.is_some_and(|registers| registers.end_kwh < registers.start_kwh)
}

fn differs(cdr: &Cdr) -> bool {
    let Some(registers) = cdr.registers.filter(|_| !goes_back(cdr)) else { return false };
    let counted = registers.end_kwh.checked_sub(registers.start_kwh);
    let by = counted.and_then(|counted| counted.checked_sub(energy(&cdr.session)));
    by.is_none_or(|by| by.micros().unsigned_abs() > REGISTER_TOLERANCE)
}

/// Whether the energy that is stated is not the sum of what the periods have. A session without periods is malformed.
fn is_summed_otherwise(session: &Session) -> bool {
    let Some(stated) = session.stated.energy_kwh.filter(|_| !session.periods.is_empty()) else {
        return false;
    };
    let with_energy = session.periods.iter().filter(|period| period.energy_kwh.is_some()).count();
    let volumes = u64::try_from(with_energy).unwrap_or(u64::MAX).saturating_add(1);
    let by = of_periods(session).and_then(|summed| summed.checked_sub(stated));
    by.is_none_or(|by| by.micros().unsigned_abs() > volumes.saturating_mul(ROUNDED_WH_HALF))
}

/// Whether nobody can say what the session is bought for.
fn has_no_price(cdr: &Cdr, terms: &PartyTerms) -> bool {
    let is_stated = cdr.session.stated.excluding_vat.is_some();
    let has_sheet = terms.sheet.is_some() || cdr.sheet.is_some();
    let counts = match terms.price {
        WhosePrice::Theirs => is_stated || has_sheet,
        WhosePrice::Ours => has_sheet,
    };
    !terms.is_own && !counts
}
