//! What became of requests.

use std::time::Duration;

use actors::shell::{Bound, CallError, Incident, Reply};
use cluster::Epoch;
use proto::node as message;
use proto::node::answer::Outcome;
use proto::node::{Bound as WireBound, Fault};

use super::call::milliseconds;
use super::entity::{read_peer, read_shard, write_peer};
use super::{Malformed, malformed};

/// What became of a call or a ruling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::links) enum Answer {
    /// Of a call.
    Reply(Reply),
    /// Of a ruling: whether the entity was parked.
    Ruled(bool),
    /// Of either.
    Error(CallError),
}

/// Bounds with their words on the wire.
const BOUNDS: [(Bound, WireBound); 5] = [
    (Bound::Entity, WireBound::Entity),
    (Bound::Shard, WireBound::Shard),
    (Bound::Node, WireBound::Node),
    (Bound::Outbox, WireBound::Outbox),
    (Bound::Link, WireBound::Link),
];

/// The outcome of a request as it is sent.
pub(in crate::links) fn write(answer: Answer) -> Outcome {
    match answer {
        Answer::Reply(Reply::Accepted(reply)) => Outcome::Accepted(reply),
        Answer::Reply(Reply::Rejected(reply)) => Outcome::Rejected(reply),
        Answer::Ruled(was_parked) => Outcome::Unparked(was_parked),
        Answer::Error(error) => write_error(error),
    }
}

fn write_error(error: CallError) -> Outcome {
    let fault = |fault: Fault| Outcome::Fault(fault.into());
    match error {
        CallError::Overloaded { bound, retry_after } => {
            let written = BOUNDS.into_iter().find(|(known, _)| *known == bound);
            let bound = written.map_or(WireBound::Unspecified, |(_, written)| written).into();
            Outcome::Overloaded(message::Overload { bound, retry_after_ms: milliseconds(retry_after) })
        }
        CallError::OutcomeUnknown => fault(Fault::OutcomeUnknown),
        CallError::DeadlineExceeded => fault(Fault::DeadlineExceeded),
        CallError::Parked { reason } => Outcome::Parked(reason.to_string()),
        CallError::Internal { incident } => Outcome::Incident(message::Incident {
            shard: incident.shard.number().into(),
            epoch: incident.epoch.number(),
            number: incident.number,
        }),
        CallError::RequestIdInvalid => fault(Fault::RequestIdInvalid),
        CallError::RequestIdReused => fault(Fault::RequestIdReused),
        CallError::RequestIdExpired => fault(Fault::RequestIdExpired),
        CallError::RequestIdAhead => fault(Fault::RequestIdAhead),
        CallError::NotOwner { shard, owner, epoch } => Outcome::NotOwner(message::NotOwner {
            shard: shard.number().into(),
            owner: owner.as_ref().map(write_peer),
            epoch: epoch.map(Epoch::number),
        }),
        CallError::Unreachable => fault(Fault::Unreachable),
        CallError::NotAdmitting { reason } => Outcome::NotAdmitting(reason.to_string()),
        CallError::Draining => fault(Fault::Draining),
    }
}

/// The outcome of a request as it came.
pub(in crate::links) fn read(outcome: Option<Outcome>) -> Result<Answer, Malformed> {
    let error = match outcome.ok_or(malformed("outcome"))? {
        Outcome::Accepted(reply) => return Ok(Answer::Reply(Reply::Accepted(reply))),
        Outcome::Rejected(reply) => return Ok(Answer::Reply(Reply::Rejected(reply))),
        Outcome::Unparked(was_parked) => return Ok(Answer::Ruled(was_parked)),
        Outcome::Fault(fault) => read_fault(fault)?,
        Outcome::Overloaded(overload) => {
            let bound = BOUNDS.into_iter().find(|(_, written)| i32::from(*written) == overload.bound);
            let (bound, _) = bound.ok_or(malformed("bound"))?;
            CallError::Overloaded { bound, retry_after: Duration::from_millis(overload.retry_after_ms) }
        }
        Outcome::Parked(reason) => CallError::Parked { reason: reason.into() },
        Outcome::Incident(incident) => {
            let (shard, epoch) = (read_shard(incident.shard)?, Epoch::new(incident.epoch));
            CallError::Internal { incident: Incident { shard, epoch, number: incident.number } }
        }
        Outcome::NotOwner(elsewhere) => CallError::NotOwner {
            shard: read_shard(elsewhere.shard)?,
            owner: elsewhere.owner.map(read_peer).transpose()?,
            epoch: elsewhere.epoch.map(Epoch::new),
        },
        Outcome::NotAdmitting(reason) => CallError::NotAdmitting { reason: reason.into() },
    };
    Ok(Answer::Error(error))
}

fn read_fault(fault: i32) -> Result<CallError, Malformed> {
    match Fault::try_from(fault) {
        Ok(Fault::OutcomeUnknown) => Ok(CallError::OutcomeUnknown),
        Ok(Fault::DeadlineExceeded) => Ok(CallError::DeadlineExceeded),
        Ok(Fault::RequestIdInvalid) => Ok(CallError::RequestIdInvalid),
        Ok(Fault::RequestIdReused) => Ok(CallError::RequestIdReused),
        Ok(Fault::RequestIdExpired) => Ok(CallError::RequestIdExpired),
        Ok(Fault::RequestIdAhead) => Ok(CallError::RequestIdAhead),
        Ok(Fault::Unreachable) => Ok(CallError::Unreachable),
        Ok(Fault::Draining) => Ok(CallError::Draining),
        Ok(Fault::Unspecified) | Err(_) => Err(malformed("fault")),
    }
}
