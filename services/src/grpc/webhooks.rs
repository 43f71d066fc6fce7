//! `kvarter.events.v1.WebhookService`: where a tenant's events are sent.
//!
//! A secret that comes in becomes a key in the command and is in no answer, no refusal and no line of a log.

use actors::shell::Tenant;
use domain::entity::Recipient;
use domain::entity::webhooks::{Command, PauseReason, Reply, Standing, Wanted, Webhook};
use domain::webhook::{UrlFault, WebhookSecret, WebhookUrl};
use proto::convert::timestamp;
use proto::events as message;
use proto::events::webhook_service_server::WebhookService;
use proto::name::{ACCOUNT, WEBHOOK};
use tonic::{Request, Response, Status};

use super::context::{Context, Manner};
use super::events::place;
use super::{name, status};
use crate::events::text;
use crate::gateway::{Ask, Gateway};
use crate::webhooks::{SecretFault, Wake, parse_secret};

/// The service.
#[derive(Clone)]
pub struct WebhookAdmin {
    gateway: Gateway,
    wake: Wake,
}

impl WebhookAdmin {
    /// The service on the entities of a node, which tells what sends of what was changed.
    #[must_use]
    pub fn new(gateway: Gateway, wake: Wake) -> Self {
        Self { gateway, wake }
    }

    /// Gives a command and answers with the webhook as it is then.
    async fn give(&self, ask: Ask, command: &Command) -> Result<Response<message::Webhook>, Status> {
        let tenant = ask.tenant.clone();
        let reply = self.gateway.ask(ask, command).await?;
        self.wake.tell(&tenant);
        match reply {
            Reply::Webhook(webhook) => Ok(Response::new(resource(&tenant, &webhook))),
            _ => Err(unexpected()),
        }
    }

    /// The same for a command that names a webhook. It has no id, so the node does not repeat it by itself: that could undo
    /// what somebody else has set meanwhile.
    async fn change<T>(
        &self,
        request: Request<T>,
        name: impl FnOnce(&T) -> &str,
        command: impl FnOnce(String) -> Command,
    ) -> Result<Response<message::Webhook>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::resource(&WEBHOOK, "name", name(&request))?;
        self.give(context.once(&tenant, Recipient::Webhooks)?, &command(id)).await
    }
}

#[tonic::async_trait]
impl WebhookService for WebhookAdmin {
    async fn set_webhook(
        &self,
        request: Request<message::SetWebhookRequest>,
    ) -> Result<Response<message::Webhook>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::resource(&WEBHOOK, "name", &request.name)?;
        name::id("name", &id)?;
        let url = url(&request.url)?;
        let choice = place::choice(&tenant, request.filter.as_ref())?;
        let secret = match request.secret.as_str() {
            "" => None,
            text => Some(secret(text)?),
        };
        let wanted = (request.cursor.as_str(), request.from_now);
        let start = place::start((&self.gateway, &context), &tenant, wanted).await?;
        let manner = Manner {
            request_id: &request.request_id,
            validate_only: request.validate_only,
            ..Manner::default()
        };
        let ask = context.write(&tenant, Recipient::Webhooks, manner)?;
        self.give(ask, &Command::Set(Wanted { id, url, choice, secret, start })).await
    }

    async fn get_webhook(
        &self,
        request: Request<message::GetWebhookRequest>,
    ) -> Result<Response<message::Webhook>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::resource(&WEBHOOK, "name", &request.name)?;
        let ask = context.read(&tenant, Recipient::Webhooks)?;
        match self.gateway.ask(ask, &Command::Get(id)).await? {
            Reply::Webhook(webhook) => Ok(Response::new(resource(&tenant, &webhook))),
            _ => Err(unexpected()),
        }
    }

    async fn list_webhooks(
        &self,
        request: Request<message::ListWebhooksRequest>,
    ) -> Result<Response<message::ListWebhooksResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let tenant = name::tenant("parent", &request.parent)?;
        let ask = context.read(&tenant, Recipient::Webhooks)?;
        match self.gateway.ask(ask, &Command::List).await? {
            Reply::List(webhooks) => {
                let webhooks = webhooks.iter().map(|webhook| resource(&tenant, webhook)).collect();
                Ok(Response::new(message::ListWebhooksResponse { webhooks }))
            }
            _ => Err(unexpected()),
        }
    }

    async fn pause_webhook(
        &self,
        request: Request<message::PauseWebhookRequest>,
    ) -> Result<Response<message::Webhook>, Status> {
        self.change(request, |request| &request.name, Command::Pause).await
    }

    async fn resume_webhook(
        &self,
        request: Request<message::ResumeWebhookRequest>,
    ) -> Result<Response<message::Webhook>, Status> {
        self.change(request, |request| &request.name, Command::Resume).await
    }

    async fn rotate_webhook_secret(
        &self,
        request: Request<message::RotateWebhookSecretRequest>,
    ) -> Result<Response<message::Webhook>, Status> {
        let secret = secret(&request.get_ref().secret)?;
        self.change(request, |request| &request.name, |id| Command::Rotate(id, secret)).await
    }

    async fn drop_former_webhook_secret(
        &self,
        request: Request<message::DropFormerWebhookSecretRequest>,
    ) -> Result<Response<message::Webhook>, Status> {
        self.change(request, |request| &request.name, Command::DropFormerSecret).await
    }

    async fn delete_webhook(
        &self,
        request: Request<message::DeleteWebhookRequest>,
    ) -> Result<Response<()>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::resource(&WEBHOOK, "name", &request.name)?;
        let ask = context.once(&tenant, Recipient::Webhooks)?;
        match self.gateway.ask(ask, &Command::Delete(id)).await? {
            Reply::Deleted => Ok(Response::new(())),
            _ => Err(unexpected()),
        }
    }
}

