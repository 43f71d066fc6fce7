//! What is answered.

use domain::funds::FundsReply;
use domain::ledger::BalanceNumber;

use crate::convert::{FieldError, field};
use crate::store::{self, funds_reply};

impl From<&FundsReply> for store::FundsReply {
    fn from(value: &FundsReply) -> Self {
        let reply = match value {
            FundsReply::Done => funds_reply::Reply::Done(()),
            FundsReply::ToppedUp(number) => funds_reply::Reply::ToppedUp(number.0),
            FundsReply::Granted(grant) => funds_reply::Reply::Granted(grant.into()),
            FundsReply::Taken(taken) => funds_reply::Reply::Taken(taken.into()),
            FundsReply::Released(parts) => {
                funds_reply::Reply::Released(store::ReleasedParts { parts: field::messages(parts) })
            }
            FundsReply::State(funds) => funds_reply::Reply::State(funds.as_ref().into()),
            FundsReply::Refused(refused) => funds_reply::Reply::Refused(refused.into()),
        };
        Self { reply: Some(reply) }
    }
}

impl TryFrom<store::FundsReply> for FundsReply {
    type Error = FieldError;

    fn try_from(value: store::FundsReply) -> Result<Self, FieldError> {
        Ok(match field::chosen("reply", value.reply)? {
            funds_reply::Reply::Done(()) => Self::Done,
            funds_reply::Reply::ToppedUp(number) => Self::ToppedUp(BalanceNumber(number)),
            funds_reply::Reply::Granted(grant) => Self::Granted(field::required("granted", Some(grant))?),
            funds_reply::Reply::Taken(taken) => Self::Taken(field::required("taken", Some(taken))?),
            funds_reply::Reply::Released(released) => {
                Self::Released(field::each("released.parts", released.parts)?)
            }
            funds_reply::Reply::State(state) => Self::State(Box::new(field::required("state", Some(state))?)),
            funds_reply::Reply::Refused(refused) => Self::Refused(field::required("refused", Some(refused))?),
        })
    }
}
