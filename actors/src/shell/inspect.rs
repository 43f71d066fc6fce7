//! What can be seen of a node: its shards, what waits in them, what stands still and why.

use std::sync::Arc;

use cluster::{Epoch, Incarnation, ShardId, Standing};

use super::courier::HeldChannel;
use super::entity_id::EntityId;
use super::request::Incident;

/// A look at a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeView {
    /// Which start of a node it is.
    pub incarnation: Incarnation,
    /// Whether it admits requests.
    pub standing: Standing,
    /// The version of the table of shards it knows.
    pub table_version: u64,
    /// How many shards the table gives it.
    pub owned_shards: usize,
    /// Its running shards in rising order.
    pub shards: Vec<ShardView>,
    /// The shards it claims and does not run yet, with what has kept it from that, if anything has.
    pub claiming: Vec<(ShardId, Option<String>)>,
}

/// A look at a shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardView {
    /// Which one.
    pub shard: ShardId,
    /// Under which claim it runs.
    pub epoch: Epoch,
    /// How many batches it has seen.
    pub sequence: u64,
    /// Its latest registration time, in milliseconds since 1970-01-01T00:00Z.
    pub shard_time_ms: i64,
    /// Entities with an actor.
    pub active_entities: usize,
    /// Requests without an answer.
    pub open_requests: usize,
    /// Decisions that are not durable yet.
    pub unsettled_entries: usize,
    /// Messages not taken by their receivers.
    pub outbox_depth: usize,
    /// Channels that stand still.
    pub held: Vec<HeldChannel>,
    /// Entities set aside.
    pub parked: Vec<ParkedEntity>,
    /// Since the shard started here.
    pub counts: ShardCounts,
}

/// An entity set aside, which answers no request until it is unparked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkedEntity {
    /// Which one.
    pub entity: EntityId,
    /// The incident it was parked for.
    pub incident: Incident,
    /// Since when, in shard time.
    pub since_ms: i64,
    /// What happened.
    pub reason: Arc<str>,
}

/// What happened in a shard since it started on this node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShardCounts {
    /// Batches committed.
    pub commits: u64,
    /// Entries in them.
    pub entries: u64,
    /// Times the head was read to confirm reads alone.
    pub confirmations: u64,
    /// Activations of entities.
    pub activations: u64,
    /// Entities put to sleep.
    pub passivations: u64,
    /// Repeats answered from what was kept.
    pub repeats: u64,
    /// Messages that came again after they were taken.
    pub repeated_messages: u64,
    /// Messages a receiver refused, which it must not.
    pub refused_messages: u64,
    /// Timers refused.
    pub refused_timers: u64,
    /// Machines that broke.
    pub incidents: u64,
}

impl NodeView {
    /// Whether nothing is under way: no request open, nothing unsettled, nothing in any outbox.
    pub fn is_quiet(&self) -> bool {
        self.shards
            .iter()
            .all(|shard| shard.open_requests == 0 && shard.unsettled_entries == 0 && shard.outbox_depth == 0)
    }
}
