//! Series of documents, as the entities they are about take them, and what became of them.

use domain::charge::{Charge, ChargeLink};
use domain::entity::market_document::{DocumentItem, DocumentSeries, Outcome, SeriesRefused};
use domain::entity::metering_point::{StoredDays, ValuesRefused};
use domain::price_series::{PriceColumn, SeriesId};

use crate::convert::{FieldError, FieldFault, field, text};
use crate::store::{self, SeriesRefusal, document_series, series_outcome};
use crate::{metering, types};

impl From<&DocumentSeries> for store::DocumentSeries {
    fn from(series: &DocumentSeries) -> Self {
        Self {
            series_id: series.id.clone(),
            digest: series.digest.to_vec(),
            item: Some((&series.item).into()),
        }
    }
}

impl TryFrom<store::DocumentSeries> for DocumentSeries {
    type Error = FieldError;

    fn try_from(series: store::DocumentSeries) -> Result<Self, FieldError> {
        Ok(Self {
            id: series.series_id,
            digest: field::digest("digest", series.digest)?,
            item: field::chosen("item", series.item)?.try_into()?,
        })
    }
}

impl From<&DocumentItem> for document_series::Item {
    fn from(item: &DocumentItem) -> Self {
        match item {
            DocumentItem::Values { metering_point, kind, unit, values } => Self::Values(store::PointValues {
                metering_point: metering_point.number(),
                values: Some(store::ItemValues {
                    kind: field::number::<metering::MeteringPointKind, _>(*kind),
                    unit: field::number::<types::Unit, _>(*unit),
                    series: Some(values.into()),
                }),
            }),
            DocumentItem::Links { metering_point, links } => Self::Links(store::PointLinks {
                metering_point: metering_point.number(),
                links: field::messages(links),
            }),
            DocumentItem::Charges(charges) => {
                Self::Charges(store::ItemCharges { charges: field::messages(charges) })
            }
            DocumentItem::Prices(prices) => {
                Self::Prices(store::ItemPriceList { prices: item_prices(prices) })
            }
            DocumentItem::Recorded => Self::Recorded(()),
        }
    }
}

impl TryFrom<document_series::Item> for DocumentItem {
    type Error = FieldError;

    fn try_from(item: document_series::Item) -> Result<Self, FieldError> {
        use document_series::Item;
        Ok(match item {
            Item::Values(point) => {
                let values = field::chosen("values.values", point.values)?;
                Self::Values {
                    metering_point: text::numbered_point("values.metering_point", point.metering_point)?,
                    kind: field::known::<metering::MeteringPointKind, _>("values.values.kind", values.kind)?,
                    unit: field::known::<types::Unit, _>("values.values.unit", values.unit)?,
                    values: field::required("values.values.series", values.series)?,
                }
            }
            Item::Links(point) => Self::Links {
                metering_point: text::numbered_point("links.metering_point", point.metering_point)?,
                links: field::each::<_, ChargeLink, _>("links.links", point.links)?,
            },
            Item::Charges(charges) => {
                Self::Charges(field::each::<_, Charge, _>("charges.charges", charges.charges)?)
            }
            Item::Prices(list) => Self::Prices(prices("prices.prices", list.prices)?),
            Item::Recorded(()) => Self::Recorded,
        })
    }
}

/// Prices by series.
pub(super) fn item_prices(prices: &[(SeriesId, PriceColumn)]) -> Vec<store::ItemPrices> {
    let prices = prices.iter().map(|(series, column)| store::ItemPrices {
        series: Some(series.into()),
        column: Some(column.into()),
    });
    prices.collect()
}

/// Prices by series.
pub(super) fn prices(
    field: &str,
    prices: Vec<store::ItemPrices>,
) -> Result<Vec<(SeriesId, PriceColumn)>, FieldError> {
    field::each_by(field, prices, |prices| {
        Ok((field::required("series", prices.series)?, field::required("column", prices.column)?))
    })
}

impl From<&Outcome> for store::SeriesOutcome {
    fn from(outcome: &Outcome) -> Self {
        use series_outcome::Outcome as Message;
        let outcome = match outcome {
            Outcome::Stored(days) => Message::Stored(days.into()),
            Outcome::Done => Message::Done(()),
            Outcome::Unchanged => Message::Unchanged(()),
            Outcome::Waiting(text) => Message::Waiting(text.clone()),
            Outcome::Recorded => Message::Recorded(()),
            Outcome::Refused(refused) => Message::Refused(SeriesRefusal::from(refused).into()),
        };
        Self { outcome: Some(outcome) }
    }
}

