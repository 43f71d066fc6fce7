//! The funds of an account: what it can spend, what is held of it, and who may.
//!
//! Balances of money and units stand side by side ([`Balance`]); reservations hold parts of them until what runs is
//! over. Every operation has a natural id and one answer. A command is decided into events that carry the state they
//! lead to; [`Funds::apply`] computes nothing. What is due at the time of a command expires before it is decided, so
//! that no answer depends on how fast a timer is.
//!
//! What is resolved leaves the state: its record is a row, read as [`Funds::needs`] says.

mod balance;
mod change;
mod check;
mod command;
mod debit;
mod due;
mod event;
mod grant;
mod limit;
mod pay;
mod place;
mod price;
mod record;
mod refusal;
mod reply;
mod reservation;
mod resolve;
mod take;
mod terms;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::amount::Amount;
use crate::day::DayRule;
use crate::entity::{Decided, Moment};
use crate::instant::Instant;
use crate::ledger::{Asset, BalanceNumber, PostingSet};
use crate::money::Currency;
use crate::operation::OperationId;
use change::Change;

pub(crate) use check::most_amount;

pub use balance::{Balance, BalanceTerms, DEBT_DIMENSION, Origin, Scope, Usage};
pub use command::{
    Ask, Commit, Correct, Debit, DebitMode, Extend, FundsCommand, Payout, Place, Placement, Reserve, TopUp,
    Used,
};
pub use event::{FundsEvent, OverUse};
pub use limit::{Limit, LimitKey, LimitWindow, Side};
pub use price::{ChargedPart, PartFault, PricePart, SalePrice};
pub use record::{MOST_AHEAD_MS, OperationKey, RECENT_RECORDS, Recent, Record, Recorded};
pub use refusal::FundsRefused;
pub use reply::{FundsReply, Grant, Shortage, Taken};
pub use reservation::{Asked, Part, Reservation, Resolution};

/// Most balances of an account.
pub const MOST_BALANCES: usize = 100;
/// Most open reservations of an account.
pub const MOST_RESERVATIONS: usize = 1_000;
/// Most members of a group.
pub const MOST_MEMBERS: usize = 1_000;
/// Most spending limits of an account.
pub const MOST_LIMITS: usize = 2_000;
/// Most thresholds of an asset.
pub const MOST_THRESHOLDS: usize = 16;
/// So much lets one command expire at most; the rest is due again at once. What expires is remembered whole, and all that a
/// decision writes is committed at once.
pub const MOST_DUE: usize = 32;
/// The longest time to live of a reservation in milliseconds: 31 days.
pub const MOST_TTL_MS: i64 = 2_678_400_000;
/// The shortest.
pub const LEAST_TTL_MS: i64 = 1_000;
/// How far back the time of a use may be in milliseconds: 31 days.
pub const MOST_BACK_MS: i64 = 2_678_400_000;

/// Whether an account may spend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    #[default]
    Active,
    /// It is blocked.
    Blocked,
    /// Its contract is suspended.
    Suspended,
}

/// Whether a member of a group may spend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MemberStanding {
    /// It may.
    #[default]
    Active,
    /// It is blocked.
    Blocked,
}

/// What an account remembers of its funds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Funds {
    /// Whether it may spend.
    pub standing: Standing,
    /// Its balances that are not used up.
    pub balances: BTreeMap<BalanceNumber, Balance>,
    /// How many balances it ever had.
    pub balances_made: u32,
    /// How far the main balance of a currency may go below zero.
    pub credit_limits: BTreeMap<Currency, Amount>,
    /// Its open reservations.
    pub reservations: BTreeMap<OperationId, Reservation>,
    /// The members of the group that shares the funds.
    pub members: BTreeMap<String, MemberStanding>,
    /// Its spending limits.
    pub limits: BTreeMap<LimitKey, Limit>,
    /// Levels of an asset at which an event is raised, and on which side of it the funds are.
    pub thresholds: BTreeMap<(Asset, Amount), Side>,
    /// The latest remembered answers.
    pub recent: Recent,
}

/// What a decision is made with, beside command and state.
pub struct FundsFacts<'a> {
    /// The id of the account.
    pub account: &'a str,
    /// What runs costs so much when it runs, or why nothing says what it costs: told where a price is needed.
    pub price: Result<&'a SalePrice<'a>, FundsRefused>,
    /// What runs, with the product of the agreement by which it is charged; none where the command tells all of it.
    pub usage: Option<&'a Usage>,
    /// Why whoever asks may not spend, whatever the account allows; none where nothing is known against it.
    pub barred: Option<FundsRefused>,
    /// Whether the contract lets a commit go beyond what is held.
    pub allows_overuse: bool,
    /// The days and months of spending limits: civil ones of the tenant's zone.
    pub days: &'a DayRule,
    /// The records that were read because [`Funds::needs`] asked for them.
    pub records: &'a BTreeMap<OperationKey, Record>,
    /// The set that a command places, as long as it stands on suspense; none for any other command.
    pub suspended: Option<&'a PostingSet>,
    /// When and by whom.
    pub moment: &'a Moment,
}

/// A decision about funds.
pub type FundsDecided = Result<Decided<FundsEvent, FundsReply>, FundsRefused>;

