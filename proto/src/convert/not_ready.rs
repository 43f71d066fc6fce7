//! Why a month can't be rated yet.

use domain::rating::NotReady;
use domain::tax::TaxClass;

use super::{FieldError, field, time};
use crate::metering::{self, not_ready::Detail};
use crate::types;

/// With its code and its text, for people and programs that do not look at the detail.
impl From<&NotReady> for metering::NotReady {
    fn from(reason: &NotReady) -> Self {
        Self { code: reason.code().to_owned(), text: reason.to_string(), detail: Some(detail(reason)) }
    }
}

impl From<&NotReady> for types::Reason {
    fn from(reason: &NotReady) -> Self {
        Self { code: reason.code().to_owned(), text: reason.to_string() }
    }
}

fn detail(reason: &NotReady) -> Detail {
    match reason {
        NotReady::MissingValues { direction, first, last, count } => {
            Detail::MissingValues(metering::MissingValues {
                direction: field::number::<types::Direction, _>(*direction),
                first_time: Some(time::timestamp(*first)),
                last_time: Some(time::timestamp(*last)),
                count: *count,
            })
        }
        NotReady::MissingSeriesPrice { series, at } => {
            Detail::MissingSeriesPrice(metering::MissingSeriesPrice {
                series: Some(series.into()),
                start_time: Some(time::timestamp(*at)),
            })
        }
        NotReady::MissingPrice { of, on } => {
            Detail::MissingPrice(metering::MissingPrice { component_id: of.clone(), day: Some(on.into()) })
        }
        NotReady::UnknownProduct(id) => Detail::UnknownProductId(id.clone()),
        NotReady::UnknownCharge(key) => Detail::UnknownCharge(key.into()),
        NotReady::TariffFactor(key) => Detail::TariffFactor(key.into()),
        NotReady::PriceFinerThanValues { series, interval } => {
            Detail::PriceFinerThanValues(metering::PriceFinerThanValues {
                series: Some(series.into()),
                interval: Some(interval.into()),
            })
        }
        NotReady::WrongUnit(series) => Detail::WrongUnit(series.into()),
        NotReady::UnknownTaxClass { class, on } => Detail::UnknownTaxClass(metering::UnknownTaxClass {
            tax_class: class.name().to_owned(),
            day: Some(on.into()),
        }),
        NotReady::NotMetered(id) => Detail::NotMeteredComponentId(id.clone()),
        NotReady::PriceChangesWithin { component, interval } => {
            Detail::PriceChangesWithin(metering::PriceChangesWithin {
                component_id: component.clone(),
                interval: Some(interval.into()),
            })
        }
        NotReady::OutOfRange(what) => Detail::OutOfRange(what.clone()),
    }
}

/// The detail alone counts.
impl TryFrom<metering::NotReady> for NotReady {
    type Error = FieldError;

    fn try_from(reason: metering::NotReady) -> Result<Self, FieldError> {
        let within = |field: &'static str| move |error: FieldError| error.within(field);
        match field::chosen("detail", reason.detail)? {
            Detail::MissingValues(missing) => missing.try_into().map_err(within("missing_values")),
            Detail::MissingSeriesPrice(missing) => missing.try_into().map_err(within("missing_series_price")),
            Detail::MissingPrice(missing) => missing.try_into().map_err(within("missing_price")),
            Detail::UnknownProductId(id) => Ok(Self::UnknownProduct(id)),
            Detail::UnknownCharge(key) => {
                key.try_into().map(Self::UnknownCharge).map_err(within("unknown_charge"))
            }
            Detail::TariffFactor(key) => {
                key.try_into().map(Self::TariffFactor).map_err(within("tariff_factor"))
            }
            Detail::PriceFinerThanValues(finer) => {
                finer.try_into().map_err(within("price_finer_than_values"))
            }
            Detail::WrongUnit(series) => series.try_into().map(Self::WrongUnit).map_err(within("wrong_unit")),
            Detail::UnknownTaxClass(unknown) => unknown.try_into().map_err(within("unknown_tax_class")),
            Detail::NotMeteredComponentId(id) => Ok(Self::NotMetered(id)),
            Detail::PriceChangesWithin(within) => Ok(Self::PriceChangesWithin {
                component: within.component_id,
                interval: field::required("interval", within.interval)
                    .map_err(|error| error.within("price_changes_within"))?,
            }),
            Detail::OutOfRange(what) => Ok(Self::OutOfRange(what)),
        }
    }
}

impl TryFrom<metering::MissingValues> for NotReady {
    type Error = FieldError;

    fn try_from(missing: metering::MissingValues) -> Result<Self, FieldError> {
        Ok(Self::MissingValues {
            direction: field::known::<types::Direction, _>("direction", missing.direction)?,
            first: time::required_instant("first_time", missing.first_time)?,
            last: time::required_instant("last_time", missing.last_time)?,
            count: missing.count,
        })
    }
}

impl TryFrom<metering::MissingSeriesPrice> for NotReady {
    type Error = FieldError;

    fn try_from(missing: metering::MissingSeriesPrice) -> Result<Self, FieldError> {
        Ok(Self::MissingSeriesPrice {
            series: field::required("series", missing.series)?,
            at: time::required_instant("start_time", missing.start_time)?,
        })
    }
}

impl TryFrom<metering::MissingPrice> for NotReady {
    type Error = FieldError;

    fn try_from(missing: metering::MissingPrice) -> Result<Self, FieldError> {
        Ok(Self::MissingPrice { of: missing.component_id, on: field::required("day", missing.day)? })
    }
}

impl TryFrom<metering::PriceFinerThanValues> for NotReady {
    type Error = FieldError;

    fn try_from(finer: metering::PriceFinerThanValues) -> Result<Self, FieldError> {
        Ok(Self::PriceFinerThanValues {
            series: field::required("series", finer.series)?,
            interval: field::required("interval", finer.interval)?,
        })
    }
}

impl TryFrom<metering::UnknownTaxClass> for NotReady {
    type Error = FieldError;

    fn try_from(unknown: metering::UnknownTaxClass) -> Result<Self, FieldError> {
        Ok(Self::UnknownTaxClass {
            class: TaxClass::new(&unknown.tax_class),
            on: field::required("day", unknown.day)?,
        })
    }
}
