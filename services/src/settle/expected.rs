//! Expected result tables: where they lie, and what their files and columns are called in older scenarios.

use std::fs;
use std::path::{Path, PathBuf};

use super::csv_file::CsvFile;
use super::error::SettleError;

/// The folder with the input as the market's system stored it; it holds no results.
const NOT_RESULTS: &str = "basis_data";
/// Tables of input and bookkeeping, should they lie among the results.
const INPUT_TABLES: [&str; 8] = [
    "metering_point_periods",
    "time_series_points",
    "grid_loss_metering_points",
    "charge_link_periods",
    "charge_price_information_periods",
    "charge_price_points",
    "calculations",
    "calculation_grid_areas",
];

/// A table of expected results.
pub(super) struct ExpectedTable {
    /// Its present name.
    pub(super) name: String,
    /// The present names of its columns.
    pub(super) columns: Vec<String>,
    /// Its rows.
    pub(super) rows: Vec<Vec<String>>,
}

/// Every table in the folder and the folders in it, in the order of their names.
pub(super) fn tables(folder: &Path) -> Result<Vec<ExpectedTable>, SettleError> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    files.sort();
    if files.is_empty() {
        return Err(SettleError::NothingToCompare { path: folder.to_owned() });
    }
    files.iter().map(|path| read(path)).collect()
}

/// The present name of a result table: older names say that a table is per grid area.
pub(super) fn present_name(name: &str) -> String {
    const OLDER: [(&str, &str); 7] = [
        ("_per_ga_co_es", "_per_co_es"),
        ("_per_es_brp_ga", "_per_es"),
        ("_per_ga_brp_es", "_per_es"),
        ("_per_ga_es", "_per_es"),
        ("_per_brp_ga", "_per_brp"),
        ("_per_ga_brp", "_per_brp"),
        ("_per_ga", ""),
    ];
    let renamed =
        OLDER.iter().find_map(|(older, newer)| Some(format!("{}{newer}", name.strip_suffix(older)?)));
    renamed.unwrap_or_else(|| name.to_owned())
}

fn present_column(name: &str) -> String {
    let present = match name {
        "calculation_result_id" => "result_id",
        "balance_responsible_id" => "balance_responsible_party_id",
        "grid_area" => "grid_area_code",
        "neighbor_grid_area" => "neighbor_grid_area_code",
        "charge_owner" => "charge_owner_id",
        "charge_price" => "price",
        "charge_time" => "time",
        other => other,
    };
    present.to_owned()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), SettleError> {
    let failed = |source| SettleError::Io { path: folder.to_owned(), source };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if name != NOT_RESULTS {
                collect(&path, files)?;
            }
        } else if name.strip_suffix(".csv").is_some_and(|name| !INPUT_TABLES.contains(&name)) {
            files.push(path);
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<ExpectedTable, SettleError> {
    let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let mut file = CsvFile::open(path)?;
    let columns = file.header().iter().map(|column| present_column(column)).collect();
    let mut rows = Vec::new();
    while let Some(row) = file.next_row()? {
        rows.push(row.cells().map(str::to_owned).collect());
    }
    Ok(ExpectedTable { name: present_name(name), columns, rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_names_lead_to_present_ones() {
        let cases = [
            ("subscription_per_ga_co_es", "subscription_per_co_es"),
            ("total_monthly_amounts_per_ga_es", "total_monthly_amounts_per_es"),
            ("production_per_ga", "production"),
            ("production_per_es", "production_per_es"),
            ("exchange", "exchange"),
        ];
        for (older, present) in cases {
            assert_eq!(present_name(older), present);
        }
    }
}
