//! The end of a reservation: what was used is booked, the rest returned. It happens once.

use std::sync::Arc;

use super::change::{Change, add};
use super::command::{Commit, FundsCommand, Used};
use super::debit::{self, Dues};
use super::due;
use super::grant::{of_asset, why_not_open};
use super::price::ChargedPart;
use super::record::{OperationKey, Recorded};
use super::refusal::FundsRefused;
use super::reply::{FundsReply, Taken};
use super::reservation::{Asked, Part, Reservation, Resolution};
use super::take::{draw, merged, take};
use crate::amount::Amount;
use crate::ledger::{Asset, PostingHead, PostingReason, PostingSource};
use crate::operation::OperationId;
use crate::quantity::Quantity;

pub(super) fn commit(change: &mut Change<'_>, commit: &Commit) -> Result<FundsReply, FundsRefused> {
    let id = &commit.reservation;
    let key = OperationKey::Resolve(id.clone());
    let taken = match due::open(change, id)? {
        Some(reservation) => on_time(change, &reservation, &commit.used)?,
        None => match change.resolved(&key).cloned() {
            Some(Recorded::Expired(reservation)) => late(change, &reservation, &commit.used)?,
            _ => return Err(why_not_open(change, id)),
        },
    };
    let reply = FundsReply::Taken(taken);
    let command = Arc::new(FundsCommand::Commit(commit.clone()));
    change.record(key, Recorded::Answered(command, Arc::new(reply.clone())));
    Ok(reply)
}

pub(super) fn release(change: &mut Change<'_>, id: &OperationId) -> Result<FundsReply, FundsRefused> {
    let Some(reservation) = due::open(change, id)? else { return Err(why_not_open(change, id)) };
    change.end_reservation(&reservation, Resolution::Released)?;
    let reply = FundsReply::Released(reservation.holds);
    let command = Arc::new(FundsCommand::Release(id.clone()));
    let outcome = Recorded::Answered(command, Arc::new(reply.clone()));
    change.record(OperationKey::Resolve(id.clone()), outcome);
    Ok(reply)
}

fn on_time(change: &mut Change<'_>, reservation: &Reservation, used: &Used) -> Result<Taken, FundsRefused> {
    let (dues, is_beyond) = dues(change, reservation, used)?;
    let (mut parts, missing) = of_hold(change, reservation, used, (&dues, is_beyond))?;
    parts.extend(match dues.amount < Amount::ZERO {
        true => debit::forced(change, &reservation.usage, dues.money, dues.amount)?,
        false => debit::forced(change, &reservation.usage, dues.money, missing)?,
    });
    change.end_reservation(reservation, Resolution::Committed)?;
    let head = head(&reservation.id, PostingReason::Committed, dues.money);
    let parts = merged(dues.units.into_iter().chain(parts))?;
    let charged = Some((dues.money, dues.charged.as_slice()));
    take(change, &head, reservation.member.as_deref(), &parts, charged)?;
    if is_beyond || missing > Amount::ZERO {
        change.raise_over_use(&head, Some(missing))?;
    }
    Ok(Taken { parts, beyond_hold: missing, ..Taken::default() })
}

/// What expired is booked from what the balances have now, wherever that leads; no more of it than could have been booked in
/// time.
fn late(change: &mut Change<'_>, reservation: &Reservation, used: &Used) -> Result<Taken, FundsRefused> {
    let (in_time, is_beyond) = dues(change, reservation, used)?;
    of_hold(change, reservation, used, (&in_time, is_beyond))?;
    let dues = debit::dues(change, &reservation.usage, used)?;
    let head = head(&reservation.id, PostingReason::CommittedLate, dues.money);
    let beyond_hold = dues.amount.max(Amount::ZERO);
    let parts = debit::force(change, &head, (reservation.member.as_deref(), &reservation.usage), dues)?;
    change.raise_over_use(&head, Some(beyond_hold))?;
    Ok(Taken { parts, is_late: true, beyond_hold, shortage: None })
}

/// The parts of money that the hold pays, and what it lacks. A quantity that was granted is promised, whatever it costs by
/// now; more than that, and amounts beyond the hold, only where the contract allows it.
fn of_hold(
    change: &Change<'_>,
    reservation: &Reservation,
    used: &Used,
    (dues, is_beyond): (&Dues, bool),
) -> Result<(Vec<Part>, Amount), FundsRefused> {
    let held = of_asset(&reservation.holds, dues.money);
    let (parts, missing) = draw(dues.money, &held, dues.amount)?;
    let missing = missing.max(Amount::ZERO);
    let is_promised = matches!((&reservation.granted, used), (Asked::Quantity(..), Used::Quantity(..)));
    let is_over = is_beyond || (missing > Amount::ZERO && !is_promised);
    if is_over && !change.facts.allows_overuse {
        return Err(FundsRefused::CommitAboveHold { missing });
    }
    Ok((parts, missing))
}

/// What is due for what a reservation used, and whether that is more than was granted. Units come from what is held of
/// them, beyond the grant from what is free; money pays what is left.
fn dues(change: &Change<'_>, reservation: &Reservation, used: &Used) -> Result<(Dues, bool), FundsRefused> {
    let (quantity, unit) = match used {
        Used::Quantity(quantity, unit) => (*quantity, *unit),
        Used::Charged(..) => return Ok((debit::dues(change, &reservation.usage, used)?, false)),
    };
    let price = change.facts.price.clone()?;
    let asset = Asset::of_unit(unit).ok_or(FundsRefused::NotAnAsset)?;
    let within = match reservation.granted {
        Asked::Quantity(_, other) if other != unit => return Err(FundsRefused::OtherUnit),
        Asked::Quantity(granted, _) => granted.min(quantity),
        Asked::Amount(..) => quantity,
    };
    let out_of_range = || FundsRefused::OutOfRange;
    let extra = quantity.checked_sub(within).ok_or_else(out_of_range)?;
    let amount = |quantity: Quantity| Amount::from_quantity(quantity).ok_or_else(out_of_range);
    let (mut units, mut rest) = draw(asset, &of_asset(&reservation.holds, asset), amount(within)?)?;
    if extra > Quantity::ZERO {
        let (more, beyond) = draw(asset, &change.sources(asset, &reservation.usage, false)?, amount(extra)?)?;
        units.extend(more);
        rest = add(rest, beyond)?;
    }
    let paid = rest.to_quantity().ok_or_else(out_of_range)?;
    let charged = price.charged(paid).ok_or(FundsRefused::NoPrice)?;
    let total = ChargedPart::total(&charged).ok_or_else(out_of_range)?;
    let dues = Dues { units, money: Asset::Money(price.currency), amount: total, charged };
    Ok((dues, extra > Quantity::ZERO))
}

fn head(id: &OperationId, reason: PostingReason, asset: Asset) -> PostingHead {
    PostingHead { source: PostingSource::Reservation(id.clone()), reason, corrects: None, asset }
}
