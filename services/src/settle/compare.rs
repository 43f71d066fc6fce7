//! Comparing result tables with expected ones: cell by cell, by meaning, in any order of rows.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use domain::fixed;
use domain::resolution::Resolution;

use super::arguments_file::CalculationArguments;
use super::csv_file::parse_instant;
use super::error::SettleError;
use super::expected::{self, ExpectedTable};
use super::result_table::ResultTable;

/// How many differences of a table are shown.
const SHOWN: usize = 20;
/// More decimals than any number of a result has.
const DECIMALS: u32 = 12;

/// What a comparison found.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// How many expected tables there were.
    pub tables: usize,
    /// How many expected rows.
    pub rows: usize,
    /// What differs.
    pub differences: Vec<Difference>,
}

/// Something that is not as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The table is none of the results.
    UnknownTable {
        /// Its name.
        table: String,
    },
    /// The table has a column that results do not have.
    UnknownColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// A cell differs.
    Cell {
        /// The table.
        table: String,
        /// The row.
        key: String,
        /// The column.
        column: String,
        /// What was expected.
        expected: String,
        /// What was computed.
        got: String,
    },
    /// A row was expected and not computed.
    MissingRow {
        /// The table.
        table: String,
        /// The row.
        key: String,
    },
    /// A row was computed and not expected.
    ExtraRow {
        /// The table.
        table: String,
        /// The row.
        key: String,
    },
}

/// What a column's cells mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// Made up by whoever wrote the table: not compared.
    Ignored,
    /// A part of what identifies a row.
    Key,
    /// A result.
    Result,
}

impl Meaning {
    fn of(column: &str) -> Self {
        match column {
            "result_id" | "amount_type" | "aggregation_level" => Self::Ignored,
            "quantity" | "quantity_qualities" | "price" | "amount" => Self::Result,
            "calculation_id" | "calculation_type" | "calculation_execution_time_start" => Self::Result,
            _ => Self::Key,
        }
    }
}

/// Results of the rows that have one key.
#[derive(Default)]
struct Rows {
    expected: Vec<Vec<String>>,
    got: Vec<Vec<String>>,
}

/// Compares the tables with those in the folder. Tables that are not there are not compared.
pub(super) fn with_folder(
    folder: &Path,
    tables: &[ResultTable],
    scenario: &CalculationArguments,
) -> Result<Comparison, SettleError> {
    if !folder.is_dir() {
        return Err(SettleError::NotAFolder { option: "--compare", path: folder.to_owned() });
    }
    let expected = expected::tables(folder)?;
    let mut comparison = Comparison {
        tables: expected.len(),
        rows: expected.iter().map(|table| table.rows.len()).sum(),
        differences: Vec::new(),
    };
    for table in &expected {
        let found = match tables.iter().find(|got| got.name == table.name) {
            Some(got) => compare(table, got, scenario),
            None => vec![Difference::UnknownTable { table: table.name.clone() }],
        };
        comparison.differences.extend(found);
    }
    Ok(comparison)
}

fn compare(expected: &ExpectedTable, got: &ResultTable, scenario: &CalculationArguments) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut columns = Vec::new();
    for (index, column) in expected.columns.iter().enumerate() {
        let place = got.columns.iter().position(|name| name == column);
        let is_empty = expected.rows.iter().all(|row| row.get(index).is_none_or(String::is_empty));
        let constant = if is_empty { Some(String::new()) } else { constant(column, got, scenario) };
        match (Meaning::of(column), place, constant) {
            (Meaning::Ignored, _, _) => {}
            (meaning, Some(place), _) => columns.push((meaning, column, index, Ok(place))),
            (meaning, None, Some(value)) => columns.push((meaning, column, index, Err(value))),
            (_, None, None) => {
                let (table, column) = (expected.name.clone(), column.clone());
                differences.push(Difference::UnknownColumn { table, column });
            }
        }
    }
    let pick = |meaning: Meaning, cell: &dyn Fn(usize, &Result<usize, String>) -> String| {
        let of_meaning = columns.iter().filter(|(other, ..)| *other == meaning);
        let cells = of_meaning.map(|(_, column, index, place)| meant(column, &cell(*index, place)));
        cells.collect::<Vec<String>>()
    };
    let mut rows: BTreeMap<Vec<String>, Rows> = BTreeMap::new();
    for row in &expected.rows {
        let cell = |index: usize, _: &Result<usize, String>| row.get(index).cloned().unwrap_or_default();
        rows.entry(pick(Meaning::Key, &cell)).or_default().expected.push(pick(Meaning::Result, &cell));
    }
    for row in &got.rows {
        let cell = |_: usize, place: &Result<usize, String>| match place {
            Ok(place) => row.get(*place).cloned().unwrap_or_default(),
            Err(constant) => constant.clone(),
        };
        rows.entry(pick(Meaning::Key, &cell)).or_default().got.push(pick(Meaning::Result, &cell));
    }
    let names = |meaning| {
        let of_meaning = columns.iter().filter(move |(other, ..)| *other == meaning);
        of_meaning.map(|(_, column, ..)| column.as_str()).collect::<Vec<_>>()
    };
    let (keys, results) = (names(Meaning::Key), names(Meaning::Result));
    for (key, rows) in rows {
        let filled = keys.iter().zip(&key).filter(|(_, value)| !value.is_empty());
        let key = filled.map(|(column, value)| format!("{column}={value}")).collect::<Vec<_>>().join(" ");
        differences.extend(rows.differences(&expected.name, &key, &results));
    }
    differences
}

