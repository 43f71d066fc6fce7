//! What can be asked of a book of charge detail records.

use domain::entity::cdr_book::{Command, Receipt};

use crate::convert::{FieldError, cdr, field};
use crate::roaming::DisputeDecision;
use crate::store;
use crate::store::cdr_book_command::Command as CommandWire;

/// What others tell a book travels as a message, and its own work as a timer.
impl From<&Command> for store::CdrBookCommand {
    fn from(command: &Command) -> Self {
        let command = match command {
            Command::Receive(receipt) => Some(CommandWire::Receive(receipt.as_ref().into())),
            Command::KeepUnreadable(document) => Some(CommandWire::KeepUnreadable(document.as_ref().into())),
            Command::Get(id) => Some(CommandWire::Get(id.clone())),
            Command::SetTerms(terms) => Some(CommandWire::SetTerms(terms.as_ref().into())),
            Command::GetTerms => Some(CommandWire::GetTerms(())),
            Command::Release { id, payer, note } => Some(CommandWire::Release(store::ReleaseCdr {
                cdr_id: id.clone(),
                payer_account_id: payer.clone().unwrap_or_default(),
                note: note.clone(),
            })),
            Command::Reject { id, change, note } => {
                let (cdr_id, change, note) = (id.clone(), *change, note.clone());
                Some(CommandWire::Reject(store::RejectCdr { cdr_id, change, note }))
            }
            Command::DecideDispute { id, decision, note } => {
                let decision = Some(DisputeDecision::wanted(*decision, note));
                Some(CommandWire::DecideDispute(store::DecideDispute { cdr_id: id.clone(), decision }))
            }
            Command::Message(_) | Command::Continue => None,
        };
        Self { command, terms: None }
    }
}

impl TryFrom<store::CdrBookCommand> for Command {
    type Error = FieldError;

    fn try_from(command: store::CdrBookCommand) -> Result<Self, FieldError> {
        Ok(match field::chosen("command", command.command)? {
            CommandWire::Receive(receipt) => {
                Self::Receive(Box::new(field::required("receive", Some(receipt))?))
            }
            CommandWire::KeepUnreadable(document) => {
                Self::KeepUnreadable(Box::new(field::required("keep_unreadable", Some(document))?))
            }
            CommandWire::Get(id) => Self::Get(id),
            CommandWire::SetTerms(terms) => Self::SetTerms(Box::new(field::required("terms", Some(terms))?)),
            CommandWire::GetTerms(()) => Self::GetTerms,
            CommandWire::Release(release) => Self::Release {
                id: release.cdr_id,
                payer: Some(release.payer_account_id).filter(|payer| !payer.is_empty()),
                note: release.note,
            },
            CommandWire::Reject(reject) => {
                Self::Reject { id: reject.cdr_id, change: reject.change, note: reject.note }
            }
            CommandWire::DecideDispute(decide) => {
                let decision = field::chosen("decision", decide.decision)?;
                let note = decision.note.clone();
                Self::DecideDispute { id: decide.cdr_id, decision: decision.decision()?, note }
            }
        })
    }
}

impl From<&Receipt> for store::CdrReceipt {
    fn from(receipt: &Receipt) -> Self {
        let (road, partner_id) = cdr::road(&receipt.road);
        Self {
            content: Some((&receipt.cdr).into()),
            road: road.into(),
            partner_id,
            payer_account_id: receipt.payer.clone().unwrap_or_default(),
            document: receipt.document.clone(),
        }
    }
}

impl TryFrom<store::CdrReceipt> for Receipt {
    type Error = FieldError;

    fn try_from(receipt: store::CdrReceipt) -> Result<Self, FieldError> {
        Ok(Self {
            cdr: field::required("content", receipt.content)?,
            road: cdr::read_road(receipt.road, receipt.partner_id)?,
            payer: Some(receipt.payer_account_id).filter(|payer| !payer.is_empty()),
            document: receipt.document,
        })
    }
}
