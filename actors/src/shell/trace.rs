//! Traces of requests: a span where one comes in, and a span where its entity runs, for whoever looks at level debug. Where
//! nobody does it costs a look at a number.

use tracing::{Instrument as _, Span};

use super::request::{CallError, Reply, Request};

impl Request {
    /// The id of the trace in which it is asked, where it is in one.
    pub fn trace_id(&self) -> Option<&str> {
        let trace = self.trace.as_deref()?;
        // Version, id of the trace, id of the caller's part of it, flags.
        Some(trace.split('-').nth(1).unwrap_or(trace))
    }
}

/// Waits for an answer within a span that has a field `outcome` to be filled in, and says that there is one.
pub async fn traced(
    span: Span,
    answering: impl Future<Output = Result<Reply, CallError>>,
) -> Result<Reply, CallError> {
    let answered = answering.instrument(span.clone()).await;
    if !span.is_disabled() {
        span.record("outcome", outcome(&answered));
        span.in_scope(|| tracing::debug!("answered"));
    }
    answered
}

/// The span of a request where its entity runs.
pub(crate) fn span_of_run(request: &Request) -> Span {
    tracing::debug_span!(
        "run",
        trace = request.trace_id(),
        request_id = request.request_id.map(tracing::field::display),
        kind = request.entity.kind().number(),
        outcome = tracing::field::Empty,
    )
}

/// What came of a request, in one word.
fn outcome(answered: &Result<Reply, CallError>) -> &'static str {
    let error = match answered {
        Ok(Reply::Accepted(_)) => return "accepted",
        Ok(Reply::Rejected(_)) => return "rejected",
        Err(error) => error,
    };
    match error {
        CallError::Overloaded { .. } => "overloaded",
        CallError::OutcomeUnknown => "outcome_unknown",
        CallError::DeadlineExceeded => "deadline_exceeded",
        CallError::Parked { .. } => "parked",
        CallError::Internal { .. } => "internal",
        CallError::RequestIdInvalid => "request_id_invalid",
        CallError::RequestIdReused => "request_id_reused",
        CallError::RequestIdExpired => "request_id_expired",
        CallError::RequestIdAhead => "request_id_ahead",
        CallError::NotOwner { .. } => "not_owner",
        CallError::Unreachable => "unreachable",
        CallError::NotAdmitting { .. } => "not_admitting",
        CallError::Draining => "draining",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::entity_id::{EntityId, KindTag, Tenant};
    use crate::shell::machine::Caller;
    use crate::shell::request::{Class, Consistency};

    #[test]
    fn the_id_of_a_trace_is_found() {
        let entity = EntityId::new(Tenant::parse("nl").unwrap(), KindTag::new(1).unwrap(), "k").unwrap();
        let request = |trace: Option<&str>| Request {
            entity: entity.clone(),
            command: "get".into(),
            caller: Caller::of("tester"),
            request_id: None,
            timeout: None,
            class: Class::Interactive,
            repeatable: true,
            trace: trace.map(Into::into),
            consistency: Consistency::Strong,
        };
        let id = "0af7651916cd43dd8448eb211c80319c";
        let parent = format!("00-{id}-b7ad6b7169203331-01");
        for (trace, found) in [(None, None), (Some(parent.as_str()), Some(id)), (Some("odd"), Some("odd"))] {
            assert_eq!(request(trace).trace_id(), found);
        }
    }
}
