//! Market documents to a node.
//!
//! Documents about different metering points are sent at once; two about the same point, or about charges, in the order
//! given, so that versions count up in that order.

use std::collections::BTreeSet;

use domain::day::DayRule;
use domain::document::DocumentContent;
use domain::zone::Zone;
use proto::metering::{Document, ImportDocumentRequest, SeriesReceipt, SeriesState};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::cli::at_once;
use crate::cli::client::{Client, ask};
use crate::cli::failure::Failure;
use crate::cli::progress::Progress;
use crate::market::{ParseOptions, parse};

/// What became of a document.
pub(in crate::cli) struct Receipt {
    /// The name of its file.
    pub(super) file: String,
    /// The document with what became of its series, or why nothing of it was taken.
    result: Result<Document, Box<Status>>,
}

/// Sends documents and gives their receipts in the order given. That the node refuses one is no failure of the others.
pub(super) async fn send(
    client: &Client,
    documents: Vec<(String, Vec<u8>)>,
    progress: &Progress,
) -> Result<Vec<Receipt>, Failure> {
    let mut receipts = Vec::with_capacity(documents.len());
    for wave in waves(documents) {
        let sent = at_once::each(wave, |(file, content)| {
            let (client, progress) = (client.clone(), progress.clone());
            async move {
                let message =
                    ImportDocumentRequest { parent: client.parent(), content, ..Default::default() };
                let taken =
                    ask(message, async |request| client.metering().import_document(request).await).await;
                progress.step();
                match taken {
                    Err(status) if !is_about_the_document(&status) => Err(Failure::refused(file)(status)),
                    result => Ok(Receipt { file, result: result.map_err(Box::new) }),
                }
            }
        });
        receipts.append(&mut sent.await?);
    }
    Ok(receipts)
}

/// Whether the node speaks of what the document says; anything else stops the import.
fn is_about_the_document(status: &Status) -> bool {
    let is_oversized = status.code() == Code::OutOfRange;
    is_oversized
        || matches!(status.code(), Code::InvalidArgument | Code::AlreadyExists | Code::FailedPrecondition)
}

/// What must not be sent at once with something else about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    MeteringPoint(u64),
    Charges,
    Unknown,
}

/// The documents in waves: within one, no two are about the same.
fn waves(documents: Vec<(String, Vec<u8>)>) -> Vec<Vec<(String, Vec<u8>)>> {
    let mut waves: Vec<Vec<(String, Vec<u8>)>> = Vec::new();
    let mut taken: BTreeSet<Subject> = BTreeSet::new();
    for (file, content) in documents {
        let subjects = subjects(&content);
        match waves.last_mut() {
            Some(wave) if taken.is_disjoint(&subjects) => wave.push((file, content)),
            _ => {
                taken.clear();
                waves.push(vec![(file, content)]);
            }
        }
        taken.extend(subjects);
    }
    waves
}

/// What a document is about. Which rule days follow does not matter for that; what can't be read stands alone.
fn subjects(content: &[u8]) -> BTreeSet<Subject> {
    let options = ParseOptions::new(DayRule::civil(Zone::utc()));
    match parse(content, &options).map(|parsed| parsed.document.content) {
        Ok(DocumentContent::MeasuredData(series)) => {
            series.iter().map(|series| Subject::MeteringPoint(series.metering_point.number())).collect()
        }
        Ok(DocumentContent::ChargeInformation(_) | DocumentContent::ChargePrices(_)) => {
            [Subject::Charges].into()
        }
        _ => [Subject::Unknown].into(),
    }
}

impl Receipt {
    /// Whether it, or a series of it, was refused.
    pub(in crate::cli) fn is_refused(&self) -> bool {
        !self.refusals().is_empty()
    }

    /// Every refusal in words that name document, series and field.
    pub(in crate::cli) fn refusals(&self) -> Vec<String> {
        match &self.result {
            Err(status) => vec![status.message().to_owned()],
            Ok(document) => {
                let id =
                    document.header.as_ref().map(|header| header.document_id.clone()).unwrap_or_default();
                let refused = document.series.iter().filter(|series| series.state() == SeriesState::Refused);
                refused
                    .map(|series| format!("document {id}, series {}: {}", series.series_id, why(series)))
                    .collect()
            }
        }
    }

    /// Rows of file, document, series, result and detail.
    pub(super) fn rows(&self) -> Vec<Vec<String>> {
        match &self.result {
            Err(status) => {
                let details = status.get_error_details();
                let facts = details.error_info().map(|info| info.metadata.clone()).unwrap_or_default();
                let fact = |name: &str| facts.get(name).cloned().unwrap_or_default();
                let (document, series) = (fact("document"), fact("series"));
                vec![vec![
                    self.file.clone(),
                    document,
                    series,
                    "REFUSED".to_owned(),
                    status.message().to_owned(),
                ]]
            }
            Ok(document) => {
                let id =
                    document.header.as_ref().map(|header| header.document_id.clone()).unwrap_or_default();
                let row = |series: &SeriesReceipt| {
                    let state = series.state().as_str_name().trim_start_matches("SERIES_STATE_").to_owned();
                    vec![self.file.clone(), id.clone(), series.series_id.clone(), state, detail(series)]
                };
                document.series.iter().map(row).collect()
            }
        }
    }
}

fn detail(series: &SeriesReceipt) -> String {
    match (series.stored_days, series.unchanged_days) {
        (0, 0) => why(series),
        (stored, 0) => format!("{stored} days stored"),
        (stored, unchanged) => format!("{stored} days stored, {unchanged} held already"),
    }
}

fn why(series: &SeriesReceipt) -> String {
    series.reason.as_ref().map(|reason| reason.text.clone()).unwrap_or_default()
}
