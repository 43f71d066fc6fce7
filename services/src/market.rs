//! Market documents at the rim: bytes in one of their forms to the model of `domain::document`, and back.
//!
//! CIM JSON, CIM XML and ebIX XML are first read into one neutral tree (`tree`), so that a field has one name, one
//! check and one path in an error whatever the form. The readers in `read` take known fields out of the tree; what
//! is left over is unknown and warned of. Unknown codes are refused. A document is returned whole or not at all.

mod codes;
mod digest;
mod items;
mod profile;
mod read;
mod tree;
mod write;

pub use digest::{Digest, SeriesDigest, content_digest, series_digests};
pub use items::{document_key, document_series};
pub use read::{Form, Parsed, parse};
pub use write::{WriteError, write};

use domain::day::DayRule;

/// How strict a receiver is, and where its days begin.
#[derive(Clone, Debug)]
pub struct ParseOptions {
    /// Where the days of the metering points begin; prices count from midnight in the same zone.
    pub day_rule: DayRule,
    /// What a wrong check digit of a metering point id leads to.
    pub check_digits: CheckDigits,
    /// The largest document that is read, in bytes.
    pub most_bytes: usize,
}

impl ParseOptions {
    /// The largest document that is read where nothing else is said: 50 MB.
    pub const MOST_BYTES: usize = 50_000_000;

    /// Options with the usual size and warnings for wrong check digits.
    #[must_use]
    pub fn new(day_rule: DayRule) -> Self {
        Self { day_rule, check_digits: CheckDigits::Warn, most_bytes: Self::MOST_BYTES }
    }
}

/// What a wrong check digit of a metering point id leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CheckDigits {
    /// A warning; the document is taken.
    #[default]
    Warn,
    /// A refusal of the document.
    Refuse,
}
