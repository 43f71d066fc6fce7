//! The fence of a shard on the reference store.
#![expect(clippy::unwrap_used, reason = "a test that meets an error has failed")]

mod charter;
mod fence;
mod stores;
