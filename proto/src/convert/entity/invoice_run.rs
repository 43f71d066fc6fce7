//! The invoice run: its commands, answers and state.

use domain::entity::invoice_run::{Command, PartSummary, Reply, Stage, State};

use crate::convert::{FieldError, FieldFault, field, time};
use crate::invoicing::InvoiceRunStage;
use crate::store;
use crate::store::invoice_run_command::Command as CommandWire;
use crate::store::invoice_run_reply::Reply as ReplyWire;

impl From<&Command> for store::InvoiceRunCommand {
    fn from(command: &Command) -> Self {
        let command = match command {
            Command::Create { run, month, known_at, issue_date, shard_count } => {
                CommandWire::Create(store::CreateRun {
                    invoice_run_id: run.clone(),
                    month: Some(month.into()),
                    known_time: known_at.map(time::timestamp),
                    issue_date: Some(issue_date.into()),
                    shard_count: *shard_count,
                })
            }
            Command::Approve { hash } => CommandWire::Approve(hash.to_vec()),
            Command::Cancel => CommandWire::Cancel(()),
            Command::Get => CommandWire::Get(()),
            Command::Message(message) => CommandWire::Message(message.into()),
            Command::Continue => CommandWire::Continue(()),
        };
        Self { command: Some(command), terms: None }
    }
}

impl TryFrom<store::InvoiceRunCommand> for Command {
    type Error = FieldError;

    fn try_from(command: store::InvoiceRunCommand) -> Result<Self, FieldError> {
        Ok(match field::chosen("command", command.command)? {
            CommandWire::Create(create) => Self::Create {
                run: create.invoice_run_id,
                month: field::required("create.month", create.month)?,
                known_at: time::optional_instant("create.known_time", create.known_time)?,
                issue_date: field::required("create.issue_date", create.issue_date)?,
                shard_count: create.shard_count,
            },
            CommandWire::Approve(hash) => Self::Approve { hash: field::digest("approve", hash)? },
            CommandWire::Cancel(()) => Self::Cancel,
            CommandWire::Get(()) => Self::Get,
            CommandWire::Message(message) => Self::Message(field::required("message", Some(message))?),
            CommandWire::Continue(()) => Self::Continue,
        })
    }
}

impl From<&Reply> for store::InvoiceRunReply {
    fn from(reply: &Reply) -> Self {
        let reply = match reply {
            Reply::Done => ReplyWire::Done(()),
            Reply::Run(run) => ReplyWire::Run(run.as_ref().into()),
            Reply::State(state) => ReplyWire::State(state.as_ref().into()),
        };
        Self { reply: Some(reply) }
    }
}

impl TryFrom<store::InvoiceRunReply> for Reply {
    type Error = FieldError;

    fn try_from(reply: store::InvoiceRunReply) -> Result<Self, FieldError> {
        Ok(match field::chosen("reply", reply.reply)? {
            ReplyWire::Done(()) => Self::Done,
            ReplyWire::Run(run) => Self::Run(Box::new(field::required("run", Some(run))?)),
            ReplyWire::State(state) => Self::State(Box::new(field::required("state", Some(state))?)),
        })
    }
}

impl From<&State> for store::InvoiceRunState {
    fn from(state: &State) -> Self {
        Self {
            closing: state.closing.as_ref().map(Into::into),
            shard_count: state.shard_count,
            number_series: state.number_series.clone(),
            stage: InvoiceRunStage::from(state.stage).into(),
            next_part: state.next_part,
            parts: state.parts.iter().map(|(shard, summary)| (*shard, summary.into())).collect(),
            first_number: state.first_number,
            issued_parts: state.issued_parts.iter().copied().collect(),
        }
    }
}

impl TryFrom<store::InvoiceRunState> for State {
    type Error = FieldError;

    fn try_from(state: store::InvoiceRunState) -> Result<Self, FieldError> {
        let stage = InvoiceRunStage::try_from(state.stage);
        let stage = stage.map_err(|_| FieldError::at("stage", FieldFault::Unknown))?;
        let parts = state.parts.into_iter().map(|(shard, summary)| {
            let summary = PartSummary::try_from(summary);
            Ok((shard, summary.map_err(|error| error.within(&format!("[{shard}]")).within("parts"))?))
        });
        Ok(Self {
            closing: field::optional("closing", state.closing)?,
            shard_count: state.shard_count,
            number_series: state.number_series,
            stage: Stage::from(stage),
            next_part: state.next_part,
            parts: parts.collect::<Result<_, FieldError>>()?,
            first_number: state.first_number,
            issued_parts: state.issued_parts.into_iter().collect(),
        })
    }
}
