//! Requests.

use std::sync::Arc;
use std::time::Duration;

use actors::shell::{Caller, Class, Consistency, Request};
use bytes::Bytes;
use proto::node as message;
use uuid::Uuid;

use super::entity::{read_entity, write_entity};
use super::{Malformed, malformed};

/// A request as a call; its id is given when it goes.
pub(in crate::links) fn write(request: Request) -> message::Call {
    let class = match request.class {
        Class::Interactive => message::CallClass::Interactive,
        Class::Bulk => message::CallClass::Bulk,
    };
    message::Call {
        id: 0,
        entity: Some(write_entity(&request.entity)),
        command: request.command,
        caller: Some(write_caller(&request.caller)),
        request_id: request.request_id.map(|id| Bytes::copy_from_slice(id.as_bytes())).unwrap_or_default(),
        remaining_ms: request.timeout.map(milliseconds),
        class: class.into(),
        is_repeatable: request.repeatable,
        trace: request.trace.as_deref().unwrap_or_default().to_owned(),
        is_lease_enough: request.consistency == Consistency::Lease,
    }
}

/// The request of a call.
pub(in crate::links) fn read(call: message::Call) -> Result<Request, Malformed> {
    let class = match message::CallClass::try_from(call.class) {
        Ok(message::CallClass::Interactive) => Class::Interactive,
        Ok(message::CallClass::Bulk) => Class::Bulk,
        Ok(message::CallClass::Unspecified) | Err(_) => return Err(malformed("class")),
    };
    let request_id = match &*call.request_id {
        [] => None,
        bytes => Some(Uuid::from_slice(bytes).map_err(|_| malformed("request id"))?),
    };
    Ok(Request {
        entity: read_entity(call.entity)?,
        command: call.command,
        caller: read_caller(call.caller.ok_or(malformed("caller"))?),
        request_id,
        timeout: call.remaining_ms.map(Duration::from_millis),
        class,
        repeatable: call.is_repeatable,
        consistency: if call.is_lease_enough { Consistency::Lease } else { Consistency::Strong },
        trace: Some(call.trace).filter(|trace| !trace.is_empty()).map(Arc::from),
    })
}

/// A duration in whole milliseconds, as far as they can be counted.
pub(super) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn write_caller(caller: &Caller) -> message::Caller {
    message::Caller {
        client: caller.client.to_string(),
        subject: (caller.subject != caller.client).then(|| caller.subject.to_string()),
        roles: caller.roles.iter().map(ToString::to_string).collect(),
    }
}

fn read_caller(caller: message::Caller) -> Caller {
    let client: Arc<str> = caller.client.into();
    let subject = caller.subject.map_or_else(|| Arc::clone(&client), Arc::from);
    let roles = caller.roles.into_iter().map(String::into_boxed_str).collect();
    Caller { client, subject, roles }
}
