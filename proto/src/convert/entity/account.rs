//! The account: its commands, answers, state and rows of invoices.

use domain::agreement::AgreementCommand;
use domain::charging_contract::ChargingContracts;
use domain::entity::account::{Command, OpenRun, Reply, State};
use domain::funds::Funds;
use domain::identity::MeteringPointId;
use domain::invoice::Invoice;
use domain::prepaid::Prepaid;
use domain::statement::Partner;

use super::closing::{closed_point, into_closed_point};
use super::tokens::some_tokens;
use crate::convert::{FieldError, field, number, posting, text};
use crate::store::account_command::Command as CommandWire;
use crate::store::account_reply::Reply as ReplyWire;
use crate::{account, store};

impl From<&Command> for store::AccountCommand {
    fn from(command: &Command) -> Self {
        let command = match command {
            Command::Open(details) => CommandWire::Open(details.into()),
            Command::ChangeDetails(details) => CommandWire::ChangeDetails(details.into()),
            Command::Get => CommandWire::Get(()),
            Command::Preview => CommandWire::Preview(()),
            Command::Tokens(command) => CommandWire::Tokens(command.into()),
            Command::Agreements(AgreementCommand::Set(agreement)) => {
                CommandWire::SetAgreement(agreement.into())
            }
            Command::Agreements(AgreementCommand::End { id, end }) => {
                let (agreement_id, end_day) = (id.clone(), Some(end.into()));
                CommandWire::EndAgreement(store::EndAgreement { agreement_id, end_day })
            }
            Command::Funds(command) => CommandWire::Funds(command.into()),
            Command::FundsByToken(token, command) => CommandWire::FundsByToken(store::FundsByToken {
                token: Some(token.into()),
                command: Some(command.into()),
            }),
            Command::Prepaid(command) => CommandWire::Prepaid(command.into()),
            Command::Partner(command) => CommandWire::Partner(command.into()),
            Command::Charging(command) => CommandWire::Charging(command.into()),
            Command::Message(message) => CommandWire::Message(message.into()),
            Command::Continue => CommandWire::Continue(()),
        };
        Self { command: Some(command), terms: None }
    }
}

impl TryFrom<store::AccountCommand> for Command {
    type Error = FieldError;

    fn try_from(command: store::AccountCommand) -> Result<Self, FieldError> {
        Ok(match field::chosen("command", command.command)? {
            CommandWire::Open(details) => Self::Open(field::required("open", Some(details))?),
            CommandWire::ChangeDetails(details) => {
                Self::ChangeDetails(field::required("change_details", Some(details))?)
            }
            CommandWire::Get(()) => Self::Get,
            CommandWire::Preview(()) => Self::Preview,
            CommandWire::Tokens(command) => Self::Tokens(field::required("tokens", Some(command))?),
            CommandWire::SetAgreement(agreement) => {
                let agreement = field::required("set_agreement", Some(agreement))?;
                Self::Agreements(AgreementCommand::Set(agreement))
            }
            CommandWire::EndAgreement(ended) => {
                let end = field::required("end_agreement.end_day", ended.end_day)?;
                Self::Agreements(AgreementCommand::End { id: ended.agreement_id, end })
            }
            CommandWire::Funds(command) => Self::Funds(field::required("funds", Some(command))?),
            CommandWire::FundsByToken(asked) => Self::FundsByToken(
                field::required("funds_by_token.token", asked.token)?,
                field::required("funds_by_token.command", asked.command)?,
            ),
            CommandWire::Charging(command) => Self::Charging(field::required("charging", Some(command))?),
            CommandWire::Prepaid(command) => Self::Prepaid(field::required("prepaid", Some(command))?),
            CommandWire::Partner(command) => Self::Partner(field::required("partner", Some(command))?),
            CommandWire::Message(message) => Self::Message(field::required("message", Some(message))?),
            CommandWire::Continue(()) => Self::Continue,
        })
    }
}

impl From<&Reply> for store::AccountReply {
    fn from(reply: &Reply) -> Self {
        let reply = match reply {
            Reply::Done => ReplyWire::Done(()),
            Reply::State(state) => ReplyWire::State(state.as_ref().into()),
            Reply::Preview(invoice) => {
                let invoice = invoice.as_deref().map(Into::into);
                ReplyWire::Preview(store::InvoicePreview { invoice })
            }
            Reply::Tokens(reply) => ReplyWire::Tokens(reply.into()),
            Reply::Agreement(agreement) => ReplyWire::Agreement(agreement.into()),
            Reply::Funds(reply) => ReplyWire::Funds(reply.into()),
            Reply::Prepaid(reply) => ReplyWire::Prepaid(reply.into()),
            Reply::Partner(reply) => ReplyWire::Partner(reply.into()),
            Reply::Charging(reply) => ReplyWire::Charging(reply.into()),
            Reply::Details(details) => ReplyWire::Details(details.into()),
        };
        Self { reply: Some(reply) }
    }
}

impl TryFrom<store::AccountReply> for Reply {
    type Error = FieldError;

