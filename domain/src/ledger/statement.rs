//! The statement of an account and the trial balance: sums over posting sets that anybody can do again.

use std::collections::BTreeMap;

use super::{Asset, LedgerRole, Posted, PostingRefusal};
use crate::amount::Amount;
use crate::instant::{Instant, Period};

/// What moved on an account's ledger accounts in a period, per asset and role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The period of registration.
    pub period: Period,
    /// Every ledger account that was booked on before the period or in it.
    pub accounts: BTreeMap<(Asset, LedgerRole), StatementAccount>,
}

/// What moved on one ledger account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatementAccount {
    /// The sum of everything booked before the period.
    pub opening: Amount,
    /// What was booked in the period, in order.
    pub entries: Vec<StatementEntry>,
    /// The sum of everything booked before the end of the period.
    pub closing: Amount,
}

/// One posting of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementEntry {
    /// The number of the set among those of the account.
    pub sequence: u64,
    /// When it was registered.
    pub at: Instant,
    /// How much; a debit is positive.
    pub amount: Amount,
    /// The sum after it.
    pub balance: Amount,
}

/// The statement of an account over a period, from its posting sets in order, which reach from the first to at least the
/// last of the period.
///
/// # Errors
/// [`PostingRefusal::OutOfRange`] where a sum leaves its range.
pub fn statement<'a>(
    sets: impl IntoIterator<Item = &'a Posted>,
    period: Period,
) -> Result<Statement, PostingRefusal> {
    let mut accounts: BTreeMap<(Asset, LedgerRole), StatementAccount> = BTreeMap::new();
    for posted in sets.into_iter().filter(|posted| posted.at < period.end()) {
        for posting in posted.set.postings() {
            let account = accounts.entry((posted.set.asset(), posting.role.clone())).or_default();
            let sum = account.closing.checked_add(posting.amount).ok_or(PostingRefusal::OutOfRange)?;
            account.closing = sum;
            if posted.at < period.start() {
                account.opening = sum;
                continue;
            }
            let (sequence, at, amount) = (posted.sequence, posted.at, posting.amount);
            account.entries.push(StatementEntry { sequence, at, amount, balance: sum });
        }
    }
    Ok(Statement { period, accounts })
}

/// The sums of all postings per asset and role. Those of one asset sum to zero, whatever sets are taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrialBalance {
    /// The sum per asset and role.
    pub sums: BTreeMap<(Asset, LedgerRole), Amount>,
}

impl TrialBalance {
    /// The trial balance of these sets.
    ///
    /// # Errors
    /// [`PostingRefusal::OutOfRange`] where a sum leaves its range.
    pub fn of<'a>(sets: impl IntoIterator<Item = &'a Posted>) -> Result<Self, PostingRefusal> {
        let mut balance = Self::default();
        for posted in sets {
            balance.add(posted)?;
        }
        Ok(balance)
    }

    /// Adds a set.
    ///
    /// # Errors
    /// [`PostingRefusal::OutOfRange`] where a sum leaves its range.
    pub fn add(&mut self, posted: &Posted) -> Result<(), PostingRefusal> {
        for posting in posted.set.postings() {
            let sum = self.sums.entry((posted.set.asset(), posting.role.clone())).or_default();
            *sum = sum.checked_add(posting.amount).ok_or(PostingRefusal::OutOfRange)?;
        }
        Ok(())
    }

    /// The total per asset, which is zero.
    ///
    /// # Errors
    /// [`PostingRefusal::OutOfRange`] where a sum leaves its range.
    pub fn totals(&self) -> Result<BTreeMap<Asset, Amount>, PostingRefusal> {
        let mut totals: BTreeMap<Asset, Amount> = BTreeMap::new();
        for ((asset, _), sum) in &self.sums {
            let total = totals.entry(*asset).or_default();
            *total = total.checked_add(*sum).ok_or(PostingRefusal::OutOfRange)?;
        }
        Ok(totals)
    }
}
