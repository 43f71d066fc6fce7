//! Contracts: added and ended at their metering point, which tells the payers.
//!
//! An answer waits a moment until every payer has been told, so that a client who then starts an invoice run finds the
//! contract billed. It is given all the same where that takes longer: the contract is durable and the payers will hear.

use std::time::Duration;

use actors::entity::etag;
use actors::shell::Tenant;
use domain::contract::Contract;
use domain::day::Day;
use domain::entity::Recipient;
use domain::entity::account;
use domain::entity::metering_point::{Command, Reply};
use domain::identity::MeteringPointId;
use proto::convert::{FieldError, FieldFault};
use proto::metering as message;
use proto::name::CONTRACT;
use tokio::time::{Instant, sleep};
use tonic::Status;

use super::context::{Context, Manner};
use super::{fields, name, status};
use crate::gateway::{Failure, Gateway};

/// The most payers of a contract: each is told by a message, and an entity sends only so many at once.
const MOST_PAYERS: usize = 60;
/// How long an answer waits for the payers.
const PATIENCE: Duration = Duration::from_secs(2);
const FIRST_PAUSE: Duration = Duration::from_millis(1);

/// Adds a contract.
pub(super) async fn create(
    gateway: &Gateway,
    context: &Context,
    request: message::CreateContractRequest,
) -> Result<message::Contract, Status> {
    let (tenant, point) = name::metering_point("parent", &request.parent)?;
    let contract: Contract = fields::required("contract", request.contract)?;
    name::id("contract.contract_id", &contract.id)?;
    name::id("contract.product_id", &contract.product)?;
    if contract.payers.len() > MOST_PAYERS {
        let fault = FieldFault::TooMany { most: MOST_PAYERS };
        return Err(status::field_error(FieldError::at("contract.payers", fault), ""));
    }
    for (index, payer) in contract.payers.iter().enumerate() {
        name::id(&format!("contract.payers[{index}].account_id"), &payer.account)?;
    }
    // A contract begins with version 1 whatever the request says.
    let contract = Contract { version: 1, ..contract };
    let validate_only = request.validate_only;
    let manner = Manner { request_id: &request.request_id, validate_only, ..Manner::default() };
    let ask = context.write(&tenant, Recipient::MeteringPoint(point), manner)?;
    let reply = gateway.ask(ask, &Command::AddContract(contract)).await?;
    let contract = changed(reply)?;
    if !validate_only {
        told(gateway, context, (&tenant, point), &contract).await;
    }
    Ok(named(&tenant, point, (&contract).into()))
}

/// Ends a contract earlier.
pub(super) async fn end(
    gateway: &Gateway,
    context: &Context,
    request: message::EndContractRequest,
) -> Result<message::Contract, Status> {
    let (tenant, point, id) = name::contract("name", &request.name)?;
    let end: Day = fields::required("end_day", request.end_day)?;
    let message::EndContractRequest { request_id, validate_only, etag, .. } = &request;
    let manner = Manner { request_id, validate_only: *validate_only, etag };
    let ask = context.write(&tenant, Recipient::MeteringPoint(point), manner)?;
    let contract = changed(gateway.ask(ask, &Command::EndContract { id, end }).await?)?;
    if !validate_only {
        told(gateway, context, (&tenant, point), &contract).await;
    }
    Ok(named(&tenant, point, (&contract).into()))
}

/// The contract as the change left it.
fn changed(reply: Reply) -> Result<Contract, Status> {
    match reply {
        Reply::Contract(contract) => Ok(contract),
        _ => Err(status::internal("a contract was changed and does not say what it is")),
    }
}

/// The resource with its name and etag.
pub(super) fn named(
    tenant: &Tenant,
    point: MeteringPointId,
    contract: message::Contract,
) -> message::Contract {
    let name = CONTRACT.name([tenant.as_str(), &point.to_string(), &contract.contract_id]);
    message::Contract { name, etag: etag(&contract), ..contract }
}

/// Waits until each payer that was opened knows the contract as it stands, but not for ever.
async fn told(
    gateway: &Gateway,
    context: &Context,
    (tenant, point): (&Tenant, MeteringPointId),
    contract: &Contract,
) {
    let patience = context.remaining().unwrap_or_default().min(PATIENCE);
    let now = Instant::now();
    let until = now.checked_add(patience).unwrap_or(now);
    for payer in &contract.payers {
        let mut pause = FIRST_PAUSE;
        while Instant::now() < until
            && !knows(gateway, context, (tenant, point), (&payer.account, contract)).await
        {
            sleep(pause).await;
            pause = pause.saturating_mul(2);
        }
    }
}

/// Whether an account knows a contract. One that gives no answer is not waited for.
async fn knows(
    gateway: &Gateway,
    context: &Context,
    (tenant, point): (&Tenant, MeteringPointId),
    (payer, contract): (&str, &Contract),
) -> bool {
    let Ok(ask) = context.read(tenant, Recipient::Account(payer.to_owned())) else { return true };
    match gateway.ask(ask, &account::Command::Get).await {
        Ok(account::Reply::State(state)) => {
            let held = state.contracts.get(&(point, contract.id.clone()));
            held.is_some_and(|held| held.version >= contract.version)
        }
        Ok(_) | Err(Failure::Rejected(_)) => true,
        Err(failure) => {
            tracing::debug!(?failure, payer, "a payer could not be asked whether it knows its contract");
            true
        }
    }
}
