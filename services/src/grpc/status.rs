//! What goes wrong, as gRPC tells it: the one place where a failure becomes a status.
//!
//! Every status carries a `google.rpc.ErrorInfo` whose reason is stable and whose domain is `kvarter`. A field at fault
//! is named by `google.rpc.BadRequest`; what is worth trying again says when by `google.rpc.RetryInfo`.

use std::collections::HashMap;
use std::time::Duration;

use actors::shell::CallError;
use domain::document::{DocumentError, RefusalReason};
use proto::convert::{FieldError, FieldFault};
use proto::store::{Rejection, RejectionKind};
use proto::types::Reason;
use storage::StoreError;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, PreconditionViolation, StatusExt};

use crate::gateway::Failure;

/// The domain of every reason.
pub const DOMAIN: &str = "kvarter";

/// When to try again what was refused for want of room.
const RETRY_AFTER: Duration = Duration::from_millis(100);

/// A status whose reason has no further facts.
pub(super) fn plain(code: Code, reason: &str, text: impl Into<String>) -> Status {
    with_facts(code, reason, text, [])
}

/// A status whose reason has further facts.
pub(super) fn with_facts<const N: usize>(
    code: Code,
    reason: &str,
    text: impl Into<String>,
    facts: [(&str, String); N],
) -> Status {
    let facts: HashMap<String, String> =
        facts.into_iter().map(|(name, fact)| (name.to_owned(), fact)).collect();
    Status::with_error_details(code, text, ErrorDetails::with_error_info(reason, DOMAIN, facts))
}

/// A field of the request says what can't be.
pub(super) fn invalid_field(field: &str, text: &str) -> Status {
    invalid("INVALID", field, text)
}

/// A field that must be set is not.
pub(super) fn missing(field: &str) -> Status {
    invalid("MISSING", field, "is missing")
}

/// A conversion found a field that says what can't be, in the field of the request with this name.
pub(super) fn field_error(error: FieldError, within: &str) -> Status {
    let error = if within.is_empty() { error } else { error.within(within) };
    let reason = match error.fault {
        FieldFault::Missing => "MISSING",
        _ => "INVALID",
    };
    invalid(reason, &error.path, &error.fault.to_string())
}

/// There is nothing of this name.
pub(super) fn not_found(what: &str, name: &str) -> Status {
    with_facts(Code::NotFound, "NOT_FOUND", format!("there is no {what} {name}"), [("name", name.to_owned())])
}

/// The server has as much to do as it takes.
pub(super) fn full(bound: &str, retry_after: Duration) -> Status {
    let mut details =
        ErrorDetails::with_error_info("OVERLOADED", DOMAIN, one_fact("bound", bound.to_owned()));
    details.set_retry_info(Some(retry_after));
    let text = format!("{bound} is full; try again in {} ms", retry_after.as_millis());
    Status::with_error_details(Code::ResourceExhausted, text, details)
}

/// The node is stopping.
pub(super) fn draining() -> Status {
    unavailable("DRAINING", "the node is stopping".to_owned(), HashMap::new())
}

/// The time was over.
pub(super) fn too_late() -> Status {
    plain(
        Code::DeadlineExceeded,
        "DEADLINE_EXCEEDED",
        "the deadline passed; ask again with the same request id",
    )
}

/// A stream stood still for too long.
pub(super) fn idle(patience: Duration) -> Status {
    let text = format!("no batch came for {} s; open the stream anew when there is one", patience.as_secs());
    plain(Code::DeadlineExceeded, "IDLE", text)
}

/// A defect of this program; what it was stands in the log.
pub(super) fn internal(what: &str) -> Status {
    tracing::error!(what, "a request met a defect");
    plain(Code::Internal, "INTERNAL", "internal error; the log of the node says more")
}

