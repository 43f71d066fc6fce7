//! What the demo writes.

use std::fs;
use std::path::{Path, PathBuf};

use domain::invoice::Invoice;
use proto::invoicing::{InvoiceSummary, NotReadyEntry};
use serde::Serialize;

use crate::cli::at_once;
use crate::cli::client::Client;
use crate::cli::failure::Failure;
use crate::cli::invoice::{self, Format};
use crate::cli::progress::Progress;

/// The folder to write to: the one that is named, which must be empty or new, or a temporary one.
pub(super) fn folder(named: Option<&Path>) -> Result<PathBuf, Failure> {
    let Some(folder) = named else {
        let temporary = tempfile::Builder::new().prefix("kvarter-demo-").tempdir();
        let temporary = temporary.map_err(|source| Failure::File { path: std::env::temp_dir(), source })?;
        return Ok(temporary.keep());
    };
    fs::create_dir_all(folder).map_err(Failure::file(folder))?;
    let mut entries = fs::read_dir(folder).map_err(Failure::file(folder))?;
    match entries.next() {
        None => Ok(folder.to_owned()),
        Some(_) => Err(Failure::Usage(format!(
            "--output {}: the folder is not empty; name another, or empty it",
            folder.display()
        ))),
    }
}

/// Writes every invoice as JSON and as a page, and gives them in the order of their numbers.
pub(super) async fn write_invoices(
    client: &Client,
    invoices: Vec<InvoiceSummary>,
    folder: &Path,
) -> Result<Vec<Invoice>, Failure> {
    let folder = folder.join("invoices");
    fs::create_dir_all(&folder).map_err(Failure::file(&folder))?;
    let progress = Progress::begin("writing", invoices.len() as u64);
    let numbers: Vec<String> = invoices.into_iter().map(|invoice| invoice.number).collect();
    let written = at_once::each(numbers, |number| {
        let (client, progress, folder) = (client.clone(), progress.clone(), folder.clone());
        async move {
            for (format, extension) in [(Format::Json, "json"), (Format::Html, "html")] {
                let document = invoice::render(&client, &number, format).await?;
                let path = folder.join(format!("{number}.{extension}"));
                fs::write(&path, document).map_err(Failure::file(&path))?;
            }
            progress.step();
            invoice::get(&client, &number).await
        }
    });
    let written = written.await?;
    progress.end(&format!("{} invoices as JSON and HTML", written.len()));
    Ok(written)
}

/// What can't be billed, for the reader of the folder.
#[derive(Serialize)]
struct NotReadyJson<'a> {
    account_id: &'a str,
    metering_point_id: &'a str,
    contract_id: &'a str,
    reasons: Vec<ReasonJson<'a>>,
}

#[derive(Serialize)]
struct ReasonJson<'a> {
    code: &'a str,
    text: &'a str,
}

/// Writes what can't be billed as `not-ready.json`.
pub(super) fn write_not_ready(entries: &[NotReadyEntry], folder: &Path) -> Result<(), Failure> {
    let rows = entries.iter().map(|entry| NotReadyJson {
        account_id: &entry.account_id,
        metering_point_id: &entry.metering_point_id,
        contract_id: &entry.contract_id,
        reasons: entry
            .reasons
            .iter()
            .map(|reason| ReasonJson { code: &reason.code, text: &reason.text })
            .collect(),
    });
    let rows: Vec<NotReadyJson<'_>> = rows.collect();
    let text = serde_json::to_string_pretty(&rows).map_err(|error| Failure::Unexpected(error.to_string()))?;
    let path = folder.join("not-ready.json");
    fs::write(&path, format!("{text}\n")).map_err(Failure::file(&path))
}
