//! How long the intervals of a time series or a price series are.

use std::fmt;

use crate::day::{Day, DayRule};
use crate::instant::{Instant, Period};

/// The length of an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resolution {
    /// Five minutes.
    Minutes5,
    /// A quarter of an hour: the *kvarter* of settlement.
    Minutes15,
    /// Half an hour.
    Minutes30,
    /// An hour.
    Hour,
    /// A day by the point's day rule.
    Day,
    /// A month of such days.
    Month,
}

impl Resolution {
    /// Every resolution, finest first.
    pub const ALL: [Self; 6] =
        [Self::Minutes5, Self::Minutes15, Self::Minutes30, Self::Hour, Self::Day, Self::Month];

    /// The ISO 8601 duration that documents use.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Minutes5 => "PT5M",
            Self::Minutes15 => "PT15M",
            Self::Minutes30 => "PT30M",
            Self::Hour => "PT1H",
            Self::Day => "P1D",
            Self::Month => "P1M",
        }
    }

    /// The resolution of this ISO 8601 duration.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|resolution| resolution.code() == code)
    }

    /// Milliseconds of an interval; `None` for days and months, whose length the calendar gives.
    #[must_use]
    pub fn millis(self) -> Option<i64> {
        match self {
            Self::Minutes5 => Some(300_000),
            Self::Minutes15 => Some(900_000),
            Self::Minutes30 => Some(1_800_000),
            Self::Hour => Some(3_600_000),
            Self::Day | Self::Month => None,
        }
    }

    /// How many intervals the period has; `None` where it does not begin and end at the edge of an interval.
    #[must_use]
    pub fn count(self, period: Period, rule: &DayRule) -> Option<usize> {
        match self.millis() {
            Some(millis) => {
                (period.millis().checked_rem(millis)? == 0).then_some(())?;
                usize::try_from(period.millis().checked_div(millis)?).ok()
            }
            None => {
                let edge = |instant| {
                    rule.is_start(instant) && (self == Self::Day || rule.day_of(instant).of_month() == 1)
                };
                (edge(period.start()) && edge(period.end())).then_some(())?;
                let (first, last) = (rule.day_of(period.start()), rule.day_of(period.end()));
                let months = |day: Day| day.month();
                match self {
                    Self::Month => Some(
                        std::iter::successors(Some(months(first)), |m| Some(m.next()))
                            .take_while(|m| *m < months(last))
                            .count(),
                    ),
                    _ => Some(rule.days_of(period).len()),
                }
            }
        }
    }

    /// Where the interval of this index begins: the first at `start`, be it inside a day or month, the others where theirs
    /// does. A day that the zone skipped
    /// is not counted. `None` beyond the calendar.
    #[must_use]
    pub fn start_of(self, index: usize, start: Instant, rule: &DayRule) -> Option<Instant> {
        if index == 0 {
            return Some(start);
        }
        match self {
            Self::Day => {
                let lived = |day: &Day| rule.period(*day).is_some();
                rule.day_of(start).until(Day::MAX).filter(lived).nth(index).map(|day| rule.start(day))
            }
            Self::Month => {
                let month =
                    std::iter::successors(Some(rule.day_of(start).month()), |month| Some(month.next()))
                        .nth(index)?;
                Some(rule.start(month.first_day()))
            }
            _ => start.plus_millis(self.millis()?.checked_mul(i64::try_from(index).ok()?)?),
        }
    }
}

impl fmt::Display for Resolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
