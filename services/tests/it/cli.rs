//! The program as a person runs it: arguments in, text and an exit code out.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod charging;
mod cluster;
mod demo;
mod events;
mod mistakes;
mod program;
mod roaming;
mod session;
mod signals;
mod supply;
mod tokens;
mod trace;
