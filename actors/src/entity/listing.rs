//! What can be listed across shards, and in which order.

use bytes::Bytes;
use domain::cdr::Party;
use domain::charge::ChargeKey;
use domain::entity::roaming_object::RoamingModule;
use domain::identity::MeteringPointId;
use domain::instant::Instant;
use storage::KeyWriter;

use super::row::{charge_key, suffix};
use crate::shell::RowKey;

/// A listing. Its number is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Listing {
    /// Accounts by id; rows are empty.
    Accounts,
    /// Metering points by id; rows are empty.
    MeteringPoints,
    /// Products by id; a row is the text of the id.
    Products,
    /// Charges by owner, code and kind; a row is a `kvarter.catalog.v1.ChargeKey`.
    Charges,
    /// Documents in order of receipt; a row is the text of the document's key.
    Documents,
    /// Issued invoices by number; a row is a `kvarter.account.v1.IssuedInvoice`.
    Invoices,
    /// Issued invoices by run and number; a row is a `kvarter.account.v1.IssuedInvoice`.
    InvoicesOfRun,
    /// Issued invoices by account and number; a row is a `kvarter.account.v1.IssuedInvoice`.
    InvoicesOfAccount,
    /// What is not ready by run and account; a row is a `kvarter.store.v1.AccountOutcome`.
    NotReady,
    /// What could not be placed and waits for a person, by account and place in its sequence of posting sets; a row is a
    /// `kvarter.account.v1.PostingSet`.
    Suspense,
    /// Tenants that have webhooks, each with one entry; rows are empty.
    Webhooks,
    /// Price sheets by id; a row is the text of the id.
    PriceSheets,
    /// Agreements on shares by id; a row is the text of the id.
    ShareAgreements,
    /// Statements of partners by account and number; a row is a `kvarter.roaming.v1.IssuedStatement`.
    Statements,
    /// Charge detail records that wait for a person, by party and id; rows are empty.
    CdrWorklist,
    /// Tenants that have partners in roaming, each with one entry; rows are empty.
    Partners,
    /// Objects of roaming by module, owner, for whom they are, and time of change; a row is that time in milliseconds, a space
    /// and the text of the object's key.
    RoamingObjects,
}

impl Listing {
    /// The number under which it is stored.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Accounts => 1,
            Self::MeteringPoints => 2,
            Self::Products => 3,
            Self::Charges => 4,
            Self::Documents => 5,
            Self::Invoices => 6,
            Self::InvoicesOfRun => 7,
            Self::InvoicesOfAccount => 8,
            Self::NotReady => 9,
            Self::Suspense => 10,
            Self::Webhooks => 11,
            Self::PriceSheets => 12,
            Self::ShareAgreements => 13,
            Self::Statements => 14,
            Self::CdrWorklist => 22,
            Self::Partners => 20,
            Self::RoamingObjects => 21,
        }
    }

    /// The key of an entry in this order.
    pub(super) fn entry(self, order: Bytes) -> RowKey {
        RowKey::Index { index: self.number(), order }
    }
}

/// In no order: a tenant has one entry.
#[must_use]
pub fn by_nothing() -> Bytes {
    Bytes::new()
}

/// Ordered by one text.
#[must_use]
pub fn by_text(text: &str) -> Bytes {
    suffix(KeyWriter::new().text(text))
}

/// Ordered by two texts: the first alone is the prefix of all its entries.
#[must_use]
pub fn by_texts(first: &str, second: &str) -> Bytes {
    suffix(KeyWriter::new().text(first).text(second))
}

/// Ordered by a text and a count: the text alone is the prefix of all its entries.
#[must_use]
pub fn by_counted(first: &str, count: u64) -> Bytes {
    suffix(KeyWriter::new().text(first).u64(count))
}

/// Ordered by module, owner, for whom they are, time of change and id. Without the last two it is the prefix of all such
/// entries.
#[must_use]
pub fn by_object(
    module: RoamingModule,
    owner: Party,
    audience: Option<Party>,
    changed: Option<(Instant, &str)>,
) -> Bytes {
    let audience = audience.map(|party| party.to_string()).unwrap_or_default();
    let within = KeyWriter::new().text(module.name()).text(&owner.to_string()).text(&audience);
    suffix(match changed {
        None => within,
        Some((at, id)) => within.i64(at.millis()).text(id),
    })
}

/// Ordered by metering point.
#[must_use]
pub fn by_point(id: MeteringPointId) -> Bytes {
    suffix(KeyWriter::new().u64(id.number()))
}

/// Ordered by charge.
#[must_use]
pub fn by_charge(key: &ChargeKey) -> Bytes {
    suffix(charge_key(KeyWriter::new(), key))
}

/// Ordered by registration time, then by text.
#[must_use]
pub fn by_time(at: Instant, text: &str) -> Bytes {
    suffix(KeyWriter::new().i64(at.millis()).text(text))
}
