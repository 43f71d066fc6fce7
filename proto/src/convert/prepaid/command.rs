//! What is asked of prepaid supply, and what is answered.

use domain::prepaid::{PrepaidCommand, PrepaidReply};

use crate::convert::{FieldError, field, number};
use crate::store::{self, prepaid_command::Command as Wire, prepaid_reply::Reply as ReplyWire};

impl From<&PrepaidCommand> for store::PrepaidCommand {
    fn from(from: &PrepaidCommand) -> Self {
        let command = match from {
            PrepaidCommand::SetTerms(terms, _) => Wire::SetTerms(terms.into()),
            PrepaidCommand::EndTerms => Wire::EndTerms(()),
            PrepaidCommand::SetDebt(total) => Wire::SetExactDebt(number::amount_text(*total)),
            PrepaidCommand::TakeEmergency { offer } => Wire::TakeEmergency(*offer),
            PrepaidCommand::Rated(totals) => {
                Wire::Rated(store::RatedTotals { totals: field::messages(totals) })
            }
            PrepaidCommand::Funds(command) => Wire::Funds(command.into()),
            PrepaidCommand::Elapse => Wire::Elapse(()),
            PrepaidCommand::Get => Wire::Get(()),
        };
        let first_day = match from {
            PrepaidCommand::SetTerms(_, first) => first.as_ref().map(Into::into),
            _ => None,
        };
        Self { command: Some(command), first_day }
    }
}

impl TryFrom<store::PrepaidCommand> for PrepaidCommand {
    type Error = FieldError;

    fn try_from(command: store::PrepaidCommand) -> Result<Self, FieldError> {
        Ok(match field::chosen("command", command.command)? {
            Wire::SetTerms(terms) => Self::SetTerms(
                field::required("set_terms", Some(terms))?,
                field::optional("first_day", command.first_day)?,
            ),
            Wire::EndTerms(()) => Self::EndTerms,
            Wire::SetExactDebt(total) => Self::SetDebt(number::amount("set_exact_debt", &total)?),
            Wire::TakeEmergency(offer) => Self::TakeEmergency { offer },
            Wire::Rated(rated) => Self::Rated(field::each("rated.totals", rated.totals)?),
            Wire::Funds(command) => Self::Funds(field::required("funds", Some(command))?),
            Wire::Elapse(()) => Self::Elapse,
            Wire::Get(()) => Self::Get,
        })
    }
}

impl From<&PrepaidReply> for store::PrepaidReply {
    fn from(reply: &PrepaidReply) -> Self {
        let reply = match reply {
            PrepaidReply::Done => ReplyWire::Done(()),
            PrepaidReply::Funds(reply) => ReplyWire::Funds(reply.into()),
            PrepaidReply::ToppedUp(shown) => ReplyWire::ToppedUp(shown.as_ref().into()),
            PrepaidReply::Credit(view) => ReplyWire::Credit(view.as_ref().into()),
        };
        Self { reply: Some(reply) }
    }
}

impl TryFrom<store::PrepaidReply> for PrepaidReply {
    type Error = FieldError;

    fn try_from(reply: store::PrepaidReply) -> Result<Self, FieldError> {
        Ok(match field::chosen("reply", reply.reply)? {
            ReplyWire::Done(()) => Self::Done,
            ReplyWire::Funds(reply) => Self::Funds(field::required("funds", Some(reply))?),
            ReplyWire::ToppedUp(shown) => {
                Self::ToppedUp(Box::new(field::required("topped_up", Some(shown))?))
            }
            ReplyWire::Credit(view) => Self::Credit(Box::new(field::required("credit", Some(view))?)),
        })
    }
}
