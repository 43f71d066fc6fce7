//! `prices.csv`: prices of indexes, a row per interval.

use domain::entity::catalog::IndexPrices;
use domain::instant::Instant;
use domain::price::Price;
use domain::price_series::PriceColumn;
use domain::resolution::Resolution;

use super::cells::INSTANT;
use super::error::{CsvError, CsvFault};
use super::table::{Row, Table};

/// What the rows of an index agree in.
const SAME: [&str; 4] = ["unit", "currency", "resolution", "created_utc"];

/// The most intervals of an index in one file: what one message of the interface holds.
const MOST_INTERVALS: usize = 100_000;

pub(super) fn prices(table: &Table) -> Result<Vec<IndexPrices>, CsvError> {
    table.groups(&["index"], &SAME)?.into_iter().map(|rows| index_prices(table, &rows)).collect()
}

fn index_prices(table: &Table, rows: &[Row<'_>]) -> Result<IndexPrices, CsvError> {
    let row = rows.first().ok_or_else(|| table.fault(CsvFault::NoRows))?;
    let resolution = row.value("resolution", "PT5M, PT15M, PT30M or PT1H", |text| {
        Resolution::from_code(text).filter(|resolution| resolution.millis().is_some())
    })?;
    Ok(IndexPrices {
        index: row.id("index")?.to_owned(),
        unit: row.unit()?,
        currency: row.currency()?,
        created: row.instant("created_utc")?,
        source: file_name(table.file()).to_owned(),
        column: column(rows, row.instant("start_utc")?, resolution)?,
    })
}

/// The name of a file without the folders it is in, so that its place on a machine means nothing.
fn file_name(file: &str) -> &str {
    file.rsplit(['/', '\\']).next().unwrap_or(file)
}

/// The rows as a column. A row that is left out, or has no price, is an interval without one.
fn column(rows: &[Row<'_>], start: Instant, resolution: Resolution) -> Result<PriceColumn, CsvError> {
    let step = resolution.millis().unwrap_or(i64::MAX);
    let mut prices: Vec<Option<Price>> = Vec::new();
    for row in rows {
        let expected =
            format!("{INSTANT}, whole intervals of {resolution} after the index's first row, ascending");
        let at = row.instant("start_utc")?.millis_since(start);
        let is_on_grid = at.checked_rem(step) == Some(0);
        let index = at.checked_div(step).and_then(|index| usize::try_from(index).ok());
        let index = index
            .filter(|index| is_on_grid && *index >= prices.len())
            .ok_or_else(|| row.wrong("start_utc", &expected))?;
        if index >= MOST_INTERVALS {
            return Err(row.fault(CsvFault::TooManyRows { most: MOST_INTERVALS }));
        }
        prices.resize(index, None);
        prices.push(row.optional("price", "a number with at most eight decimals, or nothing", |text| {
            Price::parse(text).ok()
        })?);
    }
    Ok(PriceColumn { start, resolution, prices })
}
