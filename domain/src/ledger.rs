//! The ledger: sets of postings that sum to zero, never changed, only followed by others.
//!
//! A posting names the *role* of a ledger account; which account of the books plays it is the bookkeeper's to say.
//! Amounts are exact: what a meter earned is booked as unbilled to the last digit, and issuing an invoice moves the
//! rounded sum to the receivable and what rounding left to an account of its own.

mod unbilled;

use std::collections::BTreeMap;
use std::fmt;

use crate::amount::Amount;
use crate::identity::MeteringPointId;
use crate::money::Currency;
use crate::position::PositionKey;
use crate::tax::{TaxClass, VatRate};

pub use unbilled::{Booked, unbilled};

/// What a ledger account is for. A posting names the role, never the account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LedgerRole {
    /// Earned from the payer, not on an invoice yet.
    Unbilled,
    /// Owed by the payer on issued invoices.
    Receivable,
    /// Revenue, or what is collected for others, by the role that the component names.
    Revenue(String),
    /// Value added tax owed to the state.
    ValueAddedTax {
        /// The class of goods.
        class: TaxClass,
        /// The rate.
        rate: VatRate,
    },
    /// What rounding to minor units gave or took.
    Rounding,
}

/// The role's name in exports: `unbilled`, `revenue:energy`, `vat:standard:21`.
impl fmt::Display for LedgerRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unbilled => f.write_str("unbilled"),
            Self::Receivable => f.write_str("receivable"),
            Self::Revenue(role) => write!(f, "revenue:{role}"),
            Self::ValueAddedTax { class, rate } => write!(f, "vat:{}:{}", class.name(), rate.percent_text()),
            Self::Rounding => f.write_str("rounding"),
        }
    }
}

/// One signed entry: a debit is positive, a credit negative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// The role of the ledger account.
    pub role: LedgerRole,
    /// How much of the set's currency, exact.
    pub amount: Amount,
}

/// The event that a posting set books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostingSource {
    /// A version of a rated position of a metering point.
    Position {
        /// The metering point.
        metering_point: MeteringPointId,
        /// The position.
        key: PositionKey,
        /// The version of the position.
        version: u32,
    },
    /// An issued invoice or credit note, by its number.
    Invoice(String),
}

/// Why a set was booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PostingReason {
    /// A position was rated for the first time.
    Rated,
    /// A position was rated again; the set holds the difference and names the version it corrects.
    Rerated,
    /// A document was issued.
    Issued,
}

impl PostingReason {
    /// The reason's name for machines: stable, in capitals.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Rated => "RATED",
            Self::Rerated => "RERATED",
            Self::Issued => "ISSUED",
        }
    }
}

/// The postings of one event in one currency. They sum to zero; a set that does not can't be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostingSet {
    source: PostingSource,
    reason: PostingReason,
    corrects: Option<PostingSource>,
    currency: Currency,
    postings: Vec<Posting>,
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
    /// The currency of every amount; amounts of two currencies never meet in a sum.
    pub currency: Currency,
}

/// Why postings can't be a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostingRefusal {
    /// A sum left its range.
    OutOfRange,
    /// The postings do not sum to zero but to this.
    Unbalanced(Amount),
    /// A correction is in another currency than what it corrects.
    CurrencyDiffers,
}

impl fmt::Display for PostingRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfRange => write!(f, "a sum of postings is out of range"),
            Self::Unbalanced(total) => write!(f, "the postings sum to {total}, not to zero"),
            Self::CurrencyDiffers => write!(f, "a correction is in another currency than what it corrects"),
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
        let PostingHead { source, reason, corrects, currency } = head;
        Ok(Self { source, reason, corrects, currency, postings })
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

    /// The currency of its amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
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
}
