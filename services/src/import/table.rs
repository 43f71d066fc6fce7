//! A file as a table: its form, its rows, and groups of rows about the same thing.

use std::collections::BTreeMap;

use csv::{ReaderBuilder, StringRecord, Trim};

use super::error::{CsvError, CsvFault};
use super::form::Form;
use super::{MOST_BYTES, MOST_ROWS};

/// A file that is a table of some form.
pub(super) struct Table {
    file: String,
    form: Form,
    header: Vec<String>,
    records: Vec<StringRecord>,
}

/// A row of a table.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    table: &'a Table,
    record: &'a StringRecord,
}

impl Table {
    /// Reads a whole file.
    pub(super) fn read(file: &str, bytes: &[u8]) -> Result<Self, CsvError> {
        let fault = |line, fault| CsvError { file: file.to_owned(), line, fault };
        if bytes.len() > MOST_BYTES {
            return Err(fault(1, CsvFault::TooLarge { most: MOST_BYTES }));
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(bytes);
        let malformed = |error: csv::Error| {
            let line = error.position().map_or(1, csv::Position::line);
            fault(line, CsvFault::Malformed(reason(&error)))
        };
        let header: Vec<String> = reader.headers().map_err(malformed)?.iter().map(str::to_owned).collect();
        let form = Form::of(&header).map_err(|of_header| fault(1, of_header))?;
        let mut records = Vec::new();
        for record in reader.into_records() {
            let record = record.map_err(malformed)?;
            if records.len() == MOST_ROWS {
                let line = record.position().map_or(1, csv::Position::line);
                return Err(fault(line, CsvFault::TooManyRows { most: MOST_ROWS }));
            }
            records.push(record);
        }
        Ok(Self { file: file.to_owned(), form, header, records })
    }

    /// Its form.
    pub(super) fn form(&self) -> Form {
        self.form
    }

    /// The name of the file.
    pub(super) fn file(&self) -> &str {
        &self.file
    }

    /// Its rows.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.records.iter().map(move |record| Row { table: self, record })
    }

    /// The rows grouped by the texts of the `key` columns, in the order of their first rows. The rows of a group must
    /// agree in the `same` columns.
    pub(super) fn groups(
        &self,
        key: &[&'static str],
        same: &[&'static str],
    ) -> Result<Vec<Vec<Row<'_>>>, CsvError> {
        let mut places: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
        let mut groups: Vec<Vec<Row<'_>>> = Vec::new();
        for row in self.rows() {
            let key = key.iter().map(|column| row.text(column)).collect();
            let place = *places.entry(key).or_insert(groups.len());
            match groups.get_mut(place) {
                Some(group) => {
                    row.agree(group, same)?;
                    group.push(row);
                }
                None => groups.push(vec![row]),
            }
        }
        Ok(groups)
    }

    /// A fault of the file as a whole.
    pub(super) fn fault(&self, fault: CsvFault) -> CsvError {
        CsvError { file: self.file.clone(), line: 1, fault }
    }
}

impl<'a> Row<'a> {
    /// The text of a cell, without blanks around it; empty where the column is absent.
    pub(super) fn text(&self, column: &str) -> &'a str {
        let index = self.table.header.iter().position(|name| name == column);
        index.and_then(|index| self.record.get(index)).unwrap_or_default()
    }

    /// A cell read by a rule; `expected` says what the rule takes.
    pub(super) fn value<T>(
        &self,
        column: &'static str,
        expected: &str,
        rule: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<T, CsvError> {
        rule(self.text(column)).ok_or_else(|| self.wrong(column, expected))
    }

    /// A cell that may be empty.
    pub(super) fn optional<T>(
        &self,
        column: &'static str,
        expected: &str,
        rule: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<Option<T>, CsvError> {
        if self.text(column).is_empty() { Ok(None) } else { self.value(column, expected, rule).map(Some) }
    }

    /// That a cell does not hold what it must.
    pub(super) fn wrong(&self, column: &'static str, expected: &str) -> CsvError {
        let (found, expected) = (self.text(column).to_owned(), expected.to_owned());
        self.fault(CsvFault::WrongValue { column, found, expected })
    }

    /// A fault of this row.
    pub(super) fn fault(&self, fault: CsvFault) -> CsvError {
        CsvError { file: self.table.file.clone(), line: self.line(), fault }
    }

    fn line(&self) -> u64 {
        self.record.position().map_or(0, csv::Position::line)
    }

    fn agree(&self, group: &[Self], same: &[&'static str]) -> Result<(), CsvError> {
        let Some(first) = group.first() else { return Ok(()) };
        match same.iter().find(|column| self.text(column) != first.text(column)) {
            None => Ok(()),
            Some(column) => Err(self.fault(CsvFault::Contradiction {
                column,
                found: self.text(column).to_owned(),
                before: first.text(column).to_owned(),
                line: first.line(),
            })),
        }
    }
}

fn reason(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!(
                "the row has {len} cells, the header {expected_len}; a comma in a text needs quotation marks around it"
            )
        }
        csv::ErrorKind::Utf8 { .. } => "the row is not UTF-8 text".to_owned(),
        _ => error.to_string(),
    }
}
