//! What shards send each other: messages between entities and what became of them.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use cluster::ShardId;

use super::entity_id::EntityId;

/// A sender and a receiver. Messages of one channel are taken in order; channels don't wait for each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Channel {
    /// Who sends.
    pub sender: EntityId,
    /// Who receives.
    pub receiver: EntityId,
}

/// Something for another shard. It may get lost on the way and may arrive twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// The life of the store it was sent in; those of another are dropped.
    pub generation: u64,
    /// What it is.
    pub content: ParcelContent,
}

/// What is in a parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParcelContent {
    /// To the receiver's shard: the next messages of a channel, the first of which is the oldest not yet taken. They
    /// travel together, so that no later one is taken without an earlier one.
    Deliver {
        /// Which channel.
        channel: Channel,
        /// Sequence and command of each, rising.
        messages: Vec<(u64, Bytes)>,
    },
    /// To the sender's shard: everything up to this sequence was taken, durably.
    Taken {
        /// Which channel.
        channel: Channel,
        /// The last one taken.
        sequence: u64,
    },
    /// To the sender's shard: the receiver can't take messages at the moment.
    Held {
        /// Which channel.
        channel: Channel,
        /// Why.
        reason: HoldReason,
    },
    /// To a sender's shard: whatever is held for this receiver may be tried again.
    Retry {
        /// Who can take messages again.
        receiver: EntityId,
    },
}

/// Why a channel stands still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HoldReason {
    /// The receiver is parked.
    Parked {
        /// With this reason.
        reason: Arc<str>,
    },
    /// The receiver's machine refused the message, which it must not.
    Refused {
        /// With this answer.
        reply: Bytes,
    },
    /// The receiver's shard has too many messages waiting.
    Busy,
}

/// Carries parcels to the owner of a shard, wherever it is.
pub(crate) trait Links: Send + Sync {
    /// Sends without waiting; false if there is nobody to send to. What gets lost on the way is sent again by its sender.
    fn send(&self, to: ShardId, parcel: Parcel) -> bool;
}

impl fmt::Display for HoldReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HoldReason::Parked { reason } => write!(formatter, "the receiver is parked: {reason}"),
            HoldReason::Refused { reply } => {
                write!(formatter, "the receiver refused the message: {}", reply.escape_ascii())
            }
            HoldReason::Busy => formatter.write_str("the receiver's shard is busy"),
        }
    }
}
