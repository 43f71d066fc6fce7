//! Price series and the versions of their months.

use domain::price::Price;
use domain::price_series::{PriceColumn, PriceMonth, SeriesId};

use super::field;
use super::{FieldError, FieldFault, number, series, time};
use crate::catalog::{self, price_series_key};
use crate::types;

impl From<&SeriesId> for catalog::PriceSeriesKey {
    fn from(id: &SeriesId) -> Self {
        let series = match id {
            SeriesId::Charge(key) => price_series_key::Series::Charge(key.into()),
            SeriesId::Index(name) => price_series_key::Series::Index(name.clone()),
        };
        Self { series: Some(series) }
    }
}

impl TryFrom<catalog::PriceSeriesKey> for SeriesId {
    type Error = FieldError;

    fn try_from(key: catalog::PriceSeriesKey) -> Result<Self, FieldError> {
        match field::chosen("series", key.series)? {
            price_series_key::Series::Charge(key) => {
                key.try_into().map(Self::Charge).map_err(|error: FieldError| error.within("charge"))
            }
            price_series_key::Series::Index(name) => Ok(Self::Index(name)),
        }
    }
}

impl From<&PriceColumn> for catalog::PriceColumn {
    fn from(column: &PriceColumn) -> Self {
        let raw = column.prices.iter().map(|price| price.map(Price::raw).unwrap_or_default());
        let (stripped, prices) = series::stripped(raw, Price::SCALE);
        let absent = (0..).zip(&column.prices).filter(|(_, price)| price.is_none());
        Self {
            start_time: Some(time::timestamp(column.start)),
            resolution: field::number::<types::Resolution, _>(column.resolution),
            scale: Price::SCALE.saturating_sub(stripped),
            prices,
            absent_indexes: absent.map(|(index, _): (u32, _)| index).collect(),
        }
    }
}

impl TryFrom<catalog::PriceColumn> for PriceColumn {
    type Error = FieldError;

    fn try_from(column: catalog::PriceColumn) -> Result<Self, FieldError> {
        let raw = series::restored("prices", column.prices, column.scale, Price::SCALE)?;
        let mut prices: Vec<Option<Price>> = raw.into_iter().map(|raw| Some(Price::from_raw(raw))).collect();
        for index in column.absent_indexes {
            let price = usize::try_from(index).ok().and_then(|index| prices.get_mut(index));
            match price {
                Some(price) if price.is_none_or(|price| price == Price::ZERO) => *price = None,
                _ => return Err(FieldError::at("absent_indexes", FieldFault::Contradiction)),
            }
        }
        Ok(Self {
            start: time::required_instant("start_time", column.start_time)?,
            resolution: field::known::<types::Resolution, _>("resolution", column.resolution)?,
            prices,
        })
    }
}

impl From<&PriceMonth> for catalog::PriceMonth {
    fn from(month: &PriceMonth) -> Self {
        Self {
            series: Some((&month.series).into()),
            month: Some((&month.month).into()),
            version: month.version,
            created_time: Some(time::timestamp(month.created)),
            received_time: Some(time::timestamp(month.received)),
            source: month.source.clone(),
            unit: field::number::<types::Unit, _>(month.unit),
            currency_code: month.currency.code().to_owned(),
            prices: Some((&month.prices).into()),
        }
    }
}

impl TryFrom<catalog::PriceMonth> for PriceMonth {
    type Error = FieldError;

    fn try_from(month: catalog::PriceMonth) -> Result<Self, FieldError> {
        Ok(Self {
            series: field::required("series", month.series)?,
            month: field::required("month", month.month)?,
            version: month.version,
            created: time::required_instant("created_time", month.created_time)?,
            received: time::required_instant("received_time", month.received_time)?,
            source: month.source,
            unit: field::known::<types::Unit, _>("unit", month.unit)?,
            currency: number::currency("currency_code", &month.currency_code)?,
            prices: field::required("prices", month.prices)?,
        })
    }
}
