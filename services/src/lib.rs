//! Crate services of Kvarter.

mod chance;
pub mod cli;
pub mod clock;
pub mod demo;
mod events;
pub mod gateway;
pub mod grpc;
mod hex;
pub mod import;
pub mod links;
pub mod market;
pub mod metrics;
pub mod node;
pub mod ocpi;
pub mod ocpi_edge;
pub mod oicp;
pub mod render;
pub(crate) mod roaming;
pub mod settle;
pub mod store;
pub mod usage;
pub mod webhooks;
