//! The values of a channel over a span of days, or the gap that keeps them from being rated.

use super::Rater;
use crate::day::Day;
use crate::day_span::DaySpan;
use crate::day_version::DayVersion;
use crate::instant::{Instant, Period};
use crate::quantity::Quantity;
use crate::rating::NotReady;
use crate::resolution::Resolution;
use crate::series::{Direction, Quality};

/// The values of a span of days as one column, with what must be told of them.
pub(super) struct Metered {
    /// One per interval, of whatever length that is on its day.
    pub(super) quantities: Vec<Quantity>,
    /// When each was measured.
    pub(super) intervals: Vec<Period>,
    /// Whether one of them was estimated or incomplete.
    pub(super) is_estimated: bool,
    /// The versions of the days.
    pub(super) versions: Vec<(Day, u32)>,
}

/// The first and last interval that is missing, and how many are.
struct Gap {
    first: Instant,
    last: Instant,
    count: u64,
}

impl Rater<'_> {
    /// Every value of the days, or a refusal that tells the first and last interval that is missing.
    pub(super) fn metered(&mut self, service: DaySpan, direction: Direction) -> Option<Metered> {
        let mut metered = Metered {
            quantities: Vec::new(),
            intervals: Vec::new(),
            is_estimated: false,
            versions: Vec::new(),
        };
        let mut gap = None;
        let days = self.facts.days.get(&direction);
        for day in service.days() {
            let Some(period) = self.point.rule.period(day) else { continue };
            match days.and_then(|days| days.get(&day)) {
                Some(version) => self.take_day(version, &mut metered, &mut gap),
                None => note_day(&mut gap, period),
            }
        }
        match gap {
            None => Some(metered),
            Some(Gap { first, last, count }) => {
                self.refuse(NotReady::MissingValues { direction, first, last, count });
                None
            }
        }
    }

    fn take_day(&self, version: &DayVersion, metered: &mut Metered, gap: &mut Option<Gap>) {
        metered.versions.push((version.day, version.version));
        let values = &version.values;
        let edge = |index| values.resolution().start_of(index, values.start(), self.point.rule);
        for (index, value) in values.values().enumerate() {
            let bounds = edge(index).zip(edge(index.saturating_add(1)));
            let Some(interval) = bounds.and_then(|(start, end)| Period::new(start, end)) else { continue };
            match value.quality {
                Quality::Missing => note(gap, interval.start(), interval.start(), 1),
                Quality::Estimated | Quality::Incomplete => metered.is_estimated = true,
                Quality::Measured | Quality::Calculated => {}
            }
            metered.quantities.push(value.quantity);
            metered.intervals.push(interval);
        }
    }
}

/// A day that nobody sent counts its hours.
fn note_day(gap: &mut Option<Gap>, day: Period) {
    let hour = Resolution::Hour.millis().unwrap_or_default();
    let hours = day.millis().checked_div(hour).unwrap_or_default();
    let last = day.end().plus_millis(hour.saturating_neg()).unwrap_or(day.start());
    note(gap, day.start(), last, u64::try_from(hours).unwrap_or_default());
}

fn note(gap: &mut Option<Gap>, first: Instant, last: Instant, count: u64) {
    let gap = gap.get_or_insert(Gap { first, last, count: 0 });
    gap.last = last;
    gap.count = gap.count.saturating_add(count);
}
