//! The third workload: accounts that pay in, reserve, commit, are debited and give to one another while the storm rages.
//! Afterwards every operation has one answer, and the postings in the store are what the answers said: nothing was moved that
//! nobody was told of, and nothing twice.

mod payer;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use cluster::ShardCount;
use domain::amount::Amount;
use domain::funds::{FundsCommand, FundsReply};
use domain::ledger::LedgerRole;

use crate::audit::{AuditCounts, posted};
use crate::depot::Depot;
use crate::dice::Dice;
use crate::session::Office;

/// The tenant.
const TENANT: &str = "example";
/// The accounts.
const ACCOUNTS: [&str; 3] = ["anna", "bert", "carl"];

/// An operation and the answer that was given.
#[derive(Clone, Debug)]
pub struct Slip {
    account: &'static str,
    command: FundsCommand,
    reply: FundsReply,
}

/// What all clients were answered, and what one of them found wrong.
#[derive(Debug, Default)]
pub struct Till {
    slips: Mutex<Vec<Slip>>,
    wrong: Mutex<Option<String>>,
}

impl Till {
    /// Whether no client found anything wrong.
    ///
    /// # Errors
    /// What is wrong.
    pub fn right(&self) -> Result<(), String> {
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner).take().map_or(Ok(()), Err)
    }
}

/// A client; the office counts it as closed when everything it began is settled and was answered the same once more.
pub fn client(
    office: Arc<Office>,
    number: usize,
    dice: Dice,
    till: Arc<Till>,
) -> impl Future<Output = ()> + Send + 'static {
    payer::Payer::new(office, number, dice, till).run()
}

/// Compares the postings of every account with the answers about it.
///
/// # Errors
/// What is wrong.
pub fn audit(depot: &Depot, count: ShardCount, till: &Till) -> Result<AuditCounts, String> {
    till.right()?;
    let slips = std::mem::take(&mut *till.slips.lock().unwrap_or_else(PoisonError::into_inner));
    let mut told: BTreeMap<&str, Amount> = BTreeMap::new();
    let mut counts = AuditCounts::default();
    for slip in &slips {
        counts.answers = counts.answers.saturating_add(1);
        counts.messages = counts.messages.saturating_add(moved(slip, &mut told)?);
    }
    let mut on_the_way = Amount::ZERO;
    for account in ACCOUNTS {
        let posted = posted(depot, count, account)?;
        let mut funds = Amount::ZERO;
        for posting in posted.iter().flat_map(|set| set.set.postings()) {
            match posting.role {
                LedgerRole::Funds(_) => funds = less(funds, posting.amount)?,
                LedgerRole::Transit { .. } => on_the_way = less(on_the_way, posting.amount)?,
                LedgerRole::Suspense => return Err(format!("{account} has something on suspense")),
                _ => {}
            }
        }
        let expected = told.get(account).copied().unwrap_or_default();
        if funds != expected {
            return Err(format!("{account} has {funds}, its answers say {expected}"));
        }
        let sources: BTreeSet<String> =
            posted.iter().map(|set| format!("{:?} {:?}", set.set.source(), set.set.reason())).collect();
        if sources.len() != posted.len() {
            return Err(format!("{account} has {} sets of {} operations", posted.len(), sources.len()));
        }
        counts.effects = counts.effects.saturating_add(u64::try_from(posted.len()).unwrap_or_default());
    }
    match on_the_way == Amount::ZERO {
        true => Ok(counts),
        false => Err(format!("{on_the_way} is still on its way between accounts")),
    }
}

/// Adds what an answer says was moved; gives how many messages it took.
fn moved<'a>(slip: &'a Slip, told: &mut BTreeMap<&'a str, Amount>) -> Result<u64, String> {
    let mut add = |account: &'a str, amount: Amount| {
        let sum = told.entry(account).or_default();
        *sum = sum.checked_add(amount).ok_or("a sum beyond the range")?;
        Ok::<(), String>(())
    };
    match (&slip.command, &slip.reply) {
        (FundsCommand::TopUp(one), FundsReply::ToppedUp(_)) => add(slip.account, one.amount)?,
        (FundsCommand::Commit(_) | FundsCommand::Debit(_), FundsReply::Taken(taken)) => {
            for part in &taken.parts {
                add(slip.account, less(Amount::ZERO, part.amount)?)?;
            }
        }
        (FundsCommand::TransferOut { to, payout }, FundsReply::Done) => {
            add(slip.account, less(Amount::ZERO, payout.amount)?)?;
            add(to, payout.amount)?;
            return Ok(1);
        }
        (FundsCommand::Reserve(_), FundsReply::Granted(_))
        | (FundsCommand::Release(_), FundsReply::Released(_))
        | (_, FundsReply::Refused(_)) => {}
        (command, reply) => return Err(format!("{command:?} was answered {reply:?}")),
    }
    Ok(0)
}

fn less(sum: Amount, amount: Amount) -> Result<Amount, String> {
    sum.checked_sub(amount).ok_or_else(|| "a sum beyond the range".to_owned())
}
