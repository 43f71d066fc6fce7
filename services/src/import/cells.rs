//! What cells hold, whatever the form: ids, days, spans, addresses, percent.

use domain::address::Address;
use domain::day::Day;
use domain::day_span::DaySpan;
use domain::fixed;
use domain::identity::MeteringPointId;
use domain::instant::Instant;
use domain::money::Currency;
use domain::quantity::Unit;
use domain::zone::Zone;

use super::error::CsvError;
use super::table::Row;

/// The most characters of a name or another text.
const MOST_OF_A_TEXT: usize = 500;
/// The most characters of an id.
const MOST_OF_AN_ID: usize = 64;

pub(super) const DAY: &str = "a day such as 2024-10-01";
pub(super) const INSTANT: &str = "an instant in UTC such as 2024-09-30T22:00:00Z";
const ID: &str = "an id of 1 to 64 letters, digits, dots, hyphens or underscores";

impl<'a> Row<'a> {
    /// An id that can stand in a resource name.
    pub(super) fn id(&self, column: &'static str) -> Result<&'a str, CsvError> {
        self.value(column, ID, |text| is_id(text).then_some(text))
    }

    /// A text that is not empty.
    pub(super) fn name(&self, column: &'static str) -> Result<String, CsvError> {
        let expected = "a text of 1 to 500 characters";
        self.value(column, expected, |text| if text.is_empty() { None } else { bounded(text) })
    }

    /// A text that may be empty.
    pub(super) fn free_text(&self, column: &'static str) -> Result<String, CsvError> {
        self.value(column, "a text of at most 500 characters", bounded)
    }

    /// A metering point's id.
    pub(super) fn metering_point(&self, column: &'static str) -> Result<MeteringPointId, CsvError> {
        self.value(column, "a metering point id of 18 digits, not all zeros", MeteringPointId::parse_point)
    }

    /// A civil day.
    pub(super) fn day(&self, column: &'static str) -> Result<Day, CsvError> {
        self.value(column, DAY, Day::parse)
    }

    /// An instant.
    pub(super) fn instant(&self, column: &'static str) -> Result<Instant, CsvError> {
        self.value(column, INSTANT, Instant::parse)
    }

    /// The columns `first_day` and `end_day`: half-open, without an end where that is empty.
    pub(super) fn span(&self) -> Result<DaySpan, CsvError> {
        let first = self.day("first_day")?;
        let expected = "the first day after the last, later than first_day, or nothing";
        let end = self.optional("end_day", expected, Day::parse)?;
        let span = match end {
            Some(end) => DaySpan::new(first, end),
            None => DaySpan::since(first),
        };
        span.ok_or_else(|| self.wrong("end_day", expected))
    }

    /// The four columns of an address; each may be empty.
    pub(super) fn address(&self) -> Result<Address, CsvError> {
        let is_code = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
        let country = |text: &'a str| (text.is_empty() || is_code(text)).then(|| text.to_owned());
        Ok(Address {
            street: self.free_text("street")?,
            postal_code: self.free_text("postal_code")?,
            city: self.free_text("city")?,
            country: self.value("country_code", "an ISO 3166-1 code of two capitals such as NL", country)?,
        })
    }

    /// A currency.
    pub(super) fn currency(&self) -> Result<Currency, CsvError> {
        self.value("currency", "an ISO 4217 code such as EUR", Currency::from_code)
    }

    /// A unit by its symbol.
    pub(super) fn unit(&self) -> Result<Unit, CsvError> {
        let symbols: Vec<&str> = Unit::ALL.into_iter().map(Unit::symbol).collect();
        self.value("unit", &format!("a unit: {}", symbols.join(", ")), Unit::from_symbol)
    }

    /// A time zone.
    pub(super) fn zone(&self) -> Result<Zone, CsvError> {
        self.value("zone", "an IANA time zone such as Europe/Amsterdam", Zone::named)
    }
}

/// Hundredths of a percent from a percentage of at most two decimals.
pub(super) fn hundredths(text: &str) -> Option<u32> {
    fixed::parse(text, 2).ok().and_then(|hundredths| u32::try_from(hundredths).ok())
}

/// One of two words.
pub(super) fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

pub(super) fn is_id(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    (1..=MOST_OF_AN_ID).contains(&text.len()) && text.bytes().all(is_letter)
}

/// A text within its bound and without control characters.
fn bounded(text: &str) -> Option<String> {
    let fits = text.chars().count() <= MOST_OF_A_TEXT && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}
