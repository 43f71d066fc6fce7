//! The exact amount: what rating computes, before anybody rounds.

use std::fmt;

use crate::fixed::{self, Rounding};
use crate::money::{Currency, Money};
use crate::price::Price;
use crate::quantity::Quantity;

/// The part of the denominator that is not a power of ten: 3 * 3 * 7 * 29 * 31.
const DAYS_FACTOR: i128 = 56_637;
/// 10^-18 is quantity (6) x price (8) x share (4).
const SCALE: u32 = 18;
/// 10^18.
const POWER: i128 = 1_000_000_000_000_000_000;
const UNITS: i128 = POWER * DAYS_FACTOR;
/// 10^6: millionths in one.
const MICROS: i128 = 1_000_000;
/// What one millionth of a unit at a price of 10^-8 is worth.
const PRODUCT_UNIT: i128 = UNITS / 100_000_000_000_000;
/// What a microsecond at a price of 10^-8 an hour is worth: the denominator holds the nine of 3,600 seconds.
const TIME_PRODUCT_UNIT: i128 = UNITS / 360_000_000_000_000_000;

/// An exact amount of one currency.
///
/// It is a whole number of 1 / (56,637 x 10^18) of the currency's main unit. That denominator is chosen so that what
/// the field does to amounts never leaves a remainder: quantity (6 decimals) x price (8 decimals) x share
/// (4 decimals), and division by the days of any month (28, 29, 30, 31), by 3,600 seconds and by 9. Sums are therefore
/// exact in any order, and a subscription's days add up to its price. A share *and* a division are exact together where
/// the quantity has at most four decimals. The range is 3 x 10^15 main units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(i128);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount from its count of 1 / (56,637 x 10^18): the stored form.
    #[must_use]
    pub const fn from_raw(raw: i128) -> Self {
        Self(raw)
    }

    /// The count of 1 / (56,637 x 10^18): the stored form.
    #[must_use]
    pub const fn raw(self) -> i128 {
        self.0
    }

    /// Quantity x price, exact. `None` beyond the range.
    #[must_use]
    pub fn of(quantity: Quantity, price: Price) -> Option<Self> {
        Self::from_product(i128::from(quantity.micros()).checked_mul(i128::from(price.raw()))?)
    }

    /// A sum of products of quantities (10^-6) and prices (10^-8), as the rating kernel accumulates them.
    /// `None` beyond the range.
    #[must_use]
    pub fn from_product(product: i128) -> Option<Self> {
        product.checked_mul(PRODUCT_UNIT).map(Self)
    }

    /// Time x price per hour, exact. `None` beyond the range.
    #[must_use]
    pub fn of_time(microseconds: i64, price_per_hour: Price) -> Option<Self> {
        let product = i128::from(microseconds).checked_mul(i128::from(price_per_hour.raw()))?;
        product.checked_mul(TIME_PRODUCT_UNIT).map(Self)
    }

    /// The amount of a count of 10^-`decimals`, exact. `None` beyond the range or 18 decimals.
    #[must_use]
    pub fn from_decimal(count: i128, decimals: u32) -> Option<Self> {
        (decimals <= SCALE).then_some(())?;
        count.checked_mul(UNITS.checked_div(fixed::power_of_ten(decimals)?)?).map(Self)
    }

    /// The amount of a sum of money, exact.
    #[must_use]
    pub fn from_money(money: Money) -> Option<Self> {
        let unit = UNITS.checked_div(fixed::power_of_ten(money.currency().decimals())?)?;
        i128::from(money.minor()).checked_mul(unit).map(Self)
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

    /// The negated amount, or `None` beyond the range.
    #[must_use]
    pub fn checked_neg(self) -> Option<Self> {
        self.0.checked_neg().map(Self)
    }

    /// `numerator / denominator` of the amount, where that is exact: a month's price x days / civil days.
    /// `None` where it leaves a remainder or the range.
    #[must_use]
    pub fn fraction(self, numerator: i64, denominator: i64) -> Option<Self> {
        let scaled = self.0.checked_mul(i128::from(numerator))?;
        (scaled.checked_rem(i128::from(denominator))? == 0).then_some(())?;
        scaled.checked_div(i128::from(denominator)).map(Self)
    }

    /// `numerator / denominator` of the amount, rounded to so many decimals. `None` beyond the range or 18 decimals.
    #[must_use]
    pub fn fraction_rounded(
        self,
        (numerator, denominator): (i64, i64),
        decimals: u32,
        rounding: Rounding,
    ) -> Option<Self> {
        (decimals <= SCALE).then_some(())?;
        let unit = UNITS.checked_div(fixed::power_of_ten(decimals)?)?.checked_mul(i128::from(denominator))?;
        let count = fixed::divide(self.0.checked_mul(i128::from(numerator))?, unit, rounding)?;
        Self::from_decimal(count, decimals)
    }

    /// The amount times a plain factor, rounded half away from zero where the product is finer than the denominator.
    /// `None` beyond the range.
    #[must_use]
    pub fn times(self, factor: Price) -> Option<Self> {
        let (factor, one) = (i128::from(factor.raw()), fixed::power_of_ten(Price::SCALE)?);
        // Whole and rest apart, so that a large amount does not leave the range on the way.
        let whole = self.0.checked_div(one)?.checked_mul(factor)?;
        let rest = self.0.checked_rem(one)?.checked_mul(factor)?;
        whole.checked_add(fixed::divide(rest, one, Rounding::HalfAwayFromZero)?).map(Self)
    }

    /// The average price of so much: the amount divided by the quantity, rounded half away from zero to six decimals.
    /// `None` where the quantity is zero, or beyond the range of [`Price`].
    #[must_use]
    pub fn average_price(self, quantity: Quantity) -> Option<Price> {
        let unit =
            UNITS.checked_div(MICROS.checked_mul(MICROS)?)?.checked_mul(i128::from(quantity.micros()))?;
        let micros = fixed::divide(self.0, unit, Rounding::HalfAwayFromZero)?;
        let step = fixed::power_of_ten(Price::SCALE)?.checked_div(MICROS)?;
        i64::try_from(micros.checked_mul(step)?).ok().map(Price::from_raw)
    }

    /// Rounded once to the currency's minor unit. `None` beyond the range of [`Money`].
    #[must_use]
    pub fn to_money(self, currency: Currency, rounding: Rounding) -> Option<Money> {
        let unit = UNITS.checked_div(fixed::power_of_ten(currency.decimals())?)?;
        let minor = fixed::divide(self.0, unit, rounding)?;
        i64::try_from(minor).ok().map(|minor| Money::new(minor, currency))
    }

    /// So much of a unit, as an amount of it. `None` beyond the range.
    #[must_use]
    pub fn from_quantity(quantity: Quantity) -> Option<Self> {
        i128::from(quantity.micros()).checked_mul(UNITS.checked_div(MICROS)?).map(Self)
    }

    /// An amount of a unit as a quantity of it, rounded towards zero to millionths: never more than there is. `None`
    /// beyond the range of [`Quantity`].
    #[must_use]
    pub fn to_quantity(self) -> Option<Quantity> {
        let micros = self.0.checked_div(UNITS.checked_div(MICROS)?)?;
        i64::try_from(micros).ok().map(Quantity::from_micros)
    }

    /// Whether it has no more than so many decimals.
    #[must_use]
    pub fn is_whole(self, decimals: u32) -> bool {
        let unit = fixed::power_of_ten(decimals).and_then(|power| UNITS.checked_div(power));
        decimals <= SCALE && unit.and_then(|unit| self.0.checked_rem(unit)) == Some(0)
    }

    /// `part / whole` of the amount, rounded towards zero: exact in 256 bits inside. `None` where the part is not between
    /// zero and the whole, or the amount is negative.
    #[must_use]
    pub fn in_proportion(self, part: Self, whole: Self) -> Option<Self> {
        let is_part = self.0 >= 0 && 0 <= part.0 && part.0 <= whole.0 && whole.0 > 0;
        is_part.then_some(())?;
        let (part, denominator) = (part.0.unsigned_abs(), whole.0.unsigned_abs());
        // Multiplies bit by bit, keeping whole and rest apart: the rest stays below the denominator, so that nothing
        // leaves the range.
        let (mut quotient, mut rest) = (0_u128, 0_u128);
        for bit in (0..i128::BITS).rev() {
            (quotient, rest) = (quotient.checked_mul(2)?, rest.checked_mul(2)?);
            if self.0.unsigned_abs().checked_shr(bit)? & 1 == 1 {
                rest = rest.checked_add(part)?;
            }
            quotient = quotient.checked_add(rest.checked_div(denominator)?)?;
            rest = rest.checked_rem(denominator)?;
        }
        i128::try_from(quotient).ok().map(Self)
    }

    /// Rounded to so many decimals, as a count of 10^-`decimals`; `None` beyond 18 of them.
    #[must_use]
    pub fn rounded(self, decimals: u32, rounding: Rounding) -> Option<i128> {
        (decimals <= SCALE).then_some(())?;
        let unit = UNITS.checked_div(fixed::power_of_ten(decimals)?)?;
        fixed::divide(self.0, unit, rounding)
    }
}

/// The exact value: as decimal text where it ends (`12.3456`), else as a reduced fraction (`425/31`).
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.checked_rem(DAYS_FACTOR) == Some(0) {
            let value = self.0.checked_div(DAYS_FACTOR).unwrap_or_default();
            return f.write_str(&fixed::format(value, SCALE, 0));
        }
        let divisor = greatest_common_divisor(self.0.unsigned_abs(), UNITS.unsigned_abs());
        let numerator = self.0.unsigned_abs().checked_div(divisor).unwrap_or_default();
        let denominator = UNITS.unsigned_abs().checked_div(divisor).unwrap_or_default();
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{numerator}/{denominator}")
    }
}

fn greatest_common_divisor(mut one: u128, mut other: u128) -> u128 {
    while other != 0 {
        (one, other) = (other, one.checked_rem(other).unwrap_or_default());
    }
    one
}
