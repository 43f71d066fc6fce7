//! A node that serves, from its start to its stop.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use actors::entity::Kinds;
use actors::shell::{self, Ending};
use cluster::{Clock as _, Incarnation, ShardCount};
use domain::instant::Instant;
use storage::Store;
use tonic::transport::server::TcpIncoming;
use uuid::Uuid;

use super::division::shard_count;
use super::identity::Identity;
use super::serve::{Parts, Server};
use super::watched::WatchedStore;
use super::workers::Workers;
use super::{NodeOptions, StartError, StopError};
use crate::clock::SystemClock;
use crate::gateway::Gateway;
use crate::grpc::About;
use crate::links::{Exchange, LinkOptions, Links, Tcp};
use crate::metrics::{Endpoint, Metrics, Subject};
use crate::ocpi_edge::{Exchange as Partners, OcpiEdge};
use crate::store::{self, Opened, StoreAddress};
use crate::webhooks::Webhooks;

/// A node that serves, until [`stop`](RunningNode::stop) ends it in order.
pub struct RunningNode {
    server: Server,
    node: Arc<shell::Node>,
    webhooks: Webhooks,
    edge: OcpiEdge,
    store: Arc<dyn Store>,
    metrics: Option<Endpoint>,
    is_alone: bool,
    options: NodeOptions,
}

impl fmt::Debug for RunningNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningNode").field("address", &self.address()).finish_non_exhaustive()
    }
}

impl RunningNode {
    /// Opens the store, takes over its shards or joins the nodes that are there, and serves. It is called on a tokio
    /// runtime with several threads, time and network.
    ///
    /// # Errors
    /// [`StartError`]; then nothing runs.
    pub async fn start(options: NodeOptions) -> Result<Self, StartError> {
        let started = Self::start_unless(options, std::future::pending()).await?;
        started.ok_or_else(|| StartError::Setup("it was told to end".to_owned()))
    }

    /// Starts it, unless it is told to end before it has started: then nothing runs.
    pub(super) async fn start_unless(
        options: NodeOptions,
        told: impl Future<Output = ()>,
    ) -> Result<Option<Self>, StartError> {
        options.check_lease()?;
        tokio::pin!(told);
        let opened = tokio::select! {
            opened = store::open(&options.store) => opened?,
            () = &mut told => return Ok(None),
        };
        let store = Arc::clone(&opened.store);
        let started = tokio::select! {
            started = Self::start_on(opened, &options) => started.map(Some),
            () = &mut told => Ok(None),
        };
        if !matches!(started, Ok(Some(_))) {
            // The first error is the one to tell.
            let _ = store.close().await;
        }
        started
    }

    /// Starts on a store that is open; where its data are is not read from the options. The store is closed when the node
    /// stops, and left open where it does not start.
    ///
    /// # Errors
    /// [`StartError`]; then nothing runs.
    pub async fn start_on(opened: Opened, options: &NodeOptions) -> Result<Self, StartError> {
        let Opened { store, exclusive: is_alone, kind } = opened;
        let listen = |source| StartError::Listen { address: options.listen, source };
        let incoming = TcpIncoming::bind(options.listen).map_err(listen)?.with_nodelay(Some(true));
        let identity = Identity::of(options, incoming.local_addr().map_err(listen)?, is_alone)?;
        let clock = Arc::new(SystemClock::new());
        let me = Incarnation::new(clock.fresh_id());
        let started = Instant::from_millis(clock.wall_ms()).unwrap_or(Instant::MAX);
        let data = match &options.store {
            StoreAddress::Directory(data) => Some(data.clone()),
            _ => None,
        };
        let incarnation = Uuid::from_u128(me.number()).to_string();
        let metrics = Metrics::new(&Subject { incarnation, started, store: kind.name(), data })?;
        let endpoint = match options.metrics {
            Some(address) => Some(open_metrics(address, &metrics).await?),
            None => None,
        };
        let measured: Arc<dyn Store> = metrics.measure(Arc::clone(&store));
        let count = shard_count(&*measured, options.shard_count, options.lease).await;
        let count = count.map_err(shell::StartError::from)?;
        let link_options = LinkOptions::new(me, options.lease);
        let (machines, shell_options) = (Arc::new(Kinds), shell_options((me, count), identity, options));
        let mut alone = None;
        let node = if is_alone {
            // As patient as a node of a cluster is before it hesitates.
            let (watched, watch) = WatchedStore::new(Arc::clone(&measured), options.lease * 2 / 3);
            alone = Some(watch);
            shell::Node::start(Arc::new(watched), machines, clock.clone(), shell_options).await?
        } else {
            let links = Arc::new(Links::new(link_options.clone(), Arc::new(Tcp), clock.clone()));
            shell::Node::join(Arc::clone(&measured), machines, clock.clone(), links, shell_options).await?
        };
        let node = Arc::new(node);
        let about = About { started, store: kind.name(), shard_count: count.number().into() };
        let exchange = Exchange::new(Arc::clone(&node) as Arc<_>, clock.clone(), link_options);
        let seed = u64::try_from(clock.fresh_id() & u128::from(u64::MAX)).unwrap_or_default();
        let webhooks = start_webhooks(&node, clock, &metrics, options)?;
        let wake = webhooks.wake();
        let gateway = Gateway::new(Arc::clone(&node)).counting(metrics.refusals());
        let partners = Partners::new(gateway, &options.ocpi);
        let edge = start_edge((&node, &partners), &metrics, (options, seed)).await?;
        let parts =
            Parts { node: Arc::clone(&node), store: measured, me, alone, about, exchange, wake, partners };
        let server = Server::start(parts, incoming, &metrics, options).await?;
        Ok(Self {
            server,
            node,
            webhooks,
            edge,
            store,
            metrics: endpoint,
            is_alone,
            options: options.clone(),
        })
    }

