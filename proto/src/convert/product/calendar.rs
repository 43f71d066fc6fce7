//! Calendar prices: weeks, windows, days of the week and times of the local day.

use domain::product::calendar::MINUTES_OF_DAY;
use domain::product::{CalendarWeek, CalendarWindow, Weekdays};

use crate::catalog;
use crate::convert::{FieldError, FieldFault, field};
use crate::google_type::{DayOfWeek, TimeOfDay};

impl From<&CalendarWeek> for catalog::CalendarWeek {
    fn from(week: &CalendarWeek) -> Self {
        Self { valid_from: Some((&week.valid_from).into()), windows: field::messages(&week.windows) }
    }
}

impl TryFrom<catalog::CalendarWeek> for CalendarWeek {
    type Error = FieldError;

    fn try_from(week: catalog::CalendarWeek) -> Result<Self, FieldError> {
        Ok(Self {
            valid_from: field::required("valid_from", week.valid_from)?,
            windows: field::each("windows", week.windows)?,
        })
    }
}

impl From<&CalendarWindow> for catalog::CalendarWindow {
    fn from(window: &CalendarWindow) -> Self {
        Self {
            weekdays: window.weekdays.days().map(i32::from).collect(),
            from_time: Some(time_of_day(window.from_minute)),
            to_time: Some(time_of_day(window.to_minute)),
            price: Some((&window.price).into()),
        }
    }
}

impl TryFrom<catalog::CalendarWindow> for CalendarWindow {
    type Error = FieldError;

    fn try_from(window: catalog::CalendarWindow) -> Result<Self, FieldError> {
        Ok(Self {
            weekdays: weekdays(&window.weekdays)?,
            from_minute: minute("from_time", window.from_time)?,
            to_minute: minute("to_time", window.to_time)?,
            price: field::required("price", window.price)?,
        })
    }
}

/// The numbers of the days of the week are those of the calendar: Monday is 1, Sunday 7.
pub(in crate::convert) fn weekdays(numbers: &[i32]) -> Result<Weekdays, FieldError> {
    let known = |number: &i32| DayOfWeek::try_from(*number).ok().and_then(|_| i8::try_from(*number).ok());
    let days = numbers.iter().map(known).collect::<Option<Vec<i8>>>().and_then(Weekdays::of);
    let days = days.ok_or_else(|| FieldError::at("weekdays", FieldFault::Unknown))?;
    let is_each_once = days.days().count() == numbers.len();
    if is_each_once { Ok(days) } else { Err(FieldError::at("weekdays", FieldFault::Contradiction)) }
}

/// A minute of the day.
pub(in crate::convert) fn time_of_day(minute: u16) -> TimeOfDay {
    let part = |minute: Option<u16>| minute.map(i32::from).unwrap_or_default();
    let (hours, minutes) = (part(minute.checked_div(60)), part(minute.checked_rem(60)));
    TimeOfDay { hours, minutes, seconds: 0, nanos: 0 }
}

/// The minute of the day, up to 24:00.
pub(in crate::convert) fn minute(field: &str, time: Option<TimeOfDay>) -> Result<u16, FieldError> {
    let time = time.ok_or_else(|| FieldError::at(field, FieldFault::Missing))?;
    let is_clock = (0..=24).contains(&time.hours)
        && (0..60).contains(&time.minutes)
        && (time.seconds, time.nanos) == (0, 0);
    let minute = time.hours.checked_mul(60).and_then(|minutes| minutes.checked_add(time.minutes));
    let minute = minute.filter(|_| is_clock).and_then(|minute| u16::try_from(minute).ok());
    let minute = minute.filter(|minute| *minute <= MINUTES_OF_DAY);
    minute.ok_or_else(|| FieldError::at(field, FieldFault::OutOfRange))
}
