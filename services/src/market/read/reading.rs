//! Where a reader stands in a document: it names the place in every fault and remark.

use std::collections::BTreeSet;

use domain::day::DayRule;
use domain::document::{DocumentError, DocumentWarning, RefusalReason, WarningKind};

use crate::market::ParseOptions;

/// Remarks kept of one document.
const MOST_WARNINGS: usize = 1_000;

/// A document being read.
pub(super) struct Reading<'o> {
    pub(super) options: &'o ParseOptions,
    /// Days from midnight in the zone of the options: prices and charges count from them.
    pub(super) civil_days: DayRule,
    /// Whether numbers have a form of their own.
    pub(super) is_json: bool,
    pub(super) document: Option<String>,
    pub(super) series: Option<String>,
    pub(super) series_ids: BTreeSet<String>,
    pub(super) warnings: Vec<DocumentWarning>,
    path: Vec<Step>,
    unknown: BTreeSet<String>,
}

/// A field on the way, and which of its like it is, from 1.
struct Step {
    name: &'static str,
    number: Option<usize>,
}

impl<'o> Reading<'o> {
    pub(super) fn new(options: &'o ParseOptions) -> Self {
        Self {
            options,
            civil_days: DayRule::civil(options.day_rule.zone().clone()),
            is_json: false,
            document: None,
            series: None,
            series_ids: BTreeSet::new(),
            warnings: Vec::new(),
            path: Vec::new(),
            unknown: BTreeSet::new(),
        }
    }

    /// A fault of the document as a whole.
    pub(super) fn whole(&self, reason: RefusalReason) -> DocumentError {
        DocumentError { document: self.document.clone(), series: None, field: String::new(), reason }
    }

    /// A fault of a field here.
    pub(super) fn fault(&self, name: &str, reason: RefusalReason) -> DocumentError {
        let (document, series) = (self.document.clone(), self.series.clone());
        DocumentError { document, series, field: self.path_to(name), reason }
    }

    /// Reads something inside a field.
    pub(super) fn inside<T>(
        &mut self,
        name: &'static str,
        number: Option<usize>,
        read: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.path.push(Step { name, number });
        let result = read(self);
        self.path.pop();
        result
    }

    /// The path of a field here; of this place itself where the name is empty.
    pub(super) fn path_to(&self, name: &str) -> String {
        let mut path = String::new();
        for step in &self.path {
            path.push_str(step.name);
            if let Some(number) = step.number {
                path.push_str(&format!("[{number}]"));
            }
            path.push('/');
        }
        path.push_str(name);
        path.trim_end_matches('/').to_owned()
    }

    pub(super) fn warn(&mut self, field: String, kind: WarningKind) {
        if self.warnings.len() < MOST_WARNINGS {
            self.warnings.push(DocumentWarning { series: self.series.clone(), field, kind });
        }
    }

    /// Remarks on a field that nothing reads, once for all of its name and place.
    pub(super) fn warn_unknown(&mut self, name: &str) {
        if self.unknown.len() >= MOST_WARNINGS {
            return;
        }
        let place: Vec<&str> = self.path.iter().map(|step| step.name).chain([name]).collect();
        if self.unknown.insert(place.join("/")) {
            self.warn(self.path_to(name), WarningKind::UnknownField);
        }
    }
}
