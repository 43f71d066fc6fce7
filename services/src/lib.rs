//! Crate services of Kvarter.

pub mod market;
