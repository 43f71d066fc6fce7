//! A node: the store, the shards on it, and the services in front of them, from start to stop.

mod serve;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actors::entity::Kinds;
use actors::shell;
use cluster::{Clock as _, Incarnation, ShardCount};
use domain::instant::Instant;
use storage::{EmbeddedOptions, EmbeddedStore, MemoryStore, OpenError, Store, StoreError};
use tonic::transport::server::TcpIncoming;
use uuid::Uuid;

use crate::clock::SystemClock;
use crate::grpc::About;
use crate::metrics::{Endpoint, Metrics, MetricsError, Subject};
use serve::Server;

/// How a node is set up.
#[derive(Clone, Debug)]
pub struct NodeOptions {
    /// Where its data are.
    pub data: Data,
    /// Where it listens; port 0 is any that is free.
    pub listen: SocketAddr,
    /// Into how many shards a new store is divided; refused where a store has another count.
    pub shard_count: NonZeroU16,
    /// Where its metrics can be read; nowhere if not said. Port 0 is any that is free.
    pub metrics: Option<SocketAddr>,
    /// How many requests it serves at once, over all connections.
    pub requests: usize,
    /// How many requests one connection may have open.
    pub requests_per_connection: u32,
    /// How long a request may take whatever its client says, and how long a stream may stand still.
    pub patience: Duration,
    /// How long it waits for open requests when it stops, and then for what was begun.
    pub grace: Duration,
}

/// Where data are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// In a directory of this machine, which is created where it is missing.
    Directory(PathBuf),
    /// In memory: gone with the process.
    Memory,
}

/// Why a node did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store can't be opened: locked, of a newer format, damaged.
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
    /// The shards can't be started: the store has another count or form, or can't be used.
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
}

/// A node that serves, until [`stop`](RunningNode::stop) ends it in order.
pub struct RunningNode {
    server: Server,
    node: Arc<shell::Node>,
    store: Arc<dyn Store>,
    metrics: Option<Endpoint>,
    grace: Duration,
}

impl NodeOptions {
    /// The usual bounds.
    #[must_use]
    pub fn new(data: Data, listen: SocketAddr) -> Self {
        let shard_count = NonZeroU16::new(ShardCount::STANDARD.number()).unwrap_or(NonZeroU16::MIN);
        Self {
            data,
            listen,
            shard_count,
            metrics: None,
            requests: 2_048,
            requests_per_connection: 256,
            patience: Duration::from_secs(120),
            grace: Duration::from_secs(10),
        }
    }
}

impl fmt::Debug for RunningNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningNode").field("address", &self.address()).finish_non_exhaustive()
    }
}

impl RunningNode {
    /// Opens the store, takes over its shards and serves. It is called on a tokio runtime with several threads, time and
    /// network.
    ///
    /// # Errors
    /// [`StartError`]; then nothing runs.
    pub async fn start(options: NodeOptions) -> Result<Self, StartError> {
        let store = open(&options.data).await?;
        match Self::start_on(Arc::clone(&store), &options).await {
            Ok(running) => Ok(running),
            Err(error) => {
                // The first error is the one to tell.
                let _ = store.close().await;
                Err(error)
            }
        }
    }

    /// Takes over the shards of a store that is open and serves; where its data are is not read from the options. The
    /// store is closed when the node stops, and left open where it does not start.
    ///
    /// # Errors
    /// [`StartError`]; then nothing runs.
    pub async fn start_on(store: Arc<dyn Store>, options: &NodeOptions) -> Result<Self, StartError> {
        let address = options.listen;
        let listen = |source| StartError::Listen { address, source };
        let incoming = TcpIncoming::bind(address).map_err(listen)?.with_nodelay(Some(true));
        let clock = SystemClock::new();
        let count = ShardCount::new(options.shard_count.get()).unwrap_or(ShardCount::STANDARD);
        let incarnation = Incarnation::new(clock.fresh_id());
        let shell_options = shell::NodeOptions::new(incarnation, count);
        let started = Instant::from_millis(clock.wall_ms()).unwrap_or(Instant::MAX);
        let (kind, data) = match &options.data {
            Data::Directory(data) => ("embedded", Some(data.clone())),
            Data::Memory => ("memory", None),
        };
        let incarnation = Uuid::from_u128(incarnation.number()).to_string();
        let metrics = Metrics::new(&Subject { incarnation, started, store: kind, data })?;
        let endpoint = match options.metrics {
            Some(address) => Some(open_metrics(address, &metrics).await?),
            None => None,
        };
        let measured = metrics.measure(Arc::clone(&store));
        let node = shell::Node::start(measured, Arc::new(Kinds), Arc::new(clock), shell_options).await?;
        let node = Arc::new(node);
        let about = About { started, store: kind };
        let server = Server::start(Arc::clone(&node), about, incoming, &metrics, options).await?;
        Ok(Self { server, node, store, metrics: endpoint, grace: options.grace })
    }

    /// Where its metrics are read, if anywhere.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().map(Endpoint::address)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Stops in order: lets nobody in, waits for open requests as long as the options say, finishes what was begun, closes
    /// the store.
    ///
    /// # Errors
    /// [`StopError`] with the first thing that went wrong; the rest was done.
    pub async fn stop(self) -> Result<(), StopError> {
        let served = self.server.stop().await;
        let drained = tokio::time::timeout(self.grace, self.node.drain()).await;
        drop(self.node);
        let closed = self.store.close().await;
        served?;
        drained.map_err(|_| StopError::Unfinished(self.grace))?;
        Ok(closed?)
    }
}

/// Runs a node until the process is told to end (SIGTERM, SIGINT), then stops it in order. `ready` is told where it
/// listens.
///
/// # Errors
/// [`RunError`].
pub fn run(options: NodeOptions, ready: impl FnOnce(SocketAddr)) -> Result<(), RunError> {
    let setup = |error: io::Error| StartError::Setup(error.to_string());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(setup)?;
    runtime.block_on(async {
        let node = RunningNode::start(options).await?;
        ready(node.address());
        told_to_end().await.map_err(setup)?;
        tracing::info!("stopping");
        Ok(node.stop().await?)
    })
}

async fn open_metrics(address: SocketAddr, metrics: &Metrics) -> Result<Endpoint, StartError> {
    let opened = Endpoint::start(address, metrics.clone()).await;
    opened.map_err(|source| StartError::Listen { address, source })
}

/// Opens the store. A check of the whole file after a crash takes its time and a thread.
async fn open(data: &Data) -> Result<Arc<dyn Store>, StartError> {
    match data {
        Data::Memory => Ok(Arc::new(MemoryStore::new())),
        Data::Directory(directory) => {
            let directory = directory.clone();
            let opened = tokio::task::spawn_blocking(move || {
                EmbeddedStore::open(directory, EmbeddedOptions::default())
            });
            let opened = opened.await.map_err(|error| StartError::Setup(error.to_string()))?;
            Ok(Arc::new(opened?))
        }
    }
}

#[cfg(unix)]
pub(crate) async fn told_to_end() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
pub(crate) async fn told_to_end() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
