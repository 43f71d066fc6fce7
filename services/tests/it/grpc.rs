//! The services of a node over a connection: a month from settings to a rendered invoice, and every way to be refused.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that can't have its answer has failed"
)]

mod bundles;
mod cdrs;
mod charging_contracts;
mod disputes;
pub(crate) mod documents;
mod etags;
mod idle;
mod lifetime;
mod lists;
mod pages;
mod refusals;
mod requests;
pub(crate) mod roamed;
mod sheets;
mod sold;
mod statements;
mod story;
mod stream;
pub(crate) mod supplier;
mod tokens;
mod trials;
mod unreachable;
pub(crate) mod world;
