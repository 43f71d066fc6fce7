//! Why `kvarter settle` stops.

use std::fmt;
use std::io;
use std::path::PathBuf;

use domain::settlement::Refusal;

/// Why a scenario cannot be computed or compared. Every message says what to do.
#[derive(Debug)]
pub enum SettleError {
    /// An option does not name a folder.
    NotAFolder {
        /// The option.
        option: &'static str,
        /// What it names.
        path: PathBuf,
    },
    /// The zone is not in the table of zones.
    UnknownZone {
        /// What was given.
        zone: String,
    },
    /// A file that is needed is not there.
    MissingFile {
        /// Where it should be.
        path: PathBuf,
    },
    /// A file or folder cannot be read or written.
    Io {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not a table at a place.
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// A table lacks a column.
    MissingColumn {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
        /// The columns it has.
        present: String,
    },
    /// A cell, or a value of the arguments, is not what it should be.
    WrongValue {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// The column or key.
        column: String,
        /// What is there.
        found: String,
        /// What should be there.
        expected: String,
    },
    /// The arguments lack a key.
    MissingArgument {
        /// The file.
        path: PathBuf,
        /// The key.
        key: &'static str,
    },
    /// The settlement refuses its input.
    Refused {
        /// The file to blame, where there is one.
        path: Option<PathBuf>,
        /// The line to blame, where there is one.
        line: Option<u64>,
        /// Why.
        refusal: Box<Refusal>,
    },
    /// The folder to compare with holds no table.
    NothingToCompare {
        /// The folder.
        path: PathBuf,
    },
}

impl fmt::Display for SettleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAFolder { option, path } => {
                write!(
                    f,
                    "{} is not a folder; give {option} the path of a folder that exists",
                    path.display()
                )
            }
            Self::UnknownZone { zone } => {
                write!(f, "{zone} is not a time zone; give --zone a name such as Europe/Copenhagen")
            }
            Self::MissingFile { path } => {
                write!(f, "{} is missing; put it there, with its header if it has no rows", path.display())
            }
            Self::Io { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Malformed { path, line, reason } => {
                write!(f, "{}, line {line}: {reason}; columns are separated by semicolons", path.display())
            }
            Self::MissingColumn { path, column, present } => write!(
                f,
                "{}, line 1: there is no column {column}, only {present}; correct the header",
                path.display()
            ),
            Self::WrongValue { path, line, column, found, expected } => {
                write!(f, "{}, line {line}, {column}: \"{found}\" is not {expected}", path.display())
            }
            Self::MissingArgument { path, key } => {
                write!(f, "{}: {key} is missing; add a line \"{key}: value\"", path.display())
            }
            Self::Refused { path, line, refusal } => {
                if let Some(path) = path {
                    write!(f, "{}", path.display())?;
                    line.map_or(Ok(()), |line| write!(f, ", line {line}"))?;
                    write!(f, ": ")?;
                }
                write!(f, "{refusal}; correct the input and settle again")
            }
            Self::NothingToCompare { path } => write!(
                f,
                "{} holds no table to compare with; give --compare a folder with result tables (*.csv)",
                path.display()
            ),
        }
    }
}

impl std::error::Error for SettleError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Refused { refusal, .. } => Some(refusal.as_ref()),
            _ => None,
        }
    }
}
