//! What expires: reservations at the end of their time, balances at the end of their validity.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::MOST_DUE;
use super::change::{Change, subtract};
use super::record::{OperationKey, Recorded};
use super::refusal::FundsRefused;
use super::reservation::{Reservation, Resolution};
use crate::instant::Instant;
use crate::ledger::{BalanceNumber, LedgerRole, PostingHead, PostingReason, PostingSource};
use crate::operation::OperationId;

/// Something that is due. Of two that are due at one instant the reservation comes first: what it returns may expire
/// with the rest.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Reservation(OperationId),
    Balance(BalanceNumber),
}

/// Lets expire what is due by now, in the order in which it became due.
pub(super) fn settle(change: &mut Change<'_>) -> Result<(), FundsRefused> {
    for _ in 0..MOST_DUE {
        match first_due(change) {
            Some((due, _)) if due > change.instant() => return Ok(()),
            Some((_, Due::Reservation(id))) => drop(open(change, &id)?),
            Some((_, Due::Balance(number))) => expire_balance(change, number)?,
            None => return Ok(()),
        }
    }
    Ok(())
}

/// The reservation, if it is open: not beyond its time, whether or not the timer has come by.
pub(super) fn open(change: &mut Change<'_>, id: &OperationId) -> Result<Option<Reservation>, FundsRefused> {
    let Some(reservation) = change.reservation(id).cloned() else { return Ok(None) };
    if change.instant() < reservation.expires {
        return Ok(Some(reservation));
    }
    change.end_reservation(&reservation, Resolution::Expired)?;
    change.record(OperationKey::Resolve(id.clone()), Recorded::Expired(Arc::new(reservation)));
    Ok(None)
}

fn first_due(change: &Change<'_>) -> Option<(Instant, Due)> {
    let reservations = change.all_reservations().min_by_key(|one| (one.expires, &one.id));
    let reservations = reservations.map(|one| (one.expires, Due::Reservation(one.id.clone())));
    let balances = change.all_balances().filter_map(|(number, one)| Some((one.expires()?, number)));
    let balances = balances.min().map(|(due, number)| (due, Due::Balance(number)));
    reservations.into_iter().chain(balances).min()
}

/// What is free of a balance expires; what is held stays until it is resolved.
fn expire_balance(change: &mut Change<'_>, number: BalanceNumber) -> Result<(), FundsRefused> {
    let Some(balance) = change.balance(number).cloned() else { return Ok(()) };
    let free = subtract(balance.amount, balance.reserved)?;
    let given = subtract(crate::amount::Amount::ZERO, free)?;
    change.put(number, given)?;
    let head = PostingHead {
        source: PostingSource::Expiry(number),
        reason: PostingReason::Expired,
        corrects: None,
        asset: balance.asset,
    };
    change.book(head, [(LedgerRole::Funds(number), free), (LedgerRole::Expired, given)])?;
    change.cross(&BTreeSet::from([balance.asset]))
}
