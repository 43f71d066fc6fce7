//! Crate services of Kvarter.

pub mod market;
pub mod settle;