/// A document that can't be read, with the place of its first fault. Nothing of it was stored.
pub(super) fn unreadable(error: &DocumentError) -> Status {
    let facts = [
        ("document", error.document.clone().unwrap_or_default()),
        ("series", error.series.clone().unwrap_or_default()),
        ("field", error.field.clone()),
    ];
    let facts = facts.into_iter().map(|(name, fact)| (name.to_owned(), fact)).collect::<HashMap<_, _>>();
    let mut details = ErrorDetails::with_error_info(document_reason(&error.reason), DOMAIN, facts);
    details.add_bad_request_violation("content", error.to_string());
    Status::with_error_details(Code::InvalidArgument, error.to_string(), details)
}

impl From<Failure> for Status {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Rejected(rejection) => rejected(rejection),
            Failure::NoAnswer(error) => unanswered(error),
            Failure::Name(error) => invalid_field("name", &error.to_string()),
            Failure::Store(error) => unreadable_store(&error),
            Failure::Unreadable(what) => internal(&what),
        }
    }
}

/// A refusal of an entity.
fn rejected(rejection: Rejection) -> Status {
    let Rejection { kind, reason, metadata, violations } = rejection;
    let code = match RejectionKind::try_from(kind) {
        Ok(RejectionKind::Invalid) => Code::InvalidArgument,
        Ok(RejectionKind::NotFound) => Code::NotFound,
        Ok(RejectionKind::AlreadyExists) => Code::AlreadyExists,
        Ok(RejectionKind::FailedPrecondition) => Code::FailedPrecondition,
        Ok(RejectionKind::Aborted) => Code::Aborted,
        Ok(RejectionKind::Unspecified) | Err(_) => Code::Unknown,
    };
    let Reason { code: name, text } = reason.unwrap_or_default();
    let field = metadata.get("field").cloned();
    let mut details =
        ErrorDetails::with_error_info(name, DOMAIN, metadata.into_iter().collect::<HashMap<_, _>>());
    if let Some(field) = field {
        details.add_bad_request_violation(field, text.clone());
    }
    if !violations.is_empty() {
        let violations = violations.into_iter().map(|one| PreconditionViolation::new(one.code, "", one.text));
        details.set_precondition_failure(violations.collect::<Vec<_>>());
    }
    Status::with_error_details(code, text, details)
}

/// An entity that gave no answer.
fn unanswered(error: CallError) -> Status {
    let text = error.to_string();
    match error {
        CallError::Overloaded { bound, retry_after } => full(&bound.to_string(), retry_after),
        CallError::OutcomeUnknown => plain(Code::Aborted, "OUTCOME_UNKNOWN", text),
        CallError::DeadlineExceeded => too_late(),
        CallError::Parked { reason } => {
            let facts = [("parked_for", reason.to_string())];
            with_facts(Code::FailedPrecondition, "PARKED", text, facts)
        }
        CallError::Internal { incident } => {
            let facts = [("incident", incident.to_string())];
            with_facts(Code::Internal, "INTERNAL", text, facts)
        }
        CallError::RequestIdInvalid => invalid("REQUEST_ID_INVALID", "request_id", &text),
        CallError::RequestIdReused => invalid("REQUEST_ID_REUSED", "request_id", &text),
        CallError::RequestIdExpired => invalid("REQUEST_ID_EXPIRED", "request_id", &text),
        CallError::RequestIdAhead => invalid("REQUEST_ID_AHEAD", "request_id", &text),
        CallError::NotOwner { shard, .. } => {
            unavailable("NOT_OWNER", text, one_fact("shard", shard.to_string()))
        }
        CallError::Unreachable => unavailable("UNREACHABLE", text, HashMap::new()),
        CallError::NotAdmitting { .. } => unavailable("NOT_ADMITTING", text, HashMap::new()),
        CallError::Draining => unavailable("DRAINING", text, HashMap::new()),
    }
}

pub(super) fn unreadable_store(error: &StoreError) -> Status {
    match error {
        StoreError::Unavailable { .. } | StoreError::Closed => {
            unavailable("STORE_UNAVAILABLE", error.to_string(), HashMap::new())
        }
        StoreError::Limit(_) | StoreError::Corrupt { .. } => internal(&error.to_string()),
    }
}

