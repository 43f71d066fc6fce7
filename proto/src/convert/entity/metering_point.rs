//! The metering point: its commands, answers and state.

use domain::entity::metering_point::{Command, Reply, State, StoredDays, Values, ValuesRefused};
use domain::prepaid::PointSupply;

use super::tokens::some_tokens;
use crate::convert::{FieldError, field, time};
use crate::store::metering_point_command::Command as CommandWire;
use crate::store::metering_point_reply::Reply as ReplyWire;
use crate::store::{self, SeriesRefusal, values_outcome};
use crate::types;

impl From<&Command> for store::MeteringPointCommand {
    fn from(command: &Command) -> Self {
        let command = match command {
            Command::Register(details) => CommandWire::Register(details.into()),
            Command::AddContract(contract) => CommandWire::AddContract(contract.into()),
            Command::EndContract { id, end } => CommandWire::EndContract(store::EndContract {
                contract_id: id.clone(),
                end_day: Some(end.into()),
            }),
            Command::StoreValues(items) => {
                CommandWire::StoreValues(store::StoreValues { items: field::messages(items) })
            }
            Command::Get => CommandWire::Get(()),
            Command::GetSupplyOrder => CommandWire::GetSupplyOrder(()),
            Command::ListDays { direction, span, known_at } => CommandWire::ListDays(store::ListDays {
                direction: field::number::<types::Direction, _>(*direction),
                span: Some(span.into()),
                known_time: known_at.map(time::timestamp),
            }),
            Command::Rate { month, known_at } => CommandWire::Rate(store::RateMonth {
                month: Some(month.into()),
                known_time: known_at.map(time::timestamp),
            }),
            Command::Tokens(command) => CommandWire::Tokens(command.into()),
            Command::Message(message) => CommandWire::Message(message.into()),
            Command::Continue => CommandWire::Continue(()),
        };
        Self { command: Some(command), terms: None }
    }
}

impl TryFrom<store::MeteringPointCommand> for Command {
    type Error = FieldError;

    fn try_from(command: store::MeteringPointCommand) -> Result<Self, FieldError> {
        Ok(match field::chosen("command", command.command)? {
            CommandWire::Register(point) => Self::Register(field::required("register", Some(point))?),
            CommandWire::AddContract(contract) => {
                Self::AddContract(field::required("add_contract", Some(contract))?)
            }
            CommandWire::EndContract(end) => Self::EndContract {
                id: end.contract_id,
                end: field::required("end_contract.end_day", end.end_day)?,
            },
            CommandWire::StoreValues(values) => {
                Self::StoreValues(field::each("store_values.items", values.items)?)
            }
            CommandWire::Get(()) => Self::Get,
            CommandWire::GetSupplyOrder(()) => Self::GetSupplyOrder,
            CommandWire::Continue(()) => Self::Continue,
            CommandWire::ListDays(list) => Self::ListDays {
                direction: field::known::<types::Direction, _>("list_days.direction", list.direction)?,
                span: field::required("list_days.span", list.span)?,
                known_at: time::optional_instant("list_days.known_time", list.known_time)?,
            },
            CommandWire::Rate(rate) => Self::Rate {
                month: field::required("rate.month", rate.month)?,
                known_at: time::optional_instant("rate.known_time", rate.known_time)?,
            },
            CommandWire::Tokens(command) => Self::Tokens(field::required("tokens", Some(command))?),
            CommandWire::Message(message) => Self::Message(field::required("message", Some(message))?),
        })
    }
}

impl From<&Values> for store::Values {
    fn from(values: &Values) -> Self {
        Self {
            direction: field::number::<types::Direction, _>(values.direction),
            created_time: Some(time::timestamp(values.created)),
            source: values.source.clone(),
            series: Some((&values.series).into()),
        }
    }
}

impl TryFrom<store::Values> for Values {
    type Error = FieldError;

    fn try_from(values: store::Values) -> Result<Self, FieldError> {
        Ok(Self {
            direction: field::known::<types::Direction, _>("direction", values.direction)?,
            created: time::required_instant("created_time", values.created_time)?,
            source: values.source,
            series: field::required("series", values.series)?,
        })
    }
}

