//! Sets of qualities: how the terms of a sum came about.

use crate::series::Quality;

/// The qualities of the values that went into a sum.
///
/// The empty set says that there was no value at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QualitySet(u8);

impl QualitySet {
    /// No value.
    pub const NONE: Self = Self(0);

    /// One value of this quality.
    #[must_use]
    pub const fn of(quality: Quality) -> Self {
        Self(1 << quality as u8)
    }

    /// The qualities of either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether there is no value.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether a value of this quality is among them.
    #[must_use]
    pub const fn contains(self, quality: Quality) -> bool {
        self.0 & Self::of(quality).0 != 0
    }

    /// The qualities in the order of [`Quality::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Quality> {
        Quality::ALL.into_iter().filter(move |quality| self.contains(*quality))
    }

    /// The one quality that stands for the set where quarters become an hour of the same metering point: calculated
    /// wins over estimated, some measured and some missing are an estimate, and measured wins over missing.
    #[must_use]
    pub fn merged(self) -> Self {
        let has = |quality| self.contains(quality);
        let one = if self.is_empty() {
            return Self::NONE;
        } else if has(Quality::Calculated) {
            Quality::Calculated
        } else if has(Quality::Estimated) || (has(Quality::Measured) && has(Quality::Missing)) {
            Quality::Estimated
        } else if has(Quality::Measured) {
            Quality::Measured
        } else if has(Quality::Incomplete) {
            Quality::Incomplete
        } else {
            Quality::Missing
        };
        Self::of(one)
    }
}

impl FromIterator<Quality> for QualitySet {
    fn from_iter<I: IntoIterator<Item = Quality>>(qualities: I) -> Self {
        qualities.into_iter().fold(Self::NONE, |set, quality| set.union(Self::of(quality)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Quality::{Calculated, Estimated, Incomplete, Measured, Missing};

    #[test]
    fn quarters_of_several_qualities_make_an_hour_of_one() {
        let cases: [(&[Quality], &[Quality]); 8] = [
            (&[], &[]),
            (&[Missing], &[Missing]),
            (&[Measured], &[Measured]),
            (&[Measured, Missing], &[Estimated]),
            (&[Measured, Estimated], &[Estimated]),
            (&[Estimated, Missing], &[Estimated]),
            (&[Measured, Calculated, Missing], &[Calculated]),
            (&[Incomplete, Missing], &[Incomplete]),
        ];
        for (given, expected) in cases {
            let merged = given.iter().copied().collect::<QualitySet>().merged();
            assert_eq!(merged.iter().collect::<Vec<_>>(), expected, "{given:?}");
        }
    }
}
