//! Why a book of charge detail records refuses a command.

use domain::entity::cdr_book::{MOST_DOCUMENT_BYTES, Rejection};
use domain::verification::DecisionRefused;

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
            Rejection::UnknownChange(number) => {
                let text = "no document with other content of this number came under the key of the record";
                refused(NotFound, "UNKNOWN_CDR_DOCUMENT", text).knowing("number", &number.to_string())
            }
            Rejection::NoTerms => refused(NotFound, "NO_PARTY_TERMS", "nothing was agreed with the party"),
            Rejection::NoSettlement => {
                let text = "say exactly one: an account is owed what its sessions are bought for, the party is one's own \
                            and nothing is bought, or it is settled elsewhere";
                refused(Invalid, "NO_SETTLEMENT", text)
            }
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
                let text = "the record can't go on as it is; it can only be rejected";
                refused(FailedPrecondition, "CDR_NOT_RELEASABLE", text).knowing("quarantine_reason", code)
            }
            Rejection::UnderWay => {
                refused(Aborted, "CDR_UNDER_WAY", "an answer about the record is on its way; ask again")
            }
            Rejection::Settled => {
                refused(FailedPrecondition, "CDR_SETTLED", "nothing of the record is left to be decided")
            }
            Rejection::NoDispute => {
                refused(FailedPrecondition, "CDR_NOT_DISPUTED", "the price of the record is not disputed")
            }
            Rejection::DecisionRefused(refusal) => decision(*refusal),
        }
    }
}

/// Why a dispute can't be decided so.
fn decision(refusal: DecisionRefused) -> store::Rejection {
    use RejectionKind::{FailedPrecondition, Invalid};
    let (kind, reason, text) = match refusal {
        DecisionRefused::Withdrawn => (
            FailedPrecondition,
            "DISPUTE_WITHDRAWN",
            "the record was taken back: there is nothing left to dispute",
        ),
        DecisionRefused::Final => {
            (FailedPrecondition, "DISPUTE_DECIDED", "the dispute was decided otherwise, and that is final")
        }
        DecisionRefused::NoPriceOfTheirs => {
            (FailedPrecondition, "NO_STATED_PRICE", "the record states no price that could be accepted")
        }
        DecisionRefused::NoPriceOfOurs => {
            (FailedPrecondition, "NO_OWN_PRICE", "there is no price of ours to insist on")
        }
        DecisionRefused::OtherCurrency => {
            (Invalid, "DISPUTE_OTHER_CURRENCY", "the amount is of another currency than the price")
        }
        DecisionRefused::BeyondPrices => (
            Invalid,
            "DISPUTE_BEYOND_PRICES",
            "the amount is below zero or above the larger of both prices: neither side has asked for it",
        ),
        DecisionRefused::OutOfRange => (Invalid, "DISPUTE_OUT_OF_RANGE", "the difference is out of range"),
    };
    refused(kind, reason, text)
}
