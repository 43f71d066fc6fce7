//! Everything that is tested through the public face of the crate.
#![expect(clippy::unwrap_used, reason = "a test that meets an error has failed")]
#![expect(clippy::indexing_slicing, reason = "a test that misses a place has failed")]

mod conformance;
mod embedded;
#[cfg(feature = "foundationdb")]
mod foundationdb;
mod kill;
mod memory;
