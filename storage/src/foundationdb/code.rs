//! What FoundationDB's error codes mean to a call of the store.
//!
//! The codes: <https://apple.github.io/foundationdb/api-error-codes.html>.

use std::ops::Range;

use foundationdb::FdbError;

use crate::error::StoreError;

/// The read version has left the five seconds that the cluster remembers.
pub(super) const TRANSACTION_TOO_OLD: i32 = 1007;
/// A process of the cluster asks not to be waited for any more.
pub(super) const OPERATION_CANCELLED: i32 = 1101;
/// The transaction was cancelled by its own client.
pub(super) const TRANSACTION_CANCELLED: i32 = 1025;
/// The transaction has used up its timeout.
pub(super) const TRANSACTION_TIMED_OUT: i32 = 1031;
/// An operator has locked the database.
pub(super) const DATABASE_LOCKED: i32 = 1038;
/// The transaction is larger than the client accepts.
pub(super) const TRANSACTION_TOO_LARGE: i32 = 2101;
/// The codes of requests that are wrong in themselves, found before anything is sent.
const WRONG_REQUESTS: Range<i32> = 2000..3000;

/// What follows from an error of a commit that was handed to the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing was written; the transaction may be repeated.
    Again,
    /// Nothing was written, and nothing will be by repeating it.
    Refused,
    /// It was written, was not, or may still be.
    Unknown,
}

/// Judges an error of a commit that was handed to the cluster. What is not known to be harmless is unknown.
pub(super) fn of_commit(error: FdbError) -> Verdict {
    match error.code() {
        DATABASE_LOCKED => Verdict::Refused,
        _ if error.is_retryable_not_committed() => Verdict::Again,
        code if WRONG_REQUESTS.contains(&code) => Verdict::Refused,
        _ => Verdict::Unknown,
    }
}

/// Whether a transaction that has only read may be repeated.
pub(super) fn may_read_again(error: FdbError) -> bool {
    error.code() != DATABASE_LOCKED && error.is_retryable()
}

/// Whether a page that has rows already may end where this error met it.
pub(super) fn ends_a_page(error: FdbError) -> bool {
    matches!(error.code(), TRANSACTION_TOO_OLD | TRANSACTION_TIMED_OUT)
}

/// The error a caller sees: nothing happened, and what helps.
pub(super) fn unavailable(error: FdbError) -> StoreError {
    StoreError::Unavailable { reason: explain(error) }
}

fn explain(error: FdbError) -> String {
    let advice = match error.code() {
        TRANSACTION_TIMED_OUT => {
            "FoundationDB did not answer in time; see `fdbcli --exec status` and the network, then try again"
        }
        DATABASE_LOCKED => "the FoundationDB database is locked; `fdbcli --exec \"unlock UID\"` unlocks it",
        1020 => "other transactions were always faster; try again",
        1042 | 1051 | 1078 | 1079 | 1213 | 1223 => "FoundationDB holds transactions back; try again later",
        TRANSACTION_CANCELLED | OPERATION_CANCELLED => "the transaction was cancelled; try again",
        1000..2000 => "FoundationDB can't serve now; see `fdbcli --exec status`, then try again",
        _ => "FoundationDB refused the request",
    };
    format!("{advice} ({error}, {})", error.code())
}
