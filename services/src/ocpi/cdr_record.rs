//! Charge detail records of OCPI with all that a book wants of them: key, place, driver, credit, a digest of what they say.
//!
//! 2.2.1 and 2.3.0 name the party in the record; in 2.1.1 it is the operator that the charging point's id names, or whoever
//! sent it. 2.1.1 knows no credits, and its token is the driver's contract.

use domain::cdr::{Cdr, CdrKey, EvseId, Party, Registers};
use domain::quantity::Quantity;
use domain::token::Token;

use super::OcpiError;
use super::cdr::session;
use super::content::content_digest;
use super::node::{Fields, Node};

/// The record of a document. `sender` is the party of whoever sent it, where the record itself names none.
///
/// # Errors
/// [`OcpiError`] with the path of the first field that is missing or not as it should be.
pub fn read_cdr_record(text: &str, sender: Option<Party>) -> Result<Cdr, OcpiError> {
    let content = content_digest(text)?;
    let fields = Node::read(text)?.fields()?;
    let session = session(&fields)?;
    let place = place(&fields)?;
    let party = party(&fields)?.or(place.evse.operator()).or(sender);
    let party = party.ok_or_else(|| OcpiError::Missing { path: "country_code".to_owned() })?;
    let id = fields.need("id")?;
    let key = CdrKey::new(party, &id.text()?);
    let key = key.ok_or_else(|| id.wrong("is no id of 1 to 39 printable characters of ASCII"))?;
    let (token, contract_id) = driver(&fields)?;
    let credit_of = match session.is_credit {
        true => Some(fields.need("credit_reference_id")?.text()?),
        false => None,
    };
    Ok(Cdr {
        key,
        session,
        evse: place.evse,
        connector: place.connector,
        location: place.location,
        token,
        contract_id,
        session_id: fields.read("session_id", Node::text)?.unwrap_or_default(),
        registers: registers(&fields)?,
        credit_of,
        is_home: fields.read("home_charging_compensation", Node::boolean)?.unwrap_or_default(),
        sheet: sheet(&fields)?,
        content,
    })
}

/// The readings of the station's meter. OCPI has them in signed data alone; fields of our own say them plainly.
fn registers(fields: &Fields<'_>) -> Result<Option<Registers>, OcpiError> {
    let start = fields.number("meter_start_kwh", Quantity::parse)?;
    let end = fields.number("meter_end_kwh", Quantity::parse)?;
    Ok(start.zip(end).map(|(start_kwh, end_kwh)| Registers { start_kwh, end_kwh }))
}

/// Where a session was.
struct Place {
    location: String,
    evse: EvseId,
    connector: String,
}

/// `cdr_location` of 2.2.1 and later; `location` of 2.1.1, which has one charging point with one connector.
fn place(fields: &Fields<'_>) -> Result<Place, OcpiError> {
    if let Some(location) = fields.get("cdr_location") {
        let at = location.fields()?;
        return Ok(Place {
            location: at.need("id")?.text()?,
            evse: evse(&at)?,
            connector: at.read("connector_id", Node::text)?.unwrap_or_default(),
        });
    }
    // What is said to be missing is what the later versions call it.
    let location = fields.get("location").map_or_else(|| fields.need("cdr_location"), Ok)?.fields()?;
    let points = location.need("evses")?;
    let point = points.items()?.into_iter().next().ok_or_else(|| points.wrong("has no charging point"))?;
    let point = point.fields()?;
    let connectors = point.get("connectors").map(|connectors| connectors.items()).transpose()?;
    let connector = connectors.unwrap_or_default().into_iter().next();
    let connector = connector.map(|connector| connector.fields()?.need("id")?.text()).transpose()?;
    Ok(Place {
        location: location.need("id")?.text()?,
        evse: evse(&point)?,
        connector: connector.unwrap_or_default(),
    })
}

/// The charging point by its id of eMI3, else by the operator's own.
fn evse(fields: &Fields<'_>) -> Result<EvseId, OcpiError> {
    let read = |node: &Node<'_>| {
        let id = EvseId::new(&node.text()?);
        id.ok_or_else(|| node.wrong("is no id of a charging point: letters, digits, * and -"))
    };
    match fields.read("evse_id", read)? {
        Some(evse) => Ok(evse),
        None => match fields.get("evse_uid").or_else(|| fields.get("uid")) {
            Some(uid) => read(&uid),
            None => fields.need("evse_id").and_then(|node| read(&node)),
        },
    }
}

fn party(fields: &Fields<'_>) -> Result<Option<Party>, OcpiError> {
    let (Some(country), Some(id)) = (fields.get("country_code"), fields.get("party_id")) else {
        return Ok(None);
    };
    let party = Party::new(&country.text()?, &id.text()?);
    party
        .map(Some)
        .ok_or_else(|| id.wrong("is, with country_code, no party: two letters, three letters or digits"))
}

/// By what the driver was recognised, and the contract. A type of token is written as those of other tokens here.
fn driver(fields: &Fields<'_>) -> Result<(Token, String), OcpiError> {
    let made = |kind: &str, node: &Node<'_>| {
        Token::new(kind, &node.text()?).map_err(|error| node.wrong(error.to_string()))
    };
    if let Some(token) = fields.get("cdr_token") {
        let token = token.fields()?;
        let kind = match token.read("type", Node::text)? {
            None => "rfid".to_owned(),
            Some(kind) if kind == "EMAID" => "contract_id".to_owned(),
            Some(kind) => kind.to_ascii_lowercase(),
        };
        let contract_id = token.read("contract_id", Node::text)?.unwrap_or_default();
        return Ok((made(&kind, &token.need("uid")?)?, contract_id));
    }
    let contract = fields.get("auth_id").map_or_else(|| fields.need("cdr_token"), Ok)?;
    Ok((made("contract_id", &contract)?, contract.text()?))
}

/// The id of the first tariff: what differs by period is named there.
fn sheet(fields: &Fields<'_>) -> Result<Option<String>, OcpiError> {
    let Some(tariffs) = fields.get("tariffs") else { return Ok(None) };
    let first = tariffs.items()?.into_iter().next();
    first.map(|tariff| tariff.fields()?.need("id")?.text()).transpose()
}
