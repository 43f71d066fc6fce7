//! `kvarter node`: a node as a service.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use tracing_subscriber::filter::LevelFilter;

use super::failure::Failure;
use super::sheet::remark;
use super::show;
use crate::node::{self, NodeOptions, RunError};
use crate::store::StoreAddress;

/// What `kvarter node` is told.
#[derive(Args, Clone, Debug)]
#[command(
    about = "Run a node",
    long_about = "Runs a node until it is told to end (SIGTERM, Ctrl-C). It may be killed at any moment: everything it \
                  acknowledged is there when it starts again. On a store that others can use (fdb:, grpc:) it joins the \
                  nodes that are there and takes its part of the shards; any of them answers any request. What goes wrong \
                  stands on standard error; KVARTER_LOG says how much: error, warn (usual), info, debug.",
    after_help = "Examples:\n  kvarter node --data ./data\n  kvarter node --data /var/lib/kvarter --listen 0.0.0.0:7420\n  \
                  kvarter node --store fdb:/etc/foundationdb/fdb.cluster --listen 0.0.0.0:7420 --advertise kvarter-0:7420\n\n\
                  Exit codes: 0 it ended in order, also before it had started; 1 it could not start or end, or met a defect; 2 the \
                  command is wrong; 3 the other nodes took it for dead: start it again."
)]
pub struct NodeArguments {
    #[command(flatten)]
    place: Place,
    /// Where it listens
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7420")]
    listen: SocketAddr,
    /// Where other nodes reach it; where it listens, if not said
    #[arg(long, value_name = "HOST:PORT")]
    advertise: Option<String>,
    /// What it is called; the name of this machine and the port, if not said
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// After how long without a sign of life the other nodes take it for dead
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = show::parse_duration)]
    lease: Duration,
    /// How long it waits for open requests when it ends, and as long again to hand over what it has
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = show::parse_duration)]
    grace: Duration,
    /// Where its metrics can be read over HTTP (GET /metrics, Prometheus text); nowhere if not said
    #[arg(long, value_name = "ADDRESS")]
    metrics: Option<SocketAddr>,
    /// Where partners in roaming reach it (OCPI 2.2.1 and OICP 2.3 over HTTP); nowhere if not said
    #[arg(long, value_name = "ADDRESS")]
    ocpi_listen: Option<SocketAddr>,
    /// How often it asks partners in roaming for what has changed; 0s: never by itself
    #[arg(long, value_name = "DURATION", default_value = "60m", value_parser = show::parse_duration)]
    ocpi_fetch_every: Duration,
    /// Into how many shards a new store is divided, 1024 if not said; it never changes afterwards
    #[arg(long, value_name = "COUNT")]
    shards: Option<NonZeroU16>,
}

/// Where the data are.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
struct Place {
    /// The store: dir:PATH, fdb:CLUSTER_FILE, grpc://HOST:PORT (of `kvarter store`) or memory
    #[arg(long, value_name = "STORE")]
    store: Option<StoreAddress>,
    /// The folder of its data, as --store dir:DIR; it is made where it lacks
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// What goes wrong in a node is written down for whoever runs it. What can't be read as a level is the usual one.
pub(super) fn log_to_stderr() {
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
    let mut options = NodeOptions::new(arguments.place.address(), arguments.listen);
    options.advertise.clone_from(&arguments.advertise);
    options.name.clone_from(&arguments.name);
    options.lease = arguments.lease;
    options.grace = arguments.grace;
    options.metrics = arguments.metrics;
    options.ocpi_listen = arguments.ocpi_listen;
    options.ocpi.fetch_every = arguments.ocpi_fetch_every;
    options.shard_count = arguments.shards;
    log_to_stderr();
    let ready = |address| remark(&format!("listening on http://{address}"));
    node::run(options, ready).map_err(|error| match error {
        RunError::Expelled => Failure::Expelled(error.to_string()),
        error => Failure::Node(error.to_string()),
    })
}

impl Place {
    fn address(&self) -> StoreAddress {
        match (&self.store, &self.data) {
            (Some(store), _) => store.clone(),
            (None, data) => StoreAddress::Directory(data.clone().unwrap_or_default()),
        }
    }
}
