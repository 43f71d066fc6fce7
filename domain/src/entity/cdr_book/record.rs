//! A record as a book keeps it: what came, what is suspect, where it stands, what was booked.

use std::collections::BTreeSet;

use super::super::Moment;
use super::purchase::Purchase;
use crate::cdr::{Cdr, EvseSite, Road, Sale, Suspicion};
use crate::instant::Instant;
use crate::leg::Leg;
use crate::money::Money;
use crate::verification::Dispute;

/// What is known under an id of a party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Nothing came yet, but these credits would take it back: their ids, in order of arrival.
    Awaited(Vec<String>),
    /// A record.
    Held(Box<CdrRecord>),
}

/// Why a credit has no effect, in order of checking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CreditRefused {
    /// What it would take back is a credit itself.
    CreditOfCredit,
    /// Another credit took it back.
    SecondCredit,
    /// It is in another currency.
    OtherCurrency,
    /// It is not the negation of what the original states.
    OtherAmount,
    /// So many others wait for the same original already that it is not kept waiting.
    TooMany,
}

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Its charging point holds it against other sessions.
    Checking,
    /// The account that pays rates it.
    Rating,
    /// Sale and legs are booked.
    Booked,
    /// It waits for a person, for the reasons found.
    Quarantined,
    /// A credit took it back: nothing of it is left.
    Credited,
    /// A person or a rule rejected it: nothing of it is left.
    Rejected,
    /// A credit that waits for what it takes back.
    AwaitingOriginal,
    /// A credit that took its original back.
    Applied,
    /// A credit without effect: it stays so when a person or a rule has rejected it, and waits for nobody then.
    Refused(CreditRefused),
}

/// A record of the same key with other content than the first. The first stays as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which document of the key it is, from 1.
    pub number: u32,
    /// The digest over its fields.
    pub content: [u8; 32],
    /// When it was received.
    pub received: Instant,
    /// By which road.
    pub road: Road,
    /// Whether it still waits for a person.
    pub is_open: bool,
}

/// What a person or a rule decided, last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// On whose behalf; `rule` where a rule did.
    pub subject: String,
    /// When.
    pub at: Instant,
    /// Why, as they said it.
    pub note: String,
}

/// A leg with the account that it is booked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountLeg {
    /// The account.
    pub account: String,
    /// The leg.
    pub leg: Leg,
}

/// What was booked of a record. The sale is the sum of the legs and the margin, to the last minor unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booked {
    /// What the payer was sold.
    pub sale: Sale,
    /// What the session was bought for; none where nothing is bought.
    pub purchase: Option<Purchase>,
    /// What was bought and shared, and what of it was taken back.
    pub legs: Vec<AccountLeg>,
    /// What is left to the tenant, while the record counts; none where a leg is in another currency than the sale.
    pub margin: Option<Money>,
}

/// A record as a book keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CdrRecord {
    /// The record, as it came first.
    pub cdr: Cdr,
    /// By which road it came first.
    pub road: Road,
    /// When: the book's time, beside that of the station's clock, which the session has.
    pub received: Instant,
    /// The account that pays; none where it is not known.
    pub payer: Option<String>,
    /// Where it stands.
    pub standing: Standing,
    /// What is suspect, or was when it was decided about; in quarantine the reasons that hold it back.
    pub suspicions: Vec<Suspicion>,
    /// The codes of reasons that hold it back no longer: a person or a rule has passed them over.
    pub released: BTreeSet<String>,
    /// What its charging point said of itself; none before it did.
    pub site: Option<EvseSite>,
    /// What was booked; none where nothing ever was.
    pub booked: Option<Booked>,
    /// The id of the credit that took it back.
    pub credited_by: Option<String>,
    /// Records of the same key with other content.
    pub changes: Vec<Change>,
    /// What of its price is disputed, or was.
    pub dispute: Option<Dispute>,
    /// The last judgement about it.
    pub judgement: Option<Judgement>,
}

impl Judgement {
    /// That of a rule of the party for a reason.
    pub(super) fn of_rule(code: &str, moment: &Moment) -> Self {
        Self { subject: "rule".to_owned(), at: moment.now, note: code.to_owned() }
    }
}

impl CdrRecord {
    /// Whether a person has something to decide about it: it is held back, or a credit that waits for its original or has no
    /// effect and was not rejected yet, or other content came under its key, or its price is disputed.
    #[must_use]
    pub fn is_on_worklist(&self) -> bool {
        let waits = match self.standing {
            Standing::Quarantined | Standing::AwaitingOriginal => true,
            Standing::Refused(_) => self.judgement.is_none(),
            _ => false,
        };
        waits || self.has_open_change() || self.has_open_dispute()
    }

    /// Whether other content came under its key and waits for a person.
    #[must_use]
    pub fn has_open_change(&self) -> bool {
        self.changes.iter().any(|change| change.is_open)
    }

    /// Whether its price is disputed and nobody has decided about it.
    #[must_use]
    pub fn has_open_dispute(&self) -> bool {
        self.dispute.as_ref().is_some_and(|dispute| dispute.state.is_open())
    }

    /// Which document of the key has this content: 0 is the first. None where it never came, or came after so many others
    /// that it was not kept.
    #[must_use]
    pub fn document_of(&self, content: [u8; 32]) -> Option<u32> {
        if self.cdr.content == content {
            return Some(0);
        }
        self.changes.iter().find(|change| change.content == content).map(|change| change.number)
    }
}

impl Entry {
    /// The record; none where nothing came yet.
    #[must_use]
    pub fn record(&self) -> Option<&CdrRecord> {
        match self {
            Self::Held(record) => Some(record),
            Self::Awaited(_) => None,
        }
    }
}

impl CreditRefused {
    /// Its name for machines: stable, in capitals.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::CreditOfCredit => "CREDIT_OF_CREDIT",
            Self::SecondCredit => "SECOND_CREDIT",
            Self::OtherCurrency => "CREDIT_OTHER_CURRENCY",
            Self::OtherAmount => "CREDIT_OTHER_AMOUNT",
            Self::TooMany => "TOO_MANY_CREDITS",
        }
    }
}
