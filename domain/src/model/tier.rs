//! Tables of tiers: prices that depend on how much was counted in the period.

use super::proration::{Fraction, Proration};
use crate::fixed::{self, Rounding};
use crate::price::Price;
use crate::quantity::{Quantity, Unit};

/// One tier. It begins behind the bound of the one before it, the first at zero, and its own bound belongs to it: tiers
/// meet at a bound with any decimals, without a gap of one unit between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    /// The last quantity of it; `None` in the last tier, which has no end.
    pub up_to: Option<Quantity>,
    /// The price per unit; a plain rate where the model is a percentage.
    pub price: Price,
    /// A fee due once in the period where the tier is entered; zero where there is none.
    pub flat_fee: Price,
}

/// Whether the flat fee of the first tier is due where nothing was counted.
///
/// Engines disagree: Lago charges no fee at zero usage, OpenMeter charges the first tier's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ZeroUsage {
    /// It is due.
    FeeDue,
    /// It is not.
    NothingDue,
}

/// How a table of tiers is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TierTerms {
    /// The flat fee of the first tier at zero usage.
    pub zero_usage: ZeroUsage,
    /// What becomes of the bounds where the service is not a whole month. Fees stay whole.
    pub bounds: Proration,
}

/// Why a table of tiers can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TierDefect {
    /// It has no tier.
    Empty,
    /// A bound is not above the one before it, or the first is not above zero.
    NotAscending,
    /// The last tier has a bound, or another has none.
    NotOpenAtTheEnd,
}

/// What is wrong with a table; `None` where it can be read.
#[must_use]
pub fn defect(tiers: &[Tier]) -> Option<TierDefect> {
    let Some((last, rest)) = tiers.split_last() else { return Some(TierDefect::Empty) };
    if last.up_to.is_some() || rest.iter().any(|tier| tier.up_to.is_none()) {
        return Some(TierDefect::NotOpenAtTheEnd);
    }
    let bounds = rest.iter().filter_map(|tier| tier.up_to);
    let ascending = std::iter::once(Quantity::ZERO).chain(bounds).is_sorted_by(|one, next| one < next);
    (!ascending).then_some(TierDefect::NotAscending)
}

/// The table per another unit, as prices are converted; `None` where a number does not convert exactly.
#[must_use]
pub fn converted(tiers: &[Tier], from: Unit, to: Unit) -> Option<Vec<Tier>> {
    let bound = |quantity: Quantity| converted_quantity(quantity, from, to);
    let tier = |tier: &Tier| {
        let up_to = match tier.up_to {
            None => None,
            Some(quantity) => Some(bound(quantity)?),
        };
        Some(Tier { up_to, price: tier.price.converted(from, to)?, flat_fee: tier.flat_fee })
    };
    tiers.iter().map(tier).collect()
}

/// The same quantity counted in another unit; `None` where that is not exact.
#[must_use]
pub fn converted_quantity(quantity: Quantity, from: Unit, to: Unit) -> Option<Quantity> {
    if let Some(count) = to.per(from) {
        return quantity.micros().checked_mul(count).map(Quantity::from_micros);
    }
    let count = from.per(to)?;
    (quantity.micros().checked_rem(count)? == 0).then_some(())?;
    quantity.micros().checked_div(count).map(Quantity::from_micros)
}

/// A part of the quantity, rounded half away from zero to its six decimals: bounds and free units of a service that is
/// not a whole month. `None` beyond the range.
#[must_use]
pub fn prorated(quantity: Quantity, part: Fraction) -> Option<Quantity> {
    let scaled = i128::from(quantity.micros()).checked_mul(i128::from(part.numerator))?;
    let micros = fixed::divide(scaled, i128::from(part.denominator), Rounding::HalfAwayFromZero)?;
    i64::try_from(micros).ok().map(Quantity::from_micros)
}
