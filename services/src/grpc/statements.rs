//! `kvarter.roaming.v1.StatementService`: statements of partners and the legs they are made of.

use actors::entity::listing::{Listing, by_text};
use actors::entity::{entity_id, row};
use actors::shell::{Section, Tenant};
use domain::day::{Day, Month};
use domain::entity::Recipient;
use domain::entity::account::{Command, Reply};
use domain::statement::{Bundle, PartnerCommand, PartnerPayment, PartnerReply};
use proto::name::{ACCOUNT, STATEMENT};
use proto::roaming as message;
use proto::roaming::statement_service_server::StatementService;
use tonic::{Code, Request, Response, Status};

use super::context::{Context, Manner};
use super::page::{ENTRIES, Paging};
use super::{fields, name, status};
use crate::gateway::{Ask, Failure, Gateway, decode};

/// More pieces than any stored statement has.
const MOST_PIECES: usize = 1 << 16;

/// The service.
#[derive(Clone)]
pub struct Statements {
    gateway: Gateway,
}

impl Statements {
    /// The service on the entities of a node.
    #[must_use]
    pub fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }

    async fn ask(&self, ask: Ask, command: PartnerCommand) -> Result<PartnerReply, Status> {
        match self.gateway.ask(ask, &Command::Partner(command)).await? {
            Reply::Partner(reply) => Ok(reply),
            _ => Err(status::internal("an account was asked as a partner and answered otherwise")),
        }
    }

    /// An issued statement as it is stored.
    async fn stored(
        &self,
        tenant: &Tenant,
        account: &str,
        number: &str,
    ) -> Result<message::PartnerStatement, Status> {
        let name = STATEMENT.name([tenant.as_str(), account, number]);
        let entity = entity_id(tenant, &Recipient::Account(account.to_owned())).map_err(Failure::Name)?;
        let range = row::statement_pieces(number);
        let pieces = self.gateway.rows(&entity, Section::Record, &range, MOST_PIECES).await?;
        if pieces.is_empty() {
            return Err(status::not_found("statement", &name));
        }
        let bytes = pieces.iter().map(|piece| piece.value.as_ref()).collect::<Vec<_>>().concat();
        Ok(message::PartnerStatement { name, ..decode::<message::PartnerStatement>(&bytes)? })
    }
}

