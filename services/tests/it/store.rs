//! A store behind a store server, as a store and as a process.
#![expect(clippy::unwrap_used, reason = "a test that meets an error has failed")]

mod conformance;
pub(crate) mod copy;
mod doubt;
mod kill;
pub(crate) mod process;
mod served;
