//! What can be asked of an account's funds.

use std::collections::BTreeSet;

use super::balance::{BalanceTerms, Usage};
use super::limit::LimitKey;
use super::price::ChargedPart;
use super::record::OperationKey;
use super::reservation::Asked;
use super::{MemberStanding, Standing};
use crate::amount::Amount;
use crate::instant::Instant;
use crate::ledger::{Asset, PostingSource};
use crate::money::Currency;
use crate::operation::OperationId;
use crate::quantity::{Quantity, Unit};

/// What can be asked of an account's funds. What moves or holds money has a natural id: sent again, it gets the first
/// answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FundsCommand {
    /// Pays in, or gives.
    TopUp(TopUp),
    /// Asks how much may run, without holding it.
    Authorize(Ask),
    /// Holds funds.
    Reserve(Reserve),
    /// Holds more.
    Extend(Extend),
    /// Books what was used, and returns the rest.
    Commit(Commit),
    /// Returns all that a reservation holds.
    Release(OperationId),
    /// Takes funds that were not held before.
    Debit(Debit),
    /// Books what was booked wrongly.
    Correct(Correct),
    /// Clears what stands on suspense.
    Place(Place),
    /// Pays out of the main balance.
    Refund(Payout),
    /// Gives to another account, out of the main balance.
    TransferOut {
        /// The account that gets it.
        to: String,
        /// How much.
        payout: Payout,
    },
    /// Takes in what another account gave; it can't be refused.
    TransferIn {
        /// The account that gave it.
        from: String,
        /// How much; the operation is the sender's.
        payout: Payout,
    },
    /// Sets how far the main balance of a currency may go below zero.
    SetCreditLimit(Currency, Amount),
    /// Sets a spending limit, or removes it.
    SetLimit(LimitKey, Option<Amount>),
    /// Sets the levels of an asset at which an event is raised.
    SetThresholds(Asset, BTreeSet<Amount>),
    /// Adds a member to the group, blocks or unblocks it, or removes it.
    SetMember(String, Option<MemberStanding>),
    /// Blocks, suspends or frees the account.
    SetStanding(Standing),
    /// The timer: lets expire what is due.
    Elapse,
    /// Reads everything.
    Get,
}

/// Funds that come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopUp {
    /// Its id.
    pub operation: OperationId,
    /// Of what.
    pub asset: Asset,
    /// How much, with no more decimals than the asset is paid with.
    pub amount: Amount,
    /// Their terms; none for the main balance of the currency. Funds of the same terms become one balance.
    pub terms: Option<BalanceTerms>,
}

/// Who wants to run what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The member of a group; none for the account itself.
    pub member: Option<String>,
    /// What runs.
    pub usage: Usage,
    /// How much is wanted.
    pub asked: Asked,
}

/// A wish to hold funds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserve {
    /// The id of the reservation.
    pub reservation: OperationId,
    /// Who wants what.
    pub ask: Ask,
    /// For how long.
    pub ttl_ms: i64,
}

/// A wish to hold more for an open reservation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extend {
    /// The id of the extension.
    pub operation: OperationId,
    /// The reservation.
    pub reservation: OperationId,
    /// How much more, of the same kind as the reservation.
    pub more: Asked,
    /// For how long from now; a reservation never becomes shorter by it. Zero leaves the time as it is.
    pub ttl_ms: i64,
}

/// What was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Used {
    /// A quantity, priced by the price that is given with the command.
    Quantity(Quantity, Unit),
    /// Amounts that were computed elsewhere.
    Charged(Currency, Vec<ChargedPart>),
}

/// The end of a reservation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// The reservation.
    pub reservation: OperationId,
    /// What was used.
    pub used: Used,
    /// When, which says by what price; none for now.
    pub used_at: Option<Instant>,
}

/// How far a debit may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DebitMode {
    /// All of it within funds and credit limit, or nothing.
    Voluntary,
    /// All of it, whatever there is: it was used already.
    Forced,
    /// As much of it as is there, credit not counted.
    Balancing,
}

/// Funds to be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debit {
    /// Its id.
    pub operation: OperationId,
    /// How far it may go.
    pub mode: DebitMode,
    /// The member of a group; none for the account itself.
    pub member: Option<String>,
    /// What for.
    pub usage: Usage,
    /// How much.
    pub used: Used,
    /// When, which says by what price; none for now.
    pub used_at: Option<Instant>,
}

/// Clears what stands on suspense in one set of the account: a person has found out whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its id.
    pub operation: OperationId,
    /// The number of the set that was booked on suspense.
    pub sequence: u64,
    /// Where it goes.
    pub to: Placement,
}

/// Where what stood on suspense goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placement {
    /// Onto the main balance of the account: what came is credited, what was due is taken, whatever there is.
    MainBalance,
    /// To another account, as a transfer. Only what came can go there.
    Account(String),
    /// Back: what came to the account that gave it, as a transfer; what was due is given up, and its revenue and tax with it.
    Back,
}

/// The difference between what is right and what was booked: it always books, on the main balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correct {
    /// Its id.
    pub operation: OperationId,
    /// What is corrected.
    pub corrects: PostingSource,
    /// The currency.
    pub currency: Currency,
    /// What is charged on top; negative where it is given back.
    pub parts: Vec<ChargedPart>,
}