fn unavailable(reason: &str, text: String, facts: HashMap<String, String>) -> Status {
    let mut details = ErrorDetails::with_error_info(reason, DOMAIN, facts);
    details.set_retry_info(Some(RETRY_AFTER));
    Status::with_error_details(Code::Unavailable, text, details)
}

/// A field of the request says what can't be, for a reason of its own.
pub(super) fn invalid(reason: &str, field: &str, text: &str) -> Status {
    let mut details = ErrorDetails::with_error_info(reason, DOMAIN, one_fact("field", field.to_owned()));
    details.add_bad_request_violation(field, text);
    Status::with_error_details(Code::InvalidArgument, format!("{field}: {text}"), details)
}

fn one_fact(name: &str, fact: String) -> HashMap<String, String> {
    HashMap::from([(name.to_owned(), fact)])
}

/// The name of what is wrong with a document.
fn document_reason(reason: &RefusalReason) -> &'static str {
    match reason {
        RefusalReason::TooLarge { .. } => "TOO_LARGE",
        RefusalReason::NotUtf8 => "NOT_UTF8",
        RefusalReason::Malformed { .. } => "MALFORMED",
        RefusalReason::ForbiddenDeclaration => "FORBIDDEN_DECLARATION",
        RefusalReason::TooDeep { .. } => "TOO_DEEP",
        RefusalReason::UnknownDocument { .. } => "UNKNOWN_DOCUMENT",
        RefusalReason::MissingField => "MISSING_FIELD",
        RefusalReason::RepeatedField => "REPEATED_FIELD",
        RefusalReason::WrongShape => "WRONG_SHAPE",
        RefusalReason::MisplacedField => "MISPLACED_FIELD",
        RefusalReason::TextTooLong { .. } => "TEXT_TOO_LONG",
        RefusalReason::UnknownCode { .. } => "UNKNOWN_CODE",
        RefusalReason::NotAMeteringPointId { .. } => "NOT_A_METERING_POINT_ID",
        RefusalReason::WrongCheckDigit { .. } => "WRONG_CHECK_DIGIT",
        RefusalReason::NotAParticipantId { .. } => "NOT_A_PARTICIPANT_ID",
        RefusalReason::NotAnInstant { .. } => "NOT_AN_INSTANT",
        RefusalReason::NotAFlag { .. } => "NOT_A_FLAG",
        RefusalReason::NotACount { .. } => "NOT_A_COUNT",
        RefusalReason::Number { .. } => "NUMBER",
        RefusalReason::UnitDoesNotFit => "UNIT_DOES_NOT_FIT",
        RefusalReason::ResolutionNotAllowed { .. } => "RESOLUTION_NOT_ALLOWED",
        RefusalReason::EndsBeforeStart { .. } => "ENDS_BEFORE_START",
        RefusalReason::IntervalTooLong => "INTERVAL_TOO_LONG",
        RefusalReason::OffTheGrid { .. } => "OFF_THE_GRID",
        RefusalReason::NotAtMidnight => "NOT_AT_MIDNIGHT",
        RefusalReason::WrongCount { .. } => "WRONG_COUNT",
        RefusalReason::WrongPosition { .. } => "WRONG_POSITION",
        RefusalReason::MissingQuantity => "MISSING_QUANTITY",
        RefusalReason::QuantityOfMissing => "QUANTITY_OF_MISSING",
        RefusalReason::NegativeQuantity => "NEGATIVE_QUANTITY",
        RefusalReason::TariffFactor => "TARIFF_FACTOR",
        RefusalReason::DuplicateSeries => "DUPLICATE_SERIES",
        RefusalReason::OverlappingSeries { .. } => "OVERLAPPING_SERIES",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use actors::shell::Bound;
    use cluster::ShardId;

    use super::*;

    fn check(failure: Failure, code: Code, reason: &str) -> ErrorDetails {
        let status = Status::from(failure);
        let details = status.get_error_details();
        let info = details.error_info().unwrap().clone();
        assert_eq!((status.code(), info.reason.as_str(), info.domain.as_str()), (code, reason, DOMAIN));
        details
    }

    #[test]
    fn no_answer_says_what_to_do() {
        let retry_after = Duration::from_millis(250);
        let overloaded = CallError::Overloaded { bound: Bound::Shard, retry_after };
        let details = check(Failure::NoAnswer(overloaded), Code::ResourceExhausted, "OVERLOADED");
        assert_eq!(details.retry_info().unwrap().retry_delay, Some(retry_after));
        let parked = CallError::Parked { reason: Arc::from("it broke") };
        let details = check(Failure::NoAnswer(parked), Code::FailedPrecondition, "PARKED");
        assert_eq!(details.error_info().unwrap().metadata["parked_for"], "it broke");
        let elsewhere = CallError::NotOwner { shard: ShardId::new(7), owner: None, epoch: None };
        let details = check(Failure::NoAnswer(elsewhere), Code::Unavailable, "NOT_OWNER");
        assert!(details.retry_info().is_some());
        for (error, code, reason) in [
            (CallError::OutcomeUnknown, Code::Aborted, "OUTCOME_UNKNOWN"),
            (CallError::DeadlineExceeded, Code::DeadlineExceeded, "DEADLINE_EXCEEDED"),
            (CallError::Draining, Code::Unavailable, "DRAINING"),
            (CallError::Unreachable, Code::Unavailable, "UNREACHABLE"),
            (CallError::NotAdmitting { reason: Arc::from("no store") }, Code::Unavailable, "NOT_ADMITTING"),
            (CallError::RequestIdInvalid, Code::InvalidArgument, "REQUEST_ID_INVALID"),
            (CallError::RequestIdReused, Code::InvalidArgument, "REQUEST_ID_REUSED"),
            (CallError::RequestIdExpired, Code::InvalidArgument, "REQUEST_ID_EXPIRED"),
            (CallError::RequestIdAhead, Code::InvalidArgument, "REQUEST_ID_AHEAD"),
        ] {
            check(Failure::NoAnswer(error), code, reason);
        }
    }

    #[test]
    fn a_store_that_is_away_is_worth_another_try_and_damage_is_not() {
        let away = StoreError::Unavailable { reason: "the disk is full".to_owned() };
        check(Failure::Store(away), Code::Unavailable, "STORE_UNAVAILABLE");
        check(Failure::Store(StoreError::Closed), Code::Unavailable, "STORE_UNAVAILABLE");
        let damaged = StoreError::Corrupt { what: "a row".to_owned() };
        check(Failure::Store(damaged), Code::Internal, "INTERNAL");
        check(Failure::Unreadable("a reply".to_owned()), Code::Internal, "INTERNAL");
    }

    #[test]
    fn a_refusal_keeps_reason_facts_and_violations() {
        let violation = Reason { code: "EMPTY".to_owned(), text: "it has no component".to_owned() };
        let rejection = Rejection {
            kind: RejectionKind::Invalid.into(),
            reason: Some(Reason {
                code: "DEFECTIVE_PRODUCT".to_owned(),
                text: "it can't be sold".to_owned(),
            }),
            metadata: [("field".to_owned(), "product".to_owned())].into(),
            violations: vec![violation],
        };
        let details = check(Failure::Rejected(rejection), Code::InvalidArgument, "DEFECTIVE_PRODUCT");
        assert_eq!(details.bad_request().unwrap().field_violations[0].field, "product");
        assert_eq!(details.precondition_failure().unwrap().violations[0].r#type, "EMPTY");
        for (kind, code) in [
            (RejectionKind::NotFound, Code::NotFound),
            (RejectionKind::AlreadyExists, Code::AlreadyExists),
            (RejectionKind::FailedPrecondition, Code::FailedPrecondition),
            (RejectionKind::Aborted, Code::Aborted),
            (RejectionKind::Unspecified, Code::Unknown),
        ] {
            check(Failure::Rejected(Rejection { kind: kind.into(), ..Rejection::default() }), code, "");
        }
    }
}
