//! The directory: its commands, answers and state.

use domain::entity::directory::{Command, Former, Held, Reply, State};

use crate::convert::{FieldError, field, time};
use crate::store;
use crate::store::directory_command::Command as CommandWire;
use crate::store::directory_reply::Reply as ReplyWire;

impl From<&Command> for store::DirectoryCommand {
    fn from(command: &Command) -> Self {
        let command = match command {
            Command::Get => CommandWire::Get(()),
            Command::HolderAt(at) => CommandWire::HolderAtTime(time::timestamp(*at)),
            Command::Message(message) => CommandWire::Message(message.into()),
        };
        Self { command: Some(command), terms: None }
    }
}

impl TryFrom<store::DirectoryCommand> for Command {
    type Error = FieldError;

    fn try_from(command: store::DirectoryCommand) -> Result<Self, FieldError> {
        Ok(match field::chosen("command", command.command)? {
            CommandWire::Get(()) => Self::Get,
            CommandWire::HolderAtTime(at) => {
                Self::HolderAt(time::required_instant("holder_at_time", Some(at))?)
            }
            CommandWire::Message(message) => Self::Message(field::required("message", Some(message))?),
        })
    }
}

impl From<&Reply> for store::DirectoryReply {
    fn from(reply: &Reply) -> Self {
        let reply = match reply {
            Reply::Done => ReplyWire::Done(()),
            Reply::Held(held) => ReplyWire::Held(held.into()),
        };
        Self { reply: Some(reply) }
    }
}

impl TryFrom<store::DirectoryReply> for Reply {
    type Error = FieldError;

    fn try_from(reply: store::DirectoryReply) -> Result<Self, FieldError> {
        Ok(match field::chosen("reply", reply.reply)? {
            ReplyWire::Done(()) => Self::Done,
            ReplyWire::Held(held) => Self::Held(field::required("held", Some(held))?),
        })
    }
}

impl From<&State> for store::DirectoryState {
    fn from(state: &State) -> Self {
        Self { held: state.held.as_ref().map(Into::into), former: field::messages(&state.former) }
    }
}

impl TryFrom<store::DirectoryState> for State {
    type Error = FieldError;

    fn try_from(state: store::DirectoryState) -> Result<Self, FieldError> {
        Ok(Self { held: field::optional("held", state.held)?, former: field::each("former", state.former)? })
    }
}

impl From<&Held> for store::HeldToken {
    fn from(held: &Held) -> Self {
        Self { claim: Some((&held.claim).into()), since_time: Some(time::timestamp(held.since)) }
    }
}

impl TryFrom<store::HeldToken> for Held {
    type Error = FieldError;

    fn try_from(held: store::HeldToken) -> Result<Self, FieldError> {
        let claim = field::required("claim", held.claim)?;
        Ok(Self { claim, since: time::required_instant("since_time", held.since_time)? })
    }
}

impl From<&Former> for store::FormerToken {
    fn from(former: &Former) -> Self {
        Self { held: Some((&former.held).into()), until_time: Some(time::timestamp(former.until)) }
    }
}

impl TryFrom<store::FormerToken> for Former {
    type Error = FieldError;

    fn try_from(former: store::FormerToken) -> Result<Self, FieldError> {
        let held = field::required("held", former.held)?;
        Ok(Self { held, until: time::required_instant("until_time", former.until_time)? })
    }
}
