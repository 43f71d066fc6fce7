//! `kvarter.directory.v1.DirectoryService`: whose a token is.
//!
//! An owner's claim and the directory's answer travel as messages. An answer to a client waits a moment for them, so that
//! it usually says how things ended; it is given all the same where that takes longer.

use std::time::Duration;

use actors::shell::Tenant;
use domain::entity::directory::{self, Owner};
use domain::entity::tokens::{TokenCommand, TokenReply, TokenStage};
use domain::entity::{Recipient, account, metering_point};
use domain::token::Token;
use proto::convert::timestamp;
use proto::directory as message;
use proto::directory::directory_service_server::DirectoryService;
use tokio::time::{Instant, sleep};
use tonic::{Request, Response, Status};

use super::context::{Context, Manner};
use super::page::{ENTRIES, Paging};
use super::{name, status, tokens};
use crate::gateway::{Ask, Failure, Gateway};

/// How long an answer waits for the directory.
const PATIENCE: Duration = Duration::from_secs(2);
const FIRST_PAUSE: Duration = Duration::from_millis(1);

/// The service.
#[derive(Clone)]
pub struct Directories {
    gateway: Gateway,
}

impl Directories {
    /// The service on the entities of a node.
    #[must_use]
    pub fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }

    /// Asks an owner about its tokens.
    pub(super) async fn ask(
        &self,
        owner: &Owner,
        ask: Ask,
        command: TokenCommand,
    ) -> Result<TokenReply, Failure> {
        let other =
            || Failure::Unreadable("an owner was asked about tokens and said something else".to_owned());
        match owner {
            Owner::Account(_) => match self.gateway.ask(ask, &account::Command::Tokens(command)).await? {
                account::Reply::Tokens(reply) => Ok(reply),
                _ => Err(other()),
            },
            Owner::MeteringPoint(_) => {
                match self.gateway.ask(ask, &metering_point::Command::Tokens(command)).await? {
                    metering_point::Reply::Tokens(reply) => Ok(reply),
                    _ => Err(other()),
                }
            }
        }
    }

    /// Gives an owner a command about a token, and waits until the directory has answered, but not for ever.
    async fn change(
        &self,
        context: &Context,
        (tenant, owner, token): (&Tenant, &Owner, &Token),
        (command, manner): (TokenCommand, Manner<'_>),
    ) -> Result<message::Token, Status> {
        let ask = context.write(tenant, owner.recipient(), manner)?;
        let mut reply = self.ask(owner, ask, command).await?;
        let patience = context.remaining().unwrap_or_default().min(PATIENCE);
        let now = Instant::now();
        let until = now.checked_add(patience).unwrap_or(now);
        let mut pause = FIRST_PAUSE;
        while is_under_way(&reply) && !manner.validate_only && Instant::now() < until {
            sleep(pause).await;
            pause = pause.saturating_mul(2);
            match self
                .ask(owner, context.read(tenant, owner.recipient())?, TokenCommand::Get(token.clone()))
                .await
            {
                Ok(next) => reply = next,
                // It is gone: it was given back.
                Err(Failure::Rejected(_)) => reply = TokenReply::Gone(token.clone()),
                Err(failure) => {
                    tracing::debug!(?failure, "an owner could not be asked what became of its token");
                    break;
                }
            }
        }
        resource(tenant, owner, &reply)
    }
}

