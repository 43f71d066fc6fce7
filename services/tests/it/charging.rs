//! Money in real time over a connection: two phases, tokens, the stream, and every way to be refused.

#![expect(clippy::unwrap_used, reason = "a test that can't have its answer has failed")]

mod bad_input;
mod given;
mod limits;
mod phases;
mod price;
mod stream;
mod supply;
mod tokens;
mod told;
mod watch;
