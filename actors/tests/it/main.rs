//! The shell under a toy bank: every rule of the protocol that one node can break, with every fault of the store. And a
//! month of a small supplier on it.
#![expect(clippy::unwrap_used, reason = "a test that meets an error has failed")]
#![expect(clippy::indexing_slicing, reason = "a test that reaches beyond has failed")]
#![expect(clippy::panic, reason = "a test that meets the unexpected has failed")]

mod bank;
mod join;
mod nodes;
mod world;

mod cdrs;
mod chaos;
mod clocks;
mod commands;
mod courier;
mod fence;
mod funds;
mod lease;
mod limits;
mod many;
mod month;
mod parking;
mod requests;
mod time;
mod timers;
mod tokens;
mod webhooks;
