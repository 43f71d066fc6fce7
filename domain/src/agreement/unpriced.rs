//! Why a product does not say what something costs that runs now.

use std::fmt;

use crate::tax::TaxClass;

/// Why a product does not say what something costs that runs now, in order of checking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unpriced {
    /// No version of the product serves on that day.
    UnknownProduct(String),
    /// The amount of the component depends on more than what runs now: on what was counted before in the month, on the
    /// amount an event carries, on charges linked to the metering point. It is not left out: the price would be wrong.
    NotLive(String),
    /// No component of the product counts what runs.
    NotCounted,
    /// The component's price does not convert exactly to the unit that runs.
    WrongUnit(String),
    /// The component has no price at that time.
    MissingPrice(String),
    /// The class has no rate of tax on that day.
    UnknownTaxClass(TaxClass),
    /// A price leaves its range.
    OutOfRange(String),
}

impl fmt::Display for Unpriced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownProduct(id) => write!(f, "product {id} does not serve on that day"),
            Self::NotLive(id) => write!(f, "component {id} can't be priced while something runs"),
            Self::NotCounted => write!(f, "no component of the product counts what runs"),
            Self::WrongUnit(id) => write!(f, "the price of component {id} is not in the unit that runs"),
            Self::MissingPrice(id) => write!(f, "component {id} has no price at that time"),
            Self::UnknownTaxClass(class) => write!(f, "tax class {} has no rate on that day", class.name()),
            Self::OutOfRange(id) => write!(f, "the price of component {id} is out of range"),
        }
    }
}

impl Unpriced {
    /// The reason's name for machines: stable, in capitals.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownProduct(_) => "UNKNOWN_PRODUCT",
            Self::NotLive(_) => "NOT_LIVE",
            Self::NotCounted => "NOT_COUNTED",
            Self::WrongUnit(_) => "WRONG_UNIT",
            Self::MissingPrice(_) => "MISSING_PRICE",
            Self::UnknownTaxClass(_) => "UNKNOWN_TAX_CLASS",
            Self::OutOfRange(_) => "OUT_OF_RANGE",
        }
    }

    /// What it is about: the product, the component or the class of tax; empty where it is about what runs.
    #[must_use]
    pub fn of(&self) -> &str {
        match self {
            Self::UnknownProduct(id)
            | Self::NotLive(id)
            | Self::WrongUnit(id)
            | Self::MissingPrice(id)
            | Self::OutOfRange(id) => id,
            Self::UnknownTaxClass(class) => class.name(),
            Self::NotCounted => "",
        }
    }
}
