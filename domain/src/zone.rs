//! A time zone by its IANA name, from the table that is compiled in.

use std::fmt;

use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::day::Day;
use crate::instant::Instant;

/// A time zone, named as in the IANA database (`Europe/Amsterdam`).
///
/// The table is part of the program, so that every machine reads the same civil time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// The zone of this name; `None` where the table has none.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        TimeZoneDatabase::bundled().get(name).ok().map(Self)
    }

    /// Every name of the table, in order.
    #[must_use]
    pub fn names() -> Vec<String> {
        let mut names: Vec<String> =
            TimeZoneDatabase::bundled().available().map(|name| name.to_string()).collect();
        names.sort_unstable();
        names
    }

    /// UTC.
    #[must_use]
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The zone's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The civil reading of an instant: its date and the milliseconds since midnight that the clock on the wall shows.
    #[must_use]
    pub fn local_reading(&self, instant: Instant) -> (Day, i64) {
        let local = self.0.to_datetime(instant.timestamp());
        let minutes = i64::from(local.hour()).saturating_mul(60).saturating_add(local.minute().into());
        let seconds = minutes.saturating_mul(60).saturating_add(local.second().into());
        (Day::of_date(local.date()), seconds.saturating_mul(1_000).saturating_add(local.millisecond().into()))
    }

    /// The first instant after this one at which the clocks of the zone change; `None` where they never do again.
    #[must_use]
    pub fn next_change(&self, after: Instant) -> Option<Instant> {
        self.0.following(after.timestamp()).next().map(|change| Instant::of(change.timestamp()))
    }

    pub(crate) fn time_zone(&self) -> &TimeZone {
        &self.0
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
