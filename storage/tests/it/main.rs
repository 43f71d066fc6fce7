//! Everything that is tested through the public face of the crate.
#![expect(clippy::unwrap_used, reason = "a test that meets an error has failed")]

mod conformance;
mod embedded;
mod memory;
