//! What `kvarter settle` tells when it is done.

use std::fmt;
use std::path::PathBuf;

use domain::settlement::Notice;

use super::compare::Comparison;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Computed, and nothing differs from what was expected.
    Done,
    /// Something differs from what was expected.
    Different,
}

impl Outcome {
    /// The exit code of the process: 0 or 1.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Different => 1,
        }
    }
}

/// What a run computed, wrote and found. Its text is for standard output; notices go to standard error.
#[derive(Clone, Debug)]
pub struct Report {
    /// Rows per result table.
    pub rows: Vec<(String, usize)>,
    /// Where the tables were written, if anywhere.
    pub written_to: Option<PathBuf>,
    /// What a reader of the results should know.
    pub notices: Vec<Notice>,
    /// What the comparison found, if there was one.
    pub comparison: Option<Comparison>,
}

impl Report {
    /// How the run ended.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match &self.comparison {
            Some(comparison) if !comparison.differences.is_empty() => Outcome::Different,
            _ => Outcome::Done,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: usize = self.rows.iter().map(|(_, rows)| rows).sum();
        write!(f, "computed {} tables, {rows} rows", self.rows.len())?;
        match &self.written_to {
            Some(folder) => writeln!(f, ", written to {}", folder.display())?,
            None => writeln!(f)?,
        }
        if self.written_to.is_none() && self.comparison.is_none() {
            for (name, rows) in &self.rows {
                writeln!(f, "  {name}: {rows}")?;
            }
            writeln!(f, "give --output to write them, --compare to check them")?;
        }
        self.comparison.iter().try_for_each(|comparison| comparison.fmt(f))
    }
}
