//! `kvarter.roaming.v1.PartnerService`: who exchanges documents of roaming with a tenant.
//!
//! A token is made here and given in the one answer that makes it; what is kept of it is its digest.

use std::collections::BTreeSet;
use std::sync::Arc;

use actors::shell::Tenant;
use domain::entity::Recipient;
use domain::entity::partners::{
    Command, Contact, Introduced, OwnProfile, Partner, PartnerToken, PartyRole, Reply, State, TokenHash,
    WantedPartner,
};
use domain::entity::roaming_object::RoamingModule;
use domain::webhook::{UrlFault, WebhookUrl};
use proto::convert::timestamp;
use proto::name::{ACCOUNT, PARTNER};
use proto::roaming as message;
use proto::roaming::partner_service_server::PartnerService;
use tonic::{Code, Request, Response, Status};

use super::context::Context;
use super::known::Known;
use super::{fields, name, status};
use crate::gateway::{Ask, Failure, Gateway};
use crate::hex::to_hex;
use crate::ocpi_edge::{
    self, Credentials, Exchange, Fault, Published, Sender, connect, fresh_token, publish, unregister,
    url_fault,
};

/// How many bytes of a digest tell tokens apart.
const FINGERPRINT_BYTES: usize = 8;
/// The longest name of a business, and the longest address that is told (OCPI 2.2.1, `BusinessDetails`, `URL`).
const MOST_NAME_BYTES: usize = 100;
const MOST_URL_BYTES: usize = 200;

/// The service.
#[derive(Clone)]
pub struct PartnerAdmin {
    gateway: Gateway,
    exchange: Exchange,
}

impl PartnerAdmin {
    /// The service on the entities of a node.
    #[must_use]
    pub(crate) fn new(gateway: Gateway, exchange: Exchange) -> Self {
        Self { gateway, exchange }
    }

    /// Gives a command and answers with the partner as it is then.
    async fn give(&self, ask: Ask, command: &Command) -> Result<Partner, Status> {
        let tenant = ask.tenant.clone();
        let reply = self.gateway.ask(ask, command).await;
        self.exchange.door.forget(&tenant);
        match reply? {
            Reply::Partner(partner) => Ok(*partner),
            _ => Err(unexpected()),
        }
    }

    /// The same for a command that names a partner. It has no id, so the node does not repeat it by itself.
    async fn change<T>(
        &self,
        request: Request<T>,
        name: impl FnOnce(&T) -> &str,
        command: impl FnOnce(String) -> Command,
    ) -> Result<(Tenant, Partner), Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::resource(&PARTNER, "name", name(&request))?;
        let ask = context.once(&tenant, Recipient::Partners)?;
        Ok((tenant, self.give(ask, &command(id)).await?))
    }

    /// Tells a partner the token that was offered, and by what to call this platform; it is connected where it takes that
    /// and is no more than was agreed.
    async fn introduce(
        &self,
        ask: Ask,
        (partner, offered): (&Partner, TokenHash),
        (contact, credentials): (&Contact, &Credentials),
    ) -> Result<Partner, Status> {
        let caller = Arc::new(self.exchange.fetcher.caller.clone());
        let met = connect(&caller, contact, credentials).await;
        let met =
            met.map_err(|error| status::plain(Code::FailedPrecondition, "PARTNER_NOT_REACHED", error.0))?;
        let taken = met.contact.clone();
        let introduced = Introduced {
            id: partner.id.clone(),
            shown: offered,
            token: offered,
            contact: met.contact,
            parties: met.parties,
            is_first: partner.contact.is_none(),
        };
        let tenant = ask.tenant.clone();
        let reply = self.gateway.ask(ask, &Command::Introduce(introduced)).await;
        self.exchange.door.forget(&tenant);
        match reply {
            Ok(Reply::Partner(partner)) => Ok(*partner),
            Ok(_) => Err(unexpected()),
            // It has taken these credentials, and would hold that both are connected.
            Err(Failure::Rejected(mut rejection)) => {
                let became = unregister(&caller, &taken).await;
                if let Some(reason) = &mut rejection.reason {
                    reason.text = format!("{}; {became}", reason.text);
                }
                Err(Failure::Rejected(rejection).into())
            }
            Err(failure) => Err(failure.into()),
        }
    }

    /// The id of an account that was opened; empty where none is named.
    async fn account(&self, context: &Context, tenant: &Tenant, name: &str) -> Result<String, Status> {
        let id = account(tenant, name)?;
        if !id.is_empty() {
            Known { gateway: &self.gateway, context, tenant }.account("account", &id).await?;
        }
        Ok(id)
    }

    async fn all(&self, context: &Context, tenant: &Tenant) -> Result<State, Status> {
        match self.gateway.ask(context.read(tenant, Recipient::Partners)?, &Command::List).await? {
            Reply::All(state) => Ok(*state),
            _ => Err(unexpected()),
        }
    }

    async fn one(&self, context: &Context, tenant: &Tenant, id: &str) -> Result<Partner, Status> {
        let ask = context.read(tenant, Recipient::Partners)?;
        match self.gateway.ask(ask, &Command::Get(id.to_owned())).await? {
            Reply::Partner(partner) => Ok(*partner),
            _ => Err(unexpected()),
        }
    }
}

