//! `kvarter run`: an invoice run from its creation to issued invoices.

use std::time::Duration;

use clap::{Args, Subcommand};
use domain::day::{Day, Month};
use domain::instant::Instant;
use proto::convert::timestamp;
use proto::invoicing::{
    ApproveInvoiceRunRequest, CancelInvoiceRunRequest, CreateInvoiceRunRequest, GetInvoiceRunRequest,
    InvoiceRun, InvoiceRunStage, ListNotReadyRequest, NotReadyEntry,
};
use proto::name;
use tonic::Code;

use super::asking::Asking;
use super::client::{Client, ask, every_page};
use super::failure::Failure;
use super::progress::Progress;
use super::sheet::{Output, Sheet, remark};
use super::show;

/// How often a run is looked at while it works.
const LOOK: Duration = Duration::from_millis(100);
/// How often it is looked for the moment at which closing begins.
const CLOSE_LOOK: Duration = Duration::from_millis(2);

/// What `kvarter run` is told.
#[derive(Args, Clone, Debug)]
#[command(
    long_about = "An invoice run closes a month for every account of a tenant, shows what would be issued, and issues \
                  exactly that once its hash is approved. What can't be billed is listed with its reasons and stays open \
                  for the next run.",
    after_help = "Examples:\n  kvarter run create 2024-10 --month 2024-10 --issue-date 2024-11-05 --tenant example\n  kvarter \
                  run not-ready 2024-10 --tenant example\n  kvarter run approve 2024-10 --hash 3f9a… --tenant example\n\n\
                  Exit codes: 0 done; 1 the node refused; 2 the command is wrong."
)]
pub struct RunArguments {
    #[command(subcommand)]
    step: Step,
    #[command(flatten)]
    asking: Asking,
}

#[derive(Subcommand, Clone, Debug)]
enum Step {
    /// Close the month and show what would be issued
    Create(CreateArguments),
    /// Show how far a run has come
    Show(NamedRun),
    /// List what a run can't bill, with the reasons
    NotReady(NamedRun),
    /// Issue exactly what was shown
    Approve(ApproveArguments),
    /// Drop what a run has frozen, before it is approved
    Cancel(NamedRun),
}

#[derive(Args, Clone, Debug)]
struct NamedRun {
    /// The run's id
    run: String,
}

#[derive(Args, Clone, Debug)]
struct CreateArguments {
    #[command(flatten)]
    named: NamedRun,
    /// The month that is billed
    #[arg(long, value_name = "MONTH", value_parser = show::parse_month)]
    month: Month,
    /// The date on the invoices
    #[arg(long, value_name = "DAY", value_parser = show::parse_day)]
    issue_date: Day,
    /// The registration time whose knowledge counts; now where it is left out
    #[arg(long, value_name = "INSTANT", value_parser = show::parse_instant)]
    as_of: Option<Instant>,
}

#[derive(Args, Clone, Debug)]
struct ApproveArguments {
    #[command(flatten)]
    named: NamedRun,
    /// The hash of what was shown
    #[arg(long, value_name = "HASH")]
    hash: String,
}

/// Does one step of a run and prints it.
pub(super) async fn run(arguments: &RunArguments) -> Result<(), Failure> {
    let output = arguments.asking.output;
    if let Step::Approve(approve) = &arguments.step {
        let wrong = "--hash is not 64 hexadecimal digits as `kvarter run show` prints them";
        let hash = show::unhex(&approve.hash).filter(|hash| hash.len() == 32);
        let hash = hash.ok_or_else(|| Failure::Usage(wrong.to_owned()))?;
        let client = arguments.asking.client().await?;
        return print(&issue(&client, &approve.named.run, hash).await?, output);
    }
    let client = arguments.asking.client().await?;
    match &arguments.step {
        Step::Create(create) => {
            let terms = Terms {
                run: create.named.run.clone(),
                month: create.month,
                issue_date: create.issue_date,
                as_of: create.as_of,
            };
            let run = preview(&client, &terms).await?;
            print(&run, output)?;
            if output == Output::Table && run.stage() == InvoiceRunStage::Previewed {
                let hash = show::hex(&run.preview_hash);
                remark(&format!("to issue this: kvarter run approve {} --hash {hash}", terms.run));
            }
            Ok(())
        }
        Step::NotReady(named) => not_ready_sheet(&not_ready(&client, &named.run).await?).print(output),
        Step::Cancel(named) => {
            let message =
                CancelInvoiceRunRequest { name: run_name(&client, &named.run), ..Default::default() };
            let run =
                ask(message, async |request| client.invoicing().cancel_invoice_run(request).await).await;
            print(&run.map_err(Failure::refused(format!("run {}", named.run)))?, output)
        }
        Step::Show(named) | Step::Approve(ApproveArguments { named, .. }) => {
            print(&get(&client, &named.run).await?, output)
        }
    }
}

/// What a run is to be.
pub(super) struct Terms {
    pub(super) run: String,
    pub(super) month: Month,
    pub(super) issue_date: Day,
    pub(super) as_of: Option<Instant>,
}