impl Funds {
    /// The records that must be read before the command can be decided.
    #[must_use]
    pub fn needs(&self, command: &FundsCommand) -> Vec<OperationKey> {
        let mut keys: Vec<OperationKey> = command.key().into_iter().collect();
        if let FundsCommand::Extend(extend) = command {
            keys.push(OperationKey::Resolve(extend.reservation.clone()));
        }
        let is_open = |key: &OperationKey| match key {
            OperationKey::Resolve(id) => self.reservations.contains_key(id),
            _ => false,
        };
        keys.retain(|key| !is_open(key) && self.recent.get(key).is_none() && !self.recent.is_certain(key));
        keys
    }

    /// Decides a command.
    ///
    /// A refusal that depends on how the account stands is an answer like any other, [`FundsReply::Refused`], and is
    /// remembered under the operation's id. One of a commit or a release is not: their id is the reservation's, which
    /// stays open.
    ///
    /// # Errors
    /// [`FundsRefused`]; then nothing changes.
    pub fn decide(&self, command: &FundsCommand, facts: &FundsFacts<'_>) -> FundsDecided {
        let key = command.key();
        let held = key.as_ref().and_then(|key| self.record(key, facts));
        if let Some(Record { outcome: Recorded::Answered(first, reply), .. }) = held
            && !resolves_otherwise(first, command)
        {
            return match first.difference(command) {
                None => Ok(Decided::reply((**reply).clone())),
                Some(field) => Err(FundsRefused::IdReused { field }),
            };
        }
        check::well_formed(command, facts)?;
        let mut change = Change::new(self, facts);
        due::settle(&mut change)?;
        let remembered = key.filter(|key| !matches!(key, OperationKey::Resolve(_)));
        match (run(&mut change, command), remembered) {
            (Ok(reply), Some(key)) => {
                change.record(key, answered(command, &reply));
                Ok(change.finish(reply))
            }
            (Ok(reply), None) if reads_only(command) => Ok(Decided::reply(reply)),
            (Ok(reply), None) => Ok(change.finish(reply)),
            (Err(refused), Some(key)) if refused.is_remembered() => {
                let mut change = Change::new(self, facts);
                due::settle(&mut change)?;
                let reply = FundsReply::Refused(refused);
                change.record(key, answered(command, &reply));
                Ok(change.finish(reply))
            }
            (Err(refused), _) => Err(refused),
        }
    }

    /// When the timer is wanted next: at the first expiry of a reservation or of a balance that holds something free.
    #[must_use]
    pub fn next_due(&self) -> Option<Instant> {
        let reservations = self.reservations.values().map(|reservation| reservation.expires);
        reservations.chain(self.balances.values().filter_map(Balance::expires)).min()
    }

    /// The record under a key: one of the latest, or one that was read.
    fn record<'a>(&'a self, key: &OperationKey, facts: &'a FundsFacts<'_>) -> Option<&'a Record> {
        self.recent.get(key).or_else(|| facts.records.get(key))
    }
}

fn run(change: &mut Change<'_>, command: &FundsCommand) -> Result<FundsReply, FundsRefused> {
    // What is remembered is the command as it was sent; what is done is about what the account knows of it.
    let about = change.facts.usage.map(|usage| command.about(usage));
    match about.as_ref().unwrap_or(command) {
        FundsCommand::TopUp(one) => pay::top_up(change, one),
        FundsCommand::Authorize(ask) => grant::authorize(change, ask),
        FundsCommand::Reserve(one) => grant::reserve(change, one),
        FundsCommand::Extend(one) => grant::extend(change, one),
        FundsCommand::Commit(one) => resolve::commit(change, one),
        FundsCommand::Release(id) => resolve::release(change, id),
        FundsCommand::Debit(one) => debit::debit(change, one),
        FundsCommand::Correct(one) => debit::correct(change, one),
        FundsCommand::Place(one) => place::place(change, one),
        FundsCommand::Refund(payout) => pay::refund(change, payout),
        FundsCommand::TransferOut { to, payout } => pay::transfer_out(change, to, payout),
        FundsCommand::TransferIn { from, payout } => pay::transfer_in(change, from, payout),
        FundsCommand::SetCreditLimit(currency, limit) => terms::credit_limit(change, *currency, *limit),
        FundsCommand::SetLimit(key, most) => terms::limit(change, key, *most),
        FundsCommand::SetThresholds(asset, levels) => terms::thresholds(change, *asset, levels),
        FundsCommand::SetMember(member, standing) => terms::member(change, member, *standing),
        FundsCommand::SetStanding(standing) => terms::standing(change, *standing),
        FundsCommand::Elapse => Ok(FundsReply::Done),
        FundsCommand::Get => Ok(FundsReply::State(Box::new(change.state()))),
    }
}

/// Whether a reservation was ended in one way and is now to be ended in the other, which has a refusal of its own.
fn resolves_otherwise(first: &FundsCommand, command: &FundsCommand) -> bool {
    matches!(
        (first, command),
        (FundsCommand::Release(_), FundsCommand::Commit(_))
            | (FundsCommand::Commit(_), FundsCommand::Release(_))
    )
}

fn reads_only(command: &FundsCommand) -> bool {
    matches!(command, FundsCommand::Authorize(_) | FundsCommand::Get)
}

fn answered(command: &FundsCommand, reply: &FundsReply) -> Recorded {
    Recorded::Answered(Arc::new(command.clone()), Arc::new(reply.clone()))
}
