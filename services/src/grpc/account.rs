//! `kvarter.account.v1.AccountService`: accounts, what they will be billed, what was booked on them.

use actors::entity::listing::Listing;
use actors::entity::{entity_id, etag, row};
use actors::shell::{Section, Tenant};
use domain::entity::Recipient;
use domain::entity::account::{AccountDetails, Command, Reply, State};
use proto::account as message;
use proto::account::account_service_server::AccountService;
use proto::name::ACCOUNT;
use tonic::{Request, Response, Status};

use super::context::{Context, Manner};
use super::page::{ENTRIES, Paging};
use super::unreachable::or_unreachable;
use super::{fields, name, status};
use crate::gateway::{Failure, Gateway, decode};

/// The service.
#[derive(Clone)]
pub struct Accounts {
    gateway: Gateway,
}

impl Accounts {
    /// The service on the entities of a node.
    #[must_use]
    pub fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }

    async fn state(&self, context: &Context, tenant: &Tenant, id: &str) -> Result<Box<State>, Status> {
        let ask = context.read(tenant, Recipient::Account(id.to_owned()))?;
        state(self.gateway.ask(ask, &Command::Get).await?)
    }

    /// Changes an account, and answers who it belongs to then, or would where it is only checked.
    async fn change(
        &self,
        context: &Context,
        (tenant, id): (&Tenant, &str),
        (command, manner): (Command, Manner<'_>),
    ) -> Result<Response<message::Account>, Status> {
        let ask = context.write(tenant, Recipient::Account(id.to_owned()), manner)?;
        match self.gateway.ask(ask, &command).await? {
            Reply::Details(details) => Ok(Response::new(described(tenant, &details))),
            _ => Err(status::internal("an account was changed and does not say to whom it belongs")),
        }
    }
}

#[tonic::async_trait]
impl AccountService for Accounts {
    async fn create_account(
        &self,
        request: Request<message::CreateAccountRequest>,
    ) -> Result<Response<message::Account>, Status> {
        let (context, request) = Context::open(request)?;
        let tenant = name::tenant("parent", &request.parent)?;
        let details: AccountDetails = fields::required("account", request.account)?;
        let id = name::id("account.account_id", &details.id)?.to_owned();
        let manner = Manner {
            request_id: &request.request_id,
            validate_only: request.validate_only,
            ..Manner::default()
        };
        self.change(&context, (&tenant, &id), (Command::Open(details), manner)).await
    }

    async fn update_account(
        &self,
        request: Request<message::UpdateAccountRequest>,
    ) -> Result<Response<message::Account>, Status> {
        let (context, request) = Context::open(request)?;
        let account = request.account.ok_or_else(|| status::missing("account"))?;
        let (tenant, id) = name::resource(&ACCOUNT, "account.name", &account.name)?;
        let etag = account.etag.clone();
        let details: AccountDetails = fields::required("account", Some(account))?;
        let details = AccountDetails { id: id.clone(), ..details };
        let manner =
            Manner { request_id: &request.request_id, validate_only: request.validate_only, etag: &etag };
        self.change(&context, (&tenant, &id), (Command::ChangeDetails(details), manner)).await
    }

