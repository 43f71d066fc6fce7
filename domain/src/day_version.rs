//! A registered version of one local day of values. It never changes; a correction is the next version.

use std::collections::BTreeMap;

use crate::day::{Day, DayRule};
use crate::instant::Instant;
use crate::series::{Direction, TimeSeries, Value};

/// One local day of values of a channel, as one document or request left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayVersion {
    /// The channel.
    pub direction: Direction,
    /// The day, by the point's day rule.
    pub day: Day,
    /// Counts the versions of this day, from 1.
    pub version: u32,
    /// When the source made it: of several versions the latest counts, ties go by source.
    pub created: Instant,
    /// When it was registered here.
    pub received: Instant,
    /// The document or request that brought it.
    pub source: String,
    /// All values of the day.
    pub values: TimeSeries,
}

impl DayVersion {
    /// What decides which of two versions counts.
    #[must_use]
    pub fn rank(&self) -> (Instant, &str, u32) {
        (self.created, &self.source, self.version)
    }
}

/// The version that counts among those received by `known_at`: the latest created, ties by source.
#[must_use]
pub fn effective(versions: &[DayVersion], known_at: Instant) -> Option<&DayVersion> {
    versions
        .iter()
        .filter(|version| version.received <= known_at)
        .max_by(|one, other| one.rank().cmp(&other.rank()))
}

/// The versions that count, by day.
#[must_use]
pub fn effective_days(versions: Vec<DayVersion>, known_at: Instant) -> BTreeMap<Day, DayVersion> {
    let mut days: BTreeMap<Day, DayVersion> = BTreeMap::new();
    for version in versions.into_iter().filter(|version| version.received <= known_at) {
        let is_newer = days.get(&version.day).is_none_or(|held| held.rank() < version.rank());
        if is_newer {
            days.insert(version.day, version);
        }
    }
    days
}

/// Lays `values`, which lie inside the day, over what the day held before and pads what neither has as missing.
///
/// Where the day held another resolution before, nothing of it remains: a day has one resolution. `None` where the
/// values do not fit the day.
#[must_use]
pub fn merged(
    before: Option<&TimeSeries>,
    values: &TimeSeries,
    day: Day,
    rule: &DayRule,
) -> Option<TimeSeries> {
    let period = rule.period(day)?;
    let count = values.resolution().count(period, rule)?;
    let padding =
        || TimeSeries::new(period.start(), values.resolution(), std::iter::repeat_n(Value::MISSING, count));
    let base = match before {
        Some(held) if held.resolution() == values.resolution() && held.len() == count => held.clone(),
        _ => padding(),
    };
    base.overlaid(values, rule)
}
