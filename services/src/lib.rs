//! Crate services of Kvarter.

pub mod cli;
pub mod clock;
pub mod demo;
pub mod gateway;
pub mod grpc;
pub mod import;
pub mod links;
pub mod market;
pub mod metrics;
pub mod node;
pub mod render;
pub mod settle;
pub mod store;
pub mod usage;
