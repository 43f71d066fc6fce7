//! A request from outside and its answer.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use bytes::Bytes;
use cluster::{Epoch, Peer, ShardId};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::entity_id::EntityId;
use super::machine::Caller;
use super::permit::Permit;

/// A command for one entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Whom to.
    pub entity: EntityId,
    /// What, as its machine reads it.
    pub command: Bytes,
    /// Who asks.
    pub caller: Caller,
    /// A UUIDv7 under which a repeat gets the first answer, for seven days; `None` for reads and for what has a
    /// natural key.
    pub request_id: Option<Uuid>,
    /// How long the caller waits.
    pub timeout: Option<Duration>,
    /// How urgent it is.
    pub class: Class,
    /// Whether carrying it out twice is as good as once: a read, a command with a request id or with a natural key. Only
    /// then a node asks again by itself where the outcome is unknown.
    pub repeatable: bool,
    /// In which trace it is asked, as W3C `traceparent`.
    pub trace: Option<Arc<str>>,
    /// What a read has to be sure of; without meaning for what has an effect.
    pub consistency: Consistency,
}

/// What the answer to a read has to be sure of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Consistency {
    /// That nobody else has changed the entity: the owner of the shard confirms that it is still that.
    #[default]
    Strong,
    /// That the node answers which believes to be the owner, by its lease: an owner that stood still may tell what was
    /// true before another took over. Nothing is told that is not durable.
    Lease,
}

/// How urgent a command is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Somebody waits.
    #[default]
    Interactive,
    /// Fills what interactive work leaves.
    Bulk,
}

/// What an entity answered. It is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The command was taken.
    Accepted(Bytes),
    /// The command was refused, without effect.
    Rejected(Bytes),
}

/// Why there is no answer of the entity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// A bound is reached. Nothing was done.
    #[error("{bound} is full; try again in {} ms", retry_after.as_millis())]
    Overloaded {
        /// Which one.
        bound: Bound,
        /// When to try again.
        retry_after: Duration,
    },
    /// The command may have been carried out or not. Asking again with the same request id settles it.
    #[error("the outcome is unknown; ask again with the same request id")]
    OutcomeUnknown,
    /// The time was over before the command was begun. Nothing was done.
    #[error("the deadline passed before the command was begun")]
    DeadlineExceeded,
    /// The entity is set aside until somebody has looked at it. Nothing was done.
    #[error("the entity is parked: {reason}")]
    Parked {
        /// Why.
        reason: Arc<str>,
    },
    /// The command met a bug. Nothing was done, and nothing will be for this request id.
    #[error("internal error, incident {incident}")]
    Internal {
        /// What to look for in the log.
        incident: Incident,
    },
    /// The id is no UUID of version 7, or the client has no name of 1 to 128 bytes.
    #[error("a request id is a UUID of version 7, from a client whose name has 1 to 128 bytes")]
    RequestIdInvalid,
    /// The id was used for another command.
    #[error("the request id was used for another command")]
    RequestIdReused,
    /// The id is older than seven days, so a repeat could not be told from a first request.
    #[error("the request id is older than seven days")]
    RequestIdExpired,
    /// The id is more than five minutes ahead of the shard's time.
    #[error("the request id lies more than five minutes in the future; check the clock")]
    RequestIdAhead,
    /// This node doesn't own the shard. Nothing was done.
    #[error("shard {shard} is not owned by this node")]
    NotOwner {
        /// Which one.
        shard: ShardId,
        /// Who does, as far as this node knows.
        owner: Option<Peer>,
        /// The epoch of the owner, if known.
        epoch: Option<Epoch>,
    },
    /// The owner of the shard can't be reached from this node. Nothing was done.
    #[error("the owner of the shard can't be reached; try again")]
    Unreachable,
    /// The node could not confirm that it is still part of the cluster, or its clock is far off. Nothing was done.
    #[error("the node does not admit requests: {reason}")]
    NotAdmitting {
        /// Why.
        reason: Arc<str>,
    },
    /// The node is stopping. Nothing was done.
    #[error("the node is stopping")]
    Draining,
}

/// A bound on waiting commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bound {
    /// Of one entity.
    Entity,
    /// Of one shard.
    Shard,
    /// Of the node.
    Node,
    /// Of messages a shard has not delivered yet.
    Outbox,
    /// Of what goes to one other node.
    Link,
}

/// Names one failure of a machine: shard, epoch, and a number within.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Incident {
    /// Where.
    pub shard: ShardId,
    /// Under which owner.
    pub epoch: Epoch,
    /// Which of its incidents.
    pub number: u64,
}

/// What a request ends with.
pub(crate) type Answered = Result<Reply, CallError>;

/// Somebody who waits for an answer. Dropping it gives its permits back and says that the outcome is unknown.
#[derive(Debug)]
pub(crate) struct Waiter {
    pub(crate) answer: oneshot::Sender<Answered>,
    pub(crate) admission: Arc<Admission>,
    pub(crate) permit: Permit,
}

/// Whether a command was begun or given up, decided once, by whoever comes first.
#[derive(Debug, Default)]
pub(crate) struct Admission(AtomicU8);

const WAITING: u8 = 0;
const BEGUN: u8 = 1;
const GIVEN_UP: u8 = 2;

impl Admission {
    /// The shard begins; false if the caller has given up.
    pub(crate) fn begin(&self) -> bool {
        self.become_or_be(BEGUN)
    }

    pub(crate) fn was_begun(&self) -> bool {
        self.0.load(Ordering::Acquire) == BEGUN
    }

    /// The caller gives up; false if the command was begun, so that its outcome is unknown.
    pub(crate) fn give_up(&self) -> bool {
        self.become_or_be(GIVEN_UP)
    }

    fn become_or_be(&self, wanted: u8) -> bool {
        match self.0.compare_exchange(WAITING, wanted, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => true,
            Err(found) => found == wanted,
        }
    }
}

impl Waiter {
    pub(crate) fn answer(self, answered: Answered) {
        if answered.is_ok() {
            self.permit.answered();
        }
        // Whoever stopped waiting does not miss the answer.
        let _ = self.answer.send(answered);
    }
}

impl CallError {
    /// Whether nothing was done and the reason passes by itself: the shard changes hands, its owner is out of reach.
    pub fn is_passing(&self) -> bool {
        matches!(self, CallError::NotOwner { .. } | CallError::Unreachable | CallError::NotAdmitting { .. })
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Bound::Entity => "the queue of the entity",
            Bound::Shard => "the queue of the shard",
            Bound::Node => "the queue of the node",
            Bound::Outbox => "the outbox of the shard",
            Bound::Link => "the way to another node",
        })
    }
}

impl fmt::Display for Incident {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}-{}", self.shard, self.epoch, self.number)
    }
}
