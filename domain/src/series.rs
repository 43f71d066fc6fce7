//! Time series: quantities per interval of equal length, with the quality of each.

use crate::day::{Day, DayRule};
use crate::instant::{Instant, Period};
use crate::quantity::{Quantity, QuantitySum};
use crate::resolution::Resolution;

/// How a value came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quality {
    /// Read from a meter.
    Measured,
    /// Estimated by whoever sent it.
    Estimated,
    /// Computed from other values.
    Calculated,
    /// Put together from an incomplete set of values.
    Incomplete,
    /// Known to be absent; its quantity counts 0 and is never billed.
    Missing,
}

impl Quality {
    /// Every quality, in a fixed order.
    pub const ALL: [Self; 5] =
        [Self::Measured, Self::Estimated, Self::Calculated, Self::Incomplete, Self::Missing];

    /// The word for it in results and on screens.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Estimated => "estimated",
            Self::Calculated => "calculated",
            Self::Incomplete => "incomplete",
            Self::Missing => "missing",
        }
    }

    /// The quality with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|quality| quality.word() == word)
    }
}

/// Which way a channel counts. Quantities are positive in either: the direction is in the channel, not in the sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// What is taken from the network.
    Consumption,
    /// What is given to the network.
    Production,
}

impl Direction {
    /// Every direction, in a fixed order.
    pub const ALL: [Self; 2] = [Self::Consumption, Self::Production];

    /// The word for it in files and on screens.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Consumption => "consumption",
            Self::Production => "production",
        }
    }

    /// The direction with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|direction| direction.word() == word)
    }
}

/// So many intervals in a row of one quality.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QualityRun {
    /// The quality.
    pub quality: Quality,
    /// How many intervals, at least one.
    pub count: u32,
}

/// One value of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value {
    /// The quantity; 0 where it is missing.
    pub quantity: Quantity,
    /// How it came about.
    pub quality: Quality,
}

impl Value {
    /// A value that is known to be absent.
    pub const MISSING: Self = Self { quantity: Quantity::ZERO, quality: Quality::Missing };
}

/// Quantities of one channel from an instant on, one per interval, as two columns: numbers and runs of quality.
///
/// An interval that nobody sent is present with quality [`Quality::Missing`]: there are no holes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeSeries {
    start: Instant,
    resolution: Resolution,
    quantities: Vec<Quantity>,
    qualities: Vec<QualityRun>,
}

impl TimeSeries {
    /// A series from its values, in order of time. A number that comes with a missing value is dropped.
    #[must_use]
    pub fn new(start: Instant, resolution: Resolution, values: impl IntoIterator<Item = Value>) -> Self {
        let mut series = Self { start, resolution, quantities: Vec::new(), qualities: Vec::new() };
        values.into_iter().for_each(|value| series.push(value));
        series
    }

    /// A series from its two columns; `None` where the runs do not add up to the count of quantities, one is empty, or
    /// a missing interval carries a number.
    #[must_use]
    pub fn from_columns(
        start: Instant,
        resolution: Resolution,
        quantities: Vec<Quantity>,
        qualities: Vec<QualityRun>,
    ) -> Option<Self> {
        let counted: u64 = qualities.iter().map(|run| u64::from(run.count)).sum();
        let whole = counted == quantities.len() as u64 && qualities.iter().all(|run| run.count > 0);
        whole.then_some(())?;
        let mut series =
            Self { start, resolution, quantities, qualities: Vec::with_capacity(qualities.len()) };
        qualities.into_iter().for_each(|run| series.push_run(run));
        let is_sound = |value: Value| value.quality != Quality::Missing || value.quantity == Quantity::ZERO;
        let all_sound = series.values().all(is_sound);
        all_sound.then_some(series)
    }

    /// Where it begins.
    #[must_use]
    pub fn start(&self) -> Instant {
        self.start
    }

    /// The length of its intervals.
    #[must_use]
    pub fn resolution(&self) -> Resolution {
        self.resolution
    }

    /// The numbers, one per interval.
    #[must_use]
    pub fn quantities(&self) -> &[Quantity] {
        &self.quantities
    }

    /// The qualities as runs, in order.
    #[must_use]
    pub fn quality_runs(&self) -> &[QualityRun] {
        &self.qualities
    }

    /// How many intervals it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.quantities.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.quantities.is_empty()
    }

    /// Its values in order.
    pub fn values(&self) -> impl Iterator<Item = Value> + '_ {
        let qualities =
            self.qualities.iter().flat_map(|run| std::iter::repeat_n(run.quality, run.count as usize));
        self.quantities
            .iter()
            .zip(qualities)
            .map(|(quantity, quality)| Value { quantity: *quantity, quality })
    }

    /// The sum of its quantities.
    #[must_use]
    pub fn total(&self) -> QuantitySum {
        self.quantities.iter().copied().sum()
    }

    /// Whether an interval is missing.
    #[must_use]
    pub fn has_missing(&self) -> bool {
        self.qualities.iter().any(|run| run.quality == Quality::Missing)
    }

    /// The instants it covers; `None` where it is empty.
    #[must_use]
    pub fn period(&self, rule: &DayRule) -> Option<Period> {
        Period::new(self.start, self.resolution.start_of(self.len(), self.start, rule)?)
    }

    /// The end of its last interval that is not missing; `None` where all are.
    #[must_use]
    pub fn known_until(&self, rule: &DayRule) -> Option<Instant> {
        let trailing = self.qualities.last().filter(|run| run.quality == Quality::Missing);
        let known = self.len().saturating_sub(trailing.map_or(0, |run| run.count as usize));
        if known == 0 { None } else { self.resolution.start_of(known, self.start, rule) }
    }

    /// Cut into the days of the rule, in order. A day at whose edge no interval begins makes it `None`: such a series
    /// does not fit the point's day rule.
    #[must_use]
    pub fn split_days(&self, rule: &DayRule) -> Option<Vec<(Day, Self)>> {
        let period = self.period(rule)?;
        let mut values = self.values();
        let mut parts = Vec::new();
        for day in rule.days_of(period) {
            let part = rule.period(day)?.intersection(period)?;
            let count = self.resolution.count(part, rule)?;
            parts.push((day, Self::new(part.start(), self.resolution, values.by_ref().take(count))));
        }
        Some(parts)
    }

    /// This series with the values of `newer` laid over it: where both have an interval the newer value counts.
    /// `None` where resolutions differ or `newer` reaches outside.
    #[must_use]
    pub fn overlaid(&self, newer: &Self, rule: &DayRule) -> Option<Self> {
        let (own, other) = (self.period(rule)?, newer.period(rule)?);
        (self.resolution == newer.resolution && own.covers(other)).then_some(())?;
        let before = match Period::new(own.start(), other.start()) {
            Some(lead) => self.resolution.count(lead, rule)?,
            None => 0,
        };
        let after = before.checked_add(newer.len())?;
        let values = self.values().take(before).chain(newer.values()).chain(self.values().skip(after));
        Some(Self::new(self.start, self.resolution, values))
    }

    fn push(&mut self, value: Value) {
        self.quantities.push(if value.quality == Quality::Missing { Quantity::ZERO } else { value.quantity });
        self.push_run(QualityRun { quality: value.quality, count: 1 });
    }

    /// Runs of the same quality become one, so that equal series have equal columns.
    fn push_run(&mut self, next: QualityRun) {
        match self.qualities.last_mut() {
            Some(run) if run.quality == next.quality => run.count = run.count.saturating_add(next.count),
            _ => self.qualities.push(next),
        }
    }
}
