//! What a machine decides: one value that is committed whole or not at all.

use bytes::Bytes;

use super::entity_id::EntityId;
use super::fact::RowKey;

/// The result of one command. The answer, the changed state, the rows, messages and timers are committed in one
/// transaction; the answer is released when that is durable.
///
/// Limits, checked before it is accepted: [`Decision::MAX_BYTES`], [`Decision::MAX_KEYS`],
/// [`Decision::MAX_VALUE_BYTES`], [`Decision::MAX_MESSAGES`]. A decision beyond them counts like a panic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The answer.
    pub outcome: Outcome,
    /// Parts of the state to put, or with `None` to delete. The root part holds what always changes; parts of
    /// their own are for what is large and rarely changes. All are handed back at activation.
    pub parts: Vec<(PartKey, Option<Bytes>)>,
    /// Immutable rows, totals, index rows.
    pub rows: Vec<RowWrite>,
    /// An event that is not in a row already, for the entity's log.
    pub log: Option<Bytes>,
    /// Commands for other entities of the same tenant, delivered once each, in this order per receiver.
    pub messages: Vec<Message>,
    /// Timers set and cancelled.
    pub timers: Vec<TimerChange>,
}

/// Whether the command was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was.
    Accepted {
        /// The answer to the caller. Nobody sees the one to a message or timer.
        reply: Bytes,
    },
    /// It was refused: nothing else of the decision may be set. A message that is refused stays in its
    /// channel, which is held and listed until it is accepted; a timer that is refused goes.
    Rejected {
        /// The reason as a value.
        reply: Bytes,
        /// Whether a repeat of the request id gets this very answer (money commands) or is judged anew
        /// (malformed or unauthenticated requests).
        keep: bool,
    },
}

/// The name of one part of an entity's state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartKey(Bytes);

/// A change of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowWrite {
    /// Sets a row.
    Put(RowKey, Bytes),
    /// Removes a row.
    Delete(RowKey),
    /// Adds to a row of [`Section::Total`](super::Section::Total); an absent one counts as zero.
    Add(RowKey, i128),
}

/// A command for another entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Whom to; of the sender's tenant.
    pub to: EntityId,
    /// The command.
    pub command: Bytes,
}

/// A change of one timer. Its identity is the due time and the key, which the entity keeps in its state if it
/// may want to cancel it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimerChange {
    /// Gives the entity a command when shard time has reached `due_ms`. Replaces one with equal due time and key.
    Set {
        /// Milliseconds since 1970-01-01T00:00Z.
        due_ms: i64,
        /// Names the timer among those of the entity with the same due time; at most 64 bytes.
        key: Bytes,
        /// The command.
        command: Bytes,
    },
    /// Takes a timer back. Without effect where there is none.
    Cancel {
        /// As it was set.
        due_ms: i64,
        /// As it was set.
        key: Bytes,
    },
}

impl Decision {
    /// All writes of a decision in bytes, keys included.
    pub const MAX_BYTES: usize = 512 * 1024;
    /// How many rows it may write, those of the shell included.
    pub const MAX_KEYS: usize = 1_000;
    /// The largest value in bytes.
    pub const MAX_VALUE_BYTES: usize = 90_000;
    /// How many messages it may send.
    pub const MAX_MESSAGES: usize = 64;

    /// A command taken with this answer and, until fields are set, no effect: what a read gives.
    pub fn accepted(reply: impl Into<Bytes>) -> Decision {
        Decision::of(Outcome::Accepted { reply: reply.into() })
    }

    /// A command refused for a reason that a repeat of the request gets again.
    pub fn rejected(reply: impl Into<Bytes>) -> Decision {
        Decision::of(Outcome::Rejected { reply: reply.into(), keep: true })
    }

    /// A command refused without trace, since it can't be read or its sender is not known.
    pub fn malformed(reply: impl Into<Bytes>) -> Decision {
        Decision::of(Outcome::Rejected { reply: reply.into(), keep: false })
    }

    /// Whether it changes nothing but maybe the kept answer.
    pub fn is_without_effect(&self) -> bool {
        self.parts.is_empty()
            && self.rows.is_empty()
            && self.log.is_none()
            && self.messages.is_empty()
            && self.timers.is_empty()
    }

    fn of(outcome: Outcome) -> Decision {
        Decision {
            outcome,
            parts: Vec::new(),
            rows: Vec::new(),
            log: None,
            messages: Vec::new(),
            timers: Vec::new(),
        }
    }
}

impl PartKey {
    /// The part that is there as long as the entity is: state of up to about 1 kB, put whole.
    pub fn root() -> PartKey {
        PartKey(Bytes::new())
    }

    /// A part of this name.
    pub fn new(name: impl Into<Bytes>) -> PartKey {
        PartKey(name.into())
    }

    /// The name; empty for the root.
    pub fn as_bytes(&self) -> &Bytes {
        &self.0
    }

    /// Whether it is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}
