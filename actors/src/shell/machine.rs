//! The boundary between the shell and the rules of the field: bytes in, decisions out.
//!
//! A machine is pure: no clock, no I/O, no randomness. Everything it may use is in its state and its arguments, and all
//! it wants done is in the value it returns.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use cluster::{ShardCount, ShardId};
use uuid::Uuid;

use super::decision::{Decision, PartKey};
use super::entity_id::EntityId;
use super::fact::{Facts, Need};

/// The kinds of entities a node runs.
pub trait Machines: Send + Sync + 'static {
    /// The shard of an entity. A kind may carry its shard in its key (one entity per shard, for instance); all
    /// others are spread by a hash of the whole name. The answer is part of what is stored: it never changes.
    fn shard_of(&self, id: &EntityId, count: ShardCount) -> ShardId {
        count.shard_of(&id.to_bytes())
    }

    /// The entity as its stored parts say, in the order of their keys, the root first. No parts: it was never
    /// written to; give the state every entity of the kind begins with.
    ///
    /// An error, like a panic, parks the entity: unknown kind, bytes that a newer release wrote, damage.
    fn activate(&self, id: &EntityId, parts: Vec<Part>) -> Result<Box<dyn Machine>, ActivationError>;
}

/// One active entity: its speculative state and the rules of its kind.
///
/// Commands come one at a time. For each, [`needs`](Machine::needs) is asked and answered until it asks for
/// nothing new, then [`decide`](Machine::decide) is called with all that was read. State doesn't change between.
/// A panic in either is charged to the command and the entity is rebuilt from the store.
pub trait Machine: Send {
    /// What else has to be read before `decide`, given the `facts` read so far. Empty: nothing more. At most
    /// [`MAX_ROUNDS_OF_NEEDS`] times; a command that can't be read needs nothing and is refused by
    /// `decide`. The time of the decision is that of `moment` or, where reading takes a while, a later one.
    fn needs(&self, input: &Input, facts: &Facts, moment: &Moment) -> Vec<Need>;

    /// Decides the command and applies its own events to the state, so that the next command sees them before
    /// they are durable.
    fn decide(&mut self, input: &Input, facts: &Facts, moment: &Moment) -> Decision;
}

/// How often [`Machine::needs`] may ask for more for one command.
pub const MAX_ROUNDS_OF_NEEDS: usize = 8;

/// A stored part of an entity's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which part.
    pub key: PartKey,
    /// Its content as the machine gave it.
    pub value: Bytes,
}

/// A command and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The command as its sender encoded it.
    pub command: Bytes,
    /// Its sender.
    pub origin: Origin,
}

/// Where a command comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A caller outside.
    Request {
        /// Who asks, as proven at the rim.
        caller: Caller,
        /// Under which id a repeat will be known; `None` for reads and for what has a natural key.
        request_id: Option<Uuid>,
    },
    /// Another entity of the same tenant. It can't be refused without holding up the channel: what can't be placed
    /// is accepted and listed as such.
    Message {
        /// Who sent it.
        sender: EntityId,
    },
    /// The entity's own timer.
    Timer {
        /// When it was due, in milliseconds since 1970-01-01T00:00Z.
        due_ms: i64,
        /// Its key as it was set.
        key: Bytes,
    },
}

/// Who asks, as proven at the rim; every decision stores it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Caller {
    /// The client whose request ids these are; 1 to 128 bytes.
    pub client: Arc<str>,
    /// The person or system on whose behalf it asks.
    pub subject: Arc<str>,
    /// What it may do.
    pub roles: Arc<[Box<str>]>,
}

/// When and where a decision is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Registration time in milliseconds since 1970-01-01T00:00Z: never goes back within a shard, whoever owns
    /// it. What commits later in a shard never has an earlier one.
    pub shard_time_ms: i64,
    /// The time of the last batch known to be durable. What was registered *before* it is complete: only as of such
    /// times is an answer the same for ever.
    pub settled_time_ms: i64,
    /// The place of this decision in the entity's log, if it has an effect: 1 for the first. Orders what has
    /// the same time.
    pub log_sequence: u64,
    /// The shard of the entity.
    pub shard: ShardId,
}

/// Why an entity can't be activated. The entity is parked with this text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct ActivationError {
    /// What is wrong and where.
    pub reason: String,
}

impl Caller {
    /// A caller who acts for itself and has no roles.
    pub fn of(client: &str) -> Caller {
        Caller { client: Arc::from(client), subject: Arc::from(client), roles: Arc::from([]) }
    }
}

impl Input {
    /// The caller, where the command comes from outside.
    pub fn caller(&self) -> Option<&Caller> {
        match &self.origin {
            Origin::Request { caller, .. } => Some(caller),
            Origin::Message { .. } | Origin::Timer { .. } => None,
        }
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} for {}", self.client, self.subject)
    }
}
