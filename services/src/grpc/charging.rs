//! `kvarter.charging.v1.ChargingService`: money in real time.
//!
//! Every request becomes one command about the funds of one account, whose natural id makes it repeatable. Who is charged
//! is named, or shown by a token: the directory says whose it is, and that account itself whether it may be charged by it,
//! so that a token that was blocked is refused by the very next decision.

mod answer;
mod field;
mod payer;
mod stream;
mod watch;

use actors::shell::Tenant;
use domain::agreement::{Agreement, AgreementCommand};
use domain::day::Day;
use domain::entity::Recipient;
use domain::entity::account::{Command, Reply, State};
use domain::entity::tokens::{TokenCommand, TokenReply};
use domain::funds::{FundsCommand, FundsReply, Placement, Standing};
use proto::charging as message;
use proto::charging::charging_service_server::ChargingService;
use proto::charging::place_suspense_request::To;
use proto::convert::{FieldError, FieldFault, placed, transferred};
use proto::directory::Token;
use proto::name::{ACCOUNT, AGREEMENT};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Response, Status, Streaming};

use super::context::Context;
use super::{Directories, fields, name, status, tokens};
use crate::gateway::Gateway;
use payer::Payer;

/// The service.
#[derive(Clone)]
pub struct Charging {
    gateway: Gateway,
    directories: Directories,
    /// Whether a request waits where an account has no room for it: those of a stream do.
    waits: bool,
}

impl Charging {
    /// The service on the entities of a node.
    #[must_use]
    pub fn new(gateway: Gateway) -> Self {
        Self { directories: Directories::new(gateway.clone()), gateway, waits: false }
    }

    /// Gives a command about funds to whoever pays, and answers what it says, with its name; what it refuses is a status.
    async fn decide<R>(
        &self,
        context: &Context,
        payer: Option<message::Payer>,
        request: R,
    ) -> Result<(FundsReply, String), Status>
    where
        FundsCommand: TryFrom<R, Error = FieldError>,
    {
        let payer = Payer::read(payer)?;
        let command = FundsCommand::try_from(request).map_err(|error| status::field_error(error, ""))?;
        payer.waiting(self.waits).charge(&self.gateway, context, command).await
    }

    /// The same for the account of a name.
    async fn ask(
        &self,
        context: &Context,
        (tenant, id): (&Tenant, &str),
        command: FundsCommand,
    ) -> Result<FundsReply, Status> {
        Payer::account(tenant, id).charge(&self.gateway, context, command).await.map(|(reply, _)| reply)
    }

    /// The account that is to get money. What would go to nobody would end on suspense.
    async fn receiver(&self, context: &Context, tenant: &Tenant, to_account: &str) -> Result<String, Status> {
        let (other, to) = name::resource(&ACCOUNT, "to_account", to_account)?;
        if other != *tenant {
            return Err(status::invalid_field("to_account", "is of another tenant"));
        }
        let receiver = self.ask(context, (tenant, &to), FundsCommand::Get).await;
        receiver.map_err(|status| match status.code() {
            Code::NotFound => status::not_found("account", to_account),
            _ => status,
        })?;
        Ok(to)
    }

    /// Changes the terms of an account's funds.
    async fn set<R>(
        &self,
        request: Request<R>,
        account: impl FnOnce(&R) -> &str,
    ) -> Result<Response<()>, Status>
    where
        FundsCommand: TryFrom<R, Error = FieldError>,
    {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::resource(&ACCOUNT, "account", account(&request))?;
        let command = FundsCommand::try_from(request).map_err(|error| status::field_error(error, ""))?;
        self.ask(&context, (&tenant, &id), command).await.map(|_| Response::new(()))
    }

    async fn set_standing(
        &self,
        context: Context,
        account: &str,
        standing: Standing,
    ) -> Result<Response<()>, Status> {
        let (tenant, id) = name::resource(&ACCOUNT, "account", account)?;
        let command = FundsCommand::SetStanding(standing);
        self.ask(&context, (&tenant, &id), command).await.map(|_| Response::new(()))
    }

    async fn set_blocked(
        &self,
        context: &Context,
        token: &str,
        command: fn(domain::token::Token) -> TokenCommand,
    ) -> Result<Response<Token>, Status> {
        let (tenant, owner, token) = tokens::held("name", token)?;
        let ask = context.once(&tenant, owner.recipient())?;
        match self.directories.ask(&owner, ask, command(token)).await? {
            TokenReply::Claim(token, claim) => {
                Ok(Response::new(tokens::resource(&tenant, &owner, &token, Some(&claim))))
            }
            _ => Err(status::internal("a token was blocked and something else was answered")),
        }
    }

