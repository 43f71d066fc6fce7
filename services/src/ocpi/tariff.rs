//! Tariffs of OCPI as price sheets.
//!
//! 2.1.1 has no value added tax, no least and most, no validity and no reservations. 2.3.0 names prices `before_taxes` and
//! `after_taxes` where 2.2.1 has `excl_vat` and `incl_vat`, and may say that its prices include tax or that there is none.

use domain::day::Day;
use domain::fixed;
use domain::instant::{Instant, Period};
use domain::price::Price;
use domain::price_sheet::{
    Dimension, Element, Limit, PriceComponent, PriceSheet, ReservationKind, Restrictions,
};
use domain::product::Weekdays;
use domain::quantity::Quantity;
use domain::tax::VatRate;

use super::OcpiError;
use super::node::{Fields, Node};

pub(super) const WEEKDAYS: [&str; 7] =
    ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];

/// The price sheets of a document: one tariff, or an array of them.
///
/// # Errors
/// [`OcpiError`] with the path of the first field that is missing or not as it should be.
pub fn read_tariffs(text: &str) -> Result<Vec<PriceSheet>, OcpiError> {
    let root = Node::read(text)?;
    let tariffs = if root.is_array() { root.items()? } else { vec![root] };
    tariffs.iter().map(price_sheet).collect()
}

fn price_sheet(node: &Node<'_>) -> Result<PriceSheet, OcpiError> {
    let fields = node.fields()?;
    let tax = fields.read("tax_included", tax)?.unwrap_or_default();
    let start = fields.read("start_date_time", Node::instant)?.unwrap_or(Instant::MIN);
    let end = fields.read("end_date_time", Node::instant)?.unwrap_or(Instant::MAX);
    let elements = fields.need("elements")?;
    let items = elements.items()?;
    if items.is_empty() {
        return Err(elements.wrong("has no element"));
    }
    Ok(PriceSheet {
        id: fields.need("id")?.text()?,
        currency: fields.need("currency")?.currency()?,
        valid: Period::new(start, end).ok_or_else(|| node.wrong("ends before it starts"))?,
        least: limit(&fields, "min_price")?,
        most: limit(&fields, "max_price")?,
        includes_vat: tax == Tax::Included,
        elements: items.iter().map(|node| element(node, tax)).collect::<Result<_, _>>()?,
    })
}

/// What a tariff says of taxes (2.3.0, `tax_included`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tax {
    /// They come on top of prices; so too where nothing is said.
    #[default]
    Added,
    /// They are in the prices.
    Included,
    /// There are none.
    NotApplicable,
}

fn tax(node: &Node<'_>) -> Result<Tax, OcpiError> {
    match node.text()?.as_str() {
        "YES" => Ok(Tax::Included),
        "NO" => Ok(Tax::Added),
        "N/A" => Ok(Tax::NotApplicable),
        _ => Err(node.wrong("is none of YES, NO, N/A")),
    }
}

fn limit(fields: &Fields<'_>, name: &str) -> Result<Limit, OcpiError> {
    let Some(node) = fields.get(name) else { return Ok(Limit::default()) };
    let fields = node.fields()?;
    let either =
        |name: &str, or: &str| Ok(fields.number(name, Price::parse)?.or(fields.number(or, Price::parse)?));
    Ok(Limit {
        excluding_vat: either("excl_vat", "before_taxes")?,
        including_vat: either("incl_vat", "after_taxes")?,
    })
}

fn element(node: &Node<'_>, tax: Tax) -> Result<Element, OcpiError> {
    let fields = node.fields()?;
    let components = fields.need("price_components")?.items()?;
    Ok(Element {
        components: components.iter().map(|node| component(node, tax)).collect::<Result<_, _>>()?,
        restrictions: fields.read("restrictions", restrictions)?.unwrap_or_default(),
    })
}

