//! The values of a connected metering point, as columns.

use super::quality_set::QualitySet;
use super::timeline::QUARTERS_PER_HOUR;
use crate::resolution::Resolution;
use crate::series::Quality;

/// Values of one connection in Wh, one per interval of its resolution, from its first hour on.
///
/// A value without quality is absent: nobody sent it, or the point takes grid loss and none was assigned.
#[derive(Clone, Debug)]
pub(super) struct PointSeries {
    per_hour: usize,
    first_hour: usize,
    energy_wh: Vec<i64>,
    qualities: Vec<QualitySet>,
}

impl PointSeries {
    /// So many hours of absent values.
    pub(super) fn absent(resolution: Resolution, first_hour: usize, hours: usize) -> Self {
        let per_hour = if resolution == Resolution::Hour { 1 } else { QUARTERS_PER_HOUR };
        let count = hours * per_hour;
        let (energy_wh, qualities) = (vec![0; count], vec![QualitySet::NONE; count]);
        Self { per_hour, first_hour, energy_wh, qualities }
    }

    /// Sets the value of an interval, counted from the series' start. `None` where there is no such interval,
    /// `Some(false)` where it has a value already.
    pub(super) fn set(&mut self, index: usize, energy_wh: i64, quality: Quality) -> Option<bool> {
        let (slot, qualities) = (self.energy_wh.get_mut(index)?, self.qualities.get_mut(index)?);
        if !qualities.is_empty() {
            return Some(false);
        }
        *slot = energy_wh;
        *qualities = QualitySet::of(quality);
        Some(true)
    }

    /// Gives every absent interval the value 0 with quality missing.
    pub(super) fn pad(&mut self) {
        for qualities in self.qualities.iter_mut().filter(|qualities| qualities.is_empty()) {
            *qualities = QualitySet::of(Quality::Missing);
        }
    }

    /// Values per hour: 1 or 4.
    pub(super) fn per_hour(&self) -> usize {
        self.per_hour
    }

    /// The hour of the settlement in which it begins.
    pub(super) fn first_hour(&self) -> usize {
        self.first_hour
    }

    /// Its values with their qualities, in order.
    pub(super) fn values(&self) -> impl Iterator<Item = (i128, QualitySet)> + '_ {
        self.energy_wh.iter().zip(&self.qualities).map(|(energy, set)| (i128::from(*energy), *set))
    }

    /// Sums per hour of the settlement with the union of their qualities, for the hours of the range it covers.
    pub(super) fn hourly(
        &self,
        hours: std::ops::Range<usize>,
    ) -> impl Iterator<Item = (usize, i128, QualitySet)> + '_ {
        let first = hours.start.max(self.first_hour);
        let count = hours.end.saturating_sub(first);
        let energy = self.energy_wh.chunks(self.per_hour);
        let qualities = self.qualities.chunks(self.per_hour);
        let sums = energy.zip(qualities).skip(first - self.first_hour).take(count);
        sums.enumerate().map(move |(index, (energy, qualities))| {
            let sum = energy.iter().map(|wh| i128::from(*wh)).sum();
            let set = qualities.iter().fold(QualitySet::NONE, |all, one| all.union(*one));
            (first + index, sum, set)
        })
    }
}