    async fn agree(
        &self,
        context: &Context,
        account: &str,
        command: AgreementCommand,
    ) -> Result<Response<message::Agreement>, Status> {
        let (tenant, id) = name::resource(&ACCOUNT, "account", account)?;
        let ask = context.once(&tenant, Recipient::Account(id.clone()))?;
        match self.gateway.ask(ask, &Command::Agreements(command)).await? {
            Reply::Agreement(agreement) => Ok(Response::new(named(&tenant, &id, &agreement))),
            _ => Err(status::internal("an account was asked about an agreement and said something else")),
        }
    }

    async fn state(&self, context: &Context, tenant: &Tenant, id: &str) -> Result<Box<State>, Status> {
        let ask = context.read(tenant, Recipient::Account(id.to_owned()))?;
        match self.gateway.ask(ask, &Command::Get).await? {
            Reply::State(state) => Ok(state),
            _ => Err(status::internal("the state of an account was asked for and not given")),
        }
    }
}

#[tonic::async_trait]
impl ChargingService for Charging {
    type ChargeStream = ReceiverStream<Result<message::ChargeResponse, Status>>;
    type WatchBalanceStream = ReceiverStream<Result<message::Funds, Status>>;

    async fn authorize(
        &self,
        request: Request<message::AuthorizeRequest>,
    ) -> Result<Response<message::Grant>, Status> {
        let (context, mut request) = Context::open(request)?;
        let payer = request.payer.take();
        answer::granted(self.decide(&context, payer, request).await?).map(Response::new)
    }

    async fn reserve(
        &self,
        request: Request<message::ReserveRequest>,
    ) -> Result<Response<message::Grant>, Status> {
        let (context, mut request) = Context::open(request)?;
        let payer = request.payer.take();
        answer::granted(self.decide(&context, payer, request).await?).map(Response::new)
    }

    async fn extend(
        &self,
        request: Request<message::ExtendRequest>,
    ) -> Result<Response<message::Grant>, Status> {
        let (context, mut request) = Context::open(request)?;
        let payer = request.payer.take();
        answer::granted(self.decide(&context, payer, request).await?).map(Response::new)
    }

    async fn commit(
        &self,
        request: Request<message::CommitRequest>,
    ) -> Result<Response<message::Taken>, Status> {
        let (context, mut request) = Context::open(request)?;
        let payer = request.payer.take();
        answer::taken(self.decide(&context, payer, request).await?).map(Response::new)
    }

    async fn release(
        &self,
        request: Request<message::ReleaseRequest>,
    ) -> Result<Response<message::Released>, Status> {
        let (context, mut request) = Context::open(request)?;
        let payer = request.payer.take();
        answer::released(self.decide(&context, payer, request).await?).map(Response::new)
    }

    async fn debit(
        &self,
        request: Request<message::DebitRequest>,
    ) -> Result<Response<message::Taken>, Status> {
        let (context, mut request) = Context::open(request)?;
        let payer = request.payer.take();
        answer::taken(self.decide(&context, payer, request).await?).map(Response::new)
    }

    async fn charge(
        &self,
        request: Request<Streaming<message::ChargeRequest>>,
    ) -> Result<Response<Self::ChargeStream>, Status> {
        let (context, requests) = Context::open(request)?;
        let charging = Self { waits: true, ..self.clone() };
        Ok(Response::new(stream::answers(charging, context, requests)))
    }

