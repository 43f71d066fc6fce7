//! What funds answer, as the answers of requests.

use domain::entity::account::Reply;
use domain::funds::FundsReply;
use domain::prepaid::PrepaidReply;
use proto::charging as message;
use proto::convert::shown;
use tonic::Status;

use crate::grpc::status;

/// Of a request for how much may run, with the name of the account that is charged.
pub(super) fn granted((reply, account): (FundsReply, String)) -> Result<message::Grant, Status> {
    match &reply {
        FundsReply::Granted(grant) => Ok(message::Grant { account, ..grant.into() }),
        _ => Err(unexpected()),
    }
}

/// Of a request that takes something.
pub(super) fn taken((reply, _): (FundsReply, String)) -> Result<message::Taken, Status> {
    match &reply {
        FundsReply::Taken(taken) => Ok(taken.into()),
        _ => Err(unexpected()),
    }
}

/// Of a request that returns what was held.
pub(super) fn released((reply, _): (FundsReply, String)) -> Result<message::Released, Status> {
    match &reply {
        FundsReply::Released(parts) => {
            Ok(message::Released { parts: parts.iter().map(Into::into).collect() })
        }
        _ => Err(unexpected()),
    }
}

/// Of a payment. An account that supplies in advance says what its meter shows of it.
pub(super) fn topped_up(reply: &Reply) -> Result<message::TopUpResponse, Status> {
    match reply {
        Reply::Funds(FundsReply::ToppedUp(balance)) => {
            Ok(message::TopUpResponse { balance: balance.0, shown: None })
        }
        Reply::Prepaid(PrepaidReply::ToppedUp(shown)) => {
            let balance = shown.balance.0;
            Ok(message::TopUpResponse { balance, shown: Some(shown.as_ref().into()) })
        }
        _ => Err(unexpected()),
    }
}

/// Of a question for everything.
pub(super) fn funds(reply: &FundsReply, account: String) -> Result<message::Funds, Status> {
    let funds = shown(reply).ok_or_else(unexpected)?;
    Ok(message::Funds { account, ..funds })
}

pub(super) fn unexpected() -> Status {
    status::internal("an account was asked about its funds and said something else")
}
