//! Tables as files: semicolons, a header, perhaps a byte order mark, perhaps no final newline.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use csv::{ReaderBuilder, StringRecord, Trim};
use domain::identity::MeteringPointId;
use domain::instant::{Instant, Period};

use super::error::SettleError;

/// A table in a file, read row by row.
pub(super) struct CsvFile {
    path: PathBuf,
    header: Vec<String>,
    reader: csv::Reader<BufReader<File>>,
    record: StringRecord,
}

/// The place of a column, with its name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    name: &'static str,
    index: usize,
}

/// A row of a table.
pub(super) struct Row<'a> {
    path: &'a Path,
    record: &'a StringRecord,
}

impl CsvFile {
    /// Opens a table and reads its header.
    pub(super) fn open(path: &Path) -> Result<Self, SettleError> {
        let file = File::open(path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => SettleError::MissingFile { path: path.to_owned() },
            _ => SettleError::Io { path: path.to_owned(), source },
        })?;
        let mut builder = ReaderBuilder::new();
        let builder = builder.delimiter(b';').trim(Trim::All).has_headers(true);
        let mut reader = builder.from_reader(BufReader::with_capacity(1 << 16, file));
        let header = reader.headers().map_err(|error| malformed(path, 1, &error))?;
        // A byte order mark that was converted once too often is whatever stands before the first letter.
        let is_mark = |letter: char| !letter.is_alphanumeric();
        let header = header.iter().map(|name| name.trim_start_matches(is_mark).to_owned()).collect();
        Ok(Self { path: path.to_owned(), header, reader, record: StringRecord::new() })
    }

    /// The names of its columns.
    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    /// The column of this name, or of an older one.
    pub(super) fn column(&self, name: &'static str, older: &[&str]) -> Result<Column, SettleError> {
        let known = |column: &String| column == name || older.contains(&column.as_str());
        let index = self.header.iter().position(known);
        index.map(|index| Column { name, index }).ok_or_else(|| SettleError::MissingColumn {
            path: self.path.clone(),
            column: name,
            present: self.header.join(", "),
        })
    }

    /// The next row; `None` after the last.
    pub(super) fn next_row(&mut self) -> Result<Option<Row<'_>>, SettleError> {
        let more = self.reader.read_record(&mut self.record);
        let more = more.map_err(|error| {
            let line = error.position().map_or(1, csv::Position::line);
            malformed(&self.path, line, &error)
        })?;
        Ok(more.then_some(Row { path: &self.path, record: &self.record }))
    }
}

impl Row<'_> {
    /// The line it stands in, counted from 1.
    pub(super) fn line(&self) -> u64 {
        self.record.position().map_or(0, csv::Position::line)
    }

    /// The text of every cell, in the order of the header.
    pub(super) fn cells(&self) -> impl Iterator<Item = &str> {
        self.record.iter()
    }

    /// The text of a cell.
    pub(super) fn text(&self, column: Column) -> &str {
        self.record.get(column.index).unwrap_or_default()
    }

    /// A cell read by a rule; `expected` says what the rule takes.
    pub(super) fn value<T>(
        &self,
        column: Column,
        expected: &str,
        rule: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, SettleError> {
        rule(self.text(column)).ok_or_else(|| self.wrong(column, expected))
    }

    /// A cell that may be empty.
    pub(super) fn optional<T>(
        &self,
        column: Column,
        expected: &str,
        rule: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, SettleError> {
        if self.text(column).is_empty() { Ok(None) } else { self.value(column, expected, rule).map(Some) }
    }

    /// A metering point's id.
    pub(super) fn metering_point(&self, column: Column) -> Result<MeteringPointId, SettleError> {
        self.value(column, "a metering point id of 18 digits", MeteringPointId::parse)
    }

    /// An instant.
    pub(super) fn instant(&self, column: Column) -> Result<Instant, SettleError> {
        self.value(column, INSTANT, parse_instant)
    }

    /// A half-open period; an empty end is open.
    pub(super) fn period(&self, from: Column, to: Column) -> Result<Period, SettleError> {
        let start = self.instant(from)?;
        let end = self.optional(to, INSTANT, parse_instant)?.unwrap_or(Instant::MAX);
        Period::new(start, end)
            .ok_or_else(|| self.wrong(to, "an instant after the row's from_date, or empty"))
    }

    fn wrong(&self, column: Column, expected: &str) -> SettleError {
        SettleError::WrongValue {
            path: self.path.to_owned(),
            line: self.line(),
            column: column.name.to_owned(),
            found: self.text(column).to_owned(),
            expected: expected.to_owned(),
        }
    }
}

/// What an instant looks like.
pub(super) const INSTANT: &str = "an instant in UTC such as 2023-01-31T23:00:00Z";

/// Reads an instant; one without offset is UTC.
pub(super) fn parse_instant(text: &str) -> Option<Instant> {
    let time = text.find(['T', ' ']).and_then(|at| text.get(at..)).unwrap_or_default();
    let has_offset = time.contains(['Z', 'z', '+', '-']);
    if has_offset { Instant::parse(text) } else { Instant::parse(&format!("{text}Z")) }
}

fn malformed(path: &Path, line: u64, error: &csv::Error) -> SettleError {
    let reason = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("the row has {len} columns, the header {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => "the row is not UTF-8 text".to_owned(),
        _ => error.to_string(),
    };
    SettleError::Malformed { path: path.to_owned(), line, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_come_in_many_forms() {
        let forms = [
            "2023-01-31T23:00:00Z",
            "2023-01-31 23:00:00",
            "2023-01-31 23:00",
            "2023-01-31T23:00Z",
            "2023-01-31 23:00:00.000000",
            "2023-01-31T23:00:00.000Z",
            "2023-02-01T00:00:00+01:00",
        ];
        for form in forms {
            let instant = parse_instant(form).map(|instant| instant.to_string());
            assert_eq!(instant.as_deref(), Some("2023-01-31T23:00:00Z"), "{form}");
        }
        for form in ["", "2023-01-31", "2023-02-30 23:00", "31.01.2023 23:00", "soon"] {
            assert_eq!(parse_instant(form), None, "{form}");
        }
    }
}
