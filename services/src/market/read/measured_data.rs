//! Measured data (RSM-012).

use domain::document::{EnergyProduct, MeasuredSeries, MeteringPointKind, RefusalReason};
use domain::quantity::{Quantity, Unit};
use domain::series::{Quality, TimeSeries, Value};

use super::fields::{Fields, Read};
use super::intervals::{self, PositionNames};
use super::reading::Reading;
use crate::market::codes;

/// Whether a quantity may be below 0.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// Metered: direction is in the kind of the point.
    NeverNegative,
    /// Computed: a balance may have either sign.
    Any,
}

pub(super) fn series(reading: &mut Reading<'_>, fields: &mut Fields<'_>, id: String) -> Read<MeasuredSeries> {
    let metering_point = fields.metering_point(reading, "marketEvaluationPoint.mRID")?;
    let kind = fields.code(reading, "marketEvaluationPoint.type", MeteringPointKind::from_code)?;
    let (product, unit) = product_and_unit(reading, fields, "product", "quantity_Measure_Unit.name")?;
    let registered = fields.optional_instant(reading, "registration_DateAndOrTime.dateTime")?;
    let original_transaction = fields.optional_id(reading, "originalTransactionIDReference_Series.mRID")?;
    let series = fields
        .group(reading, "Period", |reading, fields| time_series(reading, fields, Sign::NeverNegative))?;
    Ok(MeasuredSeries { id, metering_point, kind, product, unit, registered, original_transaction, series })
}

pub(super) fn product_and_unit(
    reading: &Reading<'_>,
    fields: &mut Fields<'_>,
    product_name: &'static str,
    unit_name: &'static str,
) -> Read<(Option<EnergyProduct>, Unit)> {
    let product = fields.optional_code(reading, product_name, EnergyProduct::from_code)?;
    let unit = fields.code(reading, unit_name, codes::unit)?;
    if product.is_some_and(|product| !product.is_counted_in(unit)) {
        return Err(reading.fault(unit_name, RefusalReason::UnitDoesNotFit));
    }
    Ok((product, unit))
}

/// Takes a `Period` with its points.
pub(super) fn time_series(
    reading: &mut Reading<'_>,
    fields: &mut Fields<'_>,
    sign: Sign,
) -> Read<TimeSeries> {
    let (resolution, period) = intervals::interval(reading, fields)?;
    let expected = intervals::metered_count(reading, "timeInterval", resolution, period)?;
    let values = intervals::values(reading, fields, PositionNames::CIM, expected, |reading, fields| {
        let quality = fields.optional_code(reading, "quality", codes::quality)?;
        let quantity = fields.optional_decimal(reading, "quantity", Quantity::parse)?;
        value(reading, "quantity", quantity, quality.unwrap_or(Quality::Measured), sign)
    })?;
    Ok(TimeSeries::new(period.start(), resolution, values))
}

/// A quantity and its quality as one value.
///
/// Missing means that there is no quantity; some senders write 0 for it, which says the same. Any other quantity
/// contradicts it, and a quantity that is left out without a word is refused as well.
pub(super) fn value(
    reading: &Reading<'_>,
    name: &str,
    quantity: Option<Quantity>,
    quality: Quality,
    sign: Sign,
) -> Read<Value> {
    match (quantity, quality) {
        (None | Some(Quantity::ZERO), Quality::Missing) => Ok(Value::MISSING),
        (Some(_), Quality::Missing) => Err(reading.fault(name, RefusalReason::QuantityOfMissing)),
        (None, _) => Err(reading.fault(name, RefusalReason::MissingQuantity)),
        (Some(quantity), _) if quantity < Quantity::ZERO && sign == Sign::NeverNegative => {
            Err(reading.fault(name, RefusalReason::NegativeQuantity))
        }
        (Some(quantity), quality) => Ok(Value { quantity, quality }),
    }
}
