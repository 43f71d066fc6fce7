//! The ledger: sets of postings that sum to zero, never changed, only followed by others.
//!
//! A posting names the *role* of a ledger account; which account of the books plays it is the bookkeeper's to say.
//! Amounts are exact: what a meter earned is booked as unbilled to the last digit, and issuing an invoice moves the
//! rounded sum to the receivable and what rounding left to an account of its own.
//!
//! A set is in one [`Asset`]: money of a currency, or units that were paid for in advance. An event that moves two assets
//! books one set in each.

mod asset;
mod reason;
mod role;
mod statement;
mod unbilled;

use std::collections::BTreeMap;
use std::fmt;

use crate::amount::Amount;
use crate::instant::Instant;

pub use asset::Asset;
pub use reason::{PostingReason, PostingSource};
pub use role::{BalanceNumber, LedgerRole};
pub use statement::{Statement, StatementAccount, StatementEntry, TrialBalance, statement};
pub use unbilled::{Booked, unbilled};

/// One signed entry: a debit is positive, a credit negative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// The role of the ledger account.
    pub role: LedgerRole,
    /// How much of the set's asset, exact.
    pub amount: Amount,
}

/// The postings of one event in one asset. They sum to zero; a set that does not can't be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostingSet {
    source: PostingSource,
    reason: PostingReason,
    corrects: Option<PostingSource>,
    asset: Asset,
    postings: Vec<Posting>,
}

/// A booked posting set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Counts the sets of the account, from 1.
    pub sequence: u64,
    /// Registration time.
    pub at: Instant,
    /// On whose behalf.
    pub subject: String,
    /// The postings; they sum to zero.
    pub set: PostingSet,
}

/// What a posting set is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostingHead {
    /// The event that is booked.
    pub source: PostingSource,
    /// Why.
    pub reason: PostingReason,
    /// The event whose postings these follow, where they correct it.
    pub corrects: Option<PostingSource>,
    /// The asset of every amount; amounts of two assets never meet in a sum.
    pub asset: Asset,
}

/// Why postings can't be a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostingRefusal {
    /// A sum left its range.
    OutOfRange,
    /// The postings do not sum to zero but to this.
    Unbalanced(Amount),
    /// A correction is in another asset than what it corrects.
    AssetDiffers,
}

impl fmt::Display for PostingRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfRange => write!(f, "a sum of postings is out of range"),
            Self::Unbalanced(total) => write!(f, "the postings sum to {total}, not to zero"),
            Self::AssetDiffers => write!(f, "a correction is in another asset than what it corrects"),
        }
    }
}

impl std::error::Error for PostingRefusal {}

impl PostingSet {
    /// A set of these amounts on these roles. Those of one role become one posting, zeros fall away, and the order is
    /// that of the roles.
    ///
    /// # Errors
    /// [`PostingRefusal`] where they do not sum to zero, or a sum leaves its range.
    pub fn new(
        head: PostingHead,
        postings: impl IntoIterator<Item = (LedgerRole, Amount)>,
    ) -> Result<Self, PostingRefusal> {
        let mut sums: BTreeMap<LedgerRole, Amount> = BTreeMap::new();
        for (role, amount) in postings {
            let sum = sums.entry(role).or_default();
            *sum = sum.checked_add(amount).ok_or(PostingRefusal::OutOfRange)?;
        }
        let total = sums.values().try_fold(Amount::ZERO, |total, amount| total.checked_add(*amount));
        match total.ok_or(PostingRefusal::OutOfRange)? {
            Amount::ZERO => {}
            total => return Err(PostingRefusal::Unbalanced(total)),
        }
        sums.retain(|_, amount| *amount != Amount::ZERO);
        let postings = sums.into_iter().map(|(role, amount)| Posting { role, amount }).collect();
        let PostingHead { source, reason, corrects, asset } = head;
        Ok(Self { source, reason, corrects, asset, postings })
    }

    /// What it books.
    #[must_use]
    pub fn source(&self) -> &PostingSource {
        &self.source
    }

    /// Why it was booked.
    #[must_use]
    pub fn reason(&self) -> PostingReason {
        self.reason
    }

    /// The event whose postings it corrects.
    #[must_use]
    pub fn corrects(&self) -> Option<&PostingSource> {
        self.corrects.as_ref()
    }

    /// The asset of its amounts.
    #[must_use]
    pub fn asset(&self) -> Asset {
        self.asset
    }

    /// Its postings, one per role, in the order of roles; none where nothing moves.
    #[must_use]
    pub fn postings(&self) -> &[Posting] {
        &self.postings
    }

    /// What it books on a role.
    #[must_use]
    pub fn amount(&self, role: &LedgerRole) -> Amount {
        let held = self.postings.iter().find(|posting| posting.role == *role);
        held.map(|posting| posting.amount).unwrap_or_default()
    }
    /// The set that undoes this one: every posting negated, naming what it corrects.
    ///
    /// # Errors
    /// [`PostingRefusal::OutOfRange`] where an amount can't be negated.
    pub fn reversed(&self, source: PostingSource) -> Result<Self, PostingRefusal> {
        let negated = |posting: &Posting| Some((posting.role.clone(), posting.amount.checked_neg()?));
        let postings: Option<Vec<_>> = self.postings.iter().map(negated).collect();
        let (reason, corrects) = (PostingReason::Corrected, Some(self.source.clone()));
        let head = PostingHead { source, reason, corrects, asset: self.asset };
        Self::new(head, postings.ok_or(PostingRefusal::OutOfRange)?)
    }
}
