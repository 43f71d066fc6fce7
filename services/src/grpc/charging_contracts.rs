//! `kvarter.roaming.v1.ChargingContractService`: by which contracts accounts pay for charging sessions, and which were sold.

use actors::entity::{entity_id, row};
use actors::shell::{Section, Tenant};
use domain::cdr::{CdrKey, Party};
use domain::charging_contract::{Card, ChargingContract, ChargingContractCommand, ChargingContractReply};
use domain::day::Day;
use domain::entity::Recipient;
use domain::entity::account::{Command, Reply};
use domain::token::Token;
use proto::convert::FieldFault;
use proto::name::{ACCOUNT, CHARGING_CONTRACT};
use proto::roaming as message;
use proto::roaming::charging_contract_service_server::ChargingContractService;
use tonic::{Request, Response, Status};

use super::context::Context;
use super::known::Known;
use super::page::{ENTRIES, Paging};
use super::{fields, name, status};
use crate::gateway::{Failure, Gateway, decode};

/// The service.
#[derive(Clone)]
pub struct ChargingContracts {
    gateway: Gateway,
}

impl ChargingContracts {
    /// The service on the entities of a node.
    #[must_use]
    pub fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }

    /// Asks an account about its charging contracts; sent again, a command has no further effect.
    async fn ask(
        &self,
        context: &Context,
        (tenant, account): (&Tenant, &str),
        command: ChargingContractCommand,
    ) -> Result<ChargingContractReply, Status> {
        let ask = context.once(tenant, Recipient::Account(account.to_owned()))?;
        answered(self.gateway.ask(ask, &Command::Charging(command)).await?)
    }

    /// Whoever is owed for energy from home has an account.
    async fn check_home(&self, context: &Context, of: &str, (field, id): (&str, &str)) -> Result<(), Status> {
        if id.is_empty() {
            return Ok(());
        }
        let (tenant, _) = name::resource(&ACCOUNT, "account", of)?;
        Known { gateway: &self.gateway, context, tenant: &tenant }.account(field, id).await
    }

    async fn agree(
        &self,
        context: &Context,
        account: &str,
        command: ChargingContractCommand,
    ) -> Result<Response<message::ChargingContract>, Status> {
        let (tenant, id) = name::resource(&ACCOUNT, "account", account)?;
        match self.ask(context, (&tenant, &id), command).await? {
            ChargingContractReply::Contract(contract) => Ok(Response::new(named(&tenant, &id, &contract))),
            _ => Err(status::internal("an account was asked about a charging contract and told another")),
        }
    }
}

#[tonic::async_trait]
impl ChargingContractService for ChargingContracts {
    async fn set_charging_contract(
        &self,
        request: Request<message::SetChargingContractRequest>,
    ) -> Result<Response<message::ChargingContract>, Status> {
        let (context, request) = Context::open(request)?;
        let contract = request.charging_contract.ok_or_else(|| status::missing("charging_contract"))?;
        let contract = ChargingContract::try_from(contract).map_err(|error| match error.fault {
            FieldFault::EndsBeforeStart => {
                let error = error.within("charging_contract");
                status::invalid("ENDS_BEFORE_START", &error.path, "the contract would end before it begins")
            }
            _ => status::field_error(error, "charging_contract"),
        })?;
        name::id("charging_contract.charging_contract_id", &contract.id)?;
        name::id("charging_contract.price_sheet_id", &contract.sheet)?;
        let home = contract.home.as_ref().map_or("", |home| &home.account);
        let field = "charging_contract.home_charging.account_id";
        self.check_home(&context, &request.account, (field, home)).await?;
        let command = ChargingContractCommand::Set(Box::new(contract));
        self.agree(&context, &request.account, command).await
    }

    async fn end_charging_contract(
        &self,
        request: Request<message::EndChargingContractRequest>,
    ) -> Result<Response<message::ChargingContract>, Status> {
        let (context, request) = Context::open(request)?;
        let end: Day = fields::required("end_day", request.end_day)?;
        let command = ChargingContractCommand::End { id: request.charging_contract_id, end };
        self.agree(&context, &request.account, command).await
    }