#[tonic::async_trait]
impl StatementService for Statements {
    async fn preview_statement(
        &self,
        request: Request<message::PreviewStatementRequest>,
    ) -> Result<Response<message::PreviewStatementResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, account) = name::resource(&ACCOUNT, "parent", &request.parent)?;
        let month: Month = fields::required("month", request.month)?;
        let issued_on: Day = fields::required("issue_date", request.issue_date)?;
        let ask = context.read(&tenant, Recipient::Account(account))?;
        let PartnerReply::Preview(preview) =
            self.ask(ask, PartnerCommand::Preview { month, issued_on }).await?
        else {
            return Err(status::internal("a preview was asked for and not given"));
        };
        let what = || nothing_to_state(&request.parent, month);
        let (statement, hash) = preview.ok_or_else(what)?;
        let statement = Some(message::PartnerStatement::from(statement.as_ref()));
        Ok(Response::new(message::PreviewStatementResponse { statement, hash: hash.to_vec() }))
    }

    async fn issue_statement(
        &self,
        request: Request<message::IssueStatementRequest>,
    ) -> Result<Response<message::PartnerStatement>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, account) = name::resource(&ACCOUNT, "parent", &request.parent)?;
        let month: Month = fields::required("month", request.month)?;
        let issued_on: Day = fields::required("issue_date", request.issue_date)?;
        let hash = request.hash.as_slice().try_into();
        let hash = hash.map_err(|_| status::invalid_field("hash", "has not 32 bytes"))?;
        let manner = Manner { request_id: &request.request_id, ..Manner::default() };
        let ask = context.write(&tenant, Recipient::Account(account.clone()), manner)?;
        let PartnerReply::Issued(issued) =
            self.ask(ask, PartnerCommand::Issue { month, issued_on, hash }).await?
        else {
            return Err(status::internal("a statement was issued and not told"));
        };
        self.stored(&tenant, &account, &issued.number).await.map(Response::new)
    }

    async fn get_statement(
        &self,
        request: Request<message::GetStatementRequest>,
    ) -> Result<Response<message::PartnerStatement>, Status> {
        let (_, request) = Context::open(request)?;
        let (tenant, account, number) = name::statement("name", &request.name)?;
        self.stored(&tenant, &account, &number).await.map(Response::new)
    }

    async fn list_statements(
        &self,
        request: Request<message::ListStatementsRequest>,
    ) -> Result<Response<message::ListStatementsResponse>, Status> {
        let (_, request) = Context::open(request)?;
        let (tenant, account) = name::resource(&ACCOUNT, "parent", &request.parent)?;
        let list = format!("statements of {}", request.parent);
        let paging = Paging::of(request.page_size, &request.page_token, &list, ENTRIES)?;
        let range = paging.range();
        let entries = self.gateway.list(&tenant, Listing::Statements, &by_text(&account), range).await?;
        let mut statements = Vec::with_capacity(entries.rows.len());
        for row in &entries.rows {
            statements.push(decode::<message::IssuedStatement>(&row.value)?);
        }
        let next_page_token = paging.next(&entries);
        Ok(Response::new(message::ListStatementsResponse { statements, next_page_token }))
    }

    async fn list_legs(
        &self,
        request: Request<message::ListLegsRequest>,
    ) -> Result<Response<message::ListLegsResponse>, Status> {
        let (_, request) = Context::open(request)?;
        let (tenant, account) = name::resource(&ACCOUNT, "parent", &request.parent)?;
        let month: Month = fields::required("month", request.month)?;
        let list = format!("legs of {} in {month}", request.parent);
        let paging = Paging::of(request.page_size, &request.page_token, &list, ENTRIES)?;
        let after = paging.after.as_deref().map(<[u8; 8]>::try_from).transpose();
        let after = after.map_err(|_| status::invalid_field("page_token", "names no leg"))?;
        let first = after.map_or(1, |after| u64::from_be_bytes(after).saturating_add(1));
        let entity = entity_id(&tenant, &Recipient::Account(account)).map_err(Failure::Name)?;
        let range = row::booked_legs(month, first);
        let wanted = paging.size.saturating_add(1);
        let rows = self.gateway.rows(&entity, Section::Record, &range, wanted).await?;
        let mut placed = Vec::with_capacity(rows.len());
        for row in &rows {
            let leg = decode::<message::BookedLeg>(&row.value)?;
            placed.push((leg.sequence.to_be_bytes().to_vec(), leg));
        }
        let (legs, next_page_token) = paging.cut(placed);
        Ok(Response::new(message::ListLegsResponse { legs, next_page_token }))
    }

    async fn clear_bundle(
        &self,
        request: Request<message::ClearBundleRequest>,
    ) -> Result<Response<message::ClearedBundle>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, account) = name::resource(&ACCOUNT, "parent", &request.parent)?;
        let bundle: Bundle = fields::required("bundle", request.bundle)?;
        for (place, claim) in bundle.claims.iter().enumerate() {
            name::id(&format!("bundle.claims[{place}].account_id"), &claim.recipient)?;
        }
        let manner = Manner { request_id: &request.request_id, ..Manner::default() };
        let ask = context.write(&tenant, Recipient::Account(account), manner)?;
        let PartnerReply::Cleared(cleared) = self.ask(ask, PartnerCommand::Clear(Box::new(bundle))).await?
        else {
            return Err(status::internal("a bundle was cleared and its parts not told"));
        };
        Ok(Response::new((&cleared).into()))
    }

    async fn record_payment(
        &self,
        request: Request<message::RecordPaymentRequest>,
    ) -> Result<Response<message::RecordPaymentResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, account) = name::resource(&ACCOUNT, "parent", &request.parent)?;
        let payment: PartnerPayment = fields::required("payment", request.payment)?;
        let PartnerPayment { operation, amount, paid_on, .. } = payment;
        // The id of the payment makes it known again.
        let ask = context.read(&tenant, Recipient::Account(account))?;
        let command = PartnerCommand::Pay { operation, amount, paid_on };
        let PartnerReply::Paid { balance } = self.ask(ask, command).await? else {
            return Err(status::internal("a payment was recorded and not told"));
        };
        Ok(Response::new(message::RecordPaymentResponse { balance: Some((&balance).into()) }))
    }
}

/// A preview of nothing: no line, and no payment since the statement before.
fn nothing_to_state(account: &str, month: Month) -> Status {
    let text = format!("there is nothing to state of {account} in {month}");
    status::with_facts(Code::NotFound, "NOT_FOUND", text, [("name", account.to_owned())])
}
