//! `cdrs.csv`: charge detail records, a row each, as the JSON that OCPI 2.2.1 has for them.
//!
//! A row says of a session what one charging period can: energy, hours, and what it was sold for. Whoever has more to
//! say gives the record as JSON, a line each (`.ndjson`). Numbers keep the digits they have.

use domain::cdr::{CdrKey, EvseId, Party};
use domain::price::Price;
use domain::quantity::Quantity;
use domain::token::Token;
use serde::Serialize;
use serde_json::value::RawValue;

use super::error::{CsvError, CsvFault};
use super::table::{Row, Table};

/// A record to be received, with the words for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CdrDocument {
    /// Its key, or the place of the line it stands in.
    pub what: String,
    /// The document, as OCPI has it.
    pub json: String,
}

/// A record as OCPI 2.2.1 writes it, with the readings of the meter besides.
#[derive(Serialize)]
struct Record<'a> {
    country_code: &'a str,
    party_id: &'a str,
    id: &'a str,
    start_date_time: String,
    end_date_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
    cdr_token: CdrToken<'a>,
    auth_method: &'static str,
    cdr_location: Location<'a>,
    currency: &'static str,
    charging_periods: [Period<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    total_cost: Option<Cost<'a>>,
    total_energy: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meter_start_kwh: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meter_end_kwh: Option<&'a RawValue>,
    credit: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    credit_reference_id: Option<&'a str>,
    home_charging_compensation: bool,
}

#[derive(Serialize)]
struct CdrToken<'a> {
    uid: &'a str,
    #[serde(rename = "type")]
    kind: String,
    contract_id: &'a str,
}

#[derive(Serialize)]
struct Location<'a> {
    id: &'a str,
    evse_uid: &'a str,
    evse_id: &'a str,
    connector_id: &'a str,
}

#[derive(Serialize)]
struct Period<'a> {
    start_date_time: String,
    dimensions: Vec<Dimension<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tariff_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Dimension<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    volume: &'a RawValue,
}

#[derive(Serialize)]
struct Cost<'a> {
    excl_vat: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    incl_vat: Option<&'a RawValue>,
}

const KWH: &str = "a number of kWh such as 12.5";
const HOURS: &str = "a number of hours such as 1.25";
const COST: &str = "an amount such as 4.50";
const PARTY: &str = "three letters or digits, beside a country_code of two letters";
const TOKEN_TYPES: [&str; 5] = ["rfid", "app_user", "ad_hoc_user", "emaid", "other"];

pub(super) fn cdrs(table: &Table) -> Result<Vec<CdrDocument>, CsvError> {
    let mut documents = Vec::new();
    for rows in table.groups(&["country_code", "party_id", "cdr_id"], &[])? {
        let mut rows = rows.into_iter();
        let Some(row) = rows.next() else { continue };
        let document = document(&row)?;
        if let Some(second) = rows.next() {
            return Err(second.fault(CsvFault::Duplicate { column: "cdr_id", found: document.what }));
        }
        documents.push(document);
    }
    Ok(documents)
}

/// The records of a file with one JSON object a line; empty lines are passed over.
///
/// # Errors
/// The number of the first line that is no JSON object, from 1.
pub fn ndjson(bytes: &[u8]) -> Result<Vec<CdrDocument>, usize> {
    let lines = (1_usize..).zip(bytes.split(|byte| *byte == b'\n'));
    let lines = lines.filter(|(_, line)| !line.trim_ascii().is_empty());
    let document = |(number, line): (usize, &[u8])| {
        let text = str::from_utf8(line).ok().filter(|text| text.trim_start().starts_with('{'));
        let json = text.filter(|text| serde_json::from_str::<&RawValue>(text).is_ok()).ok_or(number)?;
        Ok(CdrDocument { what: format!("line {number}"), json: json.to_owned() })
    };
    lines.map(document).collect()
}

fn document(row: &Row<'_>) -> Result<CdrDocument, CsvError> {
    let party = row.value("party_id", PARTY, |id| Party::new(row.text("country_code"), id))?;
    let id = "an id of 1 to 39 printable characters of ASCII";
    let key = row.value("cdr_id", id, |text| CdrKey::new(party, text))?;
    let evse =
        row.value("evse_id", "an id such as NL*TNM*E1234*1", |text| EvseId::new(text).map(|_| text))?;
    let credited = stated(row.text("credit_of"));
    let is_home = row.optional("home_charging", "yes, no or nothing", |text| match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    });
    let record = Record {
        country_code: party.country(),
        party_id: party.id(),
        id: key.id(),
        start_date_time: row.instant("start_time")?.to_string(),
        end_date_time: row.instant("end_time")?.to_string(),
        session_id: stated(row.text("session_id")),
        cdr_token: token(row)?,
        auth_method: "WHITELIST",
        cdr_location: Location {
            id: row.text("location_id"),
            evse_uid: evse,
            evse_id: evse,
            connector_id: row.text("connector_id"),
        },
        currency: row.currency()?.code(),
        charging_periods: [period(row)?],
        total_cost: cost(row)?,
        total_energy: number(row, "energy_kwh", KWH, Quantity::parse)?,
        meter_start_kwh: number(row, "meter_start_kwh", KWH, Quantity::parse)?,
        meter_end_kwh: number(row, "meter_end_kwh", KWH, Quantity::parse)?,
        credit: credited.is_some(),
        credit_reference_id: credited,
        home_charging_compensation: is_home?.unwrap_or_default(),
    };
    let json = serde_json::to_string(&record).map_err(|_| row.wrong("cdr_id", id))?;
    Ok(CdrDocument { what: key.to_string(), json })
}

fn token<'a>(row: &Row<'a>) -> Result<CdrToken<'a>, CsvError> {
    let kind = row.value("token_type", "rfid, app_user, ad_hoc_user, emaid or other", |text| {
        TOKEN_TYPES.contains(&text).then(|| text.to_ascii_uppercase())
    })?;
    let expected = "1 to 64 printable characters of ASCII";
    let uid = row.value("token_uid", expected, |text| Token::new("rfid", text).is_ok().then_some(text))?;
    Ok(CdrToken { uid, kind, contract_id: row.text("contract_id") })
}

fn period<'a>(row: &Row<'a>) -> Result<Period<'a>, CsvError> {
    let columns = [
        ("ENERGY", "energy_kwh", KWH),
        ("TIME", "charging_hours", HOURS),
        ("PARKING_TIME", "parking_hours", HOURS),
    ];
    let mut dimensions = Vec::new();
    for (kind, column, expected) in columns {
        let volume = number(row, column, expected, Quantity::parse)?;
        dimensions.extend(volume.map(|volume| Dimension { kind, volume }));
    }
    let start_date_time = row.instant("start_time")?.to_string();
    Ok(Period { start_date_time, dimensions, tariff_id: stated(row.text("tariff_id")) })
}

fn cost<'a>(row: &Row<'a>) -> Result<Option<Cost<'a>>, CsvError> {
    let Some(excl_vat) = number(row, "total_cost_excl_vat", COST, Price::parse)? else { return Ok(None) };
    Ok(Some(Cost { excl_vat, incl_vat: number(row, "total_cost_incl_vat", COST, Price::parse)? }))
}

/// The digits of a cell as they stand, once the rule has read them; an empty cell says nothing.
fn number<'a, T, E>(
    row: &Row<'a>,
    column: &'static str,
    expected: &str,
    rule: fn(&str) -> Result<T, E>,
) -> Result<Option<&'a RawValue>, CsvError> {
    row.optional(column, expected, |text| {
        rule(text).ok()?;
        serde_json::from_str(text).ok()
    })
}

fn stated(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}