    async fn list_charging_contracts(
        &self,
        request: Request<message::ListChargingContractsRequest>,
    ) -> Result<Response<message::ListChargingContractsResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::resource(&ACCOUNT, "account", &request.account)?;
        let ask = context.read(&tenant, Recipient::Account(id.clone()))?;
        let reply = self.gateway.ask(ask, &Command::Charging(ChargingContractCommand::List)).await?;
        let ChargingContractReply::All(contracts, cards) = answered(reply)? else {
            return Err(status::internal("an account was asked for its charging contracts and told another"));
        };
        let charging_contracts = contracts.iter().map(|contract| named(&tenant, &id, contract)).collect();
        let cards = cards.iter().map(message::Card::from).collect();
        Ok(Response::new(message::ListChargingContractsResponse { charging_contracts, cards }))
    }

    async fn set_card(
        &self,
        request: Request<message::SetCardRequest>,
    ) -> Result<Response<message::Card>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::resource(&ACCOUNT, "account", &request.account)?;
        let (token, card): (Token, Card) = fields::required("card", request.card)?;
        let home = ("card.home_account_id", card.home_account.as_str());
        self.check_home(&context, &request.account, home).await?;
        match self.ask(&context, (&tenant, &id), ChargingContractCommand::SetCard(token, card)).await? {
            ChargingContractReply::Card(token, card) => Ok(Response::new((&(token, card)).into())),
            _ => Err(status::internal("an account was asked about a card and told something else")),
        }
    }

    async fn list_sold_sessions(
        &self,
        request: Request<message::ListSoldSessionsRequest>,
    ) -> Result<Response<message::ListSoldSessionsResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::resource(&ACCOUNT, "parent", &request.parent)?;
        let list = format!("sessions sold to {}", request.parent);
        let paging = Paging::of(request.page_size, &request.page_token, &list, ENTRIES)?;
        let after = paging.after.as_deref().map(place);
        let after =
            after.map(|after| after.ok_or_else(|| status::invalid_field("page_token", "names no session")));
        let after = after.transpose()?;
        // Whether there is such an account, the account itself says.
        let ask = context.read(&tenant, Recipient::Account(id.clone()))?;
        self.gateway.ask(ask, &Command::Charging(ChargingContractCommand::List)).await?;
        let account = entity_id(&tenant, &Recipient::Account(id)).map_err(Failure::Name)?;
        let range = row::sold_behind(after.as_ref());
        let wanted = paging.size.saturating_add(1);
        let rows = self.gateway.rows(&account, Section::Record, &range, wanted).await?;
        let has_more = rows.len() > paging.size;
        let mut sold_sessions = Vec::with_capacity(rows.len());
        for row in rows.iter().take(paging.size) {
            sold_sessions.push(decode::<message::SoldSession>(&row.value)?);
        }
        let last = sold_sessions.last().and_then(|sold| sold.cdr.as_ref()).filter(|_| has_more);
        let next_page_token = last.map(|cdr| paging.token(&text(cdr))).unwrap_or_default();
        Ok(Response::new(message::ListSoldSessionsResponse { sold_sessions, next_page_token }))
    }
}

/// The place of a session in the list.
fn text(cdr: &message::CdrKey) -> Vec<u8> {
    format!("{}*{}*{}", cdr.country_code, cdr.party_id, cdr.cdr_id).into_bytes()
}

/// The record at a place.
fn place(bytes: &[u8]) -> Option<CdrKey> {
    let mut parts = str::from_utf8(bytes).ok()?.splitn(3, '*');
    let party = Party::new(parts.next()?, parts.next()?)?;
    CdrKey::new(party, parts.next()?)
}

fn answered(reply: Reply) -> Result<ChargingContractReply, Status> {
    match reply {
        Reply::Charging(reply) => Ok(reply),
        _ => Err(status::internal("an account was asked about charging contracts and said something else")),
    }
}

fn named(tenant: &Tenant, account: &str, contract: &ChargingContract) -> message::ChargingContract {
    let name = CHARGING_CONTRACT.name([tenant.as_str(), account, &contract.id]);
    message::ChargingContract { name, ..contract.into() }
}
