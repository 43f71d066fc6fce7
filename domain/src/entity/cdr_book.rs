//! The book of charge detail records: one entity per party, which is who sends them.
//!
//! It is the one place where a key of the party is looked up, so a record that comes twice has one effect, whichever road
//! it takes, and a credit finds what it takes back, whichever of the two comes first. A record goes its way by messages:
//! to its charging point, which holds it against other sessions; to the account that pays, which rates and books the sale;
//! to the accounts of partners, which are owed a purchase or a share. What is suspect on the way waits in quarantine until
//! a rule or a person releases or rejects it. Records and documents are rows of the book; it remembers the terms alone.

mod credit;
mod decide;
mod dispute;
mod legs;
mod purchase;
mod receive;
mod record;
mod suspicions;
mod terms;
mod way;
mod worklist;

use std::collections::BTreeMap;

use super::Message;
use crate::cdr::{Cdr, CdrKey, EvseId, Road};
use crate::instant::Instant;
use crate::verification::{Decision, DecisionRefused};

pub use decide::CdrBook;
pub use legs::{booked, reversed};
pub use purchase::Purchase;
pub use record::{AccountLeg, Booked, CdrRecord, Change, CreditRefused, Entry, Judgement, Standing};
pub use suspicions::{FUTURE_TOLERANCE_MS, is_releasable, of_record};
pub use terms::{PartyTerms, RuleAction, WhosePrice};

/// The largest document that is taken, in bytes.
pub const MOST_DOCUMENT_BYTES: usize = 256 * 1024;
/// How many unreadable documents of a party are kept: the last.
pub const MOST_UNREADABLE: u64 = 1_000;
/// How many bytes of an unreadable document are kept: the first.
pub const MOST_UNREADABLE_BYTES: usize = 64 * 1024;
/// How many records of one key with other content than the first are kept.
pub const MOST_CHANGES: usize = 8;
/// How many credits wait for one original. One more is refused.
pub const MOST_WAITING: usize = 8;

/// What a book remembers beside its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// What was agreed with the party; none where nothing was, and then all its records are held back.
    pub terms: Option<PartyTerms>,
    /// How many records were received.
    pub records: u64,
    /// How many documents were received that can't be read.
    pub unreadable: u64,
    /// Records that a rule has rejected or that can't be billed as they are: their charging point is still to be told.
    pub withdrawing: BTreeMap<CdrKey, EvseId>,
}

/// A record that has come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The record.
    pub cdr: Cdr,
    /// By which road.
    pub road: Road,
    /// The account that pays for its token or contract, as far as it is known.
    pub payer: Option<String>,
    /// The document, byte for byte.
    pub document: Vec<u8>,
}

/// A document that is no record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// By which road it came.
    pub road: Road,
    /// Its beginning.
    pub beginning: Vec<u8>,
    /// How long it is, in bytes.
    pub length: u64,
    /// The SHA-256 of the whole of it.
    pub digest: [u8; 32],
    /// What is wrong with it, for a person.
    pub reason: String,
}

/// What can be asked of a book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Takes a record. The same again has no effect and gets the answer that holds now.
    Receive(Box<Receipt>),
    /// Keeps a document that can't be read.
    KeepUnreadable(Box<Unreadable>),
    /// Reads a record, by id.
    Get(String),
    /// Sets the terms of the party.
    SetTerms(Box<PartyTerms>),
    /// Reads them.
    GetTerms,
    /// Releases a record from quarantine: what may be passed over is, all else is looked at again.
    Release {
        /// Its id.
        id: String,
        /// The account that pays, as it is known now.
        payer: Option<String>,
        /// Why, for whoever reads it later.
        note: String,
    },
    /// Rejects a record for good: nothing is billed for it, and what was booked is taken back. A credit without effect is no
    /// longer on the worklist.
    Reject {
        /// Its id.
        id: String,
        /// Which of the records with changed content, by the number of its document; none for the first record.
        change: Option<u32>,
        /// Why, for whoever reads it later.
        note: String,
    },
    /// Decides the dispute about a partner's price.
    DecideDispute {
        /// The record's id.
        id: String,
        /// What is decided.
        decision: Decision,
        /// Why, for whoever reads it later.
        note: String,
    },
    /// From a charging point or an account: [`Message::SessionChecked`] and [`Message::SaleRated`] have an effect.
    Message(Message),
    /// Goes on with telling charging points of records that do not count.
    Continue,
}

/// What happened in a book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The terms are these.
    TermsSet(Box<PartyTerms>),
    /// A record was received that was not there.
    Received,
    /// What is known under an id is this.
    EntrySet {
        /// The id.
        id: String,
        /// What is known.
        entry: Entry,
    },
    /// A document is kept.
    DocumentKept {
        /// The id of its record.
        id: String,
        /// Which of the documents under that id: 0 is the first.
        number: u32,
        /// Byte for byte.
        document: Vec<u8>,
    },
    /// A document that can't be read is kept, in place of the one a thousand before it.
    UnreadableKept {
        /// Which one of all there were, from 0.
        number: u64,
        /// When it was received.
        received: Instant,
        /// The document.
        document: Box<Unreadable>,
    },
    /// The charging point of a record that does not count is still to be told.
    Withdrawing(CdrKey, EvseId),
    /// It was told.
    Withdrawn(CdrKey),
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done.
    Done,
    /// A record as it stands.
    Record {
        /// The record.
        record: Box<CdrRecord>,
        /// Whether what was received has other content than the record, which stays as it was.
        is_changed: bool,
        /// Whether nothing was done: it was received before, or only asked for.
        is_repeat: bool,
    },
    /// A document is kept under this number.
    Kept {
        /// Which one of all that the party sent and nobody can read.
        number: u64,
    },
    /// What was agreed with the party.
    Terms(Box<PartyTerms>),
}

/// Why a command is refused, in order of checking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The document has more than [`MOST_DOCUMENT_BYTES`].
    DocumentTooLarge,
    /// No record of this id was received.
    UnknownCdr,
    /// No document with other content came under its key with this number.
    UnknownChange(u32),
    /// Nothing was agreed with the party.
    NoTerms,
    /// Terms do not say in exactly one way what becomes of what sessions are bought for: the party is one's own, an account is
    /// owed it, or it is settled elsewhere.
    NoSettlement,
    /// A rule can't release this reason: there is something to be put right first. Its code.
    RuleCannotRelease(String),
    /// A rule names a reason that there is not.
    UnknownReason(String),
    /// The record is not in quarantine.
    NotQuarantined,
    /// It can only be rejected: the session can't be billed as it is, or it is a credit that waits or has no effect. The code of
    /// the reason.
    NotReleasable(String),
    /// An answer about the record is on its way; ask again.
    UnderWay,
    /// The record is taken back or rejected already, or is a credit that has taken effect.
    Settled,
    /// Nothing of the record is disputed.
    NoDispute,
    /// The dispute can't be decided so.
    DecisionRefused(DecisionRefused),
}