/// Money that leaves an account or comes to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payout {
    /// Its id.
    pub operation: OperationId,
    /// The currency.
    pub currency: Currency,
    /// How much, in whole minor units.
    pub amount: Amount,
}

impl FundsCommand {
    /// Every field that [`Self::difference`] may name.
    pub const FIELDS: [&'static str; 18] = [
        "amount",
        "asked",
        "asset",
        "corrects",
        "currency",
        "member",
        "mode",
        "more",
        "operation",
        "parts",
        "reservation",
        "sequence",
        "terms",
        "to",
        "ttl",
        "usage",
        "used",
        "used_time",
    ];

    /// The key under which its answer is remembered; none where sending it again can do no harm.
    #[must_use]
    pub fn key(&self) -> Option<OperationKey> {
        let operation = |id: &OperationId| Some(OperationKey::Operation(id.clone()));
        match self {
            Self::TopUp(one) => operation(&one.operation),
            Self::Reserve(one) => Some(OperationKey::Reserve(one.reservation.clone())),
            Self::Extend(one) => operation(&one.operation),
            Self::Commit(Commit { reservation, .. }) | Self::Release(reservation) => {
                Some(OperationKey::Resolve(reservation.clone()))
            }
            Self::Debit(one) => operation(&one.operation),
            Self::Correct(one) => operation(&one.operation),
            Self::Place(one) => operation(&one.operation),
            Self::Refund(payout) | Self::TransferOut { payout, .. } => operation(&payout.operation),
            Self::TransferIn { from, payout } => {
                Some(OperationKey::Received(from.clone(), payout.operation.clone()))
            }
            _ => None,
        }
    }

    /// The same about this usage instead of the one it names.
    pub(super) fn about(&self, usage: &Usage) -> Self {
        let mut command = self.clone();
        match &mut command {
            Self::Authorize(Ask { usage: named, .. })
            | Self::Reserve(Reserve { ask: Ask { usage: named, .. }, .. })
            | Self::Debit(Debit { usage: named, .. }) => *named = usage.clone(),
            _ => {}
        }
        command
    }

    /// Whether giving it once more does nothing, whatever else was given in between: it only reads, or it has an id. What sets
    /// something without an id could undo what somebody else has set meanwhile.
    #[must_use]
    pub fn is_repeatable(&self) -> bool {
        self.key().is_some() || matches!(self, Self::Authorize(_) | Self::Get | Self::Elapse)
    }

    /// The first field in which another command under the same key differs from this one.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Option<&'static str> {
        match (self, other) {
            (Self::TopUp(one), Self::TopUp(other)) => first(&[
                ("asset", one.asset == other.asset),
                ("amount", one.amount == other.amount),
                ("terms", one.terms == other.terms),
            ]),
            (Self::Reserve(one), Self::Reserve(other)) => {
                one.ask.difference(&other.ask).or_else(|| first(&[("ttl", one.ttl_ms == other.ttl_ms)]))
            }
            (Self::Extend(one), Self::Extend(other)) => first(&[
                ("reservation", one.reservation == other.reservation),
                ("more", one.more == other.more),
                ("ttl", one.ttl_ms == other.ttl_ms),
            ]),
            (Self::Commit(one), Self::Commit(other)) => {
                first(&[("used", one.used == other.used), ("used_time", one.used_at == other.used_at)])
            }
            (Self::Debit(one), Self::Debit(other)) => first(&[
                ("mode", one.mode == other.mode),
                ("member", one.member == other.member),
                ("usage", one.usage == other.usage),
                ("used", one.used == other.used),
                ("used_time", one.used_at == other.used_at),
            ]),
            (Self::Correct(one), Self::Correct(other)) => first(&[
                ("corrects", one.corrects == other.corrects),
                ("currency", one.currency == other.currency),
                ("parts", one.parts == other.parts),
            ]),
            (Self::Place(one), Self::Place(other)) => {
                first(&[("sequence", one.sequence == other.sequence), ("to", one.to == other.to)])
            }
            (Self::Refund(one), Self::Refund(other)) => one.difference(other),
            (Self::TransferOut { to, payout }, Self::TransferOut { to: other, payout: paid }) => {
                first(&[("to", to == other)]).or_else(|| payout.difference(paid))
            }
            (Self::TransferIn { payout, .. }, Self::TransferIn { payout: paid, .. }) => {
                payout.difference(paid)
            }
            _ => first(&[("operation", self == other)]),
        }
    }
}

impl Ask {
    fn difference(&self, other: &Self) -> Option<&'static str> {
        first(&[
            ("member", self.member == other.member),
            ("usage", self.usage == other.usage),
            ("asked", self.asked == other.asked),
        ])
    }
}

impl Payout {
    fn difference(&self, other: &Self) -> Option<&'static str> {
        first(&[("currency", self.currency == other.currency), ("amount", self.amount == other.amount)])
    }
}

/// The first field that is not equal.
fn first(fields: &[(&'static str, bool)]) -> Option<&'static str> {
    fields.iter().find(|(_, is_equal)| !is_equal).map(|(field, _)| *field)
}
