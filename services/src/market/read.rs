//! The tree to the model: which form, which message, then its fields, checked one by one.

mod charges;
mod consistency;
mod ebix;
mod fields;
mod header;
mod intervals;
mod measured_data;
mod reading;
mod requests;
mod results;
mod supply;

use domain::document::{
    DocumentContent, DocumentError, DocumentKind, DocumentWarning, MarketDocument, RefusalReason, WarningKind,
};

use super::ParseOptions;
use super::profile::Profile;
use super::tree::{Content, Node, from_json, from_xml, text_of};
use fields::Fields;
use reading::Reading;

/// A form in which documents come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// CIM in JSON.
    CimJson,
    /// CIM in XML.
    CimXml,
    /// ebIX in XML: measured data only.
    EbixXml,
}

/// A document that was taken whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// What it says.
    pub document: MarketDocument,
    /// Remarks; the first thousand.
    pub warnings: Vec<DocumentWarning>,
    /// The form it came in.
    pub form: Form,
}

/// Reads a document in whatever form it is in. Every check that needs no stored state is made here.
///
/// # Errors
/// [`DocumentError`] with the first fault found: the document is refused whole.
pub fn parse(bytes: &[u8], options: &ParseOptions) -> Result<Parsed, DocumentError> {
    let mut reading = Reading::new(options);
    let (root, form) = root_of(bytes, options).map_err(|reason| reading.whole(reason))?;
    reading.is_json = form == Form::CimJson;
    let document = match form {
        Form::EbixXml => {
            let fields = fields_of(&reading, root)?;
            ebix::document(&mut reading, fields)?
        }
        Form::CimJson | Form::CimXml => cim_document(&mut reading, root)?,
    };
    if document.content.series_ids().is_empty() {
        reading.warn(String::new(), WarningKind::Empty);
    }
    consistency::check(&mut reading, &document.content)?;
    Ok(Parsed { document, warnings: reading.warnings, form })
}

fn root_of<'a>(bytes: &'a [u8], options: &ParseOptions) -> Result<(Node<'a>, Form), RefusalReason> {
    if bytes.len() > options.most_bytes {
        return Err(RefusalReason::TooLarge { most: options.most_bytes });
    }
    let text = text_of(bytes)?;
    match text.as_bytes().first() {
        Some(b'{') => Ok((from_json(text)?, Form::CimJson)),
        Some(b'<') => {
            let root = from_xml(text)?;
            let form = if root.name == ebix::ROOT { Form::EbixXml } else { Form::CimXml };
            Ok((root, form))
        }
        Some(_) => Err(RefusalReason::Malformed { detail: "neither JSON nor XML".to_owned() }),
        None => Err(RefusalReason::Malformed { detail: "no text".to_owned() }),
    }
}

fn fields_of<'a>(reading: &Reading<'_>, root: Node<'a>) -> Result<Fields<'a>, DocumentError> {
    match root.content {
        Content::Fields(fields) => Ok(Fields::new(fields)),
        Content::Text(_) | Content::Literal(_) => Err(reading.whole(RefusalReason::WrongShape)),
    }
}

fn cim_document(reading: &mut Reading<'_>, root: Node<'_>) -> Result<MarketDocument, DocumentError> {
    let Some(profile) = Profile::with_root(&root.name) else {
        return Err(reading.whole(RefusalReason::UnknownDocument { found: root.name.into_owned() }));
    };
    let mut fields = fields_of(reading, root)?;
    let header = header::read(reading, &mut fields, profile)?;
    let content = content(reading, &mut fields, profile, &header.process)?;
    fields.finish(reading);
    Ok(MarketDocument { header, content })
}

fn content(
    reading: &mut Reading<'_>,
    fields: &mut Fields<'_>,
    profile: &Profile,
    process: &str,
) -> Result<DocumentContent, DocumentError> {
    let list = profile.list;
    Ok(match profile.kind {
        DocumentKind::MeasuredData => {
            DocumentContent::MeasuredData(fields.series(reading, list, measured_data::series)?)
        }
        DocumentKind::PriceListRequest | DocumentKind::PriceListNotice if process == "D18" => {
            DocumentContent::ChargeInformation(fields.series(reading, list, charges::information)?)
        }
        DocumentKind::PriceListRequest | DocumentKind::PriceListNotice => {
            DocumentContent::ChargePrices(fields.series(reading, list, charges::prices)?)
        }
        DocumentKind::BillingMasterDataRequest | DocumentKind::BillingMasterDataNotice => {
            DocumentContent::ChargeLinks(fields.series(reading, list, charges::links)?)
        }
        DocumentKind::StartOfSupply => {
            DocumentContent::StartOfSupply(fields.series(reading, list, supply::start)?)
        }
        DocumentKind::EndOfSupply => {
            DocumentContent::EndOfSupply(fields.series(reading, list, supply::end)?)
        }
        DocumentKind::Notice => DocumentContent::Notices(fields.series(reading, list, supply::notice)?),
        DocumentKind::AggregatedResults => {
            DocumentContent::AggregatedResults(fields.series(reading, list, results::aggregated)?)
        }
        DocumentKind::WholesaleResults => {
            DocumentContent::WholesaleResults(fields.series(reading, list, results::wholesale)?)
        }
        DocumentKind::MeasuredDataRequest => {
            DocumentContent::MeasuredDataRequests(fields.series(reading, list, requests::measured_data)?)
        }
        DocumentKind::AggregatedRequest => {
            DocumentContent::AggregatedRequests(fields.series(reading, list, requests::aggregated)?)
        }
        DocumentKind::WholesaleRequest => {
            DocumentContent::WholesaleRequests(fields.series(reading, list, requests::wholesale)?)
        }
    })
}
