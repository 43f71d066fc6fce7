//! Charge models: tables of cases, and what holds for all of them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that can't make its input has failed"
)]

mod cases;
mod defects;
pub(crate) mod given;
mod onward;
mod properties;
