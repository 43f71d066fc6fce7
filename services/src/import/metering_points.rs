//! `metering_points.csv`: where a medium is measured, a row per period of master data.

use domain::day::DayRule;
use domain::document::{MeteringPointKind, SettlementMethod};
use domain::entity::metering_point::{PointDetails, PointPeriod};
use domain::identity::MeteringPointId;
use domain::resolution::Resolution;

use super::error::{CsvError, CsvFault};
use super::table::{Row, Table};

/// What does not change from period to period.
const SAME: [&str; 11] = [
    "kind",
    "unit",
    "zone",
    "day_start_hour",
    "street",
    "postal_code",
    "city",
    "country_code",
    "grid_area",
    "parent_metering_point_id",
    "metering_point_id",
];

pub(super) fn points(table: &Table) -> Result<Vec<PointDetails>, CsvError> {
    table.groups(&["metering_point_id"], &SAME)?.into_iter().map(|rows| point(table, &rows)).collect()
}

fn point(table: &Table, rows: &[Row<'_>]) -> Result<PointDetails, CsvError> {
    let row = rows.first().ok_or_else(|| table.fault(CsvFault::NoRows))?;
    let mut periods: Vec<PointPeriod> = Vec::new();
    for row in rows {
        let period = period(row)?;
        if periods.last().is_some_and(|last| last.span.end() > period.span.first()) {
            return Err(row.wrong("first_day", "a day not before the end_day of the point's row before"));
        }
        periods.push(period);
    }
    Ok(PointDetails {
        id: row.metering_point("metering_point_id")?,
        kind: row.value(
            "kind",
            "a kind by its code: E17 consumption, E18 production, E20, D01 to D20, D99",
            MeteringPointKind::from_code,
        )?,
        unit: row.unit()?,
        rule: rule(row)?,
        address: row.address()?,
        grid_area: row.free_text("grid_area")?,
        parent: row.optional(
            "parent_metering_point_id",
            "a metering point id of 18 digits, not all zeros, or nothing",
            MeteringPointId::parse_point,
        )?,
        periods,
    })
}

fn rule(row: &Row<'_>) -> Result<DayRule, CsvError> {
    let zone = row.zone()?;
    let expected = "the local hour at which days begin, 0 to 23; nothing for 0";
    let hour = row.optional("day_start_hour", expected, |text| text.parse().ok())?.unwrap_or_default();
    DayRule::new(zone, hour).ok_or_else(|| row.wrong("day_start_hour", expected))
}

fn period(row: &Row<'_>) -> Result<PointPeriod, CsvError> {
    Ok(PointPeriod {
        span: row.span()?,
        resolution: row.value("resolution", "PT5M, PT15M, PT30M, PT1H, P1D or P1M", Resolution::from_code)?,
        supplier: row.free_text("supplier")?,
        settlement_method: row.optional(
            "settlement_method",
            "D01 (flex), E02 (non-profiled) or nothing",
            SettlementMethod::from_code,
        )?,
    })
}
