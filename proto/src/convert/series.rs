//! Time series: a column of scaled integers and runs of quality.

use domain::fixed;
use domain::instant::Instant;
use domain::quantity::{Quantity, Unit};
use domain::resolution::Resolution;
use domain::series::{Direction, Quality, QualityRun, TimeSeries};

use super::field::{self, same_names};
use super::{FieldError, FieldFault, time};
use crate::types;

/// The most intervals that a column of a message may have.
pub(super) const MOST_INTERVALS: usize = 100_000;

same_names!(
    Unit,
    types::Unit,
    [KilowattHour, MegawattHour, Gigajoule, CubicMetre, Kilowatt, Piece, Day, Hour]
);
same_names!(Resolution, types::Resolution, [Minutes5, Minutes15, Minutes30, Hour, Day, Month]);
same_names!(Direction, types::Direction, [Consumption, Production]);
same_names!(Quality, types::Quality, [Measured, Estimated, Calculated, Incomplete, Missing]);

impl From<&TimeSeries> for types::TimeSeries {
    fn from(series: &TimeSeries) -> Self {
        let column = series.quantities().iter().map(|quantity| quantity.micros());
        let (stripped, quantities) = stripped(column, Quantity::SCALE);
        let runs = series.quality_runs();
        let is_plain = matches!(runs, [] | [QualityRun { quality: Quality::Measured, .. }]);
        Self {
            start_time: Some(time::timestamp(series.start())),
            resolution: field::number::<types::Resolution, _>(series.resolution()),
            scale: Quantity::SCALE.saturating_sub(stripped),
            quantities,
            quality_runs: if is_plain { Vec::new() } else { field::messages(runs) },
        }
    }
}

impl TryFrom<types::TimeSeries> for TimeSeries {
    type Error = FieldError;

    fn try_from(series: types::TimeSeries) -> Result<Self, FieldError> {
        let start = time::required_instant("start_time", series.start_time)?;
        let resolution = field::known::<types::Resolution, _>("resolution", series.resolution)?;
        let quantities = restored("quantities", series.quantities, series.scale, Quantity::SCALE)?;
        let quantities = quantities.into_iter().map(Quantity::from_micros).collect();
        let runs = field::each("quality_runs", series.quality_runs)?;
        columns(start, resolution, quantities, runs)
    }
}

/// A series from its columns; without runs every value is measured.
pub(super) fn columns(
    start: Instant,
    resolution: Resolution,
    quantities: Vec<Quantity>,
    mut runs: Vec<QualityRun>,
) -> Result<TimeSeries, FieldError> {
    let count = u32::try_from(quantities.len()).unwrap_or(u32::MAX);
    if runs.is_empty() && count > 0 {
        runs.push(QualityRun { quality: Quality::Measured, count });
    }
    let series = TimeSeries::from_columns(start, resolution, quantities, runs);
    series.ok_or(FieldError::at("quality_runs", FieldFault::WrongCount))
}

impl From<&QualityRun> for types::QualityRun {
    fn from(run: &QualityRun) -> Self {
        Self { quality: field::number::<types::Quality, _>(run.quality), count: run.count }
    }
}

impl TryFrom<types::QualityRun> for QualityRun {
    type Error = FieldError;

    fn try_from(run: types::QualityRun) -> Result<Self, FieldError> {
        Ok(Self { quality: field::known::<types::Quality, _>("quality", run.quality)?, count: run.count })
    }
}

/// A column of counts of 10^-`scale` without the trailing zeros that all of them have, and how many those are.
pub(super) fn stripped(column: impl Iterator<Item = i64> + Clone, scale: u32) -> (u32, Vec<i64>) {
    let mut zeros = if column.clone().all(|value| value == 0) { 0 } else { scale };
    for value in column.clone() {
        while zeros > 0 && power(zeros).and_then(|power| value.checked_rem(power)) != Some(0) {
            zeros = zeros.saturating_sub(1);
        }
    }
    let divisor = power(zeros).unwrap_or(1);
    (zeros, column.map(|value| value.checked_div(divisor).unwrap_or(value)).collect())
}

/// The column as counts of 10^-`scale` again, where its numbers have `given` decimals.
pub(super) fn restored(
    field: &str,
    column: Vec<i64>,
    given: u32,
    scale: u32,
) -> Result<Vec<i64>, FieldError> {
    if column.len() > MOST_INTERVALS {
        return Err(FieldError::at(field, FieldFault::TooMany { most: MOST_INTERVALS }));
    }
    let factor = scale.checked_sub(given).and_then(power);
    let factor = factor.ok_or(FieldError::at("scale", FieldFault::OutOfRange))?;
    let scaled = column.into_iter().map(|value| value.checked_mul(factor)).collect::<Option<Vec<i64>>>();
    scaled.ok_or_else(|| FieldError::at(field, FieldFault::OutOfRange))
}

/// 10^`exponent`, where it fits.
pub(super) fn power(exponent: u32) -> Option<i64> {
    fixed::power_of_ten(exponent).and_then(|power| i64::try_from(power).ok())
}
