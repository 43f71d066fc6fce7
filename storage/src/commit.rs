//! What a commit is: values it expects, writes in order, and its three ways to end.

use bytes::Bytes;

use crate::key::{Key, KeyRange};

/// One transaction: all of its writes happen, at one moment and durably, or none does.
///
/// A commit is a value. Where its outcome is unknown, committing an equal one again settles the matter,
/// provided that its expectations name a key which its writes change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// What has to hold at the moment of the commit, or it is refused.
    pub expectations: Vec<Expectation>,
    /// The changes, applied one after the other: a later write sees the earlier ones.
    pub writes: Vec<Write>,
}

/// The value a key must have at the moment of the commit, compared byte by byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// The key looked at.
    pub key: Key,
    /// Its value; `None` states that there is no such row.
    pub value: Option<Bytes>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Sets a value whether or not there is one.
    Put {
        /// The row.
        key: Key,
        /// Its new content.
        value: Bytes,
    },
    /// Removes a row; without effect where there is none.
    Delete {
        /// The row.
        key: Key,
    },
    /// Removes every row of a range.
    DeleteRange {
        /// The rows.
        range: KeyRange,
    },
    /// Adds to a stored integer of 16 bytes ([`integer_to_bytes`](crate::integer_to_bytes)); an absent row
    /// counts as 0. **Wraps on overflow, in silence**, as FoundationDB's atomic add does: whoever adds has
    /// to refuse an overflow before.
    Add {
        /// The row.
        key: Key,
        /// What to add, negative to subtract.
        delta: i128,
    },
}

/// How a commit ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommitOutcome {
    /// It happened and is durable.
    Committed,
    /// An expectation did not hold; nothing was written.
    Conflict {
        /// The key of the first expectation that did not hold.
        key: Key,
    },
    /// It may have happened, may not have, or may still happen. Only committing the identical commit again
    /// settles it: once that is `Committed`, or a `Conflict` on a head that shows this commit's id, it is done.
    Unknown,
}

impl Commit {
    /// A commit that expects nothing and writes nothing.
    pub fn new() -> Commit {
        Commit::default()
    }

    /// Adds the expectation that `key` has this value.
    pub fn expect_value(mut self, key: impl Into<Key>, value: impl Into<Bytes>) -> Commit {
        self.expectations.push(Expectation { key: key.into(), value: Some(value.into()) });
        self
    }

    /// Adds the expectation that there is no row `key`.
    pub fn expect_absent(mut self, key: impl Into<Key>) -> Commit {
        self.expectations.push(Expectation { key: key.into(), value: None });
        self
    }

    /// Adds a [`Write::Put`].
    pub fn put(mut self, key: impl Into<Key>, value: impl Into<Bytes>) -> Commit {
        self.writes.push(Write::Put { key: key.into(), value: value.into() });
        self
    }

    /// Adds a [`Write::Delete`].
    pub fn delete(mut self, key: impl Into<Key>) -> Commit {
        self.writes.push(Write::Delete { key: key.into() });
        self
    }

    /// Adds a [`Write::DeleteRange`].
    pub fn delete_range(mut self, range: KeyRange) -> Commit {
        self.writes.push(Write::DeleteRange { range });
        self
    }

    /// Adds a [`Write::Add`].
    pub fn add(mut self, key: impl Into<Key>, delta: i128) -> Commit {
        self.writes.push(Write::Add { key: key.into(), delta });
        self
    }

    /// The size that counts against [`MAX_COMMIT_BYTES`](crate::MAX_COMMIT_BYTES), reckoned as FoundationDB
    /// reckons it: a written key counts three times (once itself, twice as the range other transactions
    /// would conflict with), an expected key twice, a value once.
    pub fn size_bytes(&self) -> usize {
        let expected = self.expectations.iter().map(|expectation| conflict_range_bytes(&expectation.key));
        let written = self.writes.iter().map(Write::size_bytes);
        expected.chain(written).fold(0, usize::saturating_add)
    }
}

impl Write {
    /// What this write contributes to [`Commit::size_bytes`].
    pub fn size_bytes(&self) -> usize {
        match self {
            Write::Put { key, value } => mutation_bytes(key, value.len()),
            Write::Delete { key } => mutation_bytes(key, key.len().saturating_add(1)),
            Write::Add { key, .. } => mutation_bytes(key, size_of::<i128>()),
            Write::DeleteRange { range } => {
                range.begin.len().saturating_add(range.end.len()).saturating_mul(2)
            }
        }
    }
}

fn mutation_bytes(key: &Key, parameter_bytes: usize) -> usize {
    key.len().saturating_add(parameter_bytes).saturating_add(conflict_range_bytes(key))
}

fn conflict_range_bytes(key: &Key) -> usize {
    key.len().saturating_mul(2).saturating_add(1)
}
