//! Charge detail records of OICP 2.3, Hubject's protocol (`eRoamingChargeDetailRecord`), as records of the domain's.
//!
//! A record of OICP has no price and no currency: the currency is that agreed with the hub, and what the session costs
//! is ours to say. It has three stretches of time: connected before charging, which nothing prices, charging, and
//! connected after it, which is parking. Who sold it is the operator that the charging point's id names.

use domain::cdr::{Cdr, CdrKey, EvseId, Party, Registers};
use domain::instant::Instant;
use domain::money::Currency;
use domain::quantity::Quantity;
use domain::session::{ChargingPeriod, Hours, Session, Stated};
use domain::token::Token;

use crate::ocpi::OcpiError;
use crate::ocpi::node::{Fields, Node};

/// Milliseconds of an hour.
const HOUR_MS: i64 = 3_600_000;
/// The ways of identification, and where each has what the driver is recognised by. The first that stands there counts.
const IDENTIFICATIONS: [(&str, &str, &str); 5] = [
    ("RFIDIdentification", "rfid", "UID"),
    ("RFIDMifareFamilyIdentification", "rfid", "UID"),
    ("PlugAndChargeIdentification", "contract_id", "EvcoID"),
    ("RemoteIdentification", "contract_id", "EvcoID"),
    ("QRCodeIdentification", "contract_id", "EvcoID"),
];

/// The record of a document. Its content is compared by the digest that is given.
///
/// # Errors
/// [`OcpiError`] with the path of the first field that is missing or not as it should be.
pub fn read_cdr(text: &str, currency: Currency, content: [u8; 32]) -> Result<Cdr, OcpiError> {
    let fields = Node::read(text)?.fields()?;
    let (evse, operator) = place(&fields)?;
    let id = fields.need("SessionID")?;
    let session_id = id.text()?;
    let key =
        CdrKey::new(operator, &session_id).ok_or_else(|| id.wrong("is no id of at most 39 characters"))?;
    let identification = fields.need("Identification")?;
    let (token, contract_id) = driver(&identification)?;
    Ok(Cdr {
        key,
        session: session(&fields, session_id.clone(), currency)?,
        evse,
        connector: String::new(),
        location: String::new(),
        token,
        contract_id,
        session_id: fields.read("CPOPartnerSessionID", Node::text)?.unwrap_or(session_id),
        registers: registers(&fields)?,
        credit_of: None,
        is_home: false,
        sheet: fields.read("PartnerProductID", Node::text)?,
        content,
    })
}

fn place(fields: &Fields<'_>) -> Result<(EvseId, Party), OcpiError> {
    let node = fields.need("EvseID")?;
    let evse = EvseId::new(&node.text()?)
        .ok_or_else(|| node.wrong("is no id of a charging point as ISO 15118 has it"))?;
    let operator =
        evse.operator().ok_or_else(|| node.wrong("does not begin with an operator's id such as DE*ABC"))?;
    Ok((evse, operator))
}

/// By what the driver was recognised, and the driver's contract where it is said.
fn driver(identification: &Node<'_>) -> Result<(Token, String), OcpiError> {
    let ways = identification.fields()?;
    for (way, kind, field) in IDENTIFICATIONS {
        let Some(way) = ways.get(way) else { continue };
        let way = way.fields()?;
        let value = way.need(field)?;
        let token = Token::new(kind, &value.text()?).map_err(|error| value.wrong(error.to_string()))?;
        return Ok((token, way.read("EvcoID", Node::text)?.unwrap_or_default()));
    }
    Err(identification.wrong("has none of the five identifications of OICP"))
}

fn registers(fields: &Fields<'_>) -> Result<Option<Registers>, OcpiError> {
    let start = fields.number("MeterValueStart", Quantity::parse)?;
    let end = fields.number("MeterValueEnd", Quantity::parse)?;
    Ok(start.zip(end).map(|(start_kwh, end_kwh)| Registers { start_kwh, end_kwh }))
}

fn session(fields: &Fields<'_>, id: String, currency: Currency) -> Result<Session, OcpiError> {
    let energy_kwh = fields.need("ConsumedEnergy")?.number(Quantity::parse)?;
    let at = |name: &str| fields.need(name)?.instant();
    let (start, end) = (at("SessionStart")?, at("SessionEnd")?);
    let (charging_start, charging_end) = (at("ChargingStart")?, at("ChargingEnd")?);
    let mut periods = Vec::new();
    if start < charging_start {
        periods.push(ChargingPeriod::from(start));
    }
    let time = hours(charging_start, charging_end);
    periods.push(ChargingPeriod {
        energy_kwh: Some(energy_kwh),
        time,
        ..ChargingPeriod::from(charging_start.max(start))
    });
    if charging_end < end {
        let parking = hours(charging_end, end);
        periods.push(ChargingPeriod { parking, ..ChargingPeriod::from(charging_end) });
    }
    let stated = Stated { energy_kwh: Some(energy_kwh), ..Stated::default() };
    Ok(Session { id, currency, start, end, periods, is_credit: false, stated })
}

/// The hours from one instant to another, to the sixth decimal. A session is priced by its timestamps, from which that
/// differs by less than what rounding of hours is allowed.
fn hours(from: Instant, until: Instant) -> Option<Hours> {
    let micros =
        i128::from(until.millis_since(from)).checked_mul(1_000_000)?.checked_div(i128::from(HOUR_MS))?;
    i64::try_from(micros).ok().map(Quantity::from_micros)
}