/// Creates a run and waits until it shows what it would issue.
pub(super) async fn preview(client: &Client, terms: &Terms) -> Result<InvoiceRun, Failure> {
    let message = CreateInvoiceRunRequest {
        parent: client.parent(),
        invoice_run: Some(InvoiceRun {
            invoice_run_id: terms.run.clone(),
            month: Some((&terms.month).into()),
            as_of_time: terms.as_of.map(timestamp),
            issue_date: Some((&terms.issue_date).into()),
            ..InvoiceRun::default()
        }),
        ..Default::default()
    };
    let created = ask(message, async |request| client.invoicing().create_invoice_run(request).await).await;
    created.map_err(Failure::refused(format!("run {}", terms.run)))?;
    let progress = Progress::begin(&format!("closing {}", terms.month), 0);
    let run = watch(client, &terms.run, async |run| {
        progress.at(run.closed_part_count.into(), run.part_count.into());
        run.stage() != InvoiceRunStage::Closing
    });
    let run = run.await?;
    progress.end(&format!(
        "{} accounts, {} invoices, {} not ready",
        run.account_count, run.invoice_count, run.not_ready_count
    ));
    Ok(run)
}

/// Waits until the first parts of a run are closed; how many there are then. The run need not be there yet.
pub(super) async fn until_closing(client: &Client, run_id: &str) -> Result<u32, Failure> {
    loop {
        let message = GetInvoiceRunRequest { name: run_name(client, run_id) };
        let run = ask(message, async |request| client.invoicing().get_invoice_run(request).await).await;
        match run {
            Ok(run) if run.closed_part_count > 0 => return Ok(run.closed_part_count),
            Ok(_) => {}
            Err(status) if status.code() == Code::NotFound => {}
            Err(status) => return Err(Failure::refused(format!("run {run_id}"))(status)),
        }
        tokio::time::sleep(CLOSE_LOOK).await;
    }
}

/// Approves what was previewed and waits until it is issued.
pub(super) async fn issue(client: &Client, run_id: &str, hash: Vec<u8>) -> Result<InvoiceRun, Failure> {
    let message =
        ApproveInvoiceRunRequest { name: run_name(client, run_id), preview_hash: hash, ..Default::default() };
    let approved = ask(message, async |request| client.invoicing().approve_invoice_run(request).await).await;
    approved.map_err(Failure::refused(format!("run {run_id}")))?;
    let progress = Progress::begin("issuing", 0);
    let run = watch(client, run_id, async |run| {
        progress.at(run.issued_part_count.into(), run.part_count.into());
        run.stage() == InvoiceRunStage::Issued
    });
    let run = run.await?;
    progress.end(&format!("{} invoices", run.invoice_count));
    Ok(run)
}

/// Everything that a run can't bill.
pub(super) async fn not_ready(client: &Client, run_id: &str) -> Result<Vec<NotReadyEntry>, Failure> {
    let parent = run_name(client, run_id);
    every_page(async |page_token| {
        let message = ListNotReadyRequest { parent: parent.clone(), page_size: 1_000, page_token };
        let page = ask(message, async |request| client.invoicing().list_not_ready(request).await).await;
        let page = page.map_err(Failure::refused(format!("run {run_id}")))?;
        Ok((page.entries, page.next_page_token))
    })
    .await
}

/// What can't be billed as a sheet: a row per reason.
pub(super) fn not_ready_sheet(entries: &[NotReadyEntry]) -> Sheet {
    let rows = entries.iter().flat_map(|entry| {
        entry.reasons.iter().map(|reason| {
            let (point, contract) = (&entry.metering_point_id, &entry.contract_id);
            vec![
                entry.account_id.clone(),
                point.clone(),
                contract.clone(),
                reason.code.clone(),
                reason.text.clone(),
            ]
        })
    });
    Sheet::new(&["account", "metering_point", "contract", "reason", "detail"], &[]).with(rows)
}

async fn get(client: &Client, run_id: &str) -> Result<InvoiceRun, Failure> {
    let message = GetInvoiceRunRequest { name: run_name(client, run_id) };
    let run = ask(message, async |request| client.invoicing().get_invoice_run(request).await).await;
    run.map_err(Failure::refused(format!("run {run_id}")))
}

/// Looks at a run again and again until it is as it should be.
async fn watch(
    client: &Client,
    run_id: &str,
    is_there: impl AsyncFn(&InvoiceRun) -> bool,
) -> Result<InvoiceRun, Failure> {
    loop {
        let run = get(client, run_id).await?;
        if is_there(&run).await {
            return Ok(run);
        }
        if run.stage() == InvoiceRunStage::Cancelled {
            return Err(Failure::Incomplete(format!("run {run_id} was cancelled; create another")));
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn print(run: &InvoiceRun, output: Output) -> Result<(), Failure> {
    let columns = &[
        "run",
        "month",
        "stage",
        "accounts",
        "invoices",
        "not_ready",
        "net",
        "vat",
        "total",
        "issue_date",
        "hash",
    ];
    let total = run.totals.first();
    let row = vec![
        run.invoice_run_id.clone(),
        show::month(run.month.as_ref()),
        show::word(run.stage().as_str_name(), "INVOICE_RUN_STAGE_"),
        run.account_count.to_string(),
        run.invoice_count.to_string(),
        run.not_ready_count.to_string(),
        show::money(total.and_then(|total| total.net.as_ref())),
        show::money(total.and_then(|total| total.vat.as_ref())),
        show::money(total.and_then(|total| total.total.as_ref())),
        show::day(run.issue_date.as_ref()),
        show::hex(&run.preview_hash),
    ];
    Sheet::one(columns, row).print(output)
}

fn run_name(client: &Client, run_id: &str) -> String {
    name::INVOICE_RUN.name([client.tenant(), run_id])
}
