//! `kvarter node`: a node as a service.

use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use super::sheet::remark;
use crate::node::{self, Data, NodeOptions};

/// What `kvarter node` is told.
#[derive(Args, Clone, Debug)]
#[command(
    about = "Run a node",
    long_about = "Runs a node until it is told to end (SIGTERM, Ctrl-C). It may be killed at any moment: everything it \
                  acknowledged is there when it starts again.",
    after_help = "Examples:\n  kvarter node --data ./data\n  kvarter node --data /var/lib/kvarter --listen 0.0.0.0:7420\n\n\
                  Exit codes: 0 it ended in order; 1 it could not start or end."
)]
pub struct NodeArguments {
    /// The folder of its data; it is made where it lacks
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Where it listens
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7420")]
    pub listen: SocketAddr,
    /// Into how many shards a new store is divided; it never changes afterwards
    #[arg(long, value_name = "COUNT")]
    pub shards: Option<NonZeroU16>,
}

/// Runs the node until it is told to end.
pub(super) fn run(arguments: &NodeArguments) -> Result<(), Failure> {
    let mut options = NodeOptions::new(Data::Directory(arguments.data.clone()), arguments.listen);
    options.shard_count = arguments.shards.unwrap_or(options.shard_count);
    let ready = |address| remark(&format!("listening on http://{address}"));
    node::run(options, ready).map_err(|error| Failure::Node(error.to_string()))
}
