//! What is counted in a ledger: money of a currency, or units of something that was paid for in advance.

use std::fmt;

use crate::amount::Amount;
use crate::money::Currency;
use crate::quantity::{Quantity, Unit};

/// One asset has one scale for ever: an [`Amount`] of it counts 1 / (56,637 x 10^18) of its main unit, that of the
/// currency or the unit itself. Amounts of two assets never meet in a sum.
///
/// Of units that measure the same thing only one is an asset: a prepaid megawatt-hour is 1,000 kWh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asset {
    /// Money of a currency.
    Money(Currency),
    /// Kilowatt-hours.
    KilowattHour,
    /// Cubic metres.
    CubicMetre,
    /// Gigajoules.
    Gigajoule,
    /// Hours of charging or parking.
    Hour,
    /// Pieces: sessions, entries.
    Piece,
}

impl Asset {
    const UNITS: [Self; 5] = [Self::KilowattHour, Self::CubicMetre, Self::Gigajoule, Self::Hour, Self::Piece];

    /// Every asset, in a fixed order.
    pub fn all() -> impl Iterator<Item = Self> {
        Currency::ALL.into_iter().map(Self::Money).chain(Self::UNITS)
    }

    /// The asset that is counted in this unit; `None` where balances are not held in it.
    #[must_use]
    pub fn of_unit(unit: Unit) -> Option<Self> {
        Self::UNITS.into_iter().find(|asset| asset.unit() == Some(unit))
    }

    /// The asset of this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::all().find(|asset| asset.code() == code)
    }

    /// Its code: of a currency the one of ISO 4217 (`EUR`), else the unit's symbol (`kWh`).
    #[must_use]
    pub fn code(self) -> &'static str {
        match (self, self.unit()) {
            (Self::Money(currency), _) => currency.code(),
            (_, unit) => unit.map(Unit::symbol).unwrap_or_default(),
        }
    }

    /// The currency, of money.
    #[must_use]
    pub fn currency(self) -> Option<Currency> {
        match self {
            Self::Money(currency) => Some(currency),
            _ => None,
        }
    }

    /// The unit, of anything but money.
    #[must_use]
    pub fn unit(self) -> Option<Unit> {
        match self {
            Self::Money(_) => None,
            Self::KilowattHour => Some(Unit::KilowattHour),
            Self::CubicMetre => Some(Unit::CubicMetre),
            Self::Gigajoule => Some(Unit::Gigajoule),
            Self::Hour => Some(Unit::Hour),
            Self::Piece => Some(Unit::Piece),
        }
    }

    /// Decimals with which it is paid in and out: those of the currency's minor unit (ISO 4217), of units the six of a
    /// [`Quantity`]. Inside the ledger amounts are exact and finer.
    #[must_use]
    pub fn decimals(self) -> u32 {
        self.currency().map_or(Quantity::SCALE, Currency::decimals)
    }

    /// The least amount that can be paid in or out: a minor unit of the currency, a millionth of a unit.
    #[must_use]
    pub fn least_payable(self) -> Amount {
        let finer = Quantity::SCALE.saturating_sub(self.decimals());
        let least = Quantity::from_micros(10_i64.saturating_pow(finer));
        Amount::from_quantity(least).unwrap_or_default()
    }

    /// Whether the amount can be paid in or out: it is a whole number of what [`Self::decimals`] say.
    #[must_use]
    pub fn is_payable(self, amount: Amount) -> bool {
        amount.is_whole(self.decimals())
    }
}

impl From<Currency> for Asset {
    fn from(currency: Currency) -> Self {
        Self::Money(currency)
    }
}

impl fmt::Display for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
