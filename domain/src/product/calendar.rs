//! Calendar prices: by local time of day and day of the week, in weeks that hold from a day on.

use super::ProductDefect;
use crate::day::Day;
use crate::instant::{Instant, Period};
use crate::price::Price;
use crate::zone::Zone;

/// Minutes of a day by the clock on the wall, however long the day is.
pub const MINUTES_OF_DAY: u16 = 1_440;
/// Milliseconds of a minute.
const MINUTE_MS: i64 = 60_000;

/// Some days of the week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Weekdays(u8);

/// A price on some days of the week between two times of the local day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarWindow {
    /// On these days.
    pub weekdays: Weekdays,
    /// The first minute of the day, from 0.
    pub from_minute: u16,
    /// The first minute after it, up to 1,440: midnight at the end of the day. What runs over midnight is two windows.
    pub to_minute: u16,
    /// The price.
    pub price: Price,
}

/// The prices of a week, which hold from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarWeek {
    /// The first civil day on which they hold; the next week ends them.
    pub valid_from: Day,
    /// Its windows, in any order: every minute of every day of the week lies in exactly one.
    pub windows: Vec<CalendarWindow>,
}

/// Why an interval has no calendar price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalendarFault {
    /// No week holds yet, or no window covers its start.
    NoPrice,
    /// The price is another before the interval ends.
    ChangesWithin,
}

/// Calendar prices read interval by interval. It keeps the last price and until when it holds.
#[derive(Debug)]
pub struct CalendarReader<'a> {
    weeks: &'a [CalendarWeek],
    zone: &'a Zone,
    held: Option<(Period, Price)>,
}

impl Weekdays {
    /// Every day.
    pub const ALL: Self = Self(0b111_1111);

    /// These days, each 1 (Monday) to 7 (Sunday); `None` where there is no such day.
    #[must_use]
    pub fn of(days: impl IntoIterator<Item = i8>) -> Option<Self> {
        days.into_iter().try_fold(Self::default(), |set, day| Some(Self(set.0 | Self::bit(day)?)))
    }

    /// Whether the day, 1 (Monday) to 7 (Sunday), is among them.
    #[must_use]
    pub fn contains(self, day: i8) -> bool {
        Self::bit(day).is_some_and(|bit| self.0 & bit != 0)
    }

    /// Its days, 1 (Monday) to 7 (Sunday), in order.
    pub fn days(self) -> impl Iterator<Item = i8> {
        (1..=7).filter(move |day| self.contains(*day))
    }

    fn bit(day: i8) -> Option<u8> {
        let place = u32::try_from(day).ok()?.checked_sub(1)?;
        (place < 7).then(|| 1_u8.checked_shl(place))?
    }
}

/// Adds what is wrong with the weeks of the component with this id, which must have prices from `valid_from` on.
pub(super) fn check(id: &str, weeks: &[CalendarWeek], valid_from: Day, defects: &mut Vec<ProductDefect>) {
    let mut refuse = |is_wrong: bool, defect: fn(String) -> ProductDefect| {
        if is_wrong {
            defects.push(defect(id.to_owned()));
        }
    };
    refuse(weeks.first().is_none_or(|first| first.valid_from > valid_from), ProductDefect::NoPriceAtStart);
    let ascending = weeks.is_sorted_by(|one, next| one.valid_from < next.valid_from);
    refuse(!ascending, ProductDefect::PricesOutOfOrder);
    let is_none = |window: &CalendarWindow| {
        window.weekdays == Weekdays::default()
            || window.from_minute >= window.to_minute
            || window.to_minute > MINUTES_OF_DAY
    };
    refuse(weeks.iter().flat_map(|week| &week.windows).any(is_none), ProductDefect::NoSuchWindow);
    let days = || weeks.iter().flat_map(|week| (1..=7).map(|day| bounds(week, day)));
    let covers = |bounds: &[(u16, u16)]| {
        let end = bounds.iter().try_fold(0, |end: u16, (from, to)| (*from <= end).then(|| end.max(*to)));
        end.is_some_and(|end| end >= MINUTES_OF_DAY)
    };
    refuse(!days().all(|bounds| covers(&bounds)), ProductDefect::CalendarGap);
    let overlaps = |bounds: &[(u16, u16)]| {
        bounds.iter().zip(bounds.iter().skip(1)).any(|((_, to), (from, _))| from < to)
    };
    refuse(days().any(|bounds| overlaps(&bounds)), ProductDefect::CalendarOverlap);
}

/// The windows of a day of the week, in order.
fn bounds(week: &CalendarWeek, day: i8) -> Vec<(u16, u16)> {
    let windows = week.windows.iter().filter(|window| window.weekdays.contains(day));
    let mut bounds: Vec<(u16, u16)> = windows.map(|window| (window.from_minute, window.to_minute)).collect();
    bounds.sort_unstable();
    bounds
}

impl<'a> CalendarReader<'a> {
    /// A reader of weeks in ascending order, by the clocks of a zone.
    #[must_use]
    pub fn new(weeks: &'a [CalendarWeek], zone: &'a Zone) -> Self {
        Self { weeks, zone, held: None }
    }

    /// The price in force at an instant, by its local reading: an hour that the clocks show twice has one price, what they
    /// skip is never asked for.
    #[must_use]
    pub fn at(&mut self, at: Instant) -> Option<Price> {
        if let Some((period, price)) = self.held
            && period.contains(at)
        {
            return Some(price);
        }
        let (day, since_midnight_ms) = self.zone.local_reading(at);
        let week = self.weeks.iter().rev().find(|week| week.valid_from <= day)?;
        let minute = u16::try_from(since_midnight_ms.checked_div(MINUTE_MS)?).ok()?;
        let window = week.windows.iter().find(|window| {
            window.weekdays.contains(day.of_week())
                && (window.from_minute..window.to_minute).contains(&minute)
        })?;
        let end_ms = i64::from(window.to_minute).checked_mul(MINUTE_MS)?.checked_sub(since_midnight_ms)?;
        let end = at.plus_millis(end_ms).unwrap_or(Instant::MAX);
        let end = self.zone.next_change(at).map_or(end, |change| change.min(end));
        self.held = Period::new(at, end).map(|period| (period, window.price));
        Some(window.price)
    }

    /// The price of an interval: that of its start, which must hold to its end.
    ///
    /// # Errors
    /// [`CalendarFault`] where it has none, or several.
    pub fn over(&mut self, interval: Period) -> Result<Price, CalendarFault> {
        let price = self.at(interval.start()).ok_or(CalendarFault::NoPrice)?;
        while let Some((held, _)) = self.held
            && held.end() < interval.end()
        {
            if self.at(held.end()).ok_or(CalendarFault::NoPrice)? != price {
                return Err(CalendarFault::ChangesWithin);
            }
        }
        Ok(price)
    }
}