#[tonic::async_trait]
impl DirectoryService for Directories {
    async fn claim_token(
        &self,
        request: Request<message::ClaimTokenRequest>,
    ) -> Result<Response<message::Token>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, owner) = tokens::owner("parent", &request.parent)?;
        let given = request.token.ok_or_else(|| status::missing("token"))?;
        let fields = ["token.token_type", "token.value"];
        let token = tokens::token(fields, &given.token_type, &given.value)?;
        let manner = Manner {
            request_id: &request.request_id,
            validate_only: request.validate_only,
            ..Manner::default()
        };
        let claim = (TokenCommand::Claim(token.clone()), manner);
        self.change(&context, (&tenant, &owner, &token), claim).await.map(Response::new)
    }

    async fn release_token(
        &self,
        request: Request<message::ReleaseTokenRequest>,
    ) -> Result<Response<message::Token>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, owner, token) = tokens::held("name", &request.name)?;
        let manner = Manner {
            request_id: &request.request_id,
            validate_only: request.validate_only,
            ..Manner::default()
        };
        let release = (TokenCommand::Release(token.clone()), manner);
        self.change(&context, (&tenant, &owner, &token), release).await.map(Response::new)
    }

    async fn get_token(
        &self,
        request: Request<message::GetTokenRequest>,
    ) -> Result<Response<message::Token>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, owner, token) = tokens::held("name", &request.name)?;
        let ask = context.read(&tenant, owner.recipient())?;
        let reply = self.ask(&owner, ask, TokenCommand::Get(token)).await?;
        resource(&tenant, &owner, &reply).map(Response::new)
    }

    async fn list_tokens(
        &self,
        request: Request<message::ListTokensRequest>,
    ) -> Result<Response<message::ListTokensResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, owner) = tokens::owner("parent", &request.parent)?;
        let list = format!("tokens of {}", request.parent);
        let paging = Paging::of(request.page_size, &request.page_token, &list, ENTRIES)?;
        let after =
            paging.after.as_deref().map(|place| std::str::from_utf8(place).ok().and_then(Token::parse));
        let after = match after {
            Some(None) => return Err(status::invalid_field("page_token", "names no token")),
            after => after.flatten(),
        };
        let limit = u32::try_from(paging.size).unwrap_or(u32::MAX);
        let ask = context.read(&tenant, owner.recipient())?;
        let reply = self.ask(&owner, ask, TokenCommand::List { after, limit }).await?;
        let TokenReply::Page { claims, more } = reply else {
            return Err(status::internal("tokens were asked for and not given"));
        };
        let last = claims.last().filter(|_| more);
        let next_page_token = last.map(|(token, _)| paging.token(token.to_string().as_bytes()));
        let tokens =
            claims.iter().map(|(token, claim)| tokens::resource(&tenant, &owner, token, Some(claim)));
        Ok(Response::new(message::ListTokensResponse {
            tokens: tokens.collect(),
            next_page_token: next_page_token.unwrap_or_default(),
        }))
    }

    async fn resolve_token(
        &self,
        request: Request<message::ResolveTokenRequest>,
    ) -> Result<Response<message::ResolveTokenResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let tenant = name::tenant("parent", &request.parent)?;
        let token = tokens::token(["token_type", "value"], &request.token_type, &request.value)?;
        let ask = context.read(&tenant, Recipient::Directory(token.clone()))?;
        let directory::Reply::Held(held) = self.gateway.ask(ask, &directory::Command::Get).await? else {
            return Err(status::internal("the holder of a token was asked for and not given"));
        };
        let owner = held.claim.owner;
        Ok(Response::new(message::ResolveTokenResponse {
            owner: tokens::owner_name(&tenant, &owner),
            token_type: token.kind().name().to_owned(),
            value: token.value().to_owned(),
            held_since_time: Some(timestamp(held.since)),
        }))
    }
}

fn is_under_way(reply: &TokenReply) -> bool {
    let TokenReply::Claim(_, claim) = reply else { return false };
    matches!(claim.stage, TokenStage::Claiming | TokenStage::Releasing)
}

fn resource(tenant: &Tenant, owner: &Owner, reply: &TokenReply) -> Result<message::Token, Status> {
    match reply {
        TokenReply::Claim(token, claim) => Ok(tokens::resource(tenant, owner, token, Some(claim))),
        TokenReply::Gone(token) => Ok(tokens::resource(tenant, owner, token, None)),
        TokenReply::Page { .. } => Err(status::internal("a token was asked for and many were given")),
    }
}