    async fn get_account(
        &self,
        request: Request<message::GetAccountRequest>,
    ) -> Result<Response<message::Account>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::resource(&ACCOUNT, "name", &request.name)?;
        let state = self.state(&context, &tenant, &id).await?;
        Ok(Response::new(named(&tenant, &state)?))
    }

    async fn list_accounts(
        &self,
        request: Request<message::ListAccountsRequest>,
    ) -> Result<Response<message::ListAccountsResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let tenant = name::tenant("parent", &request.parent)?;
        let list = format!("accounts of {tenant}");
        let paging = Paging::of(request.page_size, &request.page_token, &list, ENTRIES)?;
        let entries = self.gateway.list(&tenant, Listing::Accounts, &[], paging.range()).await?;
        let mut asks = Vec::with_capacity(entries.rows.len());
        let mut names = Vec::with_capacity(entries.rows.len());
        for row in &entries.rows {
            let id = String::from_utf8_lossy(row.entity.key()).into_owned();
            names.push(ACCOUNT.name([tenant.as_str(), &id]));
            asks.push((context.read(&tenant, Recipient::Account(id))?, Command::Get));
        }
        let (mut accounts, mut unreachable) = (Vec::with_capacity(asks.len()), Vec::new());
        for (name, answer) in names.into_iter().zip(self.gateway.ask_each(asks).await) {
            if let Some(reply) = or_unreachable(answer, name, &mut unreachable)? {
                accounts.push(named(&tenant, &*state(reply)?)?);
            }
        }
        let next_page_token = paging.next(&entries);
        Ok(Response::new(message::ListAccountsResponse { accounts, next_page_token, unreachable }))
    }

    async fn list_open_lines(
        &self,
        request: Request<message::ListOpenLinesRequest>,
    ) -> Result<Response<message::ListOpenLinesResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::resource(&ACCOUNT, "parent", &request.parent)?;
        let list = format!("lines of {}", request.parent);
        let paging = Paging::of(request.page_size, &request.page_token, &list, ENTRIES)?;
        let state = self.state(&context, &tenant, &id).await?;
        // Lines are in the order of their keys; their place is counted, since a line never goes.
        let placed = (0_u64..).zip(&state.lines).map(|(place, line)| (place.to_be_bytes().to_vec(), line));
        let (lines, next_page_token) = paging.cut(placed);
        let open_lines = lines.into_iter().map(message::OpenLine::from).collect();
        Ok(Response::new(message::ListOpenLinesResponse { open_lines, next_page_token }))
    }

    async fn list_postings(
        &self,
        request: Request<message::ListPostingsRequest>,
    ) -> Result<Response<message::ListPostingsResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::resource(&ACCOUNT, "parent", &request.parent)?;
        let list = format!("postings of {}", request.parent);
        let paging = Paging::of(request.page_size, &request.page_token, &list, ENTRIES)?;
        let after = paging.after.as_deref().map(<[u8; 8]>::try_from).transpose();
        let after = after.map_err(|_| status::invalid_field("page_token", "names no set of postings"))?;
        let first = after.map_or(1, |after| u64::from_be_bytes(after).saturating_add(1));
        // Its state says whether there is such an account, and how many sets it has booked.
        let booked = self.state(&context, &tenant, &id).await?.posting_sets;
        let account = entity_id(&tenant, &Recipient::Account(id)).map_err(Failure::Name)?;
        let range = row::postings_from(first);
        let rows = self.gateway.rows(&account, Section::Ledger, &range, paging.size).await?;
        let mut posting_sets = Vec::with_capacity(rows.len());
        for row in &rows {
            posting_sets.push(decode::<message::PostingSet>(&row.value)?);
        }
        let last = posting_sets.last().map_or(booked, |set| set.sequence);
        let next_page_token = if last < booked { paging.token(&last.to_be_bytes()) } else { String::new() };
        Ok(Response::new(message::ListPostingsResponse { posting_sets, next_page_token }))
    }

    async fn list_suspense(
        &self,
        request: Request<message::ListSuspenseRequest>,
    ) -> Result<Response<message::ListSuspenseResponse>, Status> {
        let (_, request) = Context::open(request)?;
        let tenant = name::tenant("parent", &request.parent)?;
        let list = format!("suspense of {tenant}");
        let paging = Paging::of(request.page_size, &request.page_token, &list, ENTRIES)?;
        let listed = self.gateway.list(&tenant, Listing::Suspense, &[], paging.range()).await?;
        let mut entries = Vec::with_capacity(listed.rows.len());
        for row in &listed.rows {
            let id = String::from_utf8_lossy(row.entity.key()).into_owned();
            let posting_set = Some(decode::<message::PostingSet>(&row.value)?);
            entries
                .push(message::SuspenseEntry { account: ACCOUNT.name([tenant.as_str(), &id]), posting_set });
        }
        let next_page_token = paging.next(&listed);
        Ok(Response::new(message::ListSuspenseResponse { entries, next_page_token }))
    }
}

fn state(reply: Reply) -> Result<Box<State>, Status> {
    match reply {
        Reply::State(state) => Ok(state),
        _ => Err(status::internal("the state of an account was asked for and not given")),
    }
}

fn named(tenant: &Tenant, state: &State) -> Result<message::Account, Status> {
    let details = state.details.as_ref().zip(message::Account::of_state(state));
    let (details, account) = details.ok_or_else(|| status::internal("an account without details"))?;
    let message::Account { name, etag, .. } = described(tenant, details);
    Ok(message::Account { name, etag, ..account })
}

/// An account without its output-only lists. The etag names the details, which are what a request can change.
fn described(tenant: &Tenant, details: &AccountDetails) -> message::Account {
    let account = message::Account::from(details);
    let name = ACCOUNT.name([tenant.as_str(), &account.account_id]);
    message::Account { name, etag: etag(&account), ..account }
}
