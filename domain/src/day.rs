//! Civil days and months, and the rule that says when a metering point's day begins.

use std::fmt;

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::AmbiguousOffset;
use jiff::{Timestamp, ToSpan};

use crate::instant::{Instant, Period};
use crate::zone::Zone;

/// A date of the calendar. Which instants it covers is the [`DayRule`]'s to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

impl Day {
    /// The last day of the calendar: an open end.
    pub const MAX: Self = Self(Date::MAX);

    /// The day of this year, month (1 to 12) and day of the month; `None` where there is no such day.
    #[must_use]
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        Date::new(year, month, day).ok().map(Self)
    }

    pub(crate) fn of_date(date: Date) -> Self {
        Self(date)
    }

    /// Reads `2024-10-27`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    /// Days since 1970-01-01: the stored form.
    #[must_use]
    pub fn number(self) -> i32 {
        self.0.since(Date::constant(1970, 1, 1)).map(|span| span.get_days()).unwrap_or_default()
    }

    /// The day with this number; `None` outside the years -9999 to 9999.
    #[must_use]
    pub fn from_number(number: i32) -> Option<Self> {
        let epoch = Date::constant(1970, 1, 1);
        let span = jiff::Span::new().try_days(number).ok()?;
        epoch.checked_add(span).ok().map(Self)
    }

    /// The day after; the last day of the calendar is followed by itself.
    #[must_use]
    pub fn next(self) -> Self {
        self.0.tomorrow().map(Self).unwrap_or(self)
    }

    /// The day before; the first day of the calendar is preceded by itself.
    #[must_use]
    pub fn previous(self) -> Self {
        self.0.yesterday().map(Self).unwrap_or(self)
    }

    /// The month it lies in.
    #[must_use]
    pub fn month(self) -> Month {
        Month(self.0.first_of_month())
    }

    /// Day of the month, 1 to 31.
    #[must_use]
    pub fn of_month(self) -> i8 {
        self.0.day()
    }

    /// Whether it is a Saturday or a Sunday.
    #[must_use]
    pub fn is_weekend(self) -> bool {
        matches!(self.0.weekday(), Weekday::Saturday | Weekday::Sunday)
    }

    /// Day of the week, 1 (Monday) to 7 (Sunday).
    #[must_use]
    pub fn of_week(self) -> i8 {
        self.0.weekday().to_monday_one_offset()
    }

    /// The days from this one to the day before `end`, in order.
    pub fn until(self, end: Self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |day| Some(day.next())).take_while(move |day| *day < end)
    }

    /// Civil days from this day to `later`; negative where that is earlier.
    #[must_use]
    pub fn days_to(self, later: Self) -> i32 {
        later.number().saturating_sub(self.number())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A month of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(Date);

impl Month {
    /// The month of this year, 1 to 12; `None` where there is no such month.
    #[must_use]
    pub fn new(year: i16, month: i8) -> Option<Self> {
        Date::new(year, month, 1).ok().map(Self)
    }

    /// Reads `2024-10`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 7).then_some(())?;
        format!("{text}-01").parse().ok().map(Self)
    }

    /// Its first day.
    #[must_use]
    pub fn first_day(self) -> Day {
        Day(self.0)
    }

    /// The month after; the last month of the calendar is followed by itself.
    #[must_use]
    pub fn next(self) -> Self {
        self.0.checked_add(1.month()).map(Self).unwrap_or(self)
    }

    /// The calendar year.
    #[must_use]
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// The month of the year, 1 to 12.
    #[must_use]
    pub fn of_year(self) -> i8 {
        self.0.month()
    }

    /// Civil days in it, 28 to 31.
    #[must_use]
    pub fn days(self) -> i64 {
        i64::from(self.0.days_in_month())
    }
}

/// `2024-10`.
impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

/// When the day of a metering point begins: a zone and an hour.
///
/// Electricity days are civil (hour 0), the gas day begins at 06:00 (in Great Britain at 05:00). A day is as long as
/// the zone makes it: 23, 24 or 25 hours, and none at all where a zone skipped the date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayRule {
    zone: Zone,
    start_hour: i8,
}

impl DayRule {
    /// A rule; `None` where the hour is not 0 to 23.
    #[must_use]
    pub fn new(zone: Zone, start_hour: i8) -> Option<Self> {
        (0..24).contains(&start_hour).then_some(Self { zone, start_hour })
    }

