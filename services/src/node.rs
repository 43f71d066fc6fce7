//! A node: the store, the shards on it, and the services in front of them, from start to stop.

mod division;
mod identity;
mod running;
mod serve;
mod told;
mod watched;
mod workers;

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::time::Duration;

use actors::shell;
use storage::StoreError;

use crate::metrics::MetricsError;
use crate::ocpi_edge::OcpiOptions;
use crate::store::{OpenError, StoreAddress};
use crate::webhooks::WebhookOptions;

pub use actors::shell::Ending;
pub use running::RunningNode;
pub(crate) use told::Told;

/// How a node is set up.
#[derive(Clone, Debug)]
pub struct NodeOptions {
    /// Where its data are. On a store that others can use as well, it joins them.
    pub store: StoreAddress,
    /// Where it listens; port 0 is any that is free.
    pub listen: SocketAddr,
    /// Where other nodes reach it, as host and port; where it listens, if not said.
    pub advertise: Option<String>,
    /// What people call it; this machine's name and the port, if not said. No two nodes of a cluster have the same.
    pub name: Option<String>,
    /// After how long without a sign of life the others take it for dead.
    pub lease: Duration,
    /// Into how many shards a new store is divided, 1,024 if not said; refused where a store has another count, which is
    /// taken if not said.
    pub shard_count: Option<NonZeroU16>,
    /// How it sends events to webhooks.
    pub webhooks: WebhookOptions,
    /// Where its metrics can be read; nowhere if not said. Port 0 is any that is free.
    pub metrics: Option<SocketAddr>,
    /// Where partners in roaming reach it over OCPI and OICP; nowhere if not said. Port 0 is any that is free.
    pub ocpi_listen: Option<SocketAddr>,
    /// How it serves partners in roaming, and asks them.
    pub ocpi: OcpiOptions,
    /// How many requests it serves at once, over all connections.
    pub requests: usize,
    /// How many streams it serves at once that only give, such as `StreamEvents`; they take no place of a request.
    pub streams: usize,
    /// How many requests one connection may have open.
    pub requests_per_connection: u32,
    /// How long a request may take whatever its client says, and how long a stream may stand still.
    pub patience: Duration,
    /// How long it waits for open requests when it stops, and as long again for what was begun or is handed over.
    pub grace: Duration,
}

/// Why a node did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store can't be opened: locked, of a newer format, damaged, out of reach.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The address can't be listened on.
    #[error("can't listen on {address}: {source}; is another node running there?")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// Nobody can be called so.
    #[error("no node can be called {0:?}: 1 to 63 of a-z, 0-9, '-' and '.', the first no '-' or '.'")]
    Name(String),
    /// The others can't reach it there.
    #[error("other nodes can't reach {0:?}; say with --advertise HOST:PORT where they can")]
    Advertise(String),
    /// A lease that no cluster can keep.
    #[error("a lease has 100 ms to 10 minutes, not {} ms", .0.as_millis())]
    Lease(Duration),
    /// The shards can't be started: the store has another count or form, or can't be used; or the name is in use.
    #[error(transparent)]
    Shards(#[from] shell::StartError),
    /// The metrics can't be collected.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// The runtime or the description of the protocol is broken.
    #[error("the node can't be set up: {0}")]
    Setup(String),
}

/// Why a node did not stop in order. What it had answered is durable nevertheless.
#[derive(Debug, thiserror::Error)]
pub enum StopError {
    /// The server failed.
    #[error("the server failed: {0}")]
    Server(String),
    /// What was begun could not be finished in time, as on a store that takes nothing more.
    #[error("what was begun was not finished in {} s; the log says what the store lacks", .0.as_secs())]
    Unfinished(Duration),
    /// The store did not close.
    #[error("the store was not closed: {0}")]
    Store(#[from] StoreError),
}

/// Why a node that ran by itself ended.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// It did not stop in order.
    #[error(transparent)]
    Stop(#[from] StopError),
    /// The others took it for dead, and its shards.
    #[error(
        "the other nodes took this one for dead, since it gave no sign of life for its lease, and have its shards; \
         nothing that it acknowledged is lost; start it again"
    )]
    Expelled,
    /// The machinery around its shards met a defect.
    #[error(
        "the node met a defect that it can't go on with, which stands in its log; other nodes have its shards, or the next \
         start of this one; nothing that it acknowledged is lost; start it again"
    )]
    Broken,
}

/// The shortest and the longest lease.
const LEASES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(600)];

impl NodeOptions {
    /// The usual bounds.
    #[must_use]
    pub fn new(store: StoreAddress, listen: SocketAddr) -> Self {
        Self {
            store,
            listen,
            advertise: None,
            name: None,
            lease: Duration::from_secs(5),
            shard_count: None,
            webhooks: WebhookOptions::default(),
            metrics: None,
            ocpi_listen: None,
            ocpi: OcpiOptions::default(),
            requests: 2_048,
            streams: 1_024,
            requests_per_connection: 256,
            patience: Duration::from_secs(120),
            grace: Duration::from_secs(10),
        }
    }

    fn check_lease(&self) -> Result<(), StartError> {
        let [shortest, longest] = LEASES;
        match (shortest..=longest).contains(&self.lease) {
            true => Ok(()),
            false => Err(StartError::Lease(self.lease)),
        }
    }
}

/// Runs a node until the process is told to end (SIGTERM, SIGINT), then stops it in order; or until the others have taken
/// it for dead, or it met a defect. `ready` is told where it listens. Told to end before that, it ends in order as well.
///
/// # Errors
/// [`RunError`].
pub fn run(options: NodeOptions, ready: impl FnOnce(SocketAddr)) -> Result<(), RunError> {
    let setup = |error: io::Error| StartError::Setup(error.to_string());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(setup)?;
    let served = runtime.block_on(async {
        // Before anything is begun, since a start may take long.
        let mut told = Told::listen().map_err(setup)?;
        let started = RunningNode::start_unless(options, told.heard()).await?;
        match started {
            Some(node) => {
                ready(node.address());
                serve(node, told).await.map(|()| true)
            }
            None => Ok(false),
        }
    })?;
    if !served {
        tracing::info!("told to end before the node had started");
        // A check of a large file, which changes nothing, is not waited for.
        runtime.shutdown_background();
    }
    Ok(())
}

/// Runs a node that has started to its end.
async fn serve(node: RunningNode, mut told: Told) -> Result<(), RunError> {
    let ending = tokio::select! {
        () = told.heard() => Ending::Left,
        ending = node.ended() => ending,
    };
    let error = match ending {
        Ending::Left => {
            tracing::info!("stopping");
            return Ok(node.stop().await?);
        }
        Ending::Expelled => RunError::Expelled,
        Ending::Broken => RunError::Broken,
    };
    node.abandon().await;
    Err(error)
}