#[tonic::async_trait]
impl PartnerService for PartnerAdmin {
    async fn create_partner(
        &self,
        request: Request<message::CreatePartnerRequest>,
    ) -> Result<Response<message::IssuedToken>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::resource(&PARTNER, "name", &request.name)?;
        name::id("name", &id)?;
        if self.all(&context, &tenant).await?.by_id.contains_key(&id) {
            let text = "there is a partner of this id; its token is rotated, its terms are updated";
            return Err(status::plain(Code::AlreadyExists, "PARTNER_EXISTS", text));
        }
        let token = fresh_token();
        let wanted = WantedPartner {
            parties: Some(parties(request.parties)?),
            account: Some(self.account(&context, &tenant, &request.account).await?),
            limit: fields::optional("limit", request.limit)?,
            token: Some(TokenHash::of(&token)),
            contact: None,
            id,
        };
        let ask = context.once(&tenant, Recipient::Partners)?;
        let partner = self.give(ask, &Command::Set(wanted)).await?;
        if partner.token != Some(TokenHash::of(&token)) {
            let text = "there is a partner of this id; its token is rotated, its terms are updated";
            return Err(status::plain(Code::AlreadyExists, "PARTNER_EXISTS", text));
        }
        Ok(Response::new(message::IssuedToken { partner: Some(resource(&tenant, &partner)), token }))
    }

    async fn update_partner(
        &self,
        request: Request<message::UpdatePartnerRequest>,
    ) -> Result<Response<message::Partner>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::resource(&PARTNER, "name", &request.name)?;
        let account = match request.account {
            Some(name) => Some(self.account(&context, &tenant, &name).await?),
            None => None,
        };
        let wanted = WantedPartner {
            parties: Some(parties(request.parties)?).filter(|parties| !parties.is_empty()),
            account,
            limit: fields::optional("limit", request.limit)?,
            token: None,
            contact: None,
            id,
        };
        let ask = context.once(&tenant, Recipient::Partners)?;
        let partner = self.give(ask, &Command::Set(wanted)).await?;
        Ok(Response::new(resource(&tenant, &partner)))
    }

    async fn get_partner(
        &self,
        request: Request<message::GetPartnerRequest>,
    ) -> Result<Response<message::Partner>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::resource(&PARTNER, "name", &request.name)?;
        Ok(Response::new(resource(&tenant, &self.one(&context, &tenant, &id).await?)))
    }

    async fn list_partners(
        &self,
        request: Request<message::ListPartnersRequest>,
    ) -> Result<Response<message::ListPartnersResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let tenant = name::tenant("parent", &request.parent)?;
        let state = self.all(&context, &tenant).await?;
        let partners = state.by_id.values().map(|partner| resource(&tenant, partner)).collect();
        Ok(Response::new(message::ListPartnersResponse { partners, own: Some((&state.own).into()) }))
    }

    async fn rotate_partner_token(
        &self,
        request: Request<message::RotatePartnerTokenRequest>,
    ) -> Result<Response<message::IssuedToken>, Status> {
        let token = fresh_token();
        let hash = TokenHash::of(&token);
        let rotated = self.change(request, |request| &request.name, |id| Command::Rotate(id, hash)).await;
        let (tenant, partner) = rotated?;
        Ok(Response::new(message::IssuedToken { partner: Some(resource(&tenant, &partner)), token }))
    }

    async fn suspend_partner(
        &self,
        request: Request<message::SuspendPartnerRequest>,
    ) -> Result<Response<message::Partner>, Status> {
        let (tenant, partner) = self.change(request, |request| &request.name, Command::Suspend).await?;
        Ok(Response::new(resource(&tenant, &partner)))
    }

    async fn resume_partner(
        &self,
        request: Request<message::ResumePartnerRequest>,
    ) -> Result<Response<message::Partner>, Status> {
        let (tenant, partner) = self.change(request, |request| &request.name, Command::Resume).await?;
        Ok(Response::new(resource(&tenant, &partner)))
    }

    async fn delete_partner(
        &self,
        request: Request<message::DeletePartnerRequest>,
    ) -> Result<Response<()>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::resource(&PARTNER, "name", &request.name)?;
        let ask = context.once(&tenant, Recipient::Partners)?;
        let reply = self.gateway.ask(ask, &Command::Delete(id)).await;
        self.exchange.door.forget(&tenant);
        match reply? {
            Reply::Deleted => Ok(Response::new(())),
            _ => Err(unexpected()),
        }
    }

    async fn set_own_profile(
        &self,
        request: Request<message::SetOwnProfileRequest>,
    ) -> Result<Response<message::OwnProfile>, Status> {
        let (context, request) = Context::open(request)?;
        let tenant = name::tenant("parent", &request.parent)?;
        let own: OwnProfile = fields::required("own", request.own)?;
        check_own(&own)?;
        let ask = context.read(&tenant, Recipient::Partners)?;
        let reply = self.gateway.ask(ask, &Command::SetOwn(own)).await;
        self.exchange.door.forget(&tenant);
        match reply? {
            Reply::All(state) => Ok(Response::new((&state.own).into())),
            _ => Err(unexpected()),
        }
    }

    async fn connect_partner(
        &self,
        request: Request<message::ConnectPartnerRequest>,
    ) -> Result<Response<message::Partner>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::resource(&PARTNER, "name", &request.name)?;
        let contact = Contact { versions_url: url(&request.versions_url)?, token: token(&request.token)? };
        let state = self.all(&context, &tenant).await?;
        let partner = self.one(&context, &tenant, &id).await?;
        if state.own.url.is_empty() || state.own.parties.is_empty() {
            let text = "say first who the tenant is, and where partners reach it";
            return Err(status::plain(Code::FailedPrecondition, "NO_OWN_PROFILE", text));
        }
        let text = "the partner has unregistered; give it another token first";
        if partner.token.is_none() {
            return Err(status::plain(Code::FailedPrecondition, "NO_PARTNER_TOKEN", text));
        }
        let ours = fresh_token();
        let hash = TokenHash::of(&ours);
        // The partner calls back with this token while it is being told it; until it has taken it, the present one holds.
        let offer = Command::Offer(id.clone(), hash);
        self.give(context.once(&tenant, Recipient::Partners)?, &offer).await?;
        let base = format!("{}/ocpi/{tenant}", state.own.url);
        let credentials = Credentials::of(&state.own, ours, &base);
        let ask = context.once(&tenant, Recipient::Partners)?;
        let introduced = self.introduce(ask, (&partner, hash), (&contact, &credentials)).await;
        if introduced.is_err() {
            let withdraw = context.once(&tenant, Recipient::Partners)?;
            if let Err(error) = self.give(withdraw, &Command::Withdraw(id, hash)).await {
                tracing::warn!(%error, "a token that a partner did not take holds until another is offered");
            }
        }
        Ok(Response::new(resource(&tenant, &introduced?)))
    }

    async fn pull_partner(
        &self,
        request: Request<message::PullPartnerRequest>,
    ) -> Result<Response<message::PullPartnerResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::resource(&PARTNER, "name", &request.name)?;
        let module = fields::known::<message::RoamingModule, RoamingModule>("module", request.module)?;
        let from = fields::instant("from_time", request.from_time)?;
        let partner = self.one(&context, &tenant, &id).await?;
        let own = self.all(&context, &tenant).await?.own;
        let sender = Sender { tenant: &tenant, own: &own, partner: &partner };
        let fetched = self.exchange.fetcher.fetch(sender, module, from).await;
        let fetched = fetched.map_err(|fault| refused(&fault, "PARTNER_NOT_REACHED"))?;
        Ok(Response::new(message::PullPartnerResponse {
            pages: fetched.pages,
            taken: fetched.taken,
            unchanged: fetched.unchanged,
            refused: fetched.refused,
            has_more: fetched.has_more,
            until_time: fetched.until.map(timestamp),
        }))
    }

    async fn publish_object(
        &self,
        request: Request<message::PublishObjectRequest>,
    ) -> Result<Response<message::PublishObjectResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let tenant = name::tenant("parent", &request.parent)?;
        let module = fields::known::<message::RoamingModule, RoamingModule>("module", request.module)?;
        if module == RoamingModule::Cdrs {
            let text = "records are received, and shown to whoever they were sold to";
            return Err(status::invalid_field("module", text));
        }
        let own = self.all(&context, &tenant).await?.own;
        let subject = context.caller.subject.to_string();
        let ask = |entity| ocpi_edge::Door::ask(&tenant, &subject, entity);
        let published = publish(&self.gateway, (&tenant, &own), module, &request.json, ask).await;
        let published = published.map_err(|fault| refused(&fault, "OBJECT_REFUSED"))?;
        Ok(Response::new(message::PublishObjectResponse { held: published == Published::Held }))
    }
}