    fn try_from(reply: store::AccountReply) -> Result<Self, FieldError> {
        Ok(match field::chosen("reply", reply.reply)? {
            ReplyWire::Done(()) => Self::Done,
            ReplyWire::State(state) => Self::State(Box::new(field::required("state", Some(state))?)),
            ReplyWire::Preview(preview) => {
                let invoice: Option<Invoice> = field::optional("preview.invoice", preview.invoice)?;
                Self::Preview(invoice.map(Box::new))
            }
            ReplyWire::Tokens(reply) => Self::Tokens(field::required("tokens", Some(reply))?),
            ReplyWire::Agreement(agreement) => {
                Self::Agreement(field::required("agreement", Some(agreement))?)
            }
            ReplyWire::Funds(reply) => Self::Funds(field::required("funds", Some(reply))?),
            ReplyWire::Charging(reply) => Self::Charging(field::required("charging", Some(reply))?),
            ReplyWire::Prepaid(reply) => Self::Prepaid(field::required("prepaid", Some(reply))?),
            ReplyWire::Partner(reply) => Self::Partner(field::required("partner", Some(reply))?),
            ReplyWire::Details(details) => Self::Details(field::required("details", Some(details))?),
        })
    }
}

impl From<&State> for store::AccountState {
    fn from(state: &State) -> Self {
        let contracts = state.contracts.iter().map(|((point, _), contract)| store::AccountContract {
            metering_point: point.number(),
            contract: Some(contract.into()),
        });
        Self {
            details: state.details.as_ref().map(Into::into),
            contracts: contracts.collect(),
            lines: state.lines.iter().map(account::OpenLine::from).collect(),
            balances: state.balances.iter().map(Into::into).collect(),
            posting_sets: state.posting_sets,
            open_run: state.open_run.as_ref().map(Into::into),
            issued: field::messages(state.issued.values()),
            tokens: some_tokens(&state.tokens),
            funds: (state.funds != Funds::default()).then(|| (&state.funds).into()),
            agreements: field::messages(state.agreements.all()),
            prepaid: (state.prepaid != Prepaid::default()).then(|| (&state.prepaid).into()),
            suspense: field::messages(state.suspense.values()),
            partner: (state.partner != Partner::default()).then(|| (&state.partner).into()),
            charging: (state.charging != ChargingContracts::default()).then(|| (&state.charging).into()),
        }
    }
}

impl TryFrom<store::AccountState> for State {
    type Error = FieldError;

    fn try_from(state: store::AccountState) -> Result<Self, FieldError> {
        let contracts = field::each_by("contracts", state.contracts, |paid| {
            let point = text::numbered_point("metering_point", paid.metering_point)?;
            let contract: domain::contract::Contract = field::required("contract", paid.contract)?;
            Ok(((point, contract.id.clone()), contract))
        });
        let balances = field::each_by("balances", state.balances, |balance| {
            let role = posting::role("role", &balance.role)?;
            let asset = number::asset(&balance.currency_code, &balance.unit)?;
            Ok(((role, asset), number::amount("exact_amount", &balance.exact_amount)?))
        });
        let agreements: Vec<domain::agreement::Agreement> = field::each("agreements", state.agreements)?;
        let issued: Vec<domain::entity::account::IssuedInvoice> = field::each("issued", state.issued)?;
        let suspense: Vec<domain::ledger::Posted> = field::each("suspense", state.suspense)?;
        Ok(Self {
            details: field::optional("details", state.details)?,
            contracts: contracts?,
            lines: field::each_by("lines", state.lines, account::OpenLine::into_line)?,
            balances: balances?,
            posting_sets: state.posting_sets,
            open_run: field::optional("open_run", state.open_run)?,
            issued: issued.into_iter().map(|invoice| (invoice.run.clone(), invoice)).collect(),
            tokens: field::optional("tokens", state.tokens)?.unwrap_or_default(),
            funds: field::optional("funds", state.funds)?.unwrap_or_default(),
            agreements: agreements.into_iter().collect(),
            prepaid: field::optional("prepaid", state.prepaid)?.unwrap_or_default(),
            suspense: suspense.into_iter().map(|posted| (posted.sequence, posted)).collect(),
            partner: field::optional("partner", state.partner)?.unwrap_or_default(),
            charging: field::optional("charging", state.charging)?.unwrap_or_default(),
        })
    }
}

impl From<&OpenRun> for store::OpenRun {
    fn from(run: &OpenRun) -> Self {
        let numbers = |points: &std::collections::BTreeSet<MeteringPointId>| {
            points.iter().map(|point| point.number()).collect()
        };
        let closed = run.closed.iter().map(|(point, contracts)| closed_point(*point, contracts));
        Self {
            closing: Some((&run.closing).into()),
            shard: run.shard,
            to_ask: numbers(&run.to_ask),
            waiting: numbers(&run.waiting),
            closed: closed.collect(),
            frozen_hash: run.frozen.map(|hash| hash.to_vec()),
            sales: field::messages(&run.sales),
        }
    }
}

impl TryFrom<store::OpenRun> for OpenRun {
    type Error = FieldError;

    fn try_from(run: store::OpenRun) -> Result<Self, FieldError> {
        let point = |number| text::numbered_point("", number);
        let frozen = run.frozen_hash.map(|hash| field::digest("frozen_hash", hash));
        Ok(Self {
            closing: field::required("closing", run.closing)?,
            shard: run.shard,
            to_ask: field::each_by("to_ask", run.to_ask, point)?,
            waiting: field::each_by("waiting", run.waiting, point)?,
            closed: field::each_by("closed", run.closed, into_closed_point)?,
            sales: field::each("sales", run.sales)?,
            frozen: frozen.transpose()?,
        })
    }
}
