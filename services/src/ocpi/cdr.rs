//! Charge detail records of OCPI as sessions.
//!
//! 2.1.1 ends with `stop_date_time` and states its cost as a plain number; 2.3.0 states it as `before_taxes` with the taxes
//! apart. A record has no time zone: it comes from the location.

use domain::price::Price;
use domain::quantity::Quantity;
use domain::session::{ChargingPeriod, Session, Stated, StatedCost, StatedParts};

use super::OcpiError;
use super::node::{Fields, Node};

/// Dimensions that say something about a period and are priced by nothing.
const UNPRICED: [&str; 6] = ["ENERGY_EXPORT", "ENERGY_IMPORT", "STATE_OF_CHARGE", "FLAT", "CURRENT", "POWER"];

/// The session of a charge detail record.
///
/// # Errors
/// [`OcpiError`] with the path of the first field that is missing or not as it should be.
pub fn read_cdr(text: &str) -> Result<Session, OcpiError> {
    session(&Node::read(text)?.fields()?)
}

/// The session of a record with these fields.
pub(super) fn session(fields: &Fields<'_>) -> Result<Session, OcpiError> {
    let end = match fields.get("stop_date_time") {
        Some(end) => end,
        None => fields.need("end_date_time")?,
    };
    let periods = fields.need("charging_periods")?.items()?;
    Ok(Session {
        id: fields.need("id")?.text()?,
        currency: fields.need("currency")?.currency()?,
        start: fields.need("start_date_time")?.instant()?,
        end: end.instant()?,
        periods: periods.iter().map(period).collect::<Result<_, _>>()?,
        is_credit: fields.read("credit", Node::boolean)?.unwrap_or_default(),
        stated: stated(fields)?,
    })
}

fn stated(fields: &Fields<'_>) -> Result<Stated, OcpiError> {
    let cost = |name: &str| Ok(fields.read(name, stated_cost)?.unwrap_or_default());
    let total: StatedCost = cost("total_cost")?;
    Ok(Stated {
        excluding_vat: total.excluding_vat,
        including_vat: total.including_vat,
        energy_kwh: fields.number("total_energy", Quantity::parse)?,
        time: fields.number("total_time", Quantity::parse)?,
        parking: fields.number("total_parking_time", Quantity::parse)?,
        parts: StatedParts {
            energy: cost("total_energy_cost")?,
            time: cost("total_time_cost")?,
            parking: cost("total_parking_cost")?,
            fixed: cost("total_fixed_cost")?,
            reservation: cost("total_reservation_cost")?,
        },
    })
}

/// A cost: a number in 2.1.1, else without and with tax, or without it and with the taxes apart.
fn stated_cost(node: &Node<'_>) -> Result<StatedCost, OcpiError> {
    if !node.is_object() {
        return Ok(StatedCost { excluding_vat: Some(node.number(Price::parse)?), including_vat: None });
    }
    let cost = node.fields()?;
    let before_taxes = cost.number("before_taxes", Price::parse)?;
    let excluding_vat = cost.number("excl_vat", Price::parse)?.or(before_taxes);
    let including_vat = match (cost.number("incl_vat", Price::parse)?, before_taxes) {
        (Some(including_vat), _) => Some(including_vat),
        (None, Some(net)) => cost.read("taxes", |taxes| gross(net, taxes))?,
        (None, None) => None,
    };
    Ok(StatedCost { excluding_vat, including_vat })
}

/// The price with its taxes.
fn gross(net: Price, taxes: &Node<'_>) -> Result<Price, OcpiError> {
    taxes.items()?.iter().try_fold(net, |sum, tax| {
        let amount = tax.fields()?.need("amount")?.number(Price::parse)?;
        sum.checked_add(amount).ok_or_else(|| taxes.wrong("is too large"))
    })
}

fn period(node: &Node<'_>) -> Result<ChargingPeriod, OcpiError> {
    let fields = node.fields()?;
    let mut period = ChargingPeriod::from(fields.need("start_date_time")?.instant()?);
    period.sheet = fields.read("tariff_id", Node::text)?;
    for node in fields.need("dimensions")?.items()? {
        let dimension = node.fields()?;
        let kind = dimension.need("type")?;
        let name = kind.text()?;
        let volume = dimension.need("volume")?;
        if !put(&mut period, &name, || volume.number(Quantity::parse))? {
            return Err(kind.wrong("stands twice in the period"));
        }
    }
    Ok(period)
}

/// Puts a volume where it belongs; false where there is one already.
fn put(
    period: &mut ChargingPeriod,
    name: &str,
    volume: impl Fn() -> Result<Quantity, OcpiError>,
) -> Result<bool, OcpiError> {
    let place = match name {
        "ENERGY" => &mut period.energy_kwh,
        "TIME" => &mut period.time,
        "PARKING_TIME" => &mut period.parking,
        "RESERVATION_TIME" => &mut period.reservation,
        "MIN_CURRENT" => &mut period.current_a.least,
        "MAX_CURRENT" => &mut period.current_a.most,
        "MIN_POWER" => &mut period.power_kw.least,
        "MAX_POWER" => &mut period.power_kw.most,
        _ if UNPRICED.contains(&name) => return Ok(true),
        _ => {
            period.unknown_dimensions.push(name.to_owned());
            return Ok(true);
        }
    };
    Ok(place.replace(volume()?).is_none())
}
