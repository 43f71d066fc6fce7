//! `kvarter.invoicing.v1.InvoicingService`: invoice runs and what they issued.

use actors::entity::listing::{Listing, by_text};
use actors::entity::{etag, row};
use actors::shell::{Section, Tenant};
use domain::day::{Day, Month};
use domain::entity::Recipient;
use domain::entity::invoice_run::{Command, Overview, Reply};
use domain::entity::run_part::AccountOutcome;
use proto::account::IssuedInvoice;
use proto::invoicing as message;
use proto::invoicing::invoicing_service_server::InvoicingService;
use proto::name::{ACCOUNT, INVOICE, INVOICE_RUN};
use proto::store;
use storage::{Key, KeyReader};
use tonic::{Request, Response, Status};

use super::context::{Context, Manner};
use super::page::{ENTRIES, Paging};
use super::{fields, name, status};
use crate::gateway::{Failure, Gateway, decode};
use crate::render;

/// More pieces than any stored invoice has.
const MOST_PIECES: usize = 1 << 16;

/// The bytes that the number of an entry takes in its place.
const INDEX_BYTES: usize = size_of::<u32>();

/// The service.
#[derive(Clone)]
pub struct Invoicing {
    gateway: Gateway,
    shard_count: u32,
}

impl Invoicing {
    /// The service on the entities of a node with so many shards.
    #[must_use]
    pub fn new(gateway: Gateway, shard_count: u32) -> Self {
        Self { gateway, shard_count }
    }

    /// Gives a command to a run and answers what the run is then, or would be where it is only checked.
    async fn command(
        &self,
        context: &Context,
        (tenant, run): (&Tenant, &str),
        (command, manner): (Command, Manner<'_>),
    ) -> Result<Response<message::InvoiceRun>, Status> {
        let ask = context.write(tenant, Recipient::InvoiceRun(run.to_owned()), manner)?;
        match self.gateway.ask(ask, &command).await? {
            Reply::Run(overview) => Ok(Response::new(named(tenant, run, &overview))),
            _ => Err(status::internal("a run was changed and does not say what it is")),
        }
    }

    async fn run(
        &self,
        context: &Context,
        tenant: &Tenant,
        run: &str,
    ) -> Result<message::InvoiceRun, Status> {
        let ask = context.read(tenant, Recipient::InvoiceRun(run.to_owned()))?;
        let Reply::State(state) = self.gateway.ask(ask, &Command::Get).await? else {
            return Err(status::internal("the state of a run was asked for and not given"));
        };
        let overview = state.overview().ok_or_else(|| status::internal("a run without terms"))?;
        Ok(named(tenant, run, &overview))
    }

    /// An issued invoice as it is stored.
    async fn invoice(&self, invoice_name: &str) -> Result<message::Invoice, Status> {
        let (tenant, number) = name::resource(&INVOICE, "name", invoice_name)?;
        let missing = || status::not_found("invoice", invoice_name);
        let listed = self.gateway.list(&tenant, Listing::Invoices, &by_text(&number), (None, 1)).await?;
        let account = &listed.rows.first().ok_or_else(missing)?.entity;
        let range = row::invoice_pieces(&number);
        let pieces = self.gateway.rows(account, Section::Record, &range, MOST_PIECES).await?;
        let bytes = pieces.iter().map(|piece| piece.value.as_ref()).collect::<Vec<_>>().concat();
        let invoice = decode::<store::StoredInvoice>(&bytes)?.invoice.ok_or_else(missing)?;
        Ok(message::Invoice { name: INVOICE.name([tenant.as_str(), &number]), ..invoice })
    }
}

/// The resource with its name and etag.
fn named(tenant: &Tenant, run: &str, overview: &Overview) -> message::InvoiceRun {
    let resource = message::InvoiceRun::from(overview);
    let name = INVOICE_RUN.name([tenant.as_str(), run]);
    message::InvoiceRun { name, etag: etag(&resource), ..resource }
}

#[tonic::async_trait]
impl InvoicingService for Invoicing {
    async fn create_invoice_run(
        &self,
        request: Request<message::CreateInvoiceRunRequest>,
    ) -> Result<Response<message::InvoiceRun>, Status> {
        let (context, request) = Context::open(request)?;
        let tenant = name::tenant("parent", &request.parent)?;
        let run = request.invoice_run.ok_or_else(|| status::missing("invoice_run"))?;
        let id = name::id("invoice_run.invoice_run_id", &run.invoice_run_id)?.to_owned();
        let month: Month = fields::required("invoice_run.month", run.month)?;
        let issue_date: Day = fields::required("invoice_run.issue_date", run.issue_date)?;
        let known_at = fields::instant("invoice_run.as_of_time", run.as_of_time)?;
        let shard_count = self.shard_count;
        let command = Command::Create { run: id.clone(), month, known_at, issue_date, shard_count };
        let manner = Manner {
            request_id: &request.request_id,
            validate_only: request.validate_only,
            ..Manner::default()
        };
        self.command(&context, (&tenant, &id), (command, manner)).await
    }

