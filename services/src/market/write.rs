//! The model to bytes, in the form of the samples: order of elements, prefixes, coding schemes.

mod charges;
mod header;
mod json;
mod measured_data;
mod requests;
mod supply;
mod xml;

use std::fmt;

use domain::day::DayRule;
use domain::document::{DocumentContent, DocumentKind, MarketDocument};
use domain::instant::Instant;

use super::profile::Profile;
use super::read::Form;

/// Why a document can't be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteError {
    /// Nothing writes this content: results and notices are only read.
    ContentIsOnlyRead,
    /// Nothing writes this form: ebIX is only read.
    FormIsOnlyRead,
    /// The kind or the process in the head does not go with the content.
    KindDoesNotFit,
    /// A series without a value has no period.
    EmptySeries,
    /// A factor that is no whole number.
    FractionalFactor,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ContentIsOnlyRead => "results and notices are read, not written",
            Self::FormIsOnlyRead => "ebIX is read, not written",
            Self::KindDoesNotFit => "the kind of the document does not go with its content",
            Self::EmptySeries => "a series without values has no period",
            Self::FractionalFactor => "a link's factor is a whole number",
        })
    }
}

impl std::error::Error for WriteError {}

/// Writes a document as text in CIM XML or CIM JSON. The rule says where days of metered data begin.
///
/// Reading it back gives the same document, coding schemes aside, which follow from the ids.
///
/// # Errors
/// [`WriteError`].
pub fn write(document: &MarketDocument, form: Form, rule: &DayRule) -> Result<String, WriteError> {
    let header = &document.header;
    let profile = Profile::of(header.kind).ok_or(WriteError::KindDoesNotFit)?;
    if !fits(document) {
        return Err(WriteError::KindDoesNotFit);
    }
    let mut fields = header::fields(header, profile);
    fields.push((profile.list, Field::Groups(groups(&document.content, rule)?)));
    match form {
        Form::CimXml => Ok(xml::text(profile, &fields)),
        Form::CimJson => Ok(json::text(profile, &fields)),
        Form::EbixXml => Err(WriteError::FormIsOnlyRead),
    }
}

/// Named fields in the order of the XML.
type Fields = Vec<(&'static str, Field)>;

/// A field as it is written. The variants differ in JSON, where codes and ids are objects.
enum Field {
    /// Text as it is.
    Plain(String),
    /// A code: in JSON under `value`.
    Code(String),
    /// An id with its scheme.
    Id { scheme: &'static str, id: String },
    /// A number as it is.
    Number(String),
    /// A number that is under `value` in JSON.
    NumberValue(String),
    /// `true` or `false`.
    Flag(bool),
    /// One group.
    Group(Fields),
    /// A list of groups.
    Groups(Vec<Fields>),
}

impl Field {
    fn code(code: &str) -> Self {
        Self::Code(code.to_owned())
    }

    fn plain(text: impl fmt::Display) -> Self {
        Self::Plain(text.to_string())
    }

    fn party(id: &str) -> Self {
        Self::Id { scheme: super::codes::party_scheme(id), id: id.to_owned() }
    }

    fn metering_point(id: domain::identity::MeteringPointId) -> Self {
        Self::Id { scheme: "A10", id: id.to_string() }
    }

    fn grid_area(id: &str) -> Self {
        Self::Id { scheme: "NDK", id: id.to_owned() }
    }

    /// An end of a time interval: to the minute, where it has no seconds.
    fn minute(instant: Instant) -> Self {
        let text = instant.to_string();
        Self::Code(text.strip_suffix(":00Z").map_or(text.clone(), |minutes| format!("{minutes}Z")))
    }
}

fn fits(document: &MarketDocument) -> bool {
    let header = &document.header;
    match (&document.content, header.kind) {
        (DocumentContent::MeasuredData(_), DocumentKind::MeasuredData)
        | (DocumentContent::StartOfSupply(_), DocumentKind::StartOfSupply)
        | (DocumentContent::EndOfSupply(_), DocumentKind::EndOfSupply)
        | (DocumentContent::Notices(_), DocumentKind::Notice)
        | (DocumentContent::AggregatedResults(_), DocumentKind::AggregatedResults)
        | (DocumentContent::WholesaleResults(_), DocumentKind::WholesaleResults)
        | (DocumentContent::MeasuredDataRequests(_), DocumentKind::MeasuredDataRequest)
        | (DocumentContent::AggregatedRequests(_), DocumentKind::AggregatedRequest)
        | (DocumentContent::WholesaleRequests(_), DocumentKind::WholesaleRequest) => true,
        (DocumentContent::ChargeInformation(_), kind) => is_price_list(kind) && header.process == "D18",
        (DocumentContent::ChargePrices(_), kind) => is_price_list(kind) && header.process == "D08",
        (DocumentContent::ChargeLinks(_), kind) => {
            let kinds = [DocumentKind::BillingMasterDataRequest, DocumentKind::BillingMasterDataNotice];
            kinds.contains(&kind) && header.process == "D17"
        }
        _ => false,
    }
}

fn is_price_list(kind: DocumentKind) -> bool {
    matches!(kind, DocumentKind::PriceListRequest | DocumentKind::PriceListNotice)
}

fn groups(content: &DocumentContent, rule: &DayRule) -> Result<Vec<Fields>, WriteError> {
    match content {
        DocumentContent::MeasuredData(series) => {
            series.iter().map(|one| measured_data::fields(one, rule)).collect()
        }
        DocumentContent::ChargeInformation(groups) => Ok(groups.iter().map(charges::information).collect()),
        DocumentContent::ChargePrices(groups) => Ok(groups.iter().map(charges::prices).collect()),
        DocumentContent::ChargeLinks(links) => links.iter().map(charges::links).collect(),
        DocumentContent::StartOfSupply(starts) => Ok(starts.iter().map(supply::start).collect()),
        DocumentContent::EndOfSupply(ends) => Ok(ends.iter().map(supply::end).collect()),
        DocumentContent::MeasuredDataRequests(requests) => {
            Ok(requests.iter().map(requests::measured_data).collect())
        }
        DocumentContent::AggregatedRequests(requests) => {
            Ok(requests.iter().map(requests::aggregated).collect())
        }
        DocumentContent::WholesaleRequests(requests) => {
            Ok(requests.iter().map(requests::wholesale).collect())
        }
        DocumentContent::Notices(_)
        | DocumentContent::AggregatedResults(_)
        | DocumentContent::WholesaleResults(_) => Err(WriteError::ContentIsOnlyRead),
    }
}
