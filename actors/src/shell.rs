//! The machinery around entities: shards, journal, courier, timers, requests, supervision.
//!
//! What an entity *is* comes in through [`Machines`] as bytes; the rules of the protocol are kept here, once
//! for every kind.

mod decision;
mod entity_id;
mod fact;
mod keys;
mod machine;

pub use decision::{Decision, Message, Outcome, PartKey, RowWrite, TimerChange};
pub use entity_id::{EntityId, EntityIdError, KindTag, Tenant};
pub use fact::{Answer, Fact, FactRow, Facts, Need, RowKey, Section};
pub use machine::{
    ActivationError, Caller, Input, MAX_ROUNDS_OF_NEEDS, Machine, Machines, Moment, Origin, Part,
};
