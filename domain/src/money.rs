//! Money as people see it: whole minor units of one currency.

use std::fmt;

use crate::fixed::{self, DecimalError};

/// A currency by its ISO 4217 code, with the decimals of its minor unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Currency {
    /// Euro.
    Eur,
    /// Danish krone.
    Dkk,
    /// Swedish krona.
    Sek,
    /// Norwegian krone.
    Nok,
    /// Pound sterling.
    Gbp,
    /// Swiss franc.
    Chf,
    /// Polish zloty.
    Pln,
    /// Czech koruna.
    Czk,
    /// United States dollar.
    Usd,
    /// Japanese yen: no minor unit.
    Jpy,
    /// Kuwaiti dinar: three decimals.
    Kwd,
}

impl Currency {
    /// Every currency known here, in a fixed order.
    pub const ALL: [Self; 11] = [
        Self::Eur,
        Self::Dkk,
        Self::Sek,
        Self::Nok,
        Self::Gbp,
        Self::Chf,
        Self::Pln,
        Self::Czk,
        Self::Usd,
        Self::Jpy,
        Self::Kwd,
    ];

    /// The ISO 4217 code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Eur => "EUR",
            Self::Dkk => "DKK",
            Self::Sek => "SEK",
            Self::Nok => "NOK",
            Self::Gbp => "GBP",
            Self::Chf => "CHF",
            Self::Pln => "PLN",
            Self::Czk => "CZK",
            Self::Usd => "USD",
            Self::Jpy => "JPY",
            Self::Kwd => "KWD",
        }
    }

    /// The currency with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|currency| currency.code() == code)
    }

    /// Decimals of the minor unit (ISO 4217).
    #[must_use]
    pub fn decimals(self) -> u32 {
        match self {
            Self::Jpy => 0,
            Self::Kwd => 3,
            _ => 2,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A sum of money in whole minor units (cents) of its currency. Sums of two currencies never meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// So many minor units.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in this currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// Reads decimal text such as `19.95`.
    ///
    /// # Errors
    /// [`DecimalError`] where it is not a number with at most the currency's decimals.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, DecimalError> {
        let minor = fixed::parse(text, currency.decimals())?;
        i64::try_from(minor).map(|minor| Self::new(minor, currency)).map_err(|_| DecimalError::TooLarge)
    }

    /// The count of minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The sum; `None` beyond the range or across currencies.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.same_currency(other)?;
        self.minor.checked_add(other.minor).map(|minor| Self::new(minor, self.currency))
    }

    /// The difference; `None` beyond the range or across currencies.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.same_currency(other)?;
        self.minor.checked_sub(other.minor).map(|minor| Self::new(minor, self.currency))
    }

    /// The negated sum; `None` beyond the range.
    #[must_use]
    pub fn checked_neg(self) -> Option<Self> {
        self.minor.checked_neg().map(|minor| Self::new(minor, self.currency))
    }

    /// Decimal text without the currency: `19.95`.
    #[must_use]
    pub fn to_text(self) -> String {
        fixed::format(i128::from(self.minor), self.currency.decimals(), self.currency.decimals())
    }

    fn same_currency(self, other: Self) -> Option<()> {
        (self.currency == other.currency).then_some(())
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_text(), self.currency)
    }
}
