//! Funds that come in and go out: top-ups, refunds, transfers between accounts.

use std::collections::BTreeSet;

use super::balance::{BalanceTerms, Origin};
use super::change::{Change, subtract};
use super::command::{Payout, TopUp};
use super::grant;
use super::refusal::FundsRefused;
use super::reply::FundsReply;
use crate::amount::Amount;
use crate::ledger::{Asset, BalanceNumber, LedgerRole, PostingHead, PostingReason, PostingSource};
use crate::operation::OperationId;

pub(super) fn top_up(change: &mut Change<'_>, top_up: &TopUp) -> Result<FundsReply, FundsRefused> {
    // Only money has a main balance: units without terms get those by which they are consumed first, for ever.
    let usual = top_up.asset.currency().is_none().then(BalanceTerms::default);
    let terms = top_up.terms.as_ref().or(usual.as_ref());
    let (reason, role) = match terms.map(|terms| terms.origin) {
        Some(Origin::Granted) => (PostingReason::Granted, LedgerRole::Granted),
        _ => (PostingReason::ToppedUp, LedgerRole::TopUp),
    };
    let number = change.balance_with(top_up.asset, terms)?;
    pay_in(change, (&top_up.operation, reason), number, (top_up.asset, top_up.amount), role)?;
    Ok(FundsReply::ToppedUp(number))
}

/// Pays back what was paid in: out of the main balance, never out of credit, and nothing that is held. A blocked account
/// gets its money as well.
pub(super) fn refund(change: &mut Change<'_>, payout: &Payout) -> Result<FundsReply, FundsRefused> {
    pay_out(change, payout, PostingReason::Refunded, LedgerRole::TopUp)
}

pub(super) fn transfer_out(
    change: &mut Change<'_>,
    to: &str,
    payout: &Payout,
) -> Result<FundsReply, FundsRefused> {
    grant::may_spend(change, None)?;
    let transit = LedgerRole::Transit { from: change.facts.account.to_owned(), to: to.to_owned() };
    pay_out(change, payout, PostingReason::TransferredOut, transit)
}

pub(super) fn transfer_in(
    change: &mut Change<'_>,
    from: &str,
    payout: &Payout,
) -> Result<FundsReply, FundsRefused> {
    let number = change.main(payout.currency)?;
    let transit = LedgerRole::Transit { from: from.to_owned(), to: change.facts.account.to_owned() };
    let (asset, reason) = (Asset::Money(payout.currency), PostingReason::TransferredIn);
    pay_in(change, (&payout.operation, reason), number, (asset, payout.amount), transit)?;
    Ok(FundsReply::ToppedUp(number))
}

fn pay_in(
    change: &mut Change<'_>,
    (operation, reason): (&OperationId, PostingReason),
    number: BalanceNumber,
    (asset, amount): (Asset, Amount),
    role: LedgerRole,
) -> Result<(), FundsRefused> {
    change.put(number, amount)?;
    let head =
        PostingHead { source: PostingSource::Operation(operation.clone()), reason, corrects: None, asset };
    let credit = (LedgerRole::Funds(number), subtract(Amount::ZERO, amount)?);
    change.book(head, [credit, (role, amount)])?;
    change.cross(&BTreeSet::from([asset]))
}

fn pay_out(
    change: &mut Change<'_>,
    payout: &Payout,
    reason: PostingReason,
    role: LedgerRole,
) -> Result<FundsReply, FundsRefused> {
    let asset = Asset::Money(payout.currency);
    let main = change
        .all_balances()
        .find(|(_, balance)| balance.asset == asset && balance.terms.is_none())
        .map(|(number, balance)| (number, balance.clone()));
    let Some((number, main)) = main else { return Err(FundsRefused::BeyondFunds) };
    if payout.amount > subtract(main.amount, main.reserved)? {
        return Err(FundsRefused::BeyondFunds);
    }
    pay_in(
        change,
        (&payout.operation, reason),
        number,
        (asset, subtract(Amount::ZERO, payout.amount)?),
        role,
    )?;
    Ok(FundsReply::Done)
}
