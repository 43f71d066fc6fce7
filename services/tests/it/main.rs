//! Tests of the program as a whole.

mod cli;
mod demo;
mod docs;
mod grpc;
mod import;
mod kill;
mod market;
mod metrics;
mod render;
mod settle;
mod store;
mod tidy;