/// A partner as a client sees it.
fn resource(tenant: &Tenant, partner: &Partner) -> message::Partner {
    let fingerprint = |token: &TokenHash| to_hex(token.0.get(..FINGERPRINT_BYTES).unwrap_or_default());
    let of_account = |id: &String| ACCOUNT.name([tenant.as_str(), id]);
    message::Partner {
        name: PARTNER.name([tenant.as_str(), &partner.id]),
        parties: partner.parties.iter().map(Into::into).collect(),
        account: partner.account.as_ref().map(of_account).unwrap_or_default(),
        limit: Some(partner.limit.into()),
        state: message::PartnerState::from(partner.standing).into(),
        token_fingerprint: partner.token.as_ref().map(fingerprint).unwrap_or_default(),
        versions_url: partner
            .contact
            .as_ref()
            .map(|contact| contact.versions_url.text().to_owned())
            .unwrap_or_default(),
        cursors: partner
            .cursors
            .iter()
            .map(|(module, until)| message::FetchCursor {
                module: message::RoamingModule::from(*module).into(),
                until_time: Some(timestamp(*until)),
            })
            .collect(),
        created_time: Some(timestamp(partner.made_at)),
    }
}

fn parties(parties: Vec<message::PartyRole>) -> Result<BTreeSet<PartyRole>, Status> {
    let parties: Vec<PartyRole> = fields::each("parties", parties)?;
    Ok(parties.into_iter().collect())
}

