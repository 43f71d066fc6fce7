//! Rated totals, as they are told and as they are booked.

use domain::day::{Day, Month};
use domain::identity::MeteringPointId;
use domain::prepaid::{BookedTotal, RatedKey, RatedParts, RatedPeriod, RatedTotal};
use domain::quantity::Quantity;

use crate::convert::{FieldError, field, number, posting, text};
use crate::{google_type, store};

impl From<&RatedKey> for store::RatedKey {
    fn from(key: &RatedKey) -> Self {
        let period: google_type::Date = match &key.period {
            RatedPeriod::Day(day) => day.into(),
            RatedPeriod::Month(month) => month.into(),
        };
        Self {
            metering_point: key.metering_point.number(),
            contract_id: key.contract.clone(),
            period: Some(period),
            currency_code: key.currency.code().to_owned(),
        }
    }
}

impl TryFrom<store::RatedKey> for RatedKey {
    type Error = FieldError;

    fn try_from(key: store::RatedKey) -> Result<Self, FieldError> {
        let is_month = key.period.as_ref().is_some_and(|period| period.day == 0);
        let period = match is_month {
            true => RatedPeriod::Month(field::required::<_, Month>("period", key.period)?),
            false => RatedPeriod::Day(field::required::<_, Day>("period", key.period)?),
        };
        Ok(Self {
            metering_point: text::numbered_point("metering_point", key.metering_point)?,
            contract: key.contract_id,
            period,
            currency: number::currency("currency_code", &key.currency_code)?,
        })
    }
}

impl From<&RatedTotal> for store::RatedTotal {
    fn from(total: &RatedTotal) -> Self {
        Self {
            key: Some((&total.key).into()),
            version: total.version,
            parts: field::messages(&total.rated.parts),
            used: total.rated.used.iter().map(|(day, used)| used_on(*day, None, *used)).collect(),
        }
    }
}

impl TryFrom<store::RatedTotal> for RatedTotal {
    type Error = FieldError;

    fn try_from(total: store::RatedTotal) -> Result<Self, FieldError> {
        let used = field::each_by("used", total.used, |used| {
            Ok((field::required("day", used.day)?, field::required("quantity", used.quantity)?))
        });
        Ok(Self {
            key: field::required("key", total.key)?,
            version: total.version,
            rated: RatedParts { parts: field::each("parts", total.parts)?, used: used? },
        })
    }
}

impl From<(&RatedKey, &BookedTotal)> for store::BookedTotal {
    fn from((key, booked): (&RatedKey, &BookedTotal)) -> Self {
        Self {
            key: Some(key.into()),
            version: booked.version,
            parts: field::messages(&booked.parts),
            operation_id: booked.operation.as_ref().map(ToString::to_string).unwrap_or_default(),
            suspended: field::messages(&booked.suspended),
        }
    }
}

impl TryFrom<store::BookedTotal> for (RatedKey, BookedTotal) {
    type Error = FieldError;

    fn try_from(booked: store::BookedTotal) -> Result<Self, FieldError> {
        let operation = Some(booked.operation_id).filter(|id| !id.is_empty());
        let operation = operation.map(|id| posting::operation("operation_id", &id)).transpose()?;
        let key = field::required("key", booked.key)?;
        Ok((
            key,
            BookedTotal {
                version: booked.version,
                parts: field::each("parts", booked.parts)?,
                suspended: field::each("suspended", booked.suspended)?,
                operation,
            },
        ))
    }
}

/// What was consumed on a day, at a metering point where that has to be said.
pub(super) fn used_on(day: Day, point: Option<MeteringPointId>, used: Quantity) -> store::UsedOnDay {
    let metering_point = point.map(MeteringPointId::number).unwrap_or_default();
    store::UsedOnDay { day: Some((&day).into()), quantity: Some((&used).into()), metering_point }
}
