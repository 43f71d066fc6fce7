//! What funds answer, as the answers of requests.

use domain::funds::FundsReply;
use proto::charging as message;
use proto::convert::shown;
use tonic::Status;

use crate::grpc::status;

/// Of a request for how much may run.
pub(super) fn granted(reply: &FundsReply) -> Result<message::Grant, Status> {
    match reply {
        FundsReply::Granted(grant) => Ok(grant.into()),
        _ => Err(unexpected()),
    }
}

/// Of a request that takes something.
pub(super) fn taken(reply: &FundsReply) -> Result<message::Taken, Status> {
    match reply {
        FundsReply::Taken(taken) => Ok(taken.into()),
        _ => Err(unexpected()),
    }
}

/// Of a request that returns what was held.
pub(super) fn released(reply: &FundsReply) -> Result<message::Released, Status> {
    match reply {
        FundsReply::Released(parts) => {
            Ok(message::Released { parts: parts.iter().map(Into::into).collect() })
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
