//! Price sheets as tariffs of OCPI 2.2.1, for whoever is to see by what a session was priced.

use domain::cdr::Party;
use domain::instant::Instant;
use domain::price::Price;
use domain::price_sheet::{
    Dimension, Element, Limit, PriceComponent, PriceSheet, ReservationKind, Restrictions,
};
use domain::product::Weekdays;
use domain::quantity::Quantity;

use super::tariff::WEEKDAYS;
use super::written::{Written, number};

/// The longest id of a tariff, `CiString(36)`.
const MOST_ID: usize = 36;

/// Whose tariff it is and how it is called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TariffName<'a> {
    /// The operator.
    pub(crate) party: Party,
    /// Its id of the tariff.
    pub(crate) id: &'a str,
    /// When it was changed last.
    pub(crate) last_updated: Instant,
}

/// The tariff. None where OCPI 2.2.1 can't say what the sheet says: prices that include tax, a bound with tax alone, an
/// element without a price, an id that is too long.
pub(crate) fn tariff(sheet: &PriceSheet, name: TariffName<'_>) -> Option<Written> {
    let is_id = (1..=MOST_ID).contains(&name.id.len()) && name.id.bytes().all(|byte| byte.is_ascii_graphic());
    let has_prices = !sheet.elements.is_empty() && sheet.elements.iter().all(|of| !of.components.is_empty());
    let has_bounds = [sheet.least, sheet.most]
        .iter()
        .all(|limit| limit.excluding_vat.is_some() || limit.including_vat.is_none());
    if sheet.includes_vat || !is_id || !has_prices || !has_bounds {
        return None;
    }
    let since = Some(sheet.valid.start()).filter(|start| *start != Instant::MIN);
    let until = Some(sheet.valid.end()).filter(|_| !sheet.valid.is_open());
    let written = Written::default()
        .with("country_code", name.party.country())
        .with("party_id", name.party.id())
        .with("id", name.id)
        .with("currency", sheet.currency.code())
        .with_any("min_price", bound(sheet.least))
        .with_any("max_price", bound(sheet.most))
        .with("elements", sheet.elements.iter().map(element).collect::<Vec<_>>())
        .with_any("start_date_time", since.map(|start| start.to_string()))
        .with_any("end_date_time", until.map(|end| end.to_string()));
    Some(written.with("last_updated", name.last_updated.to_string()))
}

fn bound(limit: Limit) -> Option<Written> {
    let text = |price: Price| number(&price.to_string());
    let excluding_vat = limit.excluding_vat.map(text)?;
    let written = Written::default().with("excl_vat", excluding_vat);
    Some(written.with_any("incl_vat", limit.including_vat.map(text)))
}

fn element(element: &Element) -> Written {
    let restrictions = restrictions(&element.restrictions);
    Written::default()
        .with("price_components", element.components.iter().map(component).collect::<Vec<_>>())
        .with_any("restrictions", Some(restrictions).filter(|restrictions| !restrictions.is_empty()))
}

fn component(component: &PriceComponent) -> Written {
    let kind = match component.dimension {
        Dimension::Energy => "ENERGY",
        Dimension::Time => "TIME",
        Dimension::ParkingTime => "PARKING_TIME",
        Dimension::Flat => "FLAT",
    };
    Written::default()
        .with("type", kind)
        .with("price", number(&component.price.to_string()))
        .with_any("vat", component.vat.map(|rate| number(&rate.percent_text())))
        .with("step_size", component.step_size)
}

fn restrictions(held: &Restrictions) -> Written {
    let volume = |quantity: Option<Quantity>| quantity.map(|quantity| number(&quantity.to_string()));
    let reservation = held.reservation.map(|kind| match kind {
        ReservationKind::Reserved => "RESERVATION",
        ReservationKind::Expired => "RESERVATION_EXPIRES",
    });
    Written::default()
        .with_any("start_time", held.start_minute.map(clock))
        .with_any("end_time", held.end_minute.map(clock))
        .with_any("start_date", held.start_date.map(|day| day.to_string()))
        .with_any("end_date", held.end_date.map(|day| day.to_string()))
        .with_any("min_kwh", volume(held.min_energy_kwh))
        .with_any("max_kwh", volume(held.max_energy_kwh))
        .with_any("min_current", volume(held.min_current_a))
        .with_any("max_current", volume(held.max_current_a))
        .with_any("min_power", volume(held.min_power_kw))
        .with_any("max_power", volume(held.max_power_kw))
        .with_any("min_duration", held.min_duration_s)
        .with_any("max_duration", held.max_duration_s)
        .with_any("day_of_week", held.weekdays.map(weekdays))
        .with_any("reservation", reservation)
}

/// A minute after midnight as the clock shows it.
fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

fn weekdays(days: Weekdays) -> Vec<&'static str> {
    (1..).zip(WEEKDAYS).filter(|(day, _)| days.contains(*day)).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ocpi::read_tariffs;

    const WHOLE: &str = r#"{"id": "T1", "currency": "EUR", "min_price": {"excl_vat": 0.50, "incl_vat": 0.60},
        "max_price": {"excl_vat": 50}, "start_date_time": "2026-01-01T00:00:00Z", "end_date_time": "2027-01-01T00:00:00Z",
        "elements": [
            {"price_components": [{"type": "ENERGY", "price": 0.25, "vat": 21.0, "step_size": 1},
                                  {"type": "FLAT", "price": -1.5, "step_size": 1}],
             "restrictions": {"start_time": "22:30", "end_time": "06:05", "start_date": "2026-02-01", "end_date": "2026-03-01",
                "min_kwh": 1.5, "max_kwh": 20, "min_current": 6, "max_current": 32, "min_power": 3.7, "max_power": 22,
                "min_duration": 60, "max_duration": 3600, "day_of_week": ["MONDAY", "SUNDAY"], "reservation": "RESERVATION"}},
            {"price_components": [{"type": "TIME", "price": 2, "vat": 5.5, "step_size": 300},
                                  {"type": "PARKING_TIME", "price": 5, "vat": 0, "step_size": 900}]}]}"#;

    fn written(text: &str, id: &str) -> Option<String> {
        let sheet = read_tariffs(text).unwrap().remove(0);
        let party = Party::new("NL", "LGT").unwrap();
        tariff(&sheet, TariffName { party, id, last_updated: Instant::MIN }).map(|written| written.text())
    }

    #[test]
    fn a_sheet_says_as_a_tariff_what_it_was_read_from() {
        let text = written(WHOLE, "T1").unwrap();
        assert_eq!(read_tariffs(&text).unwrap(), read_tariffs(WHOLE).unwrap(), "{text}");
    }

    #[test]
    fn what_a_tariff_cannot_say_is_no_tariff() {
        let element = r#"{"price_components": [{"type": "FLAT", "price": 1, "step_size": 1}]}"#;
        let cases = [
            (r#""tax_included": "YES", "#, element, "T1"),
            (r#""min_price": {"incl_vat": 1}, "#, element, "T1"),
            ("", r#"{"price_components": []}"#, "T1"),
            ("", element, ""),
            ("", element, "0123456789012345678901234567890123456"),
        ];
        for (fields, element, id) in cases {
            let text = format!(r#"{{{fields}"id": "T1", "currency": "EUR", "elements": [{element}]}}"#);
            assert_eq!(written(&text, id), None, "{text} {id}");
        }
    }
}
