//! `kvarter demo`: an invented month from documents to invoices, on nodes of its own.
//!
//! The demo makes its input, starts a node on a free port of this machine, and is from then on a client like any other:
//! it imports, closes the month, approves what it was shown, and writes every invoice to a folder. With several nodes
//! it asks them in turn, and kills one while it closes the month.

mod files;
mod nodes;
mod summary;

use std::path::{Path, PathBuf};

use clap::Args;
use proto::invoicing::InvoiceRun;

use super::client::Client;
use super::failure::Failure;
use super::import::{self, Batch};
use super::sheet::{remark, say};
use super::{list, run};
use crate::demo::{self, DemoOptions, InputFile};
use nodes::Nodes;

/// The id of the demo's run.
const RUN: &str = "2024-10";

/// What `kvarter demo` is told.
#[derive(Args, Clone, Debug)]
#[command(
    about = "Bill an invented month from documents to invoices, on a node of its own",
    long_about = "Makes October 2024 of an invented Dutch supplier, starts a node with its data in a temporary folder, imports \
                  master data, charges, prices and measured data, bills the month and writes every invoice as JSON and as a \
                  page with a chart. The same options give the same bytes, whatever the number of nodes: with several, \
                  processes on a store server share the work, one is killed while the month is closed, and the others \
                  finish.",
    after_help = "Examples:\n  kvarter demo\n  kvarter demo --output demo --points 30\n  kvarter demo --nodes 3\n\nExit codes: 0 done; 1 something was \
                  refused; 2 the command is wrong."
)]
pub struct DemoArguments {
    /// The folder to write to, empty or new; one for temporary files where it is left out
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// How many metering points, at least the ten that show something
    #[arg(long, value_name = "COUNT", default_value_t = 300, value_parser = clap::value_parser!(u64).range(10..=20_000))]
    pub points: u64,
    /// How many nodes; more than one are processes of their own, of which one is killed in the middle
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=9))]
    pub nodes: u8,
    /// Keep the data of the nodes, and print where they are
    #[arg(long)]
    pub keep: bool,
}

/// Runs the demo.
pub(super) async fn run(arguments: &DemoArguments) -> Result<(), Failure> {
    let options = DemoOptions { points: arguments.points, ..DemoOptions::default() };
    let folder = files::folder(arguments.output.as_deref())?;
    let inputs = demo::inputs(options).map_err(|error| Failure::Unexpected(error.to_string()))?;
    demo::write_inputs(&folder.join("inputs"), &inputs).map_err(Failure::file(&folder))?;
    let data = tempfile::Builder::new().prefix("kvarter-node-").tempdir();
    let data = data.map_err(|source| Failure::File { path: std::env::temp_dir(), source })?;
    let mut nodes = Nodes::start(data.path(), arguments.nodes.into()).await?;
    let told = Box::pin(bill(&mut nodes, inputs, &folder, options)).await;
    let stopped = nodes.stop().await;
    if arguments.keep {
        remark(&format!("the data of the nodes are in {}", data.keep().display()));
    }
    say(&told?)?;
    stopped
}

/// Everything that the demo does as a client; the result is what it tells at the end.
async fn bill(
    nodes: &mut Nodes,
    inputs: Vec<InputFile>,
    folder: &Path,
    options: DemoOptions,
) -> Result<String, Failure> {
    let client = Client::of_any(&nodes.servers(), demo::TENANT)?;
    let imported = inputs.into_iter().filter(|file| file.name != "README.md");
    let batch = Batch::of(imported.map(|file| (file.name, file.text.into_bytes())).collect())?;
    let receipts = import::send(&client, batch).await?.receipts;
    let refusals: Vec<String> = receipts.iter().flat_map(import::Receipt::refusals).collect();
    if let Some(first) = refusals.first() {
        return Err(Failure::Incomplete(format!(
            "{} of the demo's documents were refused: {first}",
            refusals.len()
        )));
    }
    let terms =
        run::Terms { run: RUN.to_owned(), month: demo::month(), issue_date: demo::issue_date(), as_of: None };
    let preview = close(nodes, &terms).await?;
    let client = Client::of_any(&nodes.servers(), demo::TENANT)?;
    let not_ready = run::not_ready(&client, RUN).await?;
    let issued = run::issue(&client, RUN, preview.preview_hash).await?;
    let parent = proto::name::INVOICE_RUN.name([demo::TENANT, RUN]);
    let invoices = list::invoices(&client, &parent).await?;
    let invoices = files::write_invoices(&client, invoices, folder).await?;
    files::write_not_ready(&not_ready, folder)?;
    let told = summary::Told {
        run: &issued,
        documents: receipts.len(),
        invoices: &invoices,
        not_ready: &not_ready,
        highlights: &demo::highlights(options),
        points: options.points,
        folder,
    };
    Ok(told.text())
}

/// Closes the month, and kills one of several nodes while it is being closed.
async fn close(nodes: &mut Nodes, terms: &run::Terms) -> Result<InvoiceRun, Failure> {
    let servers = nodes.servers();
    let first = Client::of_any(servers.get(..1).unwrap_or_default(), demo::TENANT)?;
    if servers.len() == 1 {
        return run::preview(&first, terms).await;
    }
    let kill = async {
        let closed_parts = run::until_closing(&first, &terms.run).await?;
        if nodes.kill_one()? {
            remark(&format!("one node was killed when {closed_parts} parts of the month were closed"));
        }
        Ok(())
    };
    let (preview, killed) = tokio::join!(run::preview(&first, terms), kill);
    killed.and(preview)
}
