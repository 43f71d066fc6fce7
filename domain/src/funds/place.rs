//! Placing what stands on suspense: money that came for an account that could not take it, or what was due and the funds did
//! not take.

use std::collections::BTreeSet;

use super::change::{Change, subtract};
use super::command::{Place, Placement};
use super::refusal::FundsRefused;
use super::reply::FundsReply;
use crate::amount::Amount;
use crate::ledger::{Asset, LedgerRole, PostingHead, PostingReason, PostingSet, PostingSource};

/// Clears the suspense of a set. The set that does names it as what it corrects; together both leave suspense as it was before.
pub(super) fn place(change: &mut Change<'_>, place: &Place) -> Result<FundsReply, FundsRefused> {
    let set = change.facts.suspended.ok_or(FundsRefused::NotOnSuspense)?;
    // Debits are positive: what was due stands above zero, what came below it.
    let stands = set.amount(&LedgerRole::Suspense);
    let sender = sender(set);
    let postings = match (&place.to, sender) {
        (Placement::MainBalance, _) => return on_main(change, place, set, stands),
        (Placement::Account(to), _) => moved(change, to, stands)?,
        (Placement::Back, Some(sender)) => moved(change, sender, stands)?,
        (Placement::Back, None) => {
            let undone = set.postings().iter().map(|one| Ok((one.role.clone(), negated(one.amount)?)));
            undone.collect::<Result<Vec<_>, FundsRefused>>()?
        }
    };
    change.book(head(place, set), postings)?;
    Ok(FundsReply::Done)
}

fn on_main(
    change: &mut Change<'_>,
    place: &Place,
    set: &PostingSet,
    stands: Amount,
) -> Result<FundsReply, FundsRefused> {
    let balance = change.main(set.asset().currency().ok_or(FundsRefused::NotMovable)?)?;
    change.put(balance, negated(stands)?)?;
    let head = head(place, set);
    let postings = [(LedgerRole::Suspense, negated(stands)?), (LedgerRole::Funds(balance), stands)];
    change.book(head.clone(), postings)?;
    change.cross(&BTreeSet::from([set.asset()]))?;
    if stands > Amount::ZERO {
        change.raise_over_use(&head, None)?;
    }
    Ok(FundsReply::Done)
}

/// On its way to another account.
fn moved(change: &Change<'_>, to: &str, stands: Amount) -> Result<Vec<(LedgerRole, Amount)>, FundsRefused> {
    if stands >= Amount::ZERO {
        return Err(FundsRefused::NotMovable);
    }
    let transit = LedgerRole::Transit { from: change.facts.account.to_owned(), to: to.to_owned() };
    Ok(vec![(LedgerRole::Suspense, negated(stands)?), (transit, stands)])
}

/// The account that gave what came.
fn sender(set: &PostingSet) -> Option<&str> {
    set.postings().iter().find_map(|posting| match &posting.role {
        LedgerRole::Transit { from, .. } => Some(from.as_str()),
        _ => None,
    })
}

fn head(place: &Place, set: &PostingSet) -> PostingHead {
    let (source, asset): (_, Asset) = (PostingSource::Operation(place.operation.clone()), set.asset());
    PostingHead { source, reason: PostingReason::Placed, corrects: Some(set.source().clone()), asset }
}

fn negated(amount: Amount) -> Result<Amount, FundsRefused> {
    subtract(Amount::ZERO, amount)
}
