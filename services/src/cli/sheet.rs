//! What commands print: rows under columns, as a table for people, or as JSON or CSV for programs.

use std::io::{self, Write};

use clap::ValueEnum;
use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::failure::Failure;

/// The form of a command's output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// A table for people
    #[default]
    Table,
    /// An array of objects
    Json,
    /// A header and rows
    Csv,
}

/// Rows under columns.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    columns: &'static [&'static str],
    numbers: &'static [&'static str],
    rows: Vec<Vec<String>>,
    /// Whether it is about one thing, which a table shows line by line.
    is_one: bool,
    /// What a table without rows says.
    nothing: &'static str,
}

impl Sheet {
    /// A sheet with these columns. In a table those of `numbers` stand to the right.
    pub(super) fn new(columns: &'static [&'static str], numbers: &'static [&'static str]) -> Self {
        Self { columns, numbers, rows: Vec::new(), is_one: false, nothing: "nothing" }
    }

    /// A sheet about one thing.
    pub(super) fn one(columns: &'static [&'static str], row: Vec<String>) -> Self {
        Self { columns, numbers: &[], rows: vec![row], is_one: true, nothing: "nothing" }
    }

    /// The sheet with these rows.
    pub(super) fn with(mut self, rows: impl IntoIterator<Item = Vec<String>>) -> Self {
        self.rows.extend(rows);
        self
    }

    /// The sheet, of which a table says this where it has no rows.
    pub(super) fn or_else_say(self, nothing: &'static str) -> Self {
        Self { nothing, ..self }
    }

    /// Prints it to standard output.
    pub(super) fn print(&self, output: Output) -> Result<(), Failure> {
        let text = match output {
            Output::Table => self.table(),
            Output::Json => self.json()?,
            Output::Csv => self.csv()?,
        };
        say(&text)
    }

    /// As a table for people.
    pub(super) fn table(&self) -> String {
        if self.rows.is_empty() {
            return format!("{}\n", self.nothing);
        }
        if self.is_one {
            return self.lines();
        }
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_header(self.columns);
        for row in &self.rows {
            table.add_row(row);
        }
        for (column, name) in table.column_iter_mut().zip(self.columns) {
            column.set_padding((0, 2));
            if self.numbers.contains(name) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let lines = table.lines().map(|line| format!("{}\n", line.trim_end()));
        lines.collect()
    }

    /// One thing, a line per column that says something; more where it says more.
    fn lines(&self) -> String {
        let width = self.columns.iter().map(|column| column.len()).max().unwrap_or_default();
        let next = format!("\n{:width$}  ", "");
        let cells = self.columns.iter().zip(self.rows.iter().flatten()).filter(|(_, cell)| !cell.is_empty());
        cells.map(|(column, cell)| format!("{column:width$}  {}\n", cell.replace('\n', &next))).collect()
    }

    fn json(&self) -> Result<String, Failure> {
        let rows: Vec<JsonRow<'_>> =
            self.rows.iter().map(|row| JsonRow { columns: self.columns, cells: row }).collect();
        let text = serde_json::to_string_pretty(&rows);
        text.map(|text| format!("{text}\n")).map_err(|error| Failure::Unexpected(error.to_string()))
    }

    fn csv(&self) -> Result<String, Failure> {
        let unexpected = |error: csv::Error| Failure::Unexpected(error.to_string());
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(self.columns).map_err(unexpected)?;
        for row in &self.rows {
            writer.write_record(row).map_err(unexpected)?;
        }
        let bytes = writer.into_inner().map_err(|error| Failure::Unexpected(error.to_string()))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// A row as an object whose fields stand in the order of the columns.
struct JsonRow<'a> {
    columns: &'a [&'a str],
    cells: &'a [String],
}

impl Serialize for JsonRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.columns.len()))?;
        for (column, cell) in self.columns.iter().zip(self.cells) {
            map.serialize_entry(column, cell)?;
        }
        map.end()
    }
}

/// Writes to standard output. Nobody listening any more, as behind `head`, is no failure; a full disk is.
pub(super) fn say(text: impl AsRef<[u8]>) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_ref()).and_then(|()| out.flush()) {
        Err(source) if source.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::File { path: "standard output".into(), source })
        }
        _ => Ok(()),
    }
}

/// Writes a line to standard error.
pub(super) fn remark(text: &str) {
    drop(writeln!(io::stderr().lock(), "{text}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sheet_three_forms() {
        let sheet = Sheet::new(&["name", "total"], &["total"])
            .with([vec!["Anna, B.".to_owned(), "1.00".to_owned()], vec!["C".to_owned(), "10.00".to_owned()]]);
        assert_eq!(sheet.table(), "name      total\nAnna, B.   1.00\nC         10.00\n");
        assert_eq!(sheet.csv().unwrap(), "name,total\n\"Anna, B.\",1.00\nC,10.00\n");
        assert!(sheet.json().unwrap().contains("\"name\": \"Anna, B.\",\n    \"total\": \"1.00\""));
        assert_eq!(Sheet::new(&["a"], &[]).table(), "nothing\n");
        assert_eq!(Sheet::new(&["a"], &[]).or_else_say("no node").table(), "no node\n");
        let one = Sheet::one(&["name", "id"], vec!["Anna".to_owned(), "A".to_owned()]);
        assert_eq!(one.table(), "name  Anna\nid    A\n");
        let lines = Sheet::one(&["name", "why"], vec!["A".to_owned(), "one\ntwo".to_owned()]);
        assert_eq!(lines.table(), "name  A\nwhy   one\n      two\n");
    }
}
