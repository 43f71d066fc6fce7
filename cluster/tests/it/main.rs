//! Membership, placement and the fence of a shard on the reference store.
#![expect(clippy::unwrap_used, reason = "a test that meets an error has failed")]

mod chaos;
mod charter;
mod fence;
mod handover;
mod join;
mod stores;
mod takeover;
mod world;
