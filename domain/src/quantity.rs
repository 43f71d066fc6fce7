//! What a meter counts: a unit and a fixed-point number of it.

use std::fmt;
use std::iter::Sum;

use crate::fixed::{self, DecimalError, Rounding};

/// The unit in which a quantity is counted or a price is stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Kilowatt-hour: electricity, gas after conversion, charging.
    KilowattHour,
    /// Megawatt-hour: heat, and the unit of wholesale prices.
    MegawattHour,
    /// Gigajoule: heat.
    Gigajoule,
    /// Cubic metre: water, gas before conversion.
    CubicMetre,
    /// Kilowatt: capacity.
    Kilowatt,
    /// A piece: subscriptions, fees.
    Piece,
    /// A civil day.
    Day,
    /// An hour: charging and parking time.
    Hour,
}

impl Unit {
    /// Every unit, in a fixed order.
    pub const ALL: [Self; 8] = [
        Self::KilowattHour,
        Self::MegawattHour,
        Self::Gigajoule,
        Self::CubicMetre,
        Self::Kilowatt,
        Self::Piece,
        Self::Day,
        Self::Hour,
    ];

    /// The unit's symbol as people write it.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::KilowattHour => "kWh",
            Self::MegawattHour => "MWh",
            Self::Gigajoule => "GJ",
            Self::CubicMetre => "m3",
            Self::Kilowatt => "kW",
            Self::Piece => "pcs",
            Self::Day => "day",
            Self::Hour => "h",
        }
    }

    /// The unit with this symbol.
    #[must_use]
    pub fn from_symbol(symbol: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.symbol() == symbol)
    }

    /// How many of `self` make one of `larger`, where one is a whole multiple of the other: 1,000 kWh make one MWh.
    #[must_use]
    pub fn per(self, larger: Self) -> Option<i64> {
        match (self, larger) {
            (one, other) if one == other => Some(1),
            (Self::KilowattHour, Self::MegawattHour) => Some(1000),
            _ => None,
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}

/// A quantity: a whole number of millionths of its unit (of a kWh: of milliwatt-hours).
///
/// The unit stands beside it, in the channel or component it belongs to. Six decimals hold every meter's register and
/// the three decimals of the settlement documents; the range is 9.2 million million units either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(i64);

impl Quantity {
    /// Decimals of a quantity.
    pub const SCALE: u32 = 6;
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// One unit.
    pub const ONE: Self = Self(1_000_000);

    /// A quantity from its count of millionths.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// The count of millionths.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// So many whole units; `None` beyond the range.
    #[must_use]
    pub fn from_units(units: i64) -> Option<Self> {
        units.checked_mul(Self::ONE.0).map(Self)
    }

    /// Reads decimal text such as `12.345`.
    ///
    /// # Errors
    /// [`DecimalError`] where it is not a number with at most six decimals within the range.
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        let micros = fixed::parse(text, Self::SCALE)?;
        i64::try_from(micros).map(Self).map_err(|_| DecimalError::TooLarge)
    }

    /// The sum, or `None` beyond the range.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, or `None` beyond the range.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The negated quantity, or `None` beyond the range.
    #[must_use]
    pub fn checked_neg(self) -> Option<Self> {
        self.0.checked_neg().map(Self)
    }

    /// The sum of all, or `None` beyond the range.
    #[must_use]
    pub fn checked_sum(quantities: impl IntoIterator<Item = Self>) -> Option<Self> {
        let total: i128 = quantities.into_iter().map(|quantity| i128::from(quantity.0)).sum();
        i64::try_from(total).ok().map(Self)
    }

    /// Rounded to so many decimals (at most six).
    #[must_use]
    pub fn rounded(self, decimals: u32, rounding: Rounding) -> Option<Self> {
        let step = fixed::power_of_ten(Self::SCALE.checked_sub(decimals)?)?;
        let count = fixed::divide(i128::from(self.0), step, rounding)?;
        i64::try_from(count.checked_mul(step)?).ok().map(Self)
    }

    /// Decimal text with at least so many decimals: `to_text(3)` of 1.5 is `1.500`.
    #[must_use]
    pub fn to_text(self, least_decimals: u32) -> String {
        fixed::format(i128::from(self.0), Self::SCALE, least_decimals)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text(0))
    }
}

/// A sum of quantities that can't leave its range: as many as memory holds fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct QuantitySum(i128);

impl QuantitySum {
    /// The sum as a quantity; `None` beyond its range.
    #[must_use]
    pub fn quantity(self) -> Option<Quantity> {
        i64::try_from(self.0).ok().map(Quantity)
    }

    /// The count of millionths.
    #[must_use]
    pub const fn micros(self) -> i128 {
        self.0
    }
}

impl Sum<Quantity> for QuantitySum {
    fn sum<I: Iterator<Item = Quantity>>(quantities: I) -> Self {
        Self(quantities.map(|quantity| i128::from(quantity.0)).sum())
    }
}