/// A webhook as a client sees it.
fn resource(tenant: &Tenant, webhook: &Webhook) -> message::Webhook {
    let of_account = |id: &String| ACCOUNT.name([tenant.as_str(), id]);
    let kind = |kind| i32::from(message::AccountEventKind::from(kind));
    let (state, paused_time) = match webhook.standing {
        Standing::Active => (message::WebhookState::Active, None),
        Standing::Paused { reason, since } => {
            let state = match reason {
                PauseReason::ByPerson => message::WebhookState::Paused,
                PauseReason::Failing => message::WebhookState::Failing,
                PauseReason::Gone => message::WebhookState::Gone,
            };
            (state, Some(timestamp(since)))
        }
    };
    message::Webhook {
        name: WEBHOOK.name([tenant.as_str(), &webhook.id]),
        url: webhook.url.text().to_owned(),
        filter: Some(message::EventFilter {
            account: webhook.choice.account.as_ref().map(of_account).unwrap_or_default(),
            kinds: webhook.choice.kinds.iter().copied().map(kind).collect(),
        }),
        secret_fingerprints: webhook.fingerprints.iter().map(ToString::to_string).collect(),
        state: state.into(),
        paused_time,
        cursor: text(&webhook.cursor, tenant),
        failing: webhook.failing.as_ref().map(Into::into),
        created_time: Some(timestamp(webhook.made_at)),
    }
}

fn url(text: &str) -> Result<WebhookUrl, Status> {
    WebhookUrl::parse(text).map_err(|fault| match fault {
        UrlFault::TooLong => {
            let text = format!("has more than {} bytes", WebhookUrl::MOST_BYTES);
            status::invalid("WEBHOOK_URL_TOO_LONG", "url", &text)
        }
        UrlFault::Encrypted => {
            let text = "asks for TLS, which a proxy beside the node does: name its http address";
            status::invalid("WEBHOOK_URL_ENCRYPTED", "url", text)
        }
        UrlFault::Malformed => {
            let text = "is not http://HOST[:PORT][/PATH][?QUERY] in printable ASCII";
            status::invalid("WEBHOOK_URL_MALFORMED", "url", text)
        }
    })
}

fn secret(text: &str) -> Result<WebhookSecret, Status> {
    parse_secret(text).map_err(|fault| match fault {
        SecretFault::Malformed => {
            status::invalid("WEBHOOK_SECRET_MALFORMED", "secret", "is not whsec_ and base64")
        }
        SecretFault::Length => {
            let (fewest, most) = (WebhookSecret::FEWEST_BYTES, WebhookSecret::MOST_BYTES);
            let text = format!("has a key of less than {fewest} or more than {most} bytes");
            status::invalid("WEBHOOK_SECRET_LENGTH", "secret", &text)
        }
    })
}

fn unexpected() -> Status {
    status::internal("webhooks were asked about one and said something else")
}
