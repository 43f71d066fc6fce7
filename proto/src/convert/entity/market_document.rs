//! The market document: its commands, answers and state.

use domain::entity::market_document::{Command, Receipt, Reply, State};

use crate::convert::{FieldError, field, time};
use crate::store;
use crate::store::market_document_command::Command as CommandWire;
use crate::store::market_document_reply::Reply as ReplyWire;

impl From<&Command> for store::MarketDocumentCommand {
    fn from(command: &Command) -> Self {
        let command = match command {
            Command::Receive { key, header, series, warnings } => {
                CommandWire::Receive(store::ReceiveDocument {
                    key: key.clone(),
                    header: Some(header.into()),
                    series: field::messages(series),
                    warnings: warnings.clone(),
                })
            }
            Command::Get => CommandWire::Get(()),
            Command::Message(message) => CommandWire::Message(message.into()),
            Command::Continue => CommandWire::Continue(()),
        };
        Self { command: Some(command), terms: None }
    }
}

impl TryFrom<store::MarketDocumentCommand> for Command {
    type Error = FieldError;

    fn try_from(command: store::MarketDocumentCommand) -> Result<Self, FieldError> {
        Ok(match field::chosen("command", command.command)? {
            CommandWire::Receive(receive) => Self::Receive {
                key: receive.key,
                header: field::required("receive.header", receive.header)?,
                series: field::each("receive.series", receive.series)?,
                warnings: receive.warnings,
            },
            CommandWire::Get(()) => Self::Get,
            CommandWire::Message(message) => Self::Message(field::required("message", Some(message))?),
            CommandWire::Continue(()) => Self::Continue,
        })
    }
}

impl From<&Reply> for store::MarketDocumentReply {
    fn from(reply: &Reply) -> Self {
        let reply = match reply {
            Reply::Done => ReplyWire::Done(()),
            Reply::State(state) => ReplyWire::State(state.as_ref().into()),
        };
        Self { reply: Some(reply) }
    }
}

impl TryFrom<store::MarketDocumentReply> for Reply {
    type Error = FieldError;

    fn try_from(reply: store::MarketDocumentReply) -> Result<Self, FieldError> {
        Ok(match field::chosen("reply", reply.reply)? {
            ReplyWire::Done(()) => Self::Done,
            ReplyWire::State(state) => Self::State(Box::new(field::required("state", Some(state))?)),
        })
    }
}

impl From<&State> for store::MarketDocumentState {
    fn from(state: &State) -> Self {
        Self {
            key: state.key.clone(),
            header: state.header.as_ref().map(Into::into),
            received_time: state.received.map(time::timestamp),
            receipts: field::messages(&state.receipts),
            to_hand_out: state.to_hand_out.clone(),
            warnings: state.warnings.clone(),
        }
    }
}

impl TryFrom<store::MarketDocumentState> for State {
    type Error = FieldError;

    fn try_from(state: store::MarketDocumentState) -> Result<Self, FieldError> {
        Ok(Self {
            key: state.key,
            header: field::optional("header", state.header)?,
            received: time::optional_instant("received_time", state.received_time)?,
            receipts: field::each("receipts", state.receipts)?,
            to_hand_out: state.to_hand_out,
            warnings: state.warnings,
        })
    }
}

impl From<&Receipt> for store::Receipt {
    fn from(receipt: &Receipt) -> Self {
        Self {
            series_id: receipt.id.clone(),
            digest: receipt.digest.to_vec(),
            outcome: receipt.outcome.as_ref().map(Into::into),
        }
    }
}

impl TryFrom<store::Receipt> for Receipt {
    type Error = FieldError;

    fn try_from(receipt: store::Receipt) -> Result<Self, FieldError> {
        Ok(Self {
            id: receipt.series_id,
            digest: field::digest("digest", receipt.digest)?,
            outcome: field::optional("outcome", receipt.outcome)?,
        })
    }
}
