//! Books of charge detail records and charging points: what is suspect, credits in every order, arrivals in any.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod disputes;
mod given;
mod judged;
mod money;
mod orders;
mod points;
mod random;
mod suspicions;
mod world;