/// The id of an account of the tenant; empty for none.
fn account(tenant: &Tenant, name: &str) -> Result<String, Status> {
    if name.is_empty() {
        return Ok(String::new());
    }
    let (of, id) = name::resource(&ACCOUNT, "account", name)?;
    match of == *tenant {
        true => Ok(id),
        false => Err(status::invalid_field("account", "is of another tenant")),
    }
}

fn check_own(own: &OwnProfile) -> Result<(), Status> {
    if own.name.len() > MOST_NAME_BYTES {
        return Err(status::invalid_field("own.business_name", "has more than 100 bytes"));
    }
    if own.url.is_empty() {
        return Ok(());
    }
    // In front of the node there may be a proxy that encrypts: what is told to partners is its address.
    let plain =
        own.url.strip_prefix("https://").map_or_else(|| own.url.clone(), |rest| format!("http://{rest}"));
    let is_url = WebhookUrl::parse(&plain).is_ok() && !own.url.ends_with('/') && !own.url.contains('?');
    match is_url && own.url.len() <= MOST_URL_BYTES {
        true => Ok(()),
        false => Err(status::invalid_field(
            "own.url",
            "is not http[s]://HOST[:PORT][/PATH] without a stroke at the end",
        )),
    }
}

fn url(text: &str) -> Result<WebhookUrl, Status> {
    WebhookUrl::parse(text).map_err(|fault| {
        let reason = match fault {
            UrlFault::TooLong => "PARTNER_URL_TOO_LONG",
            UrlFault::Encrypted => "PARTNER_URL_ENCRYPTED",
            UrlFault::Malformed => "PARTNER_URL_MALFORMED",
        };
        status::invalid(reason, "versions_url", &url_fault(fault))
    })
}

fn token(text: &str) -> Result<PartnerToken, Status> {
    let wrong = "is not 1 to 64 printable characters of ASCII without spaces";
    PartnerToken::new(text).ok_or_else(|| status::invalid_field("token", wrong))
}

/// What went wrong between this platform and the other.
fn refused(fault: &Fault, reason: &str) -> Status {
    let code = match fault.code {
        ocpi_edge::Code::Parameters => Code::InvalidArgument,
        ocpi_edge::Code::Server => Code::Unavailable,
        _ => Code::FailedPrecondition,
    };
    status::plain(code, reason, fault.text.clone())
}

fn unexpected() -> Status {
    status::internal("partners were asked about one and said something else")
}
