//! The log of what accounts tell: commands, answers and state of a partition.

use domain::entity::event_log::{Command, Reply, State};

use crate::convert::{FieldError, field};
use crate::store;
use crate::store::event_log_command::Command as CommandWire;
use crate::store::event_log_reply::Reply as ReplyWire;

impl From<&Command> for store::EventLogCommand {
    fn from(command: &Command) -> Self {
        let command = match command {
            Command::Get => CommandWire::Get(()),
            Command::Message(message) => CommandWire::Message(message.into()),
        };
        Self { command: Some(command), terms: None }
    }
}

impl TryFrom<store::EventLogCommand> for Command {
    type Error = FieldError;

    fn try_from(command: store::EventLogCommand) -> Result<Self, FieldError> {
        Ok(match field::chosen("command", command.command)? {
            CommandWire::Get(()) => Self::Get,
            CommandWire::Message(message) => Self::Message(field::required("message", Some(message))?),
        })
    }
}

impl From<&Reply> for store::EventLogReply {
    fn from(reply: &Reply) -> Self {
        let reply = match reply {
            Reply::Done => ReplyWire::Done(()),
            Reply::Last(last) => ReplyWire::Last(*last),
        };
        Self { reply: Some(reply) }
    }
}

impl TryFrom<store::EventLogReply> for Reply {
    type Error = FieldError;

    fn try_from(reply: store::EventLogReply) -> Result<Self, FieldError> {
        Ok(match field::chosen("reply", reply.reply)? {
            ReplyWire::Done(()) => Self::Done,
            ReplyWire::Last(last) => Self::Last(last),
        })
    }
}

impl From<&State> for store::EventLogState {
    fn from(state: &State) -> Self {
        Self { last: state.last }
    }
}

impl TryFrom<store::EventLogState> for State {
    type Error = FieldError;

    fn try_from(state: store::EventLogState) -> Result<Self, FieldError> {
        Ok(Self { last: state.last })
    }
}
