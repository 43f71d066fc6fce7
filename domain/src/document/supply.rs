//! Supply that begins or ends (RSM-001, RSM-005) and notices about it (RSM-004).

use crate::identity::MeteringPointId;
use crate::instant::Instant;

/// A supplier takes over a metering point: a move-in or a change of supplier, as the document's process says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartOfSupply {
    /// The sender's id of the record, unique in its document.
    pub id: String,
    /// The metering point.
    pub metering_point: MeteringPointId,
    /// Who supplies it.
    pub supplier: String,
    /// Who answers for its balance.
    pub balance_responsible: Option<String>,
    /// Who is supplied.
    pub customer: Option<Customer>,
    /// From when on.
    pub start: Instant,
}

/// A customer as a document names him.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// His registration number, where given.
    pub id: Option<String>,
    /// His name, where given.
    pub name: Option<String>,
}

/// A supplier leaves a metering point: a move-out or an end of supply, as the document's process says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndOfSupply {
    /// The sender's id of the record, unique in its document.
    pub id: String,
    /// The metering point.
    pub metering_point: MeteringPointId,
    /// From when on it is no longer supplied.
    pub end: Instant,
}

/// A notice that something holds for a metering point; what, is the document's process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The sender's id of the record, unique in its document.
    pub id: String,
    /// The transaction that it answers.
    pub original_transaction: Option<String>,
    /// The metering point.
    pub metering_point: MeteringPointId,
    /// From when on.
    pub valid_from: Option<Instant>,
}
