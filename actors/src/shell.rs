//! The machinery around entities: shards, journal, courier, timers, requests, supervision.
//!
//! What an entity *is* comes in through [`Machines`] as bytes; the rules of the protocol are kept here, once
//! for every kind. In reading order: what crosses the boundary, what is stored, the values that keep the rules,
//! the actors that drive them, the node.

mod decision;
mod entity_id;
mod fact;
mod machine;

mod encode;
mod keys;
mod records;

mod batch;
mod courier;
mod journal;
mod pace;
mod parcel;
mod peers;
mod permit;
mod reading;
mod request;
mod request_id;
mod resident;
mod resolved;
mod standing;
mod timers;
mod trace;
mod watched;

mod entity_actor;
mod shard;
mod shard_actor;
mod shard_reads;

mod inspect;
mod node;
mod node_actor;
mod options;
mod recover;
mod routes;

pub use courier::HeldChannel;
pub use decision::{Decision, Message, Outcome, PartKey, RowWrite, TimerChange};
pub use entity_id::{EntityId, EntityIdError, KindTag, MalformedKey, Tenant};
pub use fact::{Answer, Fact, FactRow, Facts, Need, RowKey, Section};
pub use inspect::{NodeView, ParkedEntity, ShardCounts, ShardView};
pub use machine::{
    ActivationError, Caller, Input, MAX_ROUNDS_OF_NEEDS, Machine, Machines, Moment, Origin, Part,
};
pub use node::{Ending, IndexRow, Node};
pub use options::{Bounds, Defects, Membership, NodeOptions};
pub use pace::Threads;
pub use parcel::{Channel, HoldReason, Parcel, ParcelContent};
pub use peers::{BoxFuture, NoPeers, Peers};
pub use permit::Limit;
pub use records::MalformedRecord;
pub use recover::StartError;
pub use request::{Bound, CallError, Class, Consistency, Incident, Reply, Request};
pub use resolved::{Remedy, Resolution, Resolved, Ruling, Verdict};
pub use trace::traced;
