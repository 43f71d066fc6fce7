//! Top-ups: how each is split between debt and credit, and what the meter shows of it.

use std::collections::{BTreeMap, VecDeque};

use super::refusal::PrepaidRefused;
use super::terms::{PrepaidTerms, Recovery};
use super::work::Work;
use super::{PrepaidEvent, PrepaidReply};
use crate::amount::Amount;
use crate::fixed::Rounding;
use crate::funds::{FundsCommand, FundsReply, TopUp};
use crate::ledger::{Asset, BalanceNumber};
use crate::money::Currency;
use crate::operation::OperationId;
use crate::quantity::{Quantity, Unit};

/// So many shown top-ups are known without reading a row.
pub const RECENT_SHOWN: usize = 64;

/// A top-up as the meter shows it. The account and the number are the natural id of the order to show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownTopUp {
    /// The client's id of the top-up.
    pub operation: OperationId,
    /// The account.
    pub account: String,
    /// Counts the account's top-ups of prepaid supply, from 1.
    pub number: u64,
    /// The currency of all amounts.
    pub currency: Currency,
    /// What was paid in: `to_debt` and `credited` together.
    pub amount: Amount,
    /// What of it paid off old debt.
    pub to_debt: Amount,
    /// What of it is credit now.
    pub credited: Amount,
    /// What of that repaid emergency credit.
    pub to_emergency: Amount,
    /// The credit after it.
    pub credit: Amount,
    /// What was credited in energy at today's price, rounded down to thousandths; none where no price is known.
    pub energy: Option<(Quantity, Unit)>,
    /// The balance on which it is.
    pub balance: BalanceNumber,
    /// The version of the supply order that it led to; none where supply stays as it was.
    pub supply_version: Option<u64>,
}

/// The latest shown top-ups. They are no part of the stored state: each is a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecentShown(VecDeque<ShownTopUp>);

impl RecentShown {
    /// The top-up with this id, if it is among them.
    #[must_use]
    pub fn get(&self, operation: &OperationId) -> Option<&ShownTopUp> {
        self.0.iter().find(|shown| shown.operation == *operation)
    }

    pub(super) fn push(&mut self, shown: &ShownTopUp) {
        self.0.push_back(shown.clone());
        while self.0.len() > RECENT_SHOWN {
            self.0.pop_front();
        }
    }
}

/// Pays in, lets debt have its share, and brings supply back where there is credit again.
pub(super) fn top_up(work: &mut Work<'_>, top_up: &TopUp) -> Result<PrepaidReply, PrepaidRefused> {
    let terms = work.prepaid.terms.clone();
    let terms = terms.filter(|terms| top_up.asset == Asset::Money(terms.currency));
    let before = terms.as_ref().map(|terms| emergency_used(work, terms)).transpose()?;
    let reply = work.funds(FundsCommand::TopUp(top_up.clone()))?;
    let (Some(terms), FundsReply::ToppedUp(balance)) = (terms, &reply) else {
        return Ok(PrepaidReply::Funds(reply));
    };
    let to_debt = match terms.recovery {
        // What has terms of its own was given for something: debt takes nothing of it.
        Some(Recovery::ShareOfTopUp(share)) if top_up.terms.is_none() => {
            let share = top_up.amount.fraction(share.ten_thousandths().into(), 10_000);
            whole_down(share.ok_or(PrepaidRefused::OutOfRange)?, terms.currency)?
        }
        _ => Amount::ZERO,
    };
    let to_debt = to_debt.min(work.prepaid.debt.owed());
    work.recover(to_debt, terms.currency)?;
    let credit = work.credit(&terms)?;
    let repaid = before.unwrap_or_default().checked_sub(emergency_used(work, &terms)?);
    let version = work.prepaid.version;
    work.follow()?;
    let credited = top_up.amount.checked_sub(to_debt).ok_or(PrepaidRefused::OutOfRange)?;
    let ordered = work.prepaid.version;
    let shown = Box::new(ShownTopUp {
        operation: top_up.operation.clone(),
        account: work.account().to_owned(),
        number: work.prepaid.top_ups.checked_add(1).ok_or(PrepaidRefused::OutOfRange)?,
        currency: terms.currency,
        amount: top_up.amount,
        to_debt,
        credited,
        to_emergency: repaid.ok_or(PrepaidRefused::OutOfRange)?.max(Amount::ZERO),
        credit,
        energy: work.facts.today.as_ref().and_then(|price| price.energy_for(credited)),
        balance: *balance,
        supply_version: (ordered != version).then_some(ordered),
    });
    work.push(PrepaidEvent::Shown(shown.clone()));
    Ok(PrepaidReply::ToppedUp(shown))
}

/// The answer to a top-up that was taken before: what was shown then.
pub(super) fn repeated(
    recent: &RecentShown,
    rows: &BTreeMap<OperationId, ShownTopUp>,
    operation: &OperationId,
    reply: FundsReply,
) -> PrepaidReply {
    match recent.get(operation).or_else(|| rows.get(operation)) {
        Some(shown) => PrepaidReply::ToppedUp(Box::new(shown.clone())),
        None => PrepaidReply::Funds(reply),
    }
}

/// Rounded down to whole minor units; of nothing or less, nothing.
pub(super) fn whole_down(amount: Amount, currency: Currency) -> Result<Amount, PrepaidRefused> {
    let whole = amount.max(Amount::ZERO).to_money(currency, Rounding::TowardsZero);
    whole.and_then(Amount::from_money).ok_or(PrepaidRefused::OutOfRange)
}

fn emergency_used(work: &Work<'_>, terms: &PrepaidTerms) -> Result<Amount, PrepaidRefused> {
    let credit = work.credit(terms)?;
    work.prepaid.emergency_used(terms, credit).ok_or(PrepaidRefused::OutOfRange)
}
