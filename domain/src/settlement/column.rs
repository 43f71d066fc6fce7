//! A column of sums: one per interval of the settlement's period.

use super::quality_set::QualitySet;
use super::series::PointSeries;
use super::timeline::QUARTERS_PER_HOUR;

/// Sums with the qualities of their terms. A sum without quality is absent.
///
/// 128 bits hold the sum of as many 64-bit values as memory holds, so adding cannot overflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    values: Vec<i128>,
    qualities: Vec<QualitySet>,
}

impl Column {
    /// So many absent sums.
    pub(super) fn absent(len: usize) -> Self {
        Self { values: vec![0; len], qualities: vec![QualitySet::NONE; len] }
    }

    /// Every interval with its sum, where there is one.
    pub(super) fn iter(&self) -> impl Iterator<Item = Option<(i128, QualitySet)>> + '_ {
        let both = self.values.iter().zip(&self.qualities);
        both.map(|(value, qualities)| (!qualities.is_empty()).then_some((*value, *qualities)))
    }

    /// Adds terms to the intervals from `start` on. A term without quality is none.
    pub(super) fn add(&mut self, start: usize, terms: impl Iterator<Item = (i128, QualitySet)>) {
        let sums = self.values.iter_mut().zip(&mut self.qualities).skip(start);
        for ((sum, qualities), (term, of_term)) in sums.zip(terms) {
            if !of_term.is_empty() {
                *sum += term;
                *qualities = qualities.union(of_term);
            }
        }
    }

    /// Adds another column.
    pub(super) fn add_column(&mut self, other: &Self) {
        self.add(0, other.values.iter().copied().zip(other.qualities.iter().copied()));
    }

    /// Adds `sign` times a metering point's values in quarters of a Wh.
    ///
    /// An hourly value is split into four equal quarters. Quarters become an hour by their sum and the one quality
    /// that stands for them.
    pub(super) fn add_series(&mut self, series: &PointSeries, sign: i128, steps_per_hour: usize) {
        let start = series.first_hour() * steps_per_hour;
        match (series.per_hour(), steps_per_hour) {
            (1, QUARTERS_PER_HOUR) => {
                let split = series.values().map(|(energy, set)| (energy * sign, set));
                self.add(start, split.flat_map(|term| std::iter::repeat_n(term, QUARTERS_PER_HOUR)));
            }
            (QUARTERS_PER_HOUR, 1) => {
                let hours = series.hourly(series.first_hour()..usize::MAX);
                self.add(start, hours.map(|(_, energy, set)| (energy * sign * 4, set.merged())));
            }
            _ => self.add(start, series.values().map(|(energy, set)| (energy * sign * 4, set))),
        }
    }

    /// Two columns interval by interval.
    pub(super) fn combined(
        &self,
        other: &Self,
        rule: impl Fn(Option<(i128, QualitySet)>, Option<(i128, QualitySet)>) -> Option<(i128, QualitySet)>,
    ) -> Self {
        self.iter().zip(other.iter()).map(|(one, two)| rule(one, two)).collect()
    }

    /// The column hour by hour, for rounding.
    pub(super) fn hours_mut(
        &mut self,
        steps_per_hour: usize,
    ) -> impl Iterator<Item = impl Iterator<Item = (&mut i128, &QualitySet)>> {
        let values = self.values.chunks_mut(steps_per_hour);
        let qualities = self.qualities.chunks(steps_per_hour);
        values.zip(qualities).map(|(values, qualities)| values.iter_mut().zip(qualities))
    }
}

impl FromIterator<Option<(i128, QualitySet)>> for Column {
    fn from_iter<I: IntoIterator<Item = Option<(i128, QualitySet)>>>(terms: I) -> Self {
        let (values, qualities) = terms.into_iter().map(|term| term.unwrap_or((0, QualitySet::NONE))).unzip();
        Self { values, qualities }
    }
}
