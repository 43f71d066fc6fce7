//! Capacity: the price of the highest value of a month, or of the mean of the highest.

use std::collections::BTreeMap;

use super::proration::{Fraction, Proration};
use crate::amount::Amount;
use crate::day::Day;
use crate::fixed::{self, Rounding};
use crate::price::Price;
use crate::quantity::Quantity;

/// Which values may be among the highest.
///
/// Either the highest values whenever they were, or the highest of as many different days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PeakChoice {
    /// Any values of the period.
    AnyValues,
    /// The highest of each day, so that each counts for a day of its own.
    OneADay,
}

/// Which values are priced, and how days of service bear the price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapacityTerms {
    /// How many of the highest values are averaged; 1 is the highest alone. Where there are fewer, all of them are.
    pub highest: u32,
    /// Which values may be among them.
    pub choice: PeakChoice,
    /// What a service that is not a whole month pays of the price of a month.
    pub proration: Proration,
}

/// The values that are priced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peaks(Vec<Quantity>);

impl Peaks {
    /// The highest of the values, each with its day, in descending order.
    #[must_use]
    pub fn of(terms: &CapacityTerms, values: impl IntoIterator<Item = (Day, Quantity)>) -> Self {
        let mut highest: Vec<Quantity> = match terms.choice {
            PeakChoice::AnyValues => values.into_iter().map(|(_, value)| value).collect(),
            PeakChoice::OneADay => {
                let mut of_day: BTreeMap<Day, Quantity> = BTreeMap::new();
                for (day, value) in values {
                    of_day.entry(day).and_modify(|highest| *highest = value.max(*highest)).or_insert(value);
                }
                of_day.into_values().collect()
            }
        };
        highest.sort_unstable_by(|one, other| other.cmp(one));
        highest.truncate(usize::try_from(terms.highest).unwrap_or(usize::MAX));
        Self(highest)
    }

    /// How many they are.
    #[must_use]
    pub fn count(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    /// Their mean, rounded half away from zero to six decimals: what is shown, not what is computed with. Zero where there
    /// are none.
    #[must_use]
    pub fn mean(&self) -> Option<Quantity> {
        let sum: i128 = self.0.iter().map(|value| i128::from(value.micros())).sum();
        let count = i128::from(self.count().max(1));
        i64::try_from(fixed::divide(sum, count, Rounding::HalfAwayFromZero)?).ok().map(Quantity::from_micros)
    }

    /// A part of mean x price. The sum of the values is priced exactly and divided once, at the end, by their count and the
    /// denominator of the part; what that leaves is rounded half away from zero to 1 / (56,637 x 10^18).
    #[must_use]
    pub fn amount(&self, price: Price, part: Fraction) -> Option<Amount> {
        let sum = Quantity::checked_sum(self.0.iter().copied())?;
        let count = i64::from(self.count().max(1));
        Fraction { denominator: part.denominator.checked_mul(count)?, ..part }.of(Amount::of(sum, price)?)
    }
}
