//! Charging sessions under price sheets: restrictions, steps, least and most, reservations, rounding, and properties, with
//! figures derived by hand beside them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that can't make its input has failed"
)]

mod bounds;
mod clock;
pub(crate) mod given;
mod idle;
mod limits;
mod member;
mod properties;
mod refusals;
mod spot;
mod steps;
mod tax;
mod warnings;
mod worked;
