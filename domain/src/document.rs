//! Market documents: what the hub, grid companies and suppliers tell one another, read and checked.
//!
//! A document stands here only whole: its codes are known, its positions counted, its numbers exact. Reading and
//! writing its forms (CIM JSON, CIM XML, ebIX XML) is the rim's work; so is the choice of the form. A document that
//! fails a check is a [`DocumentError`] and leaves nothing behind (protocol, rule 32).

pub mod charges;
pub mod measured;
pub mod point_kind;
pub mod refusal;
pub mod request;
pub mod results;
pub mod supply;

pub use charges::{ChargeGroup, ChargeLinks, ChargePrices};
pub use measured::{EnergyProduct, MeasuredSeries};
pub use point_kind::{MeteringPointKind, SettlementMethod};
pub use refusal::{DocumentError, DocumentWarning, RefusalReason, WarningKind};
pub use request::{AggregatedRequest, MeasuredDataRequest, WholesaleRequest};
pub use results::{AggregatedResult, WholesaleResult, WholesaleRow};
pub use supply::{Customer, EndOfSupply, Notice, StartOfSupply};

use crate::charge::Charge;
use crate::instant::Instant;

/// One document: who says it, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarketDocument {
    /// Who sends it to whom, and when it was made.
    pub header: DocumentHeader,
    /// What it says.
    pub content: DocumentContent,
}

/// The head of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentHeader {
    /// The sender's id of the document. With the sender and a series' id it is the key under which a repeat is known.
    pub id: String,
    /// Which message of the market it is.
    pub kind: DocumentKind,
    /// The code of the business process it belongs to, such as E23 (periodic metering) or D18 (charge information).
    pub process: String,
    /// Code of the sector: 23 is electricity, 27 gas.
    pub business_sector: Option<String>,
    /// Who sends it.
    pub sender: Participant,
    /// Whom it is for.
    pub receiver: Participant,
    /// When the sender made it. It decides which version of an interval wins; ties are broken by the document's id.
    pub created: Instant,
}

/// A market participant in a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    /// Its id: a 13-digit GLN or a 16-character EIC; test systems use others.
    pub id: String,
    /// Code of the role it acts in, such as DDQ (energy supplier); ebIX documents give only the sender's.
    pub role: Option<String>,
}

/// Which message of the market a document is: its root element and its type code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentKind {
    /// RSM-012: validated measured data.
    MeasuredData,
    /// RSM-033: charges or prices, as the owner sends them to the hub.
    PriceListRequest,
    /// RSM-034: charges or prices, as the hub passes them on.
    PriceListNotice,
    /// D17 as the owner of the charge sends it to the hub.
    BillingMasterDataRequest,
    /// RSM-031: charge links, as the hub passes them on.
    BillingMasterDataNotice,
    /// RSM-001: start of supply.
    StartOfSupply,
    /// RSM-005: end of supply.
    EndOfSupply,
    /// RSM-004: notice.
    Notice,
    /// RSM-014: aggregated measured data of a grid area.
    AggregatedResults,
    /// RSM-019: wholesale services, energy times charges.
    WholesaleResults,
    /// RSM-015: request for measured data.
    MeasuredDataRequest,
    /// RSM-016: request for aggregated measured data.
    AggregatedRequest,
    /// RSM-017: request for wholesale services.
    WholesaleRequest,
}

/// What a document says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentContent {
    /// Quantities of metering points.
    MeasuredData(Vec<MeasuredSeries>),
    /// What charges are (process D18).
    ChargeInformation(Vec<ChargeGroup<Charge>>),
    /// What charges cost (process D08).
    ChargePrices(Vec<ChargeGroup<ChargePrices>>),
    /// Which charges a metering point bears (process D17).
    ChargeLinks(Vec<ChargeLinks>),
    /// Supplies that begin.
    StartOfSupply(Vec<StartOfSupply>),
    /// Supplies that end.
    EndOfSupply(Vec<EndOfSupply>),
    /// Notices about metering points.
    Notices(Vec<Notice>),
    /// Energy of grid areas, for reconciliation.
    AggregatedResults(Vec<AggregatedResult>),
    /// Charges of grid areas, for reconciliation.
    WholesaleResults(Vec<WholesaleResult>),
    /// Measured data that is missing.
    MeasuredDataRequests(Vec<MeasuredDataRequest>),
    /// Energy results that are wanted.
    AggregatedRequests(Vec<AggregatedRequest>),
    /// Wholesale results that are wanted.
    WholesaleRequests(Vec<WholesaleRequest>),
}

impl DocumentContent {
    /// The ids of its series, in the document's order.
    #[must_use]
    pub fn series_ids(&self) -> Vec<&str> {
        match self {
            Self::MeasuredData(series) => ids(series, |one| &one.id),
            Self::ChargeInformation(groups) => ids(groups, |one| &one.id),
            Self::ChargePrices(groups) => ids(groups, |one| &one.id),
            Self::ChargeLinks(links) => ids(links, |one| &one.id),
            Self::StartOfSupply(starts) => ids(starts, |one| &one.id),
            Self::EndOfSupply(ends) => ids(ends, |one| &one.id),
            Self::Notices(notices) => ids(notices, |one| &one.id),
            Self::AggregatedResults(results) => ids(results, |one| &one.id),
            Self::WholesaleResults(results) => ids(results, |one| &one.id),
            Self::MeasuredDataRequests(requests) => ids(requests, |one| &one.id),
            Self::AggregatedRequests(requests) => ids(requests, |one| &one.id),
            Self::WholesaleRequests(requests) => ids(requests, |one| &one.id),
        }
    }
}

fn ids<T>(series: &[T], id: impl Fn(&T) -> &String) -> Vec<&str> {
    series.iter().map(|one| id(one).as_str()).collect()
}
