//! Values of messages as people read them.

use std::time::Duration;

use domain::day::{Day, Month};
use domain::day_span::DaySpan;
use domain::instant::Instant;
use domain::money::{Currency, Money};
use prost_types::Timestamp;
use proto::{convert, google_type, types};

/// A sum as text with its currency.
pub(super) fn money(money: Option<&google_type::Money>) -> String {
    let money = money.cloned().and_then(|money| Money::try_from(money).ok());
    money.map(|money| format!("{} {}", money.to_text(), money.currency().code())).unwrap_or_default()
}

/// A month.
pub(super) fn month(date: Option<&google_type::Date>) -> String {
    let month = date.copied().and_then(|date| Month::try_from(date).ok());
    month.map(|month| month.to_string()).unwrap_or_default()
}

/// A day.
pub(super) fn day(date: Option<&google_type::Date>) -> String {
    let day = date.copied().and_then(|date| Day::try_from(date).ok());
    day.map(|day| day.to_string()).unwrap_or_default()
}

/// An instant in UTC.
pub(super) fn time(time: Option<&Timestamp>) -> String {
    let instant = time.copied().and_then(|time| convert::instant("", time).ok());
    instant.map(|instant| instant.to_string()).unwrap_or_default()
}

/// Days from the first to the last; open where they have no end.
pub(super) fn span(span: DaySpan) -> String {
    if span.is_open() {
        format!("{} to …", span.first())
    } else {
        format!("{} to {}", span.first(), span.end().previous())
    }
}

/// An address on one line.
pub(super) fn address(address: Option<&types::Address>) -> String {
    let Some(address) = address else { return String::new() };
    let town = format!("{} {}", address.postal_code, address.city);
    let parts = [address.street.as_str(), town.trim(), &address.country_code];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// The name of an enumeration's value without the name of the enumeration.
pub(super) fn word(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix).unwrap_or(name).to_owned()
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Hexadecimal digits as bytes.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let is_hex = text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let byte =
        |at: usize| text.get(at..at.checked_add(2)?).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    is_hex.then(|| (0..text.len()).step_by(2).map(byte).collect())?
}

/// A day given on the command line.
pub(super) fn parse_day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "write a day as 2024-10-01".to_owned())
}

/// A currency given on the command line.
pub(super) fn parse_currency(text: &str) -> Result<Currency, String> {
    Currency::from_code(text).ok_or_else(|| "is no currency that is known here, such as EUR".to_owned())
}

/// A month given on the command line.
pub(super) fn parse_month(text: &str) -> Result<Month, String> {
    Month::parse(text).ok_or_else(|| "write a month as 2024-10".to_owned())
}

/// An instant given on the command line.
pub(super) fn parse_instant(text: &str) -> Result<Instant, String> {
    Instant::parse(text).ok_or_else(|| "write an instant as 2024-11-01T04:00:00Z".to_owned())
}

/// A duration given on the command line: a whole number and `ms`, `s` or `m`.
pub(super) fn parse_duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit_ms = match unit {
        "ms" => Some(1),
        "s" => Some(1_000),
        "m" => Some(60_000),
        _ => None,
    };
    let number: Option<u64> = number.parse().ok();
    let duration_ms = number.zip(unit_ms).and_then(|(number, unit_ms)| number.checked_mul(unit_ms));
    duration_ms.map(Duration::from_millis).ok_or_else(|| "write a duration as 500ms, 5s or 2m".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        for (text, expected_ms) in [
            ("500ms", Some(500)),
            ("5s", Some(5_000)),
            ("2m", Some(120_000)),
            ("0s", Some(0)),
            ("5", None),
            ("s", None),
            ("-5s", None),
            ("1.5s", None),
            ("5 s", None),
            ("99999999999999999999s", None),
            ("9999999999999999999m", None),
        ] {
            assert_eq!(parse_duration(text).ok(), expected_ms.map(Duration::from_millis), "{text}");
        }
    }

    #[test]
    fn hashes_are_written_and_read() {
        assert_eq!(hex(&[0, 10, 255]), "000aff");
        assert_eq!(unhex("000aff"), Some(vec![0, 10, 255]));
        for text in ["0", "0g", "é0", "+1"] {
            assert_eq!(unhex(text), None, "{text}");
        }
    }
}
