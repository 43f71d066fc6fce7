//! Half-open spans of days: the form in which contracts, products, prices and service periods are stated.

use std::fmt;

use crate::day::{Day, DayRule, Month};
use crate::instant::Period;

/// The days from `first` to the day before `end`. At least one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DaySpan {
    first: Day,
    end: Day,
}

impl DaySpan {
    /// A span; `None` where it would be empty or run backwards.
    #[must_use]
    pub fn new(first: Day, end: Day) -> Option<Self> {
        (first < end).then_some(Self { first, end })
    }

    /// From `first` on, with an open end.
    #[must_use]
    pub fn since(first: Day) -> Option<Self> {
        Self::new(first, Day::MAX)
    }

    /// The days of a month.
    #[must_use]
    pub fn of_month(month: Month) -> Option<Self> {
        Self::new(month.first_day(), month.next().first_day())
    }

    /// The days that share an instant with the period.
    #[must_use]
    pub fn of_period(period: Period, rule: &DayRule) -> Option<Self> {
        let last = rule.day_of(period.end());
        let end = if period.is_open() || rule.start(last) == period.end() { last } else { last.next() };
        Self::new(rule.day_of(period.start()), if period.is_open() { Day::MAX } else { end })
    }

    /// The days that begin in the period. A gas point is linked from a local midnight on as well: its first gas day is
    /// the one that begins on that date. `None` where none begins.
    #[must_use]
    pub fn beginning_in(period: Period, rule: &DayRule) -> Option<Self> {
        let from = |instant| {
            let day = rule.day_of(instant);
            if rule.start(day) == instant { day } else { day.next() }
        };
        Self::new(from(period.start()), if period.is_open() { Day::MAX } else { from(period.end()) })
    }

    /// Its first day.
    #[must_use]
    pub const fn first(self) -> Day {
        self.first
    }

    /// The day after its last day.
    #[must_use]
    pub const fn end(self) -> Day {
        self.end
    }

    /// Whether it has no end.
    #[must_use]
    pub fn is_open(self) -> bool {
        self.end == Day::MAX
    }

    /// Whether the day lies in it.
    #[must_use]
    pub fn contains(self, day: Day) -> bool {
        self.first <= day && day < self.end
    }

    /// Whether all of `other` lies in it.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        self.first <= other.first && other.end <= self.end
    }

    /// What both have in common.
    #[must_use]
    pub fn intersection(self, other: Self) -> Option<Self> {
        Self::new(self.first.max(other.first), self.end.min(other.end))
    }

    /// Whether both share a day.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.intersection(other).is_some()
    }

    /// Cut at every day of `cuts` that lies inside it, in order: each cut begins a new span.
    #[must_use]
    pub fn split(self, cuts: impl IntoIterator<Item = Day>) -> Vec<Self> {
        let mut edges: Vec<Day> =
            cuts.into_iter().filter(|cut| self.first < *cut && *cut < self.end).collect();
        edges.extend([self.first, self.end]);
        edges.sort_unstable();
        edges.dedup();
        edges.iter().zip(edges.iter().skip(1)).filter_map(|(first, end)| Self::new(*first, *end)).collect()
    }

    /// Its days in order.
    pub fn days(self) -> impl Iterator<Item = Day> {
        self.first.until(self.end)
    }

    /// How many civil days it has.
    #[must_use]
    pub fn count(self) -> i64 {
        i64::from(self.first.days_to(self.end))
    }

    /// The instants of its days by the rule; `None` where the zone skipped all of them.
    #[must_use]
    pub fn period(self, rule: &DayRule) -> Option<Period> {
        Period::new(rule.start(self.first), rule.start(self.end))
    }
}

impl fmt::Display for DaySpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_open() { write!(f, "{}/..", self.first) } else { write!(f, "{}/{}", self.first, self.end) }
    }
}
