//! `kvarter node`: a node as a service.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::path::PathBuf;

use clap::Args;
use tracing_subscriber::filter::LevelFilter;

use super::failure::Failure;
use super::sheet::remark;
use crate::node::{self, Data, NodeOptions};

/// What `kvarter node` is told.
#[derive(Args, Clone, Debug)]
#[command(
    about = "Run a node",
    long_about = "Runs a node until it is told to end (SIGTERM, Ctrl-C). It may be killed at any moment: everything it \
                  acknowledged is there when it starts again. What goes wrong stands on standard error; KVARTER_LOG \
                  says how much: error, warn (usual), info, debug.",
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
    /// Where its metrics can be read over HTTP (GET /metrics, Prometheus text); nowhere if not said
    #[arg(long, value_name = "ADDRESS")]
    pub metrics: Option<SocketAddr>,
    /// Into how many shards a new store is divided; it never changes afterwards
    #[arg(long, value_name = "COUNT")]
    pub shards: Option<NonZeroU16>,
}

/// What goes wrong in a node is written down for whoever runs it. What can't be read as a level is the usual one.
fn log_to_stderr() {
    let level = std::env::var("KVARTER_LOG").ok().and_then(|level| level.parse().ok());
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    // Nobody reading any more must not stop the node: what can't be written is dropped.
    let log =
        tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(colours).log_internal_errors(false);
    let log = log.with_max_level(level.unwrap_or(LevelFilter::WARN));
    // Where a log is set up already, that one is used.
    let _ = log.try_init();
}

/// Runs the node until it is told to end.
pub(super) fn run(arguments: &NodeArguments) -> Result<(), Failure> {
    let mut options = NodeOptions::new(Data::Directory(arguments.data.clone()), arguments.listen);
    options.shard_count = arguments.shards.unwrap_or(options.shard_count);
    options.metrics = arguments.metrics;
    log_to_stderr();
    let ready = |address| remark(&format!("listening on http://{address}"));
    node::run(options, ready).map_err(|error| Failure::Node(error.to_string()))
}
