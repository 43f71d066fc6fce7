//! `kvarter.charging.v1.SupplyService`: supply that is paid in advance.
//!
//! Terms, debt and emergency credit are commands of the account, whose funds say whether supply is on; what it orders is
//! read at the metering point, which knows the account that pays today.

mod contracts;

use actors::shell::Tenant;
use domain::entity::Recipient;
use domain::entity::account::{self, Command};
use domain::entity::metering_point;
use domain::prepaid::{PrepaidCommand, PrepaidRefused, PrepaidReply, PrepaidTerms};
use proto::charging as message;
use proto::charging::supply_service_server::SupplyService;
use proto::convert::{FieldError, FieldFault, parse_amount};
use proto::name::ACCOUNT;
use proto::store::Rejection;
use tonic::{Request, Response, Status};

use super::context::{Context, Manner};
use super::{fields, name, status};
use crate::gateway::{Failure, Gateway};

/// The service.
#[derive(Clone)]
pub struct Supply {
    gateway: Gateway,
}

impl Supply {
    /// The service on the entities of a node.
    #[must_use]
    pub fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }

    /// Changes what an account remembers of its supply.
    async fn change(
        &self,
        context: &Context,
        (tenant, id): (Tenant, String),
        (command, manner): (PrepaidCommand, Manner<'_>),
    ) -> Result<Response<()>, Status> {
        let ask = context.write(&tenant, Recipient::Account(id), manner)?;
        match self.gateway.ask(ask, &Command::Prepaid(command)).await? {
            account::Reply::Done => Ok(Response::new(())),
            _ => Err(unexpected()),
        }
    }

    async fn read(
        &self,
        context: &Context,
        account: &str,
        command: Command,
    ) -> Result<account::Reply, Status> {
        let (tenant, id) = name::resource(&ACCOUNT, "account", account)?;
        let ask = context.read(&tenant, Recipient::Account(id))?;
        Ok(self.gateway.ask(ask, &command).await?)
    }
}

#[tonic::async_trait]
impl SupplyService for Supply {
    async fn set_prepaid_terms(
        &self,
        request: Request<message::SetPrepaidTermsRequest>,
    ) -> Result<Response<()>, Status> {
        let (context, request) = Context::open(request)?;
        let account = name::resource(&ACCOUNT, "account", &request.account)?;
        let first = fields::optional("first_day", request.first_day)?;
        let terms: PrepaidTerms = fields::required("terms", request.terms)?;
        let manner = manner(&request.request_id, request.validate_only);
        contracts::arrive(&self.gateway, &context, (&account.0, &account.1), &terms.points).await?;
        let command = PrepaidCommand::SetTerms(terms, first);
        self.change(&context, account, (command, manner)).await
    }

    async fn end_prepaid_terms(
        &self,
        request: Request<message::EndPrepaidTermsRequest>,
    ) -> Result<Response<()>, Status> {
        let (context, request) = Context::open(request)?;
        let account = name::resource(&ACCOUNT, "account", &request.account)?;
        let manner = manner(&request.request_id, request.validate_only);
        self.change(&context, account, (PrepaidCommand::EndTerms, manner)).await
    }

    async fn get_prepaid_terms(
        &self,
        request: Request<message::GetPrepaidTermsRequest>,
    ) -> Result<Response<message::PrepaidTerms>, Status> {
        let (context, request) = Context::open(request)?;
        let account::Reply::State(state) = self.read(&context, &request.account, Command::Get).await? else {
            return Err(unexpected());
        };
        let not_prepaid = || Failure::Rejected(Rejection::from(&PrepaidRefused::NotPrepaid));
        let terms = state.prepaid.terms.as_ref().ok_or_else(not_prepaid)?;
        Ok(Response::new(terms.into()))
    }

    async fn set_debt(&self, request: Request<message::SetDebtRequest>) -> Result<Response<()>, Status> {
        let (context, request) = Context::open(request)?;
        let account = name::resource(&ACCOUNT, "account", &request.account)?;
        let total = parse_amount(&request.exact_total).map_err(|error| {
            status::field_error(FieldError::at("exact_total", FieldFault::Number(error)), "")
        })?;
        let manner = manner(&request.request_id, request.validate_only);
        self.change(&context, account, (PrepaidCommand::SetDebt(total), manner)).await
    }

    async fn take_emergency_credit(
        &self,
        request: Request<message::TakeEmergencyCreditRequest>,
    ) -> Result<Response<()>, Status> {
        let (context, request) = Context::open(request)?;
        if request.offer == 0 {
            return Err(status::missing("offer"));
        }
        // The number of the offer makes a repeat known.
        let command = PrepaidCommand::TakeEmergency { offer: request.offer };
        match self.read(&context, &request.account, Command::Prepaid(command)).await? {
            account::Reply::Done => Ok(Response::new(())),
            _ => Err(unexpected()),
        }
    }

    async fn get_supply_credit(
        &self,
        request: Request<message::GetSupplyCreditRequest>,
    ) -> Result<Response<message::SupplyCredit>, Status> {
        let (context, request) = Context::open(request)?;
        match self.read(&context, &request.account, Command::Prepaid(PrepaidCommand::Get)).await? {
            account::Reply::Prepaid(PrepaidReply::Credit(view)) => Ok(Response::new(view.as_ref().into())),
            _ => Err(unexpected()),
        }
    }

    async fn list_supply_orders(
        &self,
        request: Request<message::ListSupplyOrdersRequest>,
    ) -> Result<Response<message::ListSupplyOrdersResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, point) = name::metering_point("parent", &request.parent)?;
        let ask = context.read(&tenant, Recipient::MeteringPoint(point))?;
        match self.gateway.ask(ask, &metering_point::Command::GetSupplyOrder).await? {
            metering_point::Reply::SupplyOrder(order) => {
                let supply_orders = order.as_ref().map(Into::into).into_iter().collect();
                Ok(Response::new(message::ListSupplyOrdersResponse { supply_orders }))
            }
            _ => Err(status::internal("the orders of a metering point were asked for and not given")),
        }
    }
}

fn manner(request_id: &str, validate_only: bool) -> Manner<'_> {
    Manner { request_id, validate_only, ..Manner::default() }
}

fn unexpected() -> Status {
    status::internal("an account was asked about its supply and said something else")
}