    /// Where its metrics are read, if anywhere.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().map(Endpoint::address)
    }

    /// Where partners in roaming reach it, if anywhere.
    #[must_use]
    pub fn ocpi_address(&self) -> Option<SocketAddr> {
        self.edge.address()
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Waits until it does nothing more, since the others took it for dead, it has left them, or it met a defect.
    pub async fn ended(&self) -> Ending {
        self.node.ended().await
    }

    /// Stops in order. A node of a cluster first hands its shards over while it still answers; then, as one that is alone
    /// does at once, it lets nobody in, waits for open requests as long as the options say, finishes what was begun and
    /// closes the store.
    ///
    /// # Errors
    /// [`StopError`] with the first thing that went wrong; the rest was done.
    pub async fn stop(mut self) -> Result<(), StopError> {
        self.server.turn_unready().await;
        // What they send is recorded by entities, as long as these answer.
        let _ = tokio::time::timeout(self.options.grace, self.webhooks.stop()).await;
        let _ = tokio::time::timeout(self.options.grace, self.edge.stop()).await;
        let drain = async || tokio::time::timeout(self.options.grace, self.node.drain()).await;
        let handed_over = if self.is_alone { Ok(()) } else { drain().await };
        let served = self.server.stop().await;
        let finished = if self.is_alone { drain().await } else { handed_over };
        drop(self.node);
        let closed = self.store.close().await;
        served?;
        finished.map_err(|_| StopError::Unfinished(self.options.grace))?;
        Ok(closed?)
    }

    /// Ends a node that has nothing left to lose.
    pub async fn abandon(mut self) {
        self.server.turn_unready().await;
        drop(self.webhooks);
        drop(self.edge);
        drop(self.server);
        drop(self.node);
        let _ = self.store.close().await;
    }
}

fn shell_options(
    (me, count): (Incarnation, ShardCount),
    identity: Identity,
    options: &NodeOptions,
) -> shell::NodeOptions {
    let mut shell_options = shell::NodeOptions::new(me, count);
    shell_options.membership.name = identity.name;
    shell_options.membership.address = identity.address;
    shell_options.membership.lease = options.lease;
    shell_options.threads = Some(Arc::new(Workers::of_runtime()));
    shell_options
}

fn start_webhooks(
    node: &Arc<shell::Node>,
    clock: Arc<SystemClock>,
    metrics: &Metrics,
    options: &NodeOptions,
) -> Result<Webhooks, StartError> {
    let gateway = Gateway::new(Arc::clone(node)).counting(metrics.refusals());
    let seed = u64::try_from(clock.fresh_id() & u128::from(u64::MAX)).unwrap_or_default();
    let started = Webhooks::start(gateway, (clock, seed), metrics.attempts(), &options.webhooks);
    started.map_err(|error| StartError::Setup(error.to_string()))
}

async fn start_edge(
    (node, partners): (&Arc<shell::Node>, &Partners),
    metrics: &Metrics,
    (options, seed): (&NodeOptions, u64),
) -> Result<OcpiEdge, StartError> {
    let requests = metrics.partner_requests();
    let started = OcpiEdge::start((Arc::clone(node), partners), options.ocpi_listen, requests, seed).await;
    let address = options.ocpi_listen.unwrap_or(options.listen);
    started.map_err(|source| StartError::Listen { address, source })
}

async fn open_metrics(address: SocketAddr, metrics: &Metrics) -> Result<Endpoint, StartError> {
    let opened = Endpoint::start(address, metrics.clone()).await;
    opened.map_err(|source| StartError::Listen { address, source })
}
