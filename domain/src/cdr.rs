//! Charge detail records (CDRs): what a charge point operator says that a session came to.
//!
//! A record is sent once and never changes; its key is the operator's party and an id of the operator's. A record may
//! be a *credit*: it takes back the one it names. What is found wrong with a record, or suspect, is a [`Suspicion`].
//! Rules: OCPI 2.2.1, module cdrs.

mod party;
mod sale;
mod suspicion;

use std::fmt;

use crate::quantity::Quantity;
use crate::session::Session;
use crate::token::Token;

pub use party::{EvseId, Party};
pub use sale::{Reimbursement, Sale, SaleRefused, SaleReversal, SessionSale};
pub use suspicion::{EvseSite, SeenSession, Suspicion};

/// The longest id of a record (OCPI `CDR.id`).
pub const MOST_CDR_ID_BYTES: usize = 39;

/// By what a record is known: no two of a party have the same id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CdrKey {
    party: Party,
    id: String,
}

/// The readings of the station's meter at the start and at the end of a session, in kWh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registers {
    /// At the start.
    pub start_kwh: Quantity,
    /// At the end.
    pub end_kwh: Quantity,
}

/// A charge detail record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cdr {
    /// Its key.
    pub key: CdrKey,
    /// What was charged.
    pub session: Session,
    /// Where.
    pub evse: EvseId,
    /// At which of its connectors; empty where it is not said.
    pub connector: String,
    /// The operator's id of the location.
    pub location: String,
    /// By what the driver was recognised.
    pub token: Token,
    /// The driver's contract for roaming (OCPI `contract_id`, an EMAID); empty where it is not said.
    pub contract_id: String,
    /// The operator's id of the session, under which funds may be reserved; empty where it is not said.
    pub session_id: String,
    /// What the station's meter showed.
    pub registers: Option<Registers>,
    /// The id of the record that it takes back, where it is a credit.
    pub credit_of: Option<String>,
    /// Whether the driver is owed for the energy, which came from the driver's own connection.
    pub is_home: bool,
    /// The operator's id of the tariff that the record names.
    pub sheet: Option<String>,
    /// A digest over every field of the document, however it was written: two records of one key with the same digest
    /// are one record sent twice.
    pub content: [u8; 32],
}

/// By which road a record came.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Road {
    /// From a partner over OCPI, pushed or fetched; the partner's id.
    Ocpi(String),
    /// From a hub over OICP; the partner's id.
    Oicp(String),
    /// Out of a file.
    File,
    /// By the service.
    Api,
}

impl CdrKey {
    /// The key of a party's record; `None` where the id is empty, longer than 39 bytes or no printable ASCII.
    #[must_use]
    pub fn new(party: Party, id: &str) -> Option<Self> {
        let is_id = (1..=MOST_CDR_ID_BYTES).contains(&id.len())
            && id.bytes().all(|byte| (0x20..0x7F).contains(&byte));
        is_id.then(|| Self { party, id: id.to_owned() })
    }

    /// An id of a record as ids are compared, in capitals: they are the same in any case (OCPI 2.2.1, `CiString`). A record
    /// keeps its id as it was first written.
    #[must_use]
    pub fn compared(id: &str) -> String {
        id.to_ascii_uppercase()
    }

    /// Whose record it is.
    #[must_use]
    pub fn party(&self) -> Party {
        self.party
    }

    /// The key as people write it and clients name it: `NL-TNM/CDR-1`.
    #[must_use]
    pub fn named(&self) -> String {
        format!("{}/{}", self.party.named(), self.id)
    }

    /// Reads a key as people write it, its party with either separator: `NL-TNM/CDR-1`, `NL*TNM*CDR-1`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (party, rest) = text.split_at_checked(6)?;
        let id = rest.strip_prefix(['/', '*'])?;
        Self::new(Party::parse(party)?, id)
    }

    /// The party's id of it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// Party and id as ids are made of them: `NL*TNM*CDR-1`. People read [`named`](CdrKey::named).
impl fmt::Display for CdrKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}*{}", self.party, self.id)
    }
}