    async fn get_invoice_run(
        &self,
        request: Request<message::GetInvoiceRunRequest>,
    ) -> Result<Response<message::InvoiceRun>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, run) = name::resource(&INVOICE_RUN, "name", &request.name)?;
        self.run(&context, &tenant, &run).await.map(Response::new)
    }

    async fn approve_invoice_run(
        &self,
        request: Request<message::ApproveInvoiceRunRequest>,
    ) -> Result<Response<message::InvoiceRun>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, run) = name::resource(&INVOICE_RUN, "name", &request.name)?;
        let message::ApproveInvoiceRunRequest { request_id, validate_only, etag, .. } = &request;
        let manner = Manner { request_id, validate_only: *validate_only, etag };
        let hash = request.preview_hash.as_slice().try_into();
        let hash = hash.map_err(|_| status::invalid_field("preview_hash", "has not 32 bytes"))?;
        self.command(&context, (&tenant, &run), (Command::Approve { hash }, manner)).await
    }

    async fn cancel_invoice_run(
        &self,
        request: Request<message::CancelInvoiceRunRequest>,
    ) -> Result<Response<message::InvoiceRun>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, run) = name::resource(&INVOICE_RUN, "name", &request.name)?;
        let message::CancelInvoiceRunRequest { request_id, validate_only, etag, .. } = &request;
        let manner = Manner { request_id, validate_only: *validate_only, etag };
        self.command(&context, (&tenant, &run), (Command::Cancel, manner)).await
    }

    async fn list_not_ready(
        &self,
        request: Request<message::ListNotReadyRequest>,
    ) -> Result<Response<message::ListNotReadyResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, run) = name::resource(&INVOICE_RUN, "parent", &request.parent)?;
        let list = format!("not ready in {}", request.parent);
        let paging = Paging::of(request.page_size, &request.page_token, &list, ENTRIES)?;
        self.run(&context, &tenant, &run).await?;
        // A place is an account's order and the number of its entry, so the account of the last entry is read again;
        // every other has at least one entry, and one more shows whether there is another page.
        let within = by_text(&run);
        let from = paging.after.as_deref().and_then(<[u8]>::split_last_chunk::<INDEX_BYTES>);
        let range = (from.map(|(order, _)| order.to_vec()), paging.size.saturating_add(2));
        let accounts = self.gateway.list(&tenant, Listing::NotReady, &within, range).await?;
        let mut placed = Vec::new();
        for row in &accounts.rows {
            let outcome = decode::<store::AccountOutcome>(&row.value)?;
            let outcome = AccountOutcome::try_from(outcome);
            let outcome = outcome.map_err(|error| Failure::Unreadable(error.to_string()))?;
            let account =
                account_of(&row.order).ok_or_else(|| status::internal("an entry without account"))?;
            let entries = message::NotReadyEntry::of_account(&account, &outcome);
            placed.extend((0_u32..).zip(entries).map(|(index, entry)| {
                let place = [row.order.as_ref(), &index.to_be_bytes()].concat();
                (place, entry)
            }));
        }
        let (entries, next_page_token) = paging.cut(placed);
        Ok(Response::new(message::ListNotReadyResponse { entries, next_page_token }))
    }

    async fn list_invoices(
        &self,
        request: Request<message::ListInvoicesRequest>,
    ) -> Result<Response<message::ListInvoicesResponse>, Status> {
        let (_context, request) = Context::open(request)?;
        let (listing, pattern) = match ACCOUNT.parse(&request.parent) {
            Ok(_) => (Listing::InvoicesOfAccount, ACCOUNT),
            Err(_) => (Listing::InvoicesOfRun, INVOICE_RUN),
        };
        let (tenant, id) = name::resource(&pattern, "parent", &request.parent)?;
        let list = format!("invoices of {}", request.parent);
        let paging = Paging::of(request.page_size, &request.page_token, &list, ENTRIES)?;
        let entries = self.gateway.list(&tenant, listing, &by_text(&id), paging.range()).await?;
        let mut invoices = Vec::with_capacity(entries.rows.len());
        for row in &entries.rows {
            let issued = decode::<IssuedInvoice>(&row.value)?;
            invoices.push(message::InvoiceSummary {
                name: INVOICE.name([tenant.as_str(), &issued.number]),
                number: issued.number,
                account_id: String::from_utf8_lossy(row.entity.key()).into_owned(),
                invoice_run_id: issued.invoice_run_id,
                month: issued.month,
                total: issued.total,
            });
        }
        let next_page_token = paging.next(&entries);
        Ok(Response::new(message::ListInvoicesResponse { invoices, next_page_token }))
    }

    async fn get_invoice(
        &self,
        request: Request<message::GetInvoiceRequest>,
    ) -> Result<Response<message::Invoice>, Status> {
        let (_context, request) = Context::open(request)?;
        self.invoice(&request.name).await.map(Response::new)
    }

    async fn render_invoice(
        &self,
        request: Request<message::RenderInvoiceRequest>,
    ) -> Result<Response<message::RenderInvoiceResponse>, Status> {
        let (_context, request) = Context::open(request)?;
        let format = message::InvoiceFormat::try_from(request.format);
        let format = format.ok().filter(|format| *format != message::InvoiceFormat::Unspecified);
        let format = format.ok_or_else(|| status::invalid_field("format", "is neither JSON nor HTML"))?;
        let invoice = self.invoice(&request.name).await?.try_into();
        let invoice =
            invoice.map_err(|error: proto::convert::FieldError| Failure::Unreadable(error.to_string()))?;
        let (content, content_type) = match format {
            message::InvoiceFormat::Html => (render::invoice_html(&invoice), "text/html; charset=utf-8"),
            _ => (render::invoice_json(&invoice), "application/json"),
        };
        let (content, content_type) = (content.into_bytes(), content_type.to_owned());
        Ok(Response::new(message::RenderInvoiceResponse { content, content_type }))
    }
}

/// The account of an entry whose order is that of run and account.
fn account_of(order: &[u8]) -> Option<String> {
    let order = Key::from(order);
    let mut reader = KeyReader::new(&order);
    reader.bytes().ok()?;
    String::from_utf8(reader.bytes().ok()?).ok()
}
