//! A price: money per unit, possibly negative, possibly per another unit than the meter's.

use std::fmt;

use crate::fixed::{self, DecimalError};
use crate::quantity::Unit;

/// Money per unit, as a whole number of 10^-8 of the currency's main unit. It may be negative.
///
/// Eight decimals hold a wholesale price in EUR/MWh with five decimals after its conversion to EUR/kWh.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Price(i64);

impl Price {
    /// Decimals of a price.
    pub const SCALE: u32 = 8;
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// A price from its count of 10^-8.
    #[must_use]
    pub const fn from_raw(raw: i64) -> Self {
        Self(raw)
    }

    /// The count of 10^-8.
    #[must_use]
    pub const fn raw(self) -> i64 {
        self.0
    }

    /// Reads decimal text such as `0.10880`.
    ///
    /// # Errors
    /// [`DecimalError`] where it is not a number with at most eight decimals within the range.
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        let raw = fixed::parse(text, Self::SCALE)?;
        i64::try_from(raw).map(Self).map_err(|_| DecimalError::TooLarge)
    }

    /// The same price per `to` where it was stated per `from`: 62.33 per MWh is 0.06233 per kWh.
    /// `None` where the units do not convert, or the result has more than eight decimals or leaves the range.
    #[must_use]
    pub fn converted(self, from: Unit, to: Unit) -> Option<Self> {
        if let Some(count) = to.per(from) {
            return (self.0.checked_rem(count)? == 0).then_some(Self(self.0.checked_div(count)?));
        }
        self.0.checked_mul(from.per(to)?).map(Self)
    }

    /// The sum, or `None` beyond the range.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// Decimal text with at least so many decimals.
    #[must_use]
    pub fn to_text(self, least_decimals: u32) -> String {
        fixed::format(i128::from(self.0), Self::SCALE, least_decimals)
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text(0))
    }
}
