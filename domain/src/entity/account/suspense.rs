//! What stands on suspense at an account until a person places it: which set, whose account, whom it is sent to.

use super::{Event, Reply, State};
use crate::amount::Amount;
use crate::entity::Decided;
use crate::entity::message::{Message, Recipient};
use crate::funds::{FundsCommand, FundsEvent, Payout, Place, Placement};
use crate::ledger::{LedgerRole, PostingReason, PostingSet};

/// The set that a command places, as long as it stands on suspense.
pub(super) fn set<'a>(state: &'a State, command: &FundsCommand) -> Option<&'a PostingSet> {
    let FundsCommand::Place(place) = command else { return None };
    state.suspense.get(&place.sequence).map(|posted| &posted.set)
}

/// The account itself. What came for one that was never opened can be sent on all the same; then its name stands in what came,
/// or is not asked for any more.
pub(super) fn account<'a>(state: &'a State, command: &FundsCommand) -> Option<&'a str> {
    if let Some(details) = &state.details {
        return Some(&details.id);
    }
    let FundsCommand::Place(Place { to: Placement::Account(_) | Placement::Back, .. }) = command else {
        return None;
    };
    let postings = set(state, command).map(PostingSet::postings).unwrap_or_default();
    let receiver = postings.iter().find_map(|posting| match &posting.role {
        LedgerRole::Transit { to, .. } => Some(to.as_str()),
        _ => None,
    });
    Some(receiver.unwrap_or_default())
}

/// The decision, with the set no longer on suspense where this very decision placed it.
pub(super) fn cleared(command: &FundsCommand, mut decided: Decided<Event, Reply>) -> Decided<Event, Reply> {
    let places = |event: &Event| matches!(event, Event::Booked(posted) if posted.set.reason() == PostingReason::Placed);
    if let FundsCommand::Place(place) = command
        && decided.events.iter().any(places)
    {
        decided.events.push(Event::SuspenseCleared(place.sequence));
    }
    decided
}

/// What the account is told to which money goes.
pub(super) fn moved(account: &str, place: &Place, events: &[FundsEvent]) -> Option<(Recipient, Message)> {
    let placed = events.iter().find_map(|event| match event {
        FundsEvent::Booked(set) if set.reason() == PostingReason::Placed => Some(set),
        _ => None,
    })?;
    let currency = placed.asset().currency()?;
    placed.postings().iter().find_map(|posting| match &posting.role {
        LedgerRole::Transit { from, to } if from == account && posting.amount < Amount::ZERO => {
            let amount = posting.amount.checked_neg()?;
            let payout = Payout { operation: place.operation.clone(), currency, amount };
            let message = Message::FundsTransferred { from: from.clone(), to: to.clone(), payout };
            Some((Recipient::Account(to.clone()), message))
        }
        _ => None,
    })
}
