//! Why a book of charge detail records refuses a command.

use domain::entity::cdr_book::{MOST_DOCUMENT_BYTES, Rejection};

use crate::convert::entity::rejection::refused;
use crate::store::{self, RejectionKind};

impl From<&Rejection> for store::Rejection {
    fn from(rejection: &Rejection) -> Self {
        use RejectionKind::{Aborted, FailedPrecondition, Invalid, NotFound};
        match rejection {
            Rejection::DocumentTooLarge => {
                refused(Invalid, "CDR_DOCUMENT_TOO_LARGE", "the document is larger than is taken")
                    .knowing("most_bytes", &MOST_DOCUMENT_BYTES.to_string())
            }
            Rejection::UnknownCdr => refused(NotFound, "UNKNOWN_CDR", "no such record was received"),
            Rejection::NoTerms => refused(NotFound, "NO_PARTY_TERMS", "nothing was agreed with the party"),
            Rejection::RuleCannotRelease(code) => {
                let text = "a rule can't release this reason: there is something to be put right first";
                refused(Invalid, "RULE_CANNOT_RELEASE", text).knowing("quarantine_reason", code)
            }
            Rejection::UnknownReason(code) => {
                refused(Invalid, "UNKNOWN_QUARANTINE_REASON", "a rule names a reason that there is not")
                    .knowing("quarantine_reason", code)
            }
            Rejection::NotQuarantined => {
                refused(FailedPrecondition, "CDR_NOT_QUARANTINED", "the record is not in quarantine")
            }
            Rejection::NotReleasable(code) => {
                let text = "the session can't be billed as it is; the record can only be rejected";
                refused(FailedPrecondition, "CDR_NOT_RELEASABLE", text).knowing("quarantine_reason", code)
            }
            Rejection::UnderWay => {
                refused(Aborted, "CDR_UNDER_WAY", "an answer about the record is on its way; ask again")
            }
            Rejection::Settled => {
                refused(FailedPrecondition, "CDR_SETTLED", "nothing of the record is left to be decided")
            }
        }
    }
}
