//! `kvarter import`: market documents and master data to a node.
//!
//! Every file is read, and every CSV checked whole, before the first is sent. A document is checked by the node, which
//! takes it whole or not at all; the others are sent nevertheless.

mod cdrs;
mod documents;
mod files;
mod master_data;
mod tokens;

use std::path::PathBuf;

use clap::Args;

use super::client::{Client, Connection};
use super::failure::Failure;
use super::progress::Progress;
use super::sheet::{Output, Sheet, remark};

pub(super) use documents::Receipt;
pub(super) use files::Batch;

/// What `kvarter import` is told.
#[derive(Args, Clone, Debug)]
#[command(
    about = "Import market documents, master data and charge detail records",
    long_about = "Imports market documents (CIM JSON, CIM XML, ebIX XML) and master data in CSV \
                  (docs/reference/csv.md), and products in JSON (docs/reference/charge-models.md). Charge detail records come in CSV or as JSON, a line each \
                  (.ndjson; docs/reference/charge-detail-records.md). A folder stands for the .csv, .json, .ndjson and .xml files below it. CSVs are sent \
                  first, in the order in which they need one another, then documents in the order given.\n\nThe same \
                  file twice has no second effect.",
    after_help = "Examples:\n  kvarter import --tenant example tenant.csv accounts.csv measured.json\n  kvarter import \
                  --tenant example --output csv inputs/ > receipts.csv\n\nExit codes: 0 everything was taken; 1 the node \
                  refused something; 2 a file is missing or wrong, and nothing was sent."
)]
pub struct ImportArguments {
    /// Files, or folders of files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    connection: Connection,
    /// How to print the receipts
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub output: Output,
}

/// What became of a batch.
pub(super) struct Sent {
    /// One entry per file of master data: its name, its form, what became of it in words.
    tables: Vec<[String; 3]>,
    /// One receipt per document, in the order given.
    pub(super) receipts: Vec<Receipt>,
}

/// Reads, checks and sends the files, and prints what became of each.
pub(super) async fn run(arguments: &ImportArguments) -> Result<(), Failure> {
    let batch = Batch::read(&arguments.files)?;
    let client = Client::connect(&arguments.connection).await?;
    let Sent { tables, receipts } = send(&client, batch).await?;
    let table_row =
        |[file, form, detail]: [String; 3]| vec![file, form, String::new(), "TAKEN".to_owned(), detail];
    let mut rows: Vec<Vec<String>> = tables.into_iter().map(table_row).collect();
    for receipt in &receipts {
        for refusal in receipt.refusals() {
            remark(&format!("error: {}: {refusal}", receipt.file));
        }
        rows.extend(receipt.rows());
    }
    let columns = &["file", "document", "series", "result", "detail"];
    Sheet::new(columns, &[]).with(rows).print(arguments.output)?;
    match receipts.iter().filter(|receipt| receipt.is_refused()).count() {
        0 => Ok(()),
        count => Err(Failure::Incomplete(format!(
            "{count} of {} documents were refused, or a part of them; the others were taken",
            receipts.len()
        ))),
    }
}

/// Sends everything of a batch: master data until something is refused, then every document.
pub(super) async fn send(client: &Client, batch: Batch) -> Result<Sent, Failure> {
    let mut tables = Vec::new();
    for (file, data) in batch.tables {
        let form = data.form().to_string();
        let progress = Progress::begin(&form.replace('_', " "), data.len() as u64);
        let detail = master_data::send(client, &data, &progress).await?;
        progress.end(&detail);
        tables.push([file, form, detail]);
    }
    let progress = Progress::begin("market documents", batch.documents.len() as u64);
    let receipts = documents::send(client, batch.documents, &progress).await?;
    let refused = receipts.iter().filter(|receipt| receipt.is_refused()).count();
    progress.end(&format!("{} sent, {refused} refused", receipts.len()));
    Ok(Sent { tables, receipts })
}