    /// Days from midnight to midnight.
    #[must_use]
    pub fn civil(zone: Zone) -> Self {
        Self { zone, start_hour: 0 }
    }

    /// The zone.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The local hour at which a day begins.
    #[must_use]
    pub fn start_hour(&self) -> i8 {
        self.start_hour
    }

    /// The first instant of the day: the first whose local reading is not before the day's date and start hour.
    #[must_use]
    pub fn start(&self, day: Day) -> Instant {
        let local = DateTime::from_parts(day.0, Time::constant(self.start_hour, 0, 0, 0));
        first_instant_at(&self.zone, local)
    }

    /// The instants of the day; `None` where the zone skipped it.
    #[must_use]
    pub fn period(&self, day: Day) -> Option<Period> {
        Period::new(self.start(day), self.start(day.next()))
    }

    /// The instants of the month.
    #[must_use]
    pub fn month_period(&self, month: Month) -> Option<Period> {
        Period::new(self.start(month.first_day()), self.start(month.next().first_day()))
    }

    /// The day in which the instant lies.
    #[must_use]
    pub fn day_of(&self, instant: Instant) -> Day {
        let local = self.zone.time_zone().to_datetime(instant.timestamp());
        let guess = Day(local.date());
        let mut day = if local.hour() < self.start_hour { guess.previous() } else { guess };
        while self.start(day) > instant && day.previous() != day {
            day = day.previous();
        }
        while day.next() != day && self.start(day.next()) <= instant {
            day = day.next();
        }
        day
    }

    /// Whether a day begins at this instant.
    #[must_use]
    pub fn is_start(&self, instant: Instant) -> bool {
        self.start(self.day_of(instant)) == instant
    }

    /// The days that share an instant with the period, in order.
    #[must_use]
    pub fn days_of(&self, period: Period) -> Vec<Day> {
        let first = self.day_of(period.start());
        first.until(self.day_after(period.end())).filter(|day| self.period(*day).is_some()).collect()
    }

    /// The local hour of the day (0 to 23) of an instant.
    #[must_use]
    pub fn local_hour(&self, instant: Instant) -> i8 {
        self.zone.time_zone().to_datetime(instant.timestamp()).hour()
    }

    /// The civil local reading of an instant, such as `2024-10-27T02:00`.
    #[must_use]
    pub fn local_text(&self, instant: Instant) -> String {
        let local = self.zone.time_zone().to_datetime(instant.timestamp());
        format!("{}T{:02}:{:02}", local.date(), local.hour(), local.minute())
    }

    /// The first and the last instant at which the local clock shows so many minutes after midnight of the day: two where
    /// the clock is set back over it, the instant of the change where it is skipped. 1,440 minutes are the midnight after.
    /// `None` beyond those.
    #[must_use]
    pub fn at_minute(&self, day: Day, minute: u16) -> Option<(Instant, Instant)> {
        let (day, minute) = if minute == 24 * 60 { (day.next(), 0) } else { (day, minute) };
        let hour = i8::try_from(minute.checked_div(60)?).ok()?;
        let time = Time::new(hour, i8::try_from(minute.checked_rem(60)?).ok()?, 0, 0).ok()?;
        let local = DateTime::from_parts(day.0, time);
        let first = first_instant_at(&self.zone, local);
        let last = match self.zone.time_zone().to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Fold { after, .. } => after.to_timestamp(local).map_or(first, Instant::of),
            _ => first,
        };
        Some((first, last))
    }

    /// The first day that begins at or after the instant.
    fn day_after(&self, instant: Instant) -> Day {
        let day = self.day_of(instant);
        if self.start(day) == instant { day } else { day.next() }
    }
}

fn first_instant_at(zone: &Zone, local: DateTime) -> Instant {
    let ambiguous = zone.time_zone().to_ambiguous_timestamp(local);
    let instant = match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(local),
        AmbiguousOffset::Fold { before, .. } => before.to_timestamp(local),
        AmbiguousOffset::Gap { before, .. } => before.to_timestamp(local).map(|shifted| {
            // The change itself may fall on `shifted`, where the skipped stretch begins with the local time asked for.
            let after = shifted.saturating_add(1.nanosecond()).unwrap_or(Timestamp::MAX);
            let change = zone.time_zone().preceding(after).next();
            change.map_or(shifted, |change| change.timestamp())
        }),
    };
    match instant {
        Ok(timestamp) => Instant::of(timestamp),
        Err(_) if local.year() < 0 => Instant::MIN,
        Err(_) => Instant::MAX,
    }
}