impl From<&Reply> for store::MeteringPointReply {
    fn from(reply: &Reply) -> Self {
        let reply = match reply {
            Reply::Done => ReplyWire::Done(()),
            Reply::Details(details) => ReplyWire::Details(details.into()),
            Reply::Contract(contract) => ReplyWire::Contract(contract.into()),
            Reply::Stored(outcomes) => {
                let outcomes = outcomes.iter().map(values_outcome).collect();
                ReplyWire::Stored(store::StoredValues { outcomes })
            }
            Reply::State(state) => ReplyWire::State(state.as_ref().into()),
            Reply::Days(days) => ReplyWire::Days(store::Days { day_versions: field::messages(days) }),
            Reply::Rated(contracts) => {
                ReplyWire::Rated(store::Rated { contracts: field::messages(contracts) })
            }
            Reply::Tokens(reply) => ReplyWire::Tokens(reply.into()),
            Reply::SupplyOrder(order) => {
                ReplyWire::SupplyOrder(store::FoundSupplyOrder { order: order.as_ref().map(Into::into) })
            }
        };
        Self { reply: Some(reply) }
    }
}

impl TryFrom<store::MeteringPointReply> for Reply {
    type Error = FieldError;

    fn try_from(reply: store::MeteringPointReply) -> Result<Self, FieldError> {
        Ok(match field::chosen("reply", reply.reply)? {
            ReplyWire::Done(()) => Self::Done,
            ReplyWire::Details(details) => Self::Details(field::required("details", Some(details))?),
            ReplyWire::Contract(contract) => Self::Contract(field::required("contract", Some(contract))?),
            ReplyWire::Stored(stored) => {
                Self::Stored(field::each_by("stored.outcomes", stored.outcomes, into_values_outcome)?)
            }
            ReplyWire::State(state) => Self::State(Box::new(field::required("state", Some(state))?)),
            ReplyWire::Days(days) => Self::Days(field::each("days.day_versions", days.day_versions)?),
            ReplyWire::Rated(rated) => Self::Rated(field::each("rated.contracts", rated.contracts)?),
            ReplyWire::Tokens(reply) => Self::Tokens(field::required("tokens", Some(reply))?),
            ReplyWire::SupplyOrder(found) => {
                Self::SupplyOrder(field::optional("supply_order.order", found.order)?)
            }
        })
    }
}

fn values_outcome(outcome: &Result<StoredDays, ValuesRefused>) -> store::ValuesOutcome {
    let outcome = match outcome {
        Ok(days) => values_outcome::Outcome::Stored(days.into()),
        Err(refused) => values_outcome::Outcome::Refused(SeriesRefusal::from(refused).into()),
    };
    store::ValuesOutcome { outcome: Some(outcome) }
}

fn into_values_outcome(
    outcome: store::ValuesOutcome,
) -> Result<Result<StoredDays, ValuesRefused>, FieldError> {
    Ok(match field::chosen("outcome", outcome.outcome)? {
        values_outcome::Outcome::Stored(days) => Ok(days.into()),
        values_outcome::Outcome::Refused(refused) => {
            Err(field::known::<SeriesRefusal, _>("refused", refused)?)
        }
    })
}

impl From<&State> for store::MeteringPointState {
    fn from(state: &State) -> Self {
        Self {
            details: state.details.as_ref().map(Into::into),
            links: field::messages(&state.links),
            contracts: field::messages(state.contracts.values()),
            rated_months: field::messages(&state.rated_months),
            tokens: some_tokens(&state.tokens),
            supply: (state.supply != PointSupply::default()).then(|| (&state.supply).into()),
        }
    }
}

impl TryFrom<store::MeteringPointState> for State {
    type Error = FieldError;

    fn try_from(state: store::MeteringPointState) -> Result<Self, FieldError> {
        let contracts: Vec<domain::contract::Contract> = field::each("contracts", state.contracts)?;
        Ok(Self {
            details: field::optional("details", state.details)?,
            links: field::each("links", state.links)?,
            contracts: contracts.into_iter().map(|contract| (contract.id.clone(), contract)).collect(),
            rated_months: field::each("rated_months", state.rated_months)?,
            tokens: field::optional("tokens", state.tokens)?.unwrap_or_default(),
            supply: field::optional("supply", state.supply)?.unwrap_or_default(),
        })
    }
}