impl TryFrom<store::SeriesOutcome> for Outcome {
    type Error = FieldError;

    fn try_from(outcome: store::SeriesOutcome) -> Result<Self, FieldError> {
        use series_outcome::Outcome as Message;
        Ok(match field::chosen("outcome", outcome.outcome)? {
            Message::Stored(days) => Self::Stored(days.into()),
            Message::Done(()) => Self::Done,
            Message::Unchanged(()) => Self::Unchanged,
            Message::Waiting(text) => Self::Waiting(text),
            Message::Recorded(()) => Self::Recorded,
            Message::Refused(refused) => Self::Refused(field::known::<SeriesRefusal, _>("refused", refused)?),
        })
    }
}

impl From<&StoredDays> for store::StoredDays {
    fn from(days: &StoredDays) -> Self {
        Self { stored: days.stored, unchanged: days.unchanged }
    }
}

impl From<store::StoredDays> for StoredDays {
    fn from(days: store::StoredDays) -> Self {
        Self { stored: days.stored, unchanged: days.unchanged }
    }
}

impl From<&SeriesRefused> for SeriesRefusal {
    fn from(refused: &SeriesRefused) -> Self {
        match refused {
            SeriesRefused::Values(refused) => refused.into(),
            SeriesRefused::NoSettings => Self::NoSettings,
            SeriesRefused::PricesOffTheGrid => Self::PricesOffTheGrid,
        }
    }
}

impl TryFrom<SeriesRefusal> for SeriesRefused {
    type Error = FieldError;

    fn try_from(refusal: SeriesRefusal) -> Result<Self, FieldError> {
        match refusal {
            SeriesRefusal::NoSettings => Ok(Self::NoSettings),
            SeriesRefusal::PricesOffTheGrid => Ok(Self::PricesOffTheGrid),
            of_values => ValuesRefused::try_from(of_values).map(Self::Values),
        }
    }
}

impl From<&ValuesRefused> for SeriesRefusal {
    fn from(refused: &ValuesRefused) -> Self {
        match refused {
            ValuesRefused::UnknownMeteringPoint => Self::UnknownMeteringPoint,
            ValuesRefused::Empty => Self::Empty,
            ValuesRefused::FromTheFuture => Self::FromTheFuture,
            ValuesRefused::OffTheGrid => Self::OffTheGrid,
            ValuesRefused::TooManyDays => Self::TooManyDays,
            ValuesRefused::WrongUnit => Self::WrongUnit,
            ValuesRefused::WrongKind => Self::WrongKind,
            ValuesRefused::Negative => Self::Negative,
            ValuesRefused::Absurd => Self::Absurd,
            ValuesRefused::TooFarAhead => Self::TooFarAhead,
        }
    }
}

impl TryFrom<SeriesRefusal> for ValuesRefused {
    type Error = FieldError;

    fn try_from(refusal: SeriesRefusal) -> Result<Self, FieldError> {
        match refusal {
            SeriesRefusal::Unspecified => Err(FieldError::here(FieldFault::Missing)),
            SeriesRefusal::UnknownMeteringPoint => Ok(Self::UnknownMeteringPoint),
            SeriesRefusal::Empty => Ok(Self::Empty),
            SeriesRefusal::FromTheFuture => Ok(Self::FromTheFuture),
            SeriesRefusal::OffTheGrid => Ok(Self::OffTheGrid),
            SeriesRefusal::TooManyDays => Ok(Self::TooManyDays),
            SeriesRefusal::WrongUnit => Ok(Self::WrongUnit),
            SeriesRefusal::WrongKind => Ok(Self::WrongKind),
            SeriesRefusal::Negative => Ok(Self::Negative),
            SeriesRefusal::Absurd => Ok(Self::Absurd),
            SeriesRefusal::TooFarAhead => Ok(Self::TooFarAhead),
            SeriesRefusal::NoSettings | SeriesRefusal::PricesOffTheGrid => {
                Err(FieldError::here(FieldFault::Unknown))
            }
        }
    }
}
