//! Who is charged: an account by its name, or the one that holds a token.

use actors::shell::{CallError, Tenant};
use domain::entity::Recipient;
use domain::entity::account::{Command, Reply};
use domain::entity::directory::{self, Owner};
use domain::funds::{FundsCommand, FundsReply};
use domain::token::Token;
use proto::charging as message;
use proto::charging::payer::Payer as Named;
use proto::name::ACCOUNT;
use proto::store::Rejection;
use tokio::time::sleep;
use tonic::{Code, Status};

use super::answer::unexpected;
use super::field;
use crate::gateway::{Ask, Failure, Gateway};
use crate::grpc::context::Context;
use crate::grpc::{name, status, tokens};

/// Who is charged.
pub(super) struct Payer {
    tenant: Tenant,
    shown: Shown,
    /// Whether it is waited where there is no room, instead of being told so.
    waits: bool,
}

/// How a payer is known.
enum Shown {
    Account(String),
    Token(Token),
}

impl Payer {
    /// The account of a tenant.
    pub(super) fn account(tenant: &Tenant, id: &str) -> Self {
        Self { tenant: tenant.clone(), shown: Shown::Account(id.to_owned()), waits: false }
    }

    /// The payer that a request names.
    pub(super) fn read(payer: Option<message::Payer>) -> Result<Self, Status> {
        match payer.and_then(|payer| payer.payer).ok_or_else(|| status::missing("payer"))? {
            Named::Account(account) => {
                let (tenant, id) = name::resource(&ACCOUNT, "payer.account", &account)?;
                Ok(Self { tenant, shown: Shown::Account(id), waits: false })
            }
            Named::Token(token) => {
                let tenant = name::tenant("payer.token.parent", &token.parent)?;
                let fields = ["payer.token.token_type", "payer.token.value"];
                let token = tokens::token(fields, &token.token_type, &token.value)?;
                Ok(Self { tenant, shown: Shown::Token(token), waits: false })
            }
        }
    }

    /// The same, for a stream: where there is no room it waits, which is how back-pressure reaches the client.
    pub(super) fn waiting(self, waits: bool) -> Self {
        Self { waits, ..self }
    }

    /// Gives the account a command about its funds: what it answers, and its name. What it refuses, now or when it was first
    /// asked, is a status.
    pub(super) async fn charge(
        self,
        gateway: &Gateway,
        context: &Context,
        command: FundsCommand,
    ) -> Result<(FundsReply, String), Status> {
        match self.ask(gateway, context, command).await? {
            (Reply::Funds(reply), account) => Ok((reply, account)),
            _ => Err(unexpected()),
        }
    }

    /// The same, where the account may say more than its funds do.
    pub(super) async fn ask(
        self,
        gateway: &Gateway,
        context: &Context,
        command: FundsCommand,
    ) -> Result<(Reply, String), Status> {
        let repeatable = command.is_repeatable();
        let (id, command) = match self.shown {
            Shown::Account(id) => (id, Command::Funds(command)),
            Shown::Token(token) => {
                let id = holder(gateway, context, &self.tenant, &token).await?;
                (id, Command::FundsByToken(token, command))
            }
        };
        let name = ACCOUNT.name([self.tenant.as_str(), &id]);
        let account = Recipient::Account(id);
        let answer = loop {
            // Whatever moves money has an id of its own, so that it may be asked again.
            let ask = Ask { repeatable, ..context.read(&self.tenant, account.clone())? };
            match gateway.ask(ask, &command).await {
                Err(Failure::NoAnswer(CallError::Overloaded { retry_after, .. }))
                    if self.waits && context.remaining()? > retry_after =>
                {
                    sleep(retry_after).await;
                }
                Err(Failure::Rejected(rejection)) => {
                    return Err(Failure::Rejected(field::named(rejection, about(&command))).into());
                }
                answer => break answer?,
            }
        };
        match answer {
            Reply::Funds(FundsReply::Refused(refused)) => {
                Err(Failure::Rejected(Rejection::from(&refused)).into())
            }
            reply => Ok((reply, name)),
        }
    }
}

/// What a command to an account asks of its funds.
fn about(command: &Command) -> &FundsCommand {
    match command {
        Command::Funds(funds) | Command::FundsByToken(_, funds) => funds,
        _ => &FundsCommand::Get,
    }
}

/// The account that holds a token.
async fn holder(
    gateway: &Gateway,
    context: &Context,
    tenant: &Tenant,
    token: &Token,
) -> Result<String, Status> {
    let ask = context.read(tenant, Recipient::Directory(token.clone()))?;
    match gateway.ask(ask, &directory::Command::Get).await {
        Ok(directory::Reply::Held(held)) => match held.claim.owner {
            Owner::Account(id) => Ok(id),
            Owner::MeteringPoint(_) => {
                let text = "the token belongs to a metering point, which pays nothing itself";
                Err(status::plain(Code::FailedPrecondition, "TOKEN_OF_A_POINT", text))
            }
        },
        Ok(_) => Err(status::internal("the holder of a token was asked for and not given")),
        Err(Failure::Rejected(_)) => {
            Err(status::plain(Code::NotFound, "UNKNOWN_TOKEN", "no account holds the token"))
        }
        Err(failure) => Err(failure.into()),
    }
}