fn component(node: &Node<'_>, tax: Tax) -> Result<PriceComponent, OcpiError> {
    let fields = node.fields()?;
    let kind = fields.need("type")?;
    let dimension = match kind.text()?.as_str() {
        "ENERGY" => Dimension::Energy,
        "TIME" => Dimension::Time,
        "PARKING_TIME" => Dimension::ParkingTime,
        "FLAT" => Dimension::Flat,
        _ => return Err(kind.wrong("is none of ENERGY, TIME, PARKING_TIME, FLAT")),
    };
    Ok(PriceComponent {
        dimension,
        price: fields.need("price")?.number(Price::parse)?,
        vat: fields.read("vat", vat)?.filter(|_| tax != Tax::NotApplicable),
        step_size: fields.need("step_size")?.count()?,
    })
}

fn vat(node: &Node<'_>) -> Result<VatRate, OcpiError> {
    let hundredths = node.number(|digits| fixed::parse(digits, 2))?;
    let rate = u32::try_from(hundredths).ok().and_then(VatRate::new);
    rate.ok_or_else(|| node.wrong("is no percentage from 0 to 100"))
}

fn restrictions(node: &Node<'_>) -> Result<Restrictions, OcpiError> {
    let fields = node.fields()?;
    let quantity = |name: &str| fields.number(name, Quantity::parse);
    let seconds = |name: &str| fields.read(name, Node::count);
    Ok(Restrictions {
        start_minute: fields.read("start_time", minute)?,
        end_minute: fields.read("end_time", minute)?,
        start_date: fields.read("start_date", day)?,
        end_date: fields.read("end_date", day)?,
        weekdays: fields.read("day_of_week", weekdays)?.flatten(),
        min_energy_kwh: quantity("min_kwh")?,
        max_energy_kwh: quantity("max_kwh")?,
        min_current_a: quantity("min_current")?,
        max_current_a: quantity("max_current")?,
        min_power_kw: quantity("min_power")?,
        max_power_kw: quantity("max_power")?,
        min_duration_s: seconds("min_duration")?,
        max_duration_s: seconds("max_duration")?,
        reservation: fields.read("reservation", reservation)?,
    })
}

fn minute(node: &Node<'_>) -> Result<u16, OcpiError> {
    let text = node.text()?;
    let parts = text.split_once(':').filter(|(hour, minute)| hour.len() == 2 && minute.len() == 2);
    let part = |part: &str, most: u16| {
        let digits = part.bytes().all(|digit| digit.is_ascii_digit()).then_some(part)?;
        digits.parse::<u16>().ok().filter(|number| *number <= most)
    };
    let minute =
        parts.and_then(|(hour, minute)| part(hour, 23)?.checked_mul(60)?.checked_add(part(minute, 59)?));
    minute.ok_or_else(|| node.wrong("is no time such as 06:30"))
}

fn day(node: &Node<'_>) -> Result<Day, OcpiError> {
    let text = node.text()?;
    Day::parse(&text).ok_or_else(|| node.wrong("is no day such as 2024-10-01"))
}

/// The days of the week; an empty list restricts nothing.
fn weekdays(node: &Node<'_>) -> Result<Option<Weekdays>, OcpiError> {
    let number = |node: &Node<'_>| {
        let name = node.text()?;
        let named = (1..).zip(WEEKDAYS).find(|(_, weekday)| *weekday == name);
        named.map(|(number, _)| number).ok_or_else(|| node.wrong("is no day of the week such as MONDAY"))
    };
    let numbers: Vec<i8> = node.items()?.iter().map(number).collect::<Result<_, _>>()?;
    Ok(if numbers.is_empty() { None } else { Weekdays::of(numbers) })
}

fn reservation(node: &Node<'_>) -> Result<ReservationKind, OcpiError> {
    match node.text()?.as_str() {
        "RESERVATION" => Ok(ReservationKind::Reserved),
        "RESERVATION_EXPIRES" => Ok(ReservationKind::Expired),
        _ => Err(node.wrong("is none of RESERVATION, RESERVATION_EXPIRES")),
    }
}
