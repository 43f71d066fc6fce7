//! The file of usage: days, agreed prices and events.

use std::collections::BTreeMap;

use domain::day::{Day, DayRule};
use domain::day_span::DaySpan;
use domain::instant::Instant;
use domain::price::Price;
use domain::quantity::{Quantity, Unit};
use domain::series::Direction;
use domain::usage::{Event, EventSource, Usage};
use domain::zone::Zone;
use proto::types;
use serde::Deserialize;

use super::UsageError;

const DAY: &str = "a day such as 2024-10-01";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UsageFile {
    zone: String,
    #[serde(default)]
    day_starts_at_hour: i8,
    from: String,
    to: String,
    contract_from: Option<String>,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
    events: Vec<EventEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventEntry {
    time: String,
    channel: Option<String>,
    dimension: Option<String>,
    quantity: Option<String>,
    unit: Option<String>,
    amount: Option<String>,
}

/// Reads the file.
pub(super) fn read(text: &str) -> Result<Usage, UsageError> {
    let file: UsageFile = serde_json::from_str(text).map_err(UsageError::Malformed)?;
    let zone = Zone::named(&file.zone).ok_or_else(|| not("zone", "a time zone such as Europe/Amsterdam"))?;
    let rule = DayRule::new(zone, file.day_starts_at_hour);
    let rule = rule.ok_or_else(|| not("day_starts_at_hour", "an hour from 0 to 23"))?;
    let day = |field: &str, text: &str| Day::parse(text).ok_or_else(|| not(field, DAY));
    let days = DaySpan::new(day("from", &file.from)?, day("to", &file.to)?);
    let contract_from = file.contract_from.as_deref().map(|text| day("contract_from", text)).transpose()?;
    let parameters = file.parameters.into_iter().map(|(name, text)| {
        let price =
            Price::parse(&text).map_err(|_| not(&format!("parameters.{name}"), "a decimal as text"))?;
        Ok((name, price))
    });
    let events = file.events.into_iter().enumerate().map(|(index, entry)| event(index, entry));
    Ok(Usage {
        rule,
        days: days.ok_or_else(|| not("to", "a day after from"))?,
        contract_from,
        parameters: parameters.collect::<Result<_, UsageError>>()?,
        events: events.collect::<Result<_, _>>()?,
    })
}

fn event(index: usize, entry: EventEntry) -> Result<Event, UsageError> {
    let at = |field: &str| format!("events[{index}].{field}");
    let time = Instant::parse(&entry.time);
    let source = match (entry.channel, entry.dimension) {
        (Some(channel), None) => {
            let direction = types::Direction::from_str_name(&channel);
            let direction = direction.and_then(|direction| Direction::try_from(direction).ok());
            let expected = "DIRECTION_CONSUMPTION or DIRECTION_PRODUCTION";
            EventSource::Channel(direction.ok_or_else(|| not(&at("channel"), expected))?)
        }
        (None, Some(dimension)) => EventSource::Dimension(dimension),
        _ => return Err(not(&format!("events[{index}]"), "of exactly one channel or dimension")),
    };
    let decimal = |field: &str, text: &str| {
        Quantity::parse(text).map_err(|_| not(&at(field), "a decimal as text with at most six decimals"))
    };
    let quantity = match (&entry.quantity, &entry.unit) {
        (None, None) => None,
        (Some(quantity), Some(unit)) => {
            let unit = types::Unit::from_str_name(unit).and_then(|unit| Unit::try_from(unit).ok());
            let unit = unit.ok_or_else(|| not(&at("unit"), "a unit such as UNIT_KILOWATT_HOUR"))?;
            Some((decimal("quantity", quantity)?, unit))
        }
        _ => return Err(not(&format!("events[{index}]"), "with both quantity and unit, or neither")),
    };
    Ok(Event {
        at: time.ok_or_else(|| not(&at("time"), "an instant such as 2024-10-01T12:00:00+02:00"))?,
        source,
        quantity,
        amount: entry.amount.as_deref().map(|text| decimal("amount", text)).transpose()?,
    })
}

fn not(path: &str, expected: &'static str) -> UsageError {
    UsageError::Value { path: path.to_owned(), expected }
}
