//! Crate services of Kvarter.

pub mod demo;
pub mod import;
pub mod market;
pub mod settle;
