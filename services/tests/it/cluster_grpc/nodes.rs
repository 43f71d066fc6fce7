//! Nodes of one test on one store in memory, each in a runtime of its own, so that one can be killed.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::sync::Arc;
use std::time::Duration;

use proto::cluster::cluster_service_client::ClusterServiceClient;
use proto::cluster::{Cluster, GetClusterRequest};
use services::node::{NodeOptions, RunningNode, StartError};
use services::store::{Opened, StoreAddress, StoreKind};
use storage::{Faults, MemoryStore};
use tokio::runtime::Runtime;
use tonic::transport::{Channel, Endpoint};

/// How many shards there are.
pub(super) const SHARDS: u16 = 16;

/// The nodes by name.
pub(super) struct Nodes {
    store: MemoryStore,
    running: BTreeMap<String, Running>,
}

/// A node, its way to the store and what it runs on.
struct Running {
    node: Option<RunningNode>,
    address: SocketAddr,
    store: Arc<MemoryStore>,
    runtime: Option<Runtime>,
}

/// What a test has nodes with: a short lease, and a name.
pub(super) fn options(name: &str) -> NodeOptions {
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    NodeOptions {
        shard_count: NonZeroU16::new(SHARDS),
        name: Some(name.to_owned()),
        lease: Duration::from_millis(1_500),
        ..NodeOptions::new(StoreAddress::Memory, listen)
    }
}

impl Nodes {
    /// So many nodes: `node-0`, `node-1`, …
    pub(super) async fn start(count: usize) -> Nodes {
        Nodes::start_with(count, |_| {}).await
    }

    /// So many nodes with other options.
    pub(super) async fn start_with(count: usize, set: impl Fn(&mut NodeOptions)) -> Nodes {
        let mut nodes = Nodes { store: MemoryStore::new(), running: BTreeMap::new() };
        for number in 0..count {
            let mut options = options(&format!("node-{number}"));
            set(&mut options);
            nodes.join(options).await.unwrap();
        }
        nodes
    }

    /// One more.
    pub(super) async fn join(&mut self, options: NodeOptions) -> Result<(), StartError> {
        let store = Arc::new(self.store.handle(Faults::none()));
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let opened = Opened { store: Arc::clone(&store) as _, exclusive: false, kind: StoreKind::Memory };
        let name = options.name.clone().unwrap();
        let started = runtime.spawn(async move { RunningNode::start_on(opened, &options).await });
        match started.await.unwrap() {
            Ok(node) => {
                let address = node.address();
                let running = Running { node: Some(node), address, store, runtime: Some(runtime) };
                self.running.insert(name, running);
                Ok(())
            }
            Err(error) => {
                runtime.shutdown_background();
                Err(error)
            }
        }
    }

    pub(super) fn address(&self, name: &str) -> SocketAddr {
        self.running[name].address
    }

    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        self.running.values().map(|running| running.address).collect()
    }

    pub(super) fn channel(&self, name: &str) -> Channel {
        channel(self.address(name))
    }

    pub(super) fn cluster(&self, name: &str) -> ClusterServiceClient<Channel> {
        ClusterServiceClient::new(self.channel(name))
    }

    /// The way of a node to the store.
    pub(super) fn store(&self, name: &str) -> &MemoryStore {
        &self.running[name].store
    }

    /// The node itself, which goes on running.
    pub(super) fn take(&mut self, name: &str) -> RunningNode {
        self.running.get_mut(name).unwrap().node.take().unwrap()
    }

    /// Kills a node: nothing of it runs any more.
    pub(super) fn kill(&mut self, name: &str) {
        let mut killed = self.running.remove(name).unwrap();
        killed.runtime.take().unwrap().shutdown_background();
    }

    /// Waits until every node has shards, every shard has an owner and none is on its way.
    pub(super) async fn settled(&self) {
        let name = self.running.keys().next().unwrap();
        self.until(name, |cluster| {
            cluster.ownerless_shard_count == 0
                && cluster.moving_shard_count == 0
                && cluster.nodes.iter().all(|node| node.owned_shard_count > 0)
        })
        .await;
    }

    /// Waits until a node says so.
    pub(super) async fn until(&self, name: &str, is_so: impl Fn(&Cluster) -> bool) {
        let mut client = self.cluster(name);
        while !is_so(client.get_cluster(GetClusterRequest {}).await.unwrap().get_ref()) {
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

pub(super) fn channel(address: SocketAddr) -> Channel {
    Endpoint::from_shared(format!("http://{address}")).unwrap().connect_lazy()
}
