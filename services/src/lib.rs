//! Crate services of Kvarter.

pub mod demo;
pub mod import;
pub mod market;
pub mod render;
pub mod settle;
