//! Packages: a package that is started counts in full.

use super::proration::Proration;
use crate::fixed::{self, Rounding};
use crate::quantity::Quantity;

/// How many units make a package, and how many are free before the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackageTerms {
    /// The units of a package; above zero.
    pub size: Quantity,
    /// The units of a month that are free; zero or more.
    pub free: Quantity,
    /// What becomes of the free units where the service is not a whole month.
    pub free_units: Proration,
}

/// How many packages a quantity of zero or more started beyond the free units: a whole number. `None` where the size is
/// not above zero, or beyond the range.
#[must_use]
pub fn started(size: Quantity, free: Quantity, quantity: Quantity) -> Option<Quantity> {
    let charged = quantity.checked_sub(free)?.max(Quantity::ZERO);
    (size > Quantity::ZERO).then_some(())?;
    let packages =
        fixed::divide(i128::from(charged.micros()), i128::from(size.micros()), Rounding::AwayFromZero)?;
    Quantity::from_units(i64::try_from(packages).ok()?)
}
