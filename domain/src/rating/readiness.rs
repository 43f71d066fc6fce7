//! Why a metering point can't be billed yet.

use std::fmt;

use crate::charge::ChargeKey;
use crate::day::Day;
use crate::instant::{Instant, Period};
use crate::price_series::SeriesId;
use crate::series::Direction;
use crate::tax::TaxClass;

/// A reason why a month can't be rated. Nothing is guessed in its place: the point stays open and is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotReady {
    /// Intervals are missing from the channel.
    MissingValues {
        /// The channel.
        direction: Direction,
        /// Where the first missing interval begins.
        first: Instant,
        /// Where the last missing interval begins.
        last: Instant,
        /// How many intervals are missing, counted in the resolution of their day; a day without any value counts
        /// its hours.
        count: u64,
    },
    /// The price series has no price for an interval; it is the first of possibly many.
    MissingSeriesPrice {
        /// The series.
        series: SeriesId,
        /// The interval's start.
        at: Instant,
    },
    /// A component has no price on a day.
    MissingPrice {
        /// The component's id.
        of: String,
        /// The day.
        on: Day,
    },
    /// The contract's product is not known, or not yet valid.
    UnknownProduct(String),
    /// The point is linked to a charge that nobody described yet.
    UnknownCharge(ChargeKey),
    /// A tariff is linked with a factor other than 1.
    TariffFactor(ChargeKey),
    /// A price series finer than the values it would price.
    PriceFinerThanValues {
        /// The series.
        series: SeriesId,
        /// The interval of values.
        interval: Period,
    },
    /// A component's calendar price changes within an interval of values.
    PriceChangesWithin {
        /// The component's id.
        component: String,
        /// The interval of values.
        interval: Period,
    },
    /// The prices of a series are stated per a unit, or in a currency, that does not meet the quantity.
    WrongUnit(SeriesId),
    /// A class of tax has no rate on a day.
    UnknownTaxClass {
        /// The class.
        class: TaxClass,
        /// The day.
        on: Day,
    },
    /// A component counts events of a dimension, which no metering point has.
    NotMetered(String),
    /// A number left its range.
    OutOfRange(String),
}

impl fmt::Display for NotReady {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingValues { direction, first, last, count } => {
                write!(
                    f,
                    "{count} intervals of {} are missing, the first at {first}, the last at {last}",
                    direction.word()
                )
            }
            Self::MissingSeriesPrice { series, at } => write!(f, "{series} has no price at {at}"),
            Self::MissingPrice { of, on } => write!(f, "component {of} has no price on {on}"),
            Self::UnknownProduct(id) => write!(f, "product {id} is unknown or not yet valid"),
            Self::UnknownCharge(key) => write!(f, "charge {key} is linked but not described"),
            Self::TariffFactor(key) => write!(f, "tariff {key} is linked with a factor other than 1"),
            Self::PriceFinerThanValues { series, interval } => {
                write!(f, "{series} has prices finer than the values of {interval}")
            }
            Self::PriceChangesWithin { component, interval } => {
                write!(f, "the price of component {component} changes within the values of {interval}")
            }
            Self::WrongUnit(series) => {
                write!(f, "the unit or currency of {series} does not meet the quantity")
            }
            Self::UnknownTaxClass { class, on } => {
                write!(f, "tax class {} has no rate on {on}", class.name())
            }
            Self::NotMetered(id) => {
                write!(f, "component {id} counts events, which no metering point has")
            }
            Self::OutOfRange(what) => write!(f, "{what} is out of range"),
        }
    }
}

impl NotReady {
    /// The reason's name for machines: stable, in capitals.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::MissingValues { .. } => "MISSING_VALUES",
            Self::MissingSeriesPrice { .. } => "MISSING_SERIES_PRICE",
            Self::MissingPrice { .. } => "MISSING_PRICE",
            Self::UnknownProduct(_) => "UNKNOWN_PRODUCT",
            Self::UnknownCharge(_) => "UNKNOWN_CHARGE",
            Self::TariffFactor(_) => "TARIFF_FACTOR",
            Self::PriceFinerThanValues { .. } => "PRICE_FINER_THAN_VALUES",
            Self::PriceChangesWithin { .. } => "PRICE_CHANGES_WITHIN",
            Self::WrongUnit(_) => "WRONG_UNIT",
            Self::UnknownTaxClass { .. } => "UNKNOWN_TAX_CLASS",
            Self::NotMetered(_) => "NOT_METERED",
            Self::OutOfRange(_) => "OUT_OF_RANGE",
        }
    }
}
