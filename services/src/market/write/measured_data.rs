//! Measured data (RSM-012).

use domain::day::DayRule;
use domain::document::MeasuredSeries;
use domain::series::{Quality, Value};

use super::{Field, Fields, WriteError};
use crate::market::codes;

pub(super) fn fields(series: &MeasuredSeries, rule: &DayRule) -> Result<Fields, WriteError> {
    let mut fields: Fields = vec![("mRID", Field::plain(&series.id))];
    if let Some(original) = &series.original_transaction {
        fields.push(("originalTransactionIDReference_Series.mRID", Field::plain(original)));
    }
    fields.push(("marketEvaluationPoint.mRID", Field::metering_point(series.metering_point)));
    fields.push(("marketEvaluationPoint.type", Field::code(series.kind.code())));
    if let Some(registered) = series.registered {
        fields.push(("registration_DateAndOrTime.dateTime", Field::plain(registered)));
    }
    if let Some(product) = series.product {
        fields.push(("product", Field::plain(product.code())));
    }
    fields.push(("quantity_Measure_Unit.name", Field::code(codes::unit_code(series.unit))));
    let period = series.series.period(rule).ok_or(WriteError::EmptySeries)?;
    let interval = vec![("start", Field::minute(period.start())), ("end", Field::minute(period.end()))];
    let points =
        series.series.values().zip(1_usize..).map(|(value, position)| point(value, position)).collect();
    fields.push((
        "Period",
        Field::Group(vec![
            ("resolution", Field::plain(series.series.resolution())),
            ("timeInterval", Field::Group(interval)),
            ("Point", Field::Groups(points)),
        ]),
    ));
    Ok(fields)
}

/// A measured value goes without a quality, a missing one without a quantity.
fn point(value: Value, position: usize) -> Fields {
    let mut fields = vec![("position", Field::NumberValue(position.to_string()))];
    if value.quality != Quality::Missing {
        fields.push(("quantity", Field::Number(value.quantity.to_string())));
    }
    if value.quality != Quality::Measured {
        fields.push(("quality", Field::code(codes::quality_code(value.quality))));
    }
    fields
}
