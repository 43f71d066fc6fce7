//! Why a file of master data is refused.

use std::fmt;

use domain::product::ProductDefect;

use super::form::Form;

/// A fault of a file, with its place. Nothing of the file is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvError {
    /// The name of the file.
    pub file: String,
    /// The line, from 1; the header is line 1.
    pub line: u64,
    /// What is wrong there.
    pub fault: CsvFault,
}

/// What is wrong with a file, in order of checking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CsvFault {
    /// The file is larger than may be.
    TooLarge {
        /// The most bytes.
        most: usize,
    },
    /// The file has more rows than may be.
    TooManyRows {
        /// The most rows.
        most: usize,
    },
    /// A row is no row of CSV, or no UTF-8.
    Malformed(String),
    /// The header has the columns of no form.
    UnknownForm,
    /// A column is missing from the header.
    MissingColumn {
        /// The form the file seems to have.
        form: Form,
        /// The column.
        column: &'static str,
    },
    /// The header has a column that the form does not know, or has it twice.
    UnknownColumn {
        /// The form.
        form: Form,
        /// The column.
        column: String,
    },
    /// A cell does not hold what it must.
    WrongValue {
        /// The column.
        column: &'static str,
        /// The text of the cell.
        found: String,
        /// What it must hold.
        expected: String,
    },
    /// A row says otherwise than the first row about the same thing.
    Contradiction {
        /// The column.
        column: &'static str,
        /// The text of the cell.
        found: String,
        /// What the first row says.
        before: String,
        /// The line of the first row.
        line: u64,
    },
    /// The same thing stands in the file twice.
    Duplicate {
        /// The column that names it.
        column: &'static str,
        /// Its name.
        found: String,
    },
    /// The shares of a contract do not make the whole.
    SharesNotWhole {
        /// The contract.
        contract: String,
        /// What they make, in hundredths of a percent.
        total: u64,
    },
    /// A product can't be sold.
    Defective {
        /// The product.
        product: String,
        /// Why.
        defect: ProductDefect,
    },
    /// The file has no row below its header, and must have one.
    NoRows,
}

impl fmt::Display for CsvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}", self.file, self.line)?;
        match self.fault.column() {
            Some(column) => write!(f, ", column {column}: {}", self.fault),
            None => write!(f, ": {}", self.fault),
        }
    }
}

impl std::error::Error for CsvError {}

impl CsvFault {
    fn column(&self) -> Option<&'static str> {
        match self {
            Self::WrongValue { column, .. }
            | Self::Contradiction { column, .. }
            | Self::Duplicate { column, .. } => Some(column),
            _ => None,
        }
    }
}

impl fmt::Display for CsvFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { most } => write!(f, "the file has more than {most} bytes; split it"),
            Self::TooManyRows { most } => write!(f, "the file has more than {most} rows; split it"),
            Self::Malformed(reason) => write!(f, "{reason}"),
            Self::UnknownForm => write!(
                f,
                "the header is that of no form; expected the columns of one of {}",
                Form::ALL.map(Form::word).join(", ")
            ),
            Self::MissingColumn { form, column } => {
                write!(f, "the header of {form} lacks the column {column}")
            }
            Self::UnknownColumn { form, column } => {
                write!(f, "{form} has no column {column:?}, or it stands there twice")
            }
            Self::WrongValue { found, expected, .. } => write!(f, "found {found:?}, expected {expected}"),
            Self::Contradiction { found, before, line, .. } => {
                write!(f, "found {found:?}, expected {before:?} as in line {line} about the same")
            }
            Self::Duplicate { found, .. } => write!(f, "{found:?} stands in the file twice"),
            Self::SharesNotWhole { contract, total } => {
                let percent = domain::fixed::format(i128::from(*total), 2, 0);
                write!(f, "the shares of contract {contract} make {percent} %, expected 100 %")
            }
            Self::Defective { product, defect } => write!(f, "product {product} can't be sold: {defect}"),
            Self::NoRows => write!(f, "the file has no row below its header"),
        }
    }
}
