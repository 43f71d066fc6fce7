//! When the prices of an element hold. Every lower bound is inclusive and every upper bound exclusive.

use crate::day::Day;
use crate::product::Weekdays;
use crate::quantity::Quantity;

/// Milliseconds of a minute.
const MINUTE_MS: i64 = 60_000;
/// Milliseconds of a second.
const SECOND_MS: i64 = 1_000;

/// Which reservations an element is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReservationKind {
    /// Any reservation (`RESERVATION`).
    Reserved,
    /// One that nobody came for in time (`RESERVATION_EXPIRES`).
    Expired,
}

/// The restrictions of an element. One that is `None` always holds; the others hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restrictions {
    /// The minute after local midnight from which it holds. Where the end is not later, it holds over midnight.
    pub start_minute: Option<u16>,
    /// The minute after local midnight before which it holds; 0 is the midnight that ends the day.
    pub end_minute: Option<u16>,
    /// The first local day.
    pub start_date: Option<Day>,
    /// The local day after the last.
    pub end_date: Option<Day>,
    /// The days of the week.
    pub weekdays: Option<Weekdays>,
    /// The energy of the session so far, at least, in kWh.
    pub min_energy_kwh: Option<Quantity>,
    /// The energy of the session so far, less than, in kWh.
    pub max_energy_kwh: Option<Quantity>,
    /// The current, at least, in A.
    pub min_current_a: Option<Quantity>,
    /// The current, less than, in A.
    pub max_current_a: Option<Quantity>,
    /// The power, at least, in kW.
    pub min_power_kw: Option<Quantity>,
    /// The power, less than, in kW.
    pub max_power_kw: Option<Quantity>,
    /// How long the session has lasted, at least, in seconds.
    pub min_duration_s: Option<u32>,
    /// How long the session has lasted, less than, in seconds.
    pub max_duration_s: Option<u32>,
    /// Whether it is about reservations, and which.
    pub reservation: Option<ReservationKind>,
}

/// The least and the most of what was drawn over a while, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Draw {
    /// The least.
    pub least: Option<Quantity>,
    /// The most.
    pub most: Option<Quantity>,
}

/// A moment of a session, as restrictions see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The local day.
    pub day: Day,
    /// What the clock on the wall shows, in milliseconds since midnight.
    pub clock_ms: i64,
    /// How long the session, or the reservation, has lasted, in milliseconds.
    pub elapsed_ms: i64,
    /// The energy of the session so far, in kWh.
    pub energy_kwh: Quantity,
    /// The current around the moment, in A.
    pub current_a: Draw,
    /// The power around the moment, in kW.
    pub power_kw: Draw,
    /// The reservation that runs; `None` in the session itself.
    pub reservation: Option<ReservationKind>,
}

impl Moment {
    /// A moment of which clock and calendar alone are known.
    #[must_use]
    pub fn of_clock(day: Day, clock_ms: i64) -> Self {
        Self {
            day,
            clock_ms,
            elapsed_ms: 0,
            energy_kwh: Quantity::ZERO,
            current_a: Draw::default(),
            power_kw: Draw::default(),
            reservation: None,
        }
    }
}

impl Restrictions {
    /// Whether all hold at the moment. Which reservation runs is not looked at.
    #[must_use]
    pub fn hold(&self, moment: &Moment) -> bool {
        self.holds_by_calendar(moment)
            && is_within(moment.energy_kwh, self.min_energy_kwh, self.max_energy_kwh)
            && moment.current_a.is_within(self.min_current_a, self.max_current_a)
            && moment.power_kw.is_within(self.min_power_kw, self.max_power_kw)
            && self.holds_by_duration(moment.elapsed_ms)
    }

    /// Whether the local clock or calendar plays a part.
    #[must_use]
    pub fn use_the_calendar(&self) -> bool {
        self.minutes().next().is_some() || self.use_days()
    }

    /// Whether they may change at midnight.
    #[must_use]
    pub fn use_days(&self) -> bool {
        self.start_date.is_some() || self.end_date.is_some() || self.weekdays.is_some()
    }

    /// The minutes after midnight at which they may change.
    pub fn minutes(&self) -> impl Iterator<Item = u16> {
        let bound = |minute: Option<u16>| minute.map(|minute| minute % (24 * 60));
        // A start without an end, or an end without a start, also changes at midnight.
        let is_open = self.start_minute.is_some() != self.end_minute.is_some();
        bound(self.start_minute).into_iter().chain(bound(self.end_minute)).chain(is_open.then_some(0))
    }

    /// The durations since the start, in milliseconds, at which they may change.
    pub fn durations_ms(&self) -> impl Iterator<Item = i64> {
        let bounds = self.min_duration_s.into_iter().chain(self.max_duration_s);
        bounds.map(|seconds| i64::from(seconds).saturating_mul(SECOND_MS))
    }

    /// The energies so far at which they may change, in kWh.
    pub fn energies_kwh(&self) -> impl Iterator<Item = Quantity> {
        self.min_energy_kwh.into_iter().chain(self.max_energy_kwh)
    }

    fn holds_by_calendar(&self, moment: &Moment) -> bool {
        is_within(moment.day, self.start_date, self.end_date)
            && self.weekdays.is_none_or(|days| days.contains(moment.day.of_week()))
            && self.holds_by_clock(moment.clock_ms)
    }

    fn holds_by_clock(&self, clock_ms: i64) -> bool {
        let millis = |minute: u16| i64::from(minute).saturating_mul(MINUTE_MS);
        let is_after = |start: u16| millis(start) <= clock_ms;
        let is_before = |end: u16| clock_ms < millis(end);
        match (self.start_minute, self.end_minute) {
            (None, None | Some(0)) => true,
            (Some(start), None | Some(0)) => is_after(start),
            (None, Some(end)) => is_before(end),
            (Some(start), Some(end)) if start < end => is_after(start) && is_before(end),
            (Some(start), Some(end)) => is_after(start) || is_before(end),
        }
    }

    fn holds_by_duration(&self, elapsed_ms: i64) -> bool {
        let millis =
            |seconds: Option<u32>| seconds.map(|seconds| i64::from(seconds).saturating_mul(SECOND_MS));
        is_within(elapsed_ms, millis(self.min_duration_s), millis(self.max_duration_s))
    }
}

impl Draw {
    /// Whether all of it lies within the bounds. Where only the least or only the most is known, it stands for both;
    /// where nothing is known, no bound holds.
    #[must_use]
    pub fn is_within(self, min: Option<Quantity>, max: Option<Quantity>) -> bool {
        let (least, most) = (self.least.or(self.most), self.most.or(self.least));
        min.is_none_or(|min| least.is_some_and(|least| least >= min))
            && max.is_none_or(|max| most.is_some_and(|most| most < max))
    }

    /// Whether a part of it lies on each side of the bound.
    #[must_use]
    pub fn straddles(self, bound: Quantity) -> bool {
        self.least.is_some_and(|least| least < bound) && self.most.is_some_and(|most| most >= bound)
    }
}

fn is_within<T: PartialOrd>(value: T, min: Option<T>, max: Option<T>) -> bool {
    min.is_none_or(|min| min <= value) && max.is_none_or(|max| value < max)
}
