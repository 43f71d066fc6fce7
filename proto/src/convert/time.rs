//! Instants, periods, days, months and spans of days.

use domain::day::{Day, Month};
use domain::day_span::DaySpan;
use domain::instant::{Instant, Period};
use prost_types::Timestamp;

use super::{FieldError, FieldFault};
use crate::{google_type, types};

/// The message of an instant.
#[must_use]
pub fn timestamp(instant: Instant) -> Timestamp {
    let millis = instant.millis();
    let nanos = millis.rem_euclid(1000).saturating_mul(1_000_000);
    Timestamp { seconds: millis.div_euclid(1000), nanos: i32::try_from(nanos).unwrap_or_default() }
}

/// The instant of a message; `field` is what an error names.
///
/// # Errors
/// [`FieldFault::NotAnInstant`] where it is finer than a millisecond or outside the years -9999 to 9999.
pub fn instant(field: &str, timestamp: Timestamp) -> Result<Instant, FieldError> {
    let nanos = i64::from(timestamp.nanos);
    let is_whole = (0..1_000_000_000).contains(&nanos) && nanos.checked_rem(1_000_000) == Some(0);
    let millis = nanos
        .checked_div(1_000_000)
        .and_then(|part| timestamp.seconds.checked_mul(1000).and_then(|millis| millis.checked_add(part)));
    let instant = millis.filter(|_| is_whole).and_then(Instant::from_millis);
    instant.ok_or_else(|| FieldError::at(field, FieldFault::NotAnInstant))
}

/// The instant of a field that must be set.
pub(super) fn required_instant(field: &str, message: Option<Timestamp>) -> Result<Instant, FieldError> {
    instant(field, message.ok_or_else(|| FieldError::at(field, FieldFault::Missing))?)
}

/// The instant of a field that may be left out.
pub(super) fn optional_instant(
    field: &str,
    message: Option<Timestamp>,
) -> Result<Option<Instant>, FieldError> {
    message.map(|message| instant(field, message)).transpose()
}

impl From<&Day> for google_type::Date {
    fn from(day: &Day) -> Self {
        let month = day.month();
        Self { year: month.year().into(), month: month.of_year().into(), day: day.of_month().into() }
    }
}

impl TryFrom<google_type::Date> for Day {
    type Error = FieldError;

    fn try_from(date: google_type::Date) -> Result<Self, FieldError> {
        let parts = (i16::try_from(date.year), i8::try_from(date.month), i8::try_from(date.day));
        let day = match parts {
            (Ok(year), Ok(month), Ok(day)) => Self::new(year, month, day),
            _ => None,
        };
        day.ok_or(FieldError::here(FieldFault::NotADay))
    }
}

impl From<&Month> for google_type::Date {
    fn from(month: &Month) -> Self {
        Self { year: month.year().into(), month: month.of_year().into(), day: 0 }
    }
}

impl TryFrom<google_type::Date> for Month {
    type Error = FieldError;

    fn try_from(date: google_type::Date) -> Result<Self, FieldError> {
        let month = match (i16::try_from(date.year), i8::try_from(date.month)) {
            (Ok(year), Ok(month)) if date.day == 0 => Self::new(year, month),
            _ => None,
        };
        month.ok_or(FieldError::here(FieldFault::NotAMonth))
    }
}

impl From<&DaySpan> for types::DaySpan {
    fn from(span: &DaySpan) -> Self {
        let end_day = (!span.is_open()).then(|| (&span.end()).into());
        Self { first_day: Some((&span.first()).into()), end_day }
    }
}

impl TryFrom<types::DaySpan> for DaySpan {
    type Error = FieldError;

    fn try_from(span: types::DaySpan) -> Result<Self, FieldError> {
        let first = super::field::required("first_day", span.first_day)?;
        let end = super::field::optional("end_day", span.end_day)?.unwrap_or(Day::MAX);
        Self::new(first, end).ok_or(FieldError::at("end_day", FieldFault::EndsBeforeStart))
    }
}

/// A period that begins or ends with the calendar leaves that end open.
impl From<&Period> for google_type::Interval {
    fn from(period: &Period) -> Self {
        let start_time = (period.start() != Instant::MIN).then(|| timestamp(period.start()));
        let end_time = (!period.is_open()).then(|| timestamp(period.end()));
        Self { start_time, end_time }
    }
}

impl TryFrom<google_type::Interval> for Period {
    type Error = FieldError;

    fn try_from(interval: google_type::Interval) -> Result<Self, FieldError> {
        let start = optional_instant("start_time", interval.start_time)?.unwrap_or(Instant::MIN);
        let end = optional_instant("end_time", interval.end_time)?.unwrap_or(Instant::MAX);
        Self::new(start, end).ok_or(FieldError::at("end_time", FieldFault::EndsBeforeStart))
    }
}
