//! The intervals of a settlement: its period cut into quarters, hours and local days.

use std::ops::Range;

use super::input::{Arguments, Scope};
use super::refusal::{Refusal, RefusalReason};
use super::results::ChargeTable;
use crate::instant::{Instant, Period};
use crate::resolution::Resolution;

/// Quarters of an hour.
pub(super) const QUARTERS_PER_HOUR: usize = 4;
const HOUR_MS: i64 = 3_600_000;
const QUARTER_MS: i64 = 900_000;

/// The period of a settlement as a row of intervals. Hours count from its start.
#[derive(Clone, Debug)]
pub(super) struct Timeline {
    period: Period,
    resolution: Resolution,
    hours: usize,
    days: Vec<LocalDay>,
}

/// A local day of the period.
#[derive(Clone, Debug)]
pub(super) struct LocalDay {
    /// Where it begins.
    pub(super) start: Instant,
    /// Its hours, 23 to 25 of them.
    pub(super) hours: Range<usize>,
}

impl Timeline {
    /// The intervals of the arguments' period, and its days where charges are computed.
    pub(super) fn new(arguments: &Arguments) -> Result<Self, Refusal> {
        let period = arguments.period;
        let resolution = match period.end() <= arguments.quarterly_from {
            true => Resolution::Hour,
            false => Resolution::Minutes15,
        };
        let hours = whole_steps(period.millis(), HOUR_MS)
            .ok_or(Refusal::arguments(RefusalReason::PeriodNotWholeHours))?;
        let mut timeline = Self { period, resolution, hours, days: Vec::new() };
        if arguments.scope == Scope::EnergyAndCharges {
            timeline.days = timeline.cut_days(arguments)?;
        }
        Ok(timeline)
    }

    pub(super) fn period(&self) -> Period {
        self.period
    }

    /// The resolution of energy results: hours before the areas' change to quarters, quarters after it.
    pub(super) fn resolution(&self) -> Resolution {
        self.resolution
    }

    /// Intervals of energy results in an hour.
    pub(super) fn steps_per_hour(&self) -> usize {
        if self.resolution == Resolution::Hour { 1 } else { QUARTERS_PER_HOUR }
    }

    /// How many intervals the energy results have.
    pub(super) fn steps(&self) -> usize {
        self.hours * self.steps_per_hour()
    }

    pub(super) fn days(&self) -> &[LocalDay] {
        &self.days
    }

    /// The hours of a part of the period, in quarters from its start; `None` where it cuts an hour.
    pub(super) fn whole_hours(&self, part: Period) -> Option<Range<usize>> {
        let edge = |instant: Instant| whole_steps(instant.millis_since(self.period.start()), HOUR_MS);
        Some(edge(part.start())?..edge(part.end())?)
    }

    /// The hours that begin in the part of the period.
    pub(super) fn hours_beginning_in(&self, part: Period) -> Range<usize> {
        let edge = |instant: Instant| {
            let millis = instant.millis_since(self.period.start()).clamp(0, self.period.millis());
            usize::try_from((millis + HOUR_MS - 1) / HOUR_MS).unwrap_or(self.hours)
        };
        edge(part.start())..edge(part.end())
    }

    /// The days that begin in the part of the period.
    ///
    /// Periods of charges and points begin and end at local midnights, so these are the days they cover. Where one
    /// does not, the day belongs to whoever holds its start, and no day counts twice.
    pub(super) fn days_beginning_in(&self, part: Period) -> Range<usize> {
        let edge = |instant: Instant| self.days.partition_point(|day| day.start < instant);
        edge(part.start())..edge(part.end())
    }

    /// How many hours or days a table of charges has.
    pub(super) fn places(&self, table: ChargeTable) -> usize {
        if table == ChargeTable::HourlyTariff { self.hours } else { self.days.len() }
    }

    /// Where the hour or day at this place of a table of charges begins.
    pub(super) fn place_start(&self, table: ChargeTable, place: usize) -> Instant {
        match table {
            ChargeTable::HourlyTariff => self.after_start(place, HOUR_MS),
            _ => self.days.get(place).map_or(Instant::MAX, |day| day.start),
        }
    }

    /// Where the interval of energy results of this index begins.
    pub(super) fn step_start(&self, index: usize) -> Instant {
        self.after_start(index, step_millis(self.resolution))
    }

    fn after_start(&self, count: usize, step: i64) -> Instant {
        let millis = i64::try_from(count).unwrap_or(i64::MAX).saturating_mul(step);
        self.period.start().plus_millis(millis).unwrap_or(Instant::MAX)
    }

    fn cut_days(&self, arguments: &Arguments) -> Result<Vec<LocalDay>, Refusal> {
        let rule = &arguments.day_rule;
        if !rule.is_start(self.period.start()) || !rule.is_start(self.period.end()) {
            return Err(Refusal::arguments(RefusalReason::PeriodNotWholeDays));
        }
        let days = rule.days_of(self.period).into_iter().filter_map(|day| rule.period(day));
        days.map(|day| {
            let hours =
                self.whole_hours(day).ok_or(Refusal::arguments(RefusalReason::PeriodNotWholeHours))?;
            Ok(LocalDay { start: day.start(), hours })
        })
        .collect()
    }
}

/// Milliseconds of an interval of a metering point.
pub(super) fn step_millis(resolution: Resolution) -> i64 {
    if resolution == Resolution::Hour { HOUR_MS } else { QUARTER_MS }
}

fn whole_steps(millis: i64, step: i64) -> Option<usize> {
    (millis.checked_rem(step)? == 0).then_some(())?;
    usize::try_from(millis.checked_div(step)?).ok()
}
