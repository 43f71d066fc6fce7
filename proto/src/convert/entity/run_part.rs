//! The part of an invoice run in a shard: its commands, answers and state.

use domain::entity::run_part::{AccountOutcome, Command, Reply, Stage, State};

use crate::convert::{FieldError, FieldFault, field};
use crate::store::run_part_command::Command as CommandWire;
use crate::store::run_part_reply::Reply as ReplyWire;
use crate::store::{self, RunPartStage};

impl From<&Command> for store::RunPartCommand {
    fn from(command: &Command) -> Self {
        let command = match command {
            Command::Get => CommandWire::Get(()),
            Command::Message(message) => CommandWire::Message(message.into()),
            Command::Continue => CommandWire::Continue(()),
        };
        Self { command: Some(command), terms: None }
    }
}

impl TryFrom<store::RunPartCommand> for Command {
    type Error = FieldError;

    fn try_from(command: store::RunPartCommand) -> Result<Self, FieldError> {
        Ok(match field::chosen("command", command.command)? {
            CommandWire::Get(()) => Self::Get,
            CommandWire::Message(message) => Self::Message(field::required("message", Some(message))?),
            CommandWire::Continue(()) => Self::Continue,
        })
    }
}

impl From<&Reply> for store::RunPartReply {
    fn from(reply: &Reply) -> Self {
        let reply = match reply {
            Reply::Done => ReplyWire::Done(()),
            Reply::State(state) => ReplyWire::State(state.as_ref().into()),
        };
        Self { reply: Some(reply) }
    }
}

impl TryFrom<store::RunPartReply> for Reply {
    type Error = FieldError;

    fn try_from(reply: store::RunPartReply) -> Result<Self, FieldError> {
        Ok(match field::chosen("reply", reply.reply)? {
            ReplyWire::Done(()) => Self::Done,
            ReplyWire::State(state) => Self::State(Box::new(field::required("state", Some(state))?)),
        })
    }
}

impl From<&State> for store::RunPartState {
    fn from(state: &State) -> Self {
        let outcomes = state.outcomes.iter().map(|(account, outcome)| (account.clone(), outcome.into()));
        Self {
            closing: state.started.as_ref().map(|(closing, _)| closing.into()),
            shard: state.started.as_ref().map(|(_, shard)| *shard).unwrap_or_default(),
            cursor: state.cursor.clone(),
            is_walked: state.is_walked,
            waiting: state.waiting.iter().cloned().collect(),
            outcomes: outcomes.collect(),
            closed: state.closed,
            to_issue: state.to_issue.clone(),
            to_release: state.to_release.iter().cloned().collect(),
            stage: RunPartStage::from(state.stage).into(),
            number_prefix: state.number_prefix.clone(),
        }
    }
}

impl TryFrom<store::RunPartState> for State {
    type Error = FieldError;

    fn try_from(state: store::RunPartState) -> Result<Self, FieldError> {
        let stage = RunPartStage::try_from(state.stage);
        let outcomes = state.outcomes.into_iter().map(|(account, outcome)| {
            let outcome = AccountOutcome::try_from(outcome);
            let outcome = outcome.map_err(|error| error.within(&format!("[{account:?}]")).within("outcomes"));
            Ok((account, outcome?))
        });
        let closing: Option<_> = field::optional("closing", state.closing)?;
        Ok(Self {
            started: closing.map(|closing| (closing, state.shard)),
            cursor: state.cursor,
            stage: stage.map_err(|_| FieldError::at("stage", FieldFault::Unknown))?.into(),
            is_walked: state.is_walked,
            waiting: state.waiting.into_iter().collect(),
            outcomes: outcomes.collect::<Result<_, FieldError>>()?,
            closed: state.closed,
            to_issue: state.to_issue,
            to_release: state.to_release.into_iter().collect(),
            number_prefix: state.number_prefix,
        })
    }
}

impl From<Stage> for RunPartStage {
    fn from(stage: Stage) -> Self {
        match stage {
            Stage::Walking => Self::Unspecified,
            Stage::Closed => Self::Closed,
            Stage::Issuing => Self::Issuing,
            Stage::Releasing => Self::Releasing,
            Stage::Done => Self::Done,
        }
    }
}

impl From<RunPartStage> for Stage {
    fn from(stage: RunPartStage) -> Self {
        match stage {
            RunPartStage::Unspecified => Self::Walking,
            RunPartStage::Closed => Self::Closed,
            RunPartStage::Issuing => Self::Issuing,
            RunPartStage::Releasing => Self::Releasing,
            RunPartStage::Done => Self::Done,
        }
    }
}
