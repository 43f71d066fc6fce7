//! The series of invoice numbers: its commands, answers and state.

use domain::entity::number_series::{Command, Reply, State};

use crate::convert::{FieldError, field};
use crate::store;
use crate::store::number_series_command::Command as CommandWire;
use crate::store::number_series_reply::Reply as ReplyWire;

impl From<&Command> for store::NumberSeriesCommand {
    fn from(command: &Command) -> Self {
        let command = match command {
            Command::Get => CommandWire::Get(()),
            Command::Message(message) => CommandWire::Message(message.into()),
        };
        Self { command: Some(command), terms: None }
    }
}

impl TryFrom<store::NumberSeriesCommand> for Command {
    type Error = FieldError;

    fn try_from(command: store::NumberSeriesCommand) -> Result<Self, FieldError> {
        Ok(match field::chosen("command", command.command)? {
            CommandWire::Get(()) => Self::Get,
            CommandWire::Message(message) => Self::Message(field::required("message", Some(message))?),
        })
    }
}

impl From<&Reply> for store::NumberSeriesReply {
    fn from(reply: &Reply) -> Self {
        let reply = match reply {
            Reply::Done => ReplyWire::Done(()),
            Reply::Given(given) => ReplyWire::Given(*given),
        };
        Self { reply: Some(reply) }
    }
}

impl TryFrom<store::NumberSeriesReply> for Reply {
    type Error = FieldError;

    fn try_from(reply: store::NumberSeriesReply) -> Result<Self, FieldError> {
        Ok(match field::chosen("reply", reply.reply)? {
            ReplyWire::Done(()) => Self::Done,
            ReplyWire::Given(given) => Self::Given(given),
        })
    }
}

impl From<&State> for store::NumberSeriesState {
    fn from(state: &State) -> Self {
        Self { given: state.given }
    }
}

impl TryFrom<store::NumberSeriesState> for State {
    type Error = FieldError;

    fn try_from(state: store::NumberSeriesState) -> Result<Self, FieldError> {
        Ok(Self { given: state.given })
    }
}