    async fn top_up(
        &self,
        request: Request<message::TopUpRequest>,
    ) -> Result<Response<message::TopUpResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::resource(&ACCOUNT, "account", &request.account)?;
        let command = FundsCommand::try_from(request).map_err(|error| status::field_error(error, ""))?;
        let (reply, _) = Payer::account(&tenant, &id).ask(&self.gateway, &context, command).await?;
        answer::topped_up(&reply).map(Response::new)
    }

    async fn refund(&self, request: Request<message::RefundRequest>) -> Result<Response<()>, Status> {
        self.set(request, |request| &request.account).await
    }

    async fn transfer(&self, request: Request<message::TransferRequest>) -> Result<Response<()>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::resource(&ACCOUNT, "account", &request.account)?;
        let to = self.receiver(&context, &tenant, &request.to_account).await?;
        let command = transferred(request, to).map_err(|error| status::field_error(error, ""))?;
        self.ask(&context, (&tenant, &id), command).await.map(|_| Response::new(()))
    }

    async fn place_suspense(
        &self,
        request: Request<message::PlaceSuspenseRequest>,
    ) -> Result<Response<()>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::resource(&ACCOUNT, "account", &request.account)?;
        let to = match request.to {
            None => return Err(status::missing("to")),
            Some(To::MainBalance(())) => Placement::MainBalance,
            Some(To::Back(())) => Placement::Back,
            Some(To::ToAccount(other)) => Placement::Account(self.receiver(&context, &tenant, &other).await?),
        };
        let command = placed(&request.operation_id, request.sequence, to);
        let command = command.map_err(|error| status::field_error(error, ""))?;
        self.ask(&context, (&tenant, &id), command).await.map(|_| Response::new(()))
    }

    async fn get_balance(
        &self,
        request: Request<message::GetBalanceRequest>,
    ) -> Result<Response<message::Funds>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::resource(&ACCOUNT, "account", &request.account)?;
        let reply = self.ask(&context, (&tenant, &id), FundsCommand::Get).await?;
        answer::funds(&reply, request.account).map(Response::new)
    }

    async fn watch_balance(
        &self,
        request: Request<message::WatchBalanceRequest>,
    ) -> Result<Response<Self::WatchBalanceStream>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::resource(&ACCOUNT, "account", &request.account)?;
        let watched = watch::Watched { account: request.account, tenant, id };
        watch::states(self.gateway.clone(), context, watched).await.map(Response::new)
    }

    async fn set_credit_limit(
        &self,
        request: Request<message::SetCreditLimitRequest>,
    ) -> Result<Response<()>, Status> {
        self.set(request, |request| &request.account).await
    }

    async fn set_spending_limit(
        &self,
        request: Request<message::SetSpendingLimitRequest>,
    ) -> Result<Response<()>, Status> {
        self.set(request, |request| &request.account).await
    }

    async fn set_thresholds(
        &self,
        request: Request<message::SetThresholdsRequest>,
    ) -> Result<Response<()>, Status> {
        self.set(request, |request| &request.account).await
    }

    async fn set_member(&self, request: Request<message::SetMemberRequest>) -> Result<Response<()>, Status> {
        self.set(request, |request| &request.account).await
    }

    async fn block_account(
        &self,
        request: Request<message::BlockAccountRequest>,
    ) -> Result<Response<()>, Status> {
        let (context, request) = Context::open(request)?;
        self.set_standing(context, &request.account, Standing::Blocked).await
    }

    async fn unblock_account(
        &self,
        request: Request<message::UnblockAccountRequest>,
    ) -> Result<Response<()>, Status> {
        let (context, request) = Context::open(request)?;
        self.set_standing(context, &request.account, Standing::Active).await
    }

    async fn suspend_account(
        &self,
        request: Request<message::SuspendAccountRequest>,
    ) -> Result<Response<()>, Status> {
        let (context, request) = Context::open(request)?;
        self.set_standing(context, &request.account, Standing::Suspended).await
    }

    async fn block_token(
        &self,
        request: Request<message::BlockTokenRequest>,
    ) -> Result<Response<Token>, Status> {
        let (context, request) = Context::open(request)?;
        self.set_blocked(&context, &request.name, TokenCommand::Block).await
    }

    async fn unblock_token(
        &self,
        request: Request<message::UnblockTokenRequest>,
    ) -> Result<Response<Token>, Status> {
        let (context, request) = Context::open(request)?;
        self.set_blocked(&context, &request.name, TokenCommand::Unblock).await
    }

    async fn set_agreement(
        &self,
        request: Request<message::SetAgreementRequest>,
    ) -> Result<Response<message::Agreement>, Status> {
        let (context, request) = Context::open(request)?;
        let agreement = request.agreement.ok_or_else(|| status::missing("agreement"))?;
        let agreement = Agreement::try_from(agreement).map_err(|error| match error.fault {
            FieldFault::EndsBeforeStart => {
                let error = error.within("agreement");
                status::invalid("ENDS_BEFORE_START", &error.path, "the agreement would end before it begins")
            }
            _ => status::field_error(error, "agreement"),
        })?;
        if agreement.id.is_empty() {
            return Err(status::missing("agreement.agreement_id"));
        }
        name::id("agreement.product_id", &agreement.product)?;
        self.agree(&context, &request.account, AgreementCommand::Set(agreement)).await
    }

    async fn end_agreement(
        &self,
        request: Request<message::EndAgreementRequest>,
    ) -> Result<Response<message::Agreement>, Status> {
        let (context, request) = Context::open(request)?;
        let end: Day = fields::required("end_day", request.end_day)?;
        let command = AgreementCommand::End { id: request.agreement_id, end };
        self.agree(&context, &request.account, command).await
    }

    async fn list_agreements(
        &self,
        request: Request<message::ListAgreementsRequest>,
    ) -> Result<Response<message::ListAgreementsResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::resource(&ACCOUNT, "account", &request.account)?;
        let state = self.state(&context, &tenant, &id).await?;
        let agreements = state.agreements.all().map(|agreement| named(&tenant, &id, agreement)).collect();
        Ok(Response::new(message::ListAgreementsResponse { agreements }))
    }
}

fn named(tenant: &Tenant, account: &str, agreement: &Agreement) -> message::Agreement {
    let name = AGREEMENT.name([tenant.as_str(), account, &agreement.id]);
    message::Agreement { name, ..agreement.into() }
}
