//! The protocol from outside: every conversion there and back, the descriptor, and the bytes of earlier days.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod descriptor;
mod format;

mod round_trip;
mod samples;
mod size;