/// A value that all rows of a run share, where the table itself has no such column.
fn constant(column: &str, table: &ResultTable, scenario: &CalculationArguments) -> Option<String> {
    match column {
        "resolution" if table.name.starts_with("monthly") => Some(Resolution::Month.code().to_owned()),
        "calculation_id" => Some(scenario.calculation_id.clone()),
        "calculation_type" => Some(scenario.calculation_type.clone()),
        "calculation_execution_time_start" => {
            Some(scenario.started.map(|instant| instant.to_string()).unwrap_or_default())
        }
        _ => None,
    }
}

impl Rows {
    /// Rows of one key: equal ones are set aside, the others paired in order.
    fn differences(mut self, table: &str, key: &str, columns: &[&str]) -> Vec<Difference> {
        self.expected.sort();
        self.got.sort();
        let mut expected = Vec::new();
        for row in self.expected {
            match self.got.iter().position(|got| all_agree(columns, &row, got)) {
                Some(place) => drop(self.got.remove(place)),
                None => expected.push(row),
            }
        }
        let (table, key) = (table.to_owned(), key.to_owned());
        let mut differences = Vec::new();
        for (expected, got) in expected.iter().zip(&self.got) {
            let cells = columns.iter().zip(expected.iter().zip(got));
            let cells = cells.filter(|(column, (expected, got))| !agree(column, expected, got));
            differences.extend(cells.map(|(column, (expected, got))| Difference::Cell {
                table: table.clone(),
                key: key.clone(),
                column: (*column).to_owned(),
                expected: expected.clone(),
                got: got.clone(),
            }));
        }
        let (missing, extra) =
            (expected.len().saturating_sub(self.got.len()), self.got.len().saturating_sub(expected.len()));
        let row = || (table.clone(), key.clone());
        differences
            .extend((0..missing).map(|_| row()).map(|(table, key)| Difference::MissingRow { table, key }));
        differences.extend((0..extra).map(|_| row()).map(|(table, key)| Difference::ExtraRow { table, key }));
        differences
    }
}

/// Whether a cell is as expected. What says which run it was is compared only where it was stated.
fn agree(column: &str, expected: &str, got: &str) -> bool {
    expected == got || (expected.is_empty() && column.starts_with("calculation_"))
}

fn all_agree(columns: &[&str], expected: &[String], got: &[String]) -> bool {
    columns.iter().zip(expected.iter().zip(got)).all(|(column, (expected, got))| agree(column, expected, got))
}

/// A cell reduced to what it means: 1 is 1.000, a set has no order, an instant has many forms.
fn meant(column: &str, cell: &str) -> String {
    match column {
        "quantity" | "price" | "amount" => match fixed::parse(cell, DECIMALS) {
            Ok(number) => fixed::format(number, DECIMALS, 0),
            Err(_) => cell.to_owned(),
        },
        "quantity_qualities" => {
            let words = cell.trim_matches(['[', ']']).split(',');
            let words: BTreeSet<&str> = words.map(|word| word.trim().trim_matches(['\'', '"'])).collect();
            words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(", ")
        }
        "time" | "calculation_execution_time_start" => {
            parse_instant(cell).map_or_else(|| cell.to_owned(), |instant| instant.to_string())
        }
        "is_tax" => cell.to_lowercase(),
        "calculation_type" => cell.replace('_', "").to_lowercase(),
        "metering_point_type" if cell == "effect_settlement" => "capacity_settlement".to_owned(),
        _ => cell.to_owned(),
    }
}

impl Difference {
    /// The table it is in.
    #[must_use]
    pub fn table(&self) -> &str {
        match self {
            Self::UnknownTable { table }
            | Self::UnknownColumn { table, .. }
            | Self::Cell { table, .. }
            | Self::MissingRow { table, .. }
            | Self::ExtraRow { table, .. } => table,
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: &str| if value.is_empty() { "(empty)".to_owned() } else { value.to_owned() };
        match self {
            Self::UnknownTable { table } => write!(f, "{table}: no such table is computed"),
            Self::UnknownColumn { table, column } => write!(f, "{table}: results have no column {column}"),
            Self::Cell { table, key, column, expected, got } => {
                write!(f, "{table}: {key}: {column}: expected {}, got {}", shown(expected), shown(got))
            }
            Self::MissingRow { table, key } => write!(f, "{table}: {key}: missing row"),
            Self::ExtraRow { table, key } => write!(f, "{table}: {key}: extra row"),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut per_table: BTreeMap<&str, usize> = BTreeMap::new();
        for difference in &self.differences {
            let count = per_table.entry(difference.table()).or_default();
            *count = count.saturating_add(1);
            if *count <= SHOWN {
                writeln!(f, "{difference}")?;
            }
        }
        for (table, count) in per_table.into_iter().filter(|(_, count)| *count > SHOWN) {
            writeln!(f, "{table}: and {} more", count.saturating_sub(SHOWN))?;
        }
        write!(f, "compared {} tables, {} rows: ", self.tables, self.rows)?;
        match self.differences.len() {
            0 => writeln!(f, "no differences"),
            1 => writeln!(f, "1 difference"),
            count => writeln!(f, "{count} differences"),
        }
    }
}
