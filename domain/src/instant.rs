//! Points on the time line and the half-open periods between them.

use std::fmt;

use jiff::Timestamp;

/// A point in time: whole milliseconds since 1970-01-01T00:00Z.
///
/// It is restricted to the years -9999 to 9999, so that it always has a civil reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// The earliest instant.
    pub const MIN: Self = Self(-377_705_023_201_000);
    /// The latest instant: an open end.
    pub const MAX: Self = Self(253_402_207_200_000);

    /// From milliseconds since 1970; `None` outside the years that have a civil reading.
    #[must_use]
    pub fn from_millis(millis: i64) -> Option<Self> {
        (Self::MIN.0..=Self::MAX.0).contains(&millis).then_some(Self(millis))
    }

    /// From seconds since 1970; `None` outside the years that have a civil reading.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        Self::from_millis(seconds.checked_mul(1000)?)
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Reads an instant in RFC 3339 form with `Z` or an offset; seconds may be left out, a space may stand for `T`.
    /// `None` where it is none, has no offset, or is finer than a millisecond.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let timestamp: Timestamp = text.trim().parse().ok()?;
        let exact = timestamp.subsec_nanosecond().checked_rem(1_000_000) == Some(0);
        exact.then_some(())?;
        Self::from_millis(timestamp.as_millisecond())
    }

    /// Moved by so many milliseconds; `None` outside the range.
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Option<Self> {
        Self::from_millis(self.0.checked_add(millis)?)
    }

    /// Milliseconds from `earlier` to this instant.
    #[must_use]
    pub fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    pub(crate) fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::MAX)
    }

    pub(crate) fn of(timestamp: Timestamp) -> Self {
        Self(timestamp.as_millisecond())
    }
}

/// RFC 3339 in UTC with whole seconds, or milliseconds where it has them: `2024-10-26T22:00:00Z`.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let timestamp = self.timestamp();
        if timestamp.subsec_nanosecond() == 0 {
            write!(f, "{timestamp:.0}")
        } else {
            write!(f, "{timestamp:.3}")
        }
    }
}

/// A half-open period: from `start`, which is in it, to `end`, which is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    start: Instant,
    end: Instant,
}

impl Period {
    /// All of time.
    pub const ALWAYS: Self = Self { start: Instant::MIN, end: Instant::MAX };

    /// A period; `None` where it would be empty or run backwards.
    #[must_use]
    pub fn new(start: Instant, end: Instant) -> Option<Self> {
        (start < end).then_some(Self { start, end })
    }

    /// From `start` on, with an open end.
    #[must_use]
    pub fn since(start: Instant) -> Option<Self> {
        Self::new(start, Instant::MAX)
    }

    /// The first instant in it.
    #[must_use]
    pub const fn start(self) -> Instant {
        self.start
    }

    /// The first instant after it.
    #[must_use]
    pub const fn end(self) -> Instant {
        self.end
    }

    /// Whether it has no end.
    #[must_use]
    pub fn is_open(self) -> bool {
        self.end == Instant::MAX
    }

    /// Whether the instant lies in it.
    #[must_use]
    pub fn contains(self, instant: Instant) -> bool {
        self.start <= instant && instant < self.end
    }

    /// Whether all of `other` lies in it.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// What both have in common; `None` where they do not touch.
    #[must_use]
    pub fn intersection(self, other: Self) -> Option<Self> {
        Self::new(self.start.max(other.start), self.end.min(other.end))
    }

    /// Whether both share an instant.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.intersection(other).is_some()
    }

    /// Cut at every instant of `cuts` that lies inside it, in order.
    #[must_use]
    pub fn split(self, cuts: impl IntoIterator<Item = Instant>) -> Vec<Self> {
        let mut edges: Vec<Instant> =
            cuts.into_iter().filter(|cut| self.start < *cut && *cut < self.end).collect();
        edges.push(self.start);
        edges.push(self.end);
        edges.sort_unstable();
        edges.dedup();
        edges.iter().zip(edges.iter().skip(1)).filter_map(|(start, end)| Self::new(*start, *end)).collect()
    }

    /// Its length in milliseconds.
    #[must_use]
    pub fn millis(self) -> i64 {
        self.end.millis_since(self.start)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_open() { write!(f, "{}/..", self.start) } else { write!(f, "{}/{}", self.start, self.end) }
    }
}
