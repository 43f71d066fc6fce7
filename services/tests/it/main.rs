//! Tests of the program as a whole.

mod charging;
mod cli;
mod cluster;
mod cluster_grpc;
mod demo;
mod docs;
mod events;
#[cfg(feature = "foundationdb")]
mod foundationdb;
mod grpc;
mod import;
mod kill;
mod links;
mod market;
mod metrics;
mod ocpi;
mod ocpi_edge;
mod oicp;
mod render;
mod settle;
mod statement;
mod store;
mod tidy;
mod usage;
mod webhooks;
