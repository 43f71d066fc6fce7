//! What can go wrong outside of the caller's decision: limits, damage, a store that is away.

use crate::key::Key;
use crate::limits::{MAX_COMMIT_BYTES, MAX_KEY_BYTES, MAX_VALUE_BYTES};

/// Why a store did not do what it was asked.
///
/// From [`commit`](crate::Store::commit) an error means that nothing was written and nothing will be: doubt
/// is never an error but [`CommitOutcome::Unknown`](crate::CommitOutcome::Unknown).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The request is larger than any store takes. Found before anything else is done.
    #[error(transparent)]
    Limit(#[from] LimitExceeded),
    /// What was read is not what was written. The store must not be used further; restore a backup.
    #[error("the store is damaged: {what}; stop the node and restore from a backup")]
    Corrupt {
        /// The key, table or file in question and how it is wrong.
        what: String,
    },
    /// The store can't serve at the moment, or not until it is opened again.
    #[error("the store is unavailable: {reason}")]
    Unavailable {
        /// What happened and what helps.
        reason: String,
    },
    /// The store was closed.
    #[error("the store is closed; open it again")]
    Closed,
}

/// Which limit a request exceeds. The limits are the same for every store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitExceeded {
    /// A row without a name.
    #[error("a key is empty; a key has 1 to {MAX_KEY_BYTES} bytes")]
    KeyEmpty,
    /// A key of the space that is kept free behind every range.
    #[error("key {key} begins with byte 0xFF, which is reserved")]
    KeyReserved {
        /// The key in question.
        key: Key,
    },
    /// A key, or a bound of a range, that is too long.
    #[error("a key of {size_bytes} bytes is too long; a key has at most {MAX_KEY_BYTES} bytes")]
    KeyTooLong {
        /// The length of the key.
        size_bytes: usize,
    },
    /// A value that is too large.
    #[error(
        "the value of key {key} has {size_bytes} bytes; a value has at most {MAX_VALUE_BYTES}, split it into rows"
    )]
    ValueTooLarge {
        /// The key of the value.
        key: Key,
        /// The length of the value.
        size_bytes: usize,
    },
    /// A commit that is too large in sum.
    #[error(
        "the commit has {size_bytes} bytes; a commit has at most {MAX_COMMIT_BYTES}, split it into several"
    )]
    CommitTooLarge {
        /// The size of the commit as [`Commit::size_bytes`](crate::Commit::size_bytes) counts it.
        size_bytes: usize,
    },
}
