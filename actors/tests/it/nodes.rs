//! Several nodes on one store that reach each other by a call, in the time of a paused runtime.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use actors::shell::{BoxFuture, CallError, Node, NodeOptions, Parcel, Peers, Reply, Request, Ruling};
use cluster::{Clock, Incarnation, NodeName, Peer, ShardCount, ShardId};
use storage::{Faults, MemoryStore, Store};

use crate::bank::Bank;
use crate::world::{START_MS, id_at, with_id};

pub(crate) const SHARDS: u16 = 8;
pub(crate) const LEASE: Duration = Duration::from_secs(3);

/// Nodes that reach each other by a call.
#[derive(Default)]
pub(crate) struct Network {
    nodes: Mutex<BTreeMap<Incarnation, Weak<Node>>>,
    clocks: Mutex<BTreeMap<Incarnation, Arc<RuntimeClock>>>,
    /// Nobody reaches these, and they reach nobody.
    pub(crate) cut: Mutex<Vec<Incarnation>>,
}

/// The network as one node sees it.
struct Plug {
    me: Incarnation,
    network: Arc<Network>,
    /// The clocks of nobody else are known.
    watched: Mutex<Vec<Peer>>,
}

impl Plug {
    fn node(&self, to: &Peer) -> Option<Arc<Node>> {
        let cut = self.network.cut.lock().unwrap();
        if cut.contains(&self.me) || cut.contains(&to.incarnation) {
            return None;
        }
        self.network.nodes.lock().unwrap().get(&to.incarnation)?.upgrade()
    }
}

impl Peers for Plug {
    fn call(&self, to: &Peer, request: Request) -> BoxFuture<Result<Reply, CallError>> {
        let node = self.node(to);
        Box::pin(async move {
            let Some(node) = node else { return Err(CallError::Unreachable) };
            let node = Arc::downgrade(&node);
            // In a task of its own, as over a wire: the peer goes on when the caller has gone.
            let answering = tokio::spawn(async move {
                let Some(node) = node.upgrade() else { return Err(CallError::Unreachable) };
                node.answer(request).await
            });
            answering.await.unwrap_or(Err(CallError::OutcomeUnknown))
        })
    }

    fn send(&self, to: &Peer, shard: ShardId, parcel: Parcel) {
        if let Some(node) = self.node(to) {
            node.take(shard, parcel);
        }
    }

    fn nudge(&self, to: &Peer) {
        if let Some(node) = self.node(to) {
            node.nudged();
        }
    }

    fn rule(&self, to: &Peer, ruling: Ruling, _: Duration) -> BoxFuture<Result<bool, CallError>> {
        let node = self.node(to);
        Box::pin(async move {
            let Some(node) = node else { return Err(CallError::Unreachable) };
            node.rule_here(ruling).await
        })
    }

    fn watch_clocks(&self, of: &[Peer]) {
        *self.watched.lock().unwrap() = of.to_vec();
    }

    fn clock_offsets_ms(&self) -> Vec<i64> {
        let watched = self.watched.lock().unwrap();
        let clocks = self.network.clocks.lock().unwrap();
        let wall_ms = |node: Incarnation| clocks.get(&node).map(|clock| clock.wall_ms());
        let reached = watched.iter().filter(|peer| self.node(peer).is_some());
        reached.filter_map(|peer| Some(wall_ms(peer.incarnation)? - wall_ms(self.me)?)).collect()
    }
}

/// The clock of the runtime, whose wall clock may be off.
#[derive(Debug)]
pub(crate) struct RuntimeClock {
    started: tokio::time::Instant,
    ahead_ms: AtomicI64,
}

impl RuntimeClock {
    fn since(started: tokio::time::Instant) -> Arc<RuntimeClock> {
        Arc::new(RuntimeClock { started, ahead_ms: AtomicI64::new(0) })
    }
}

impl Clock for RuntimeClock {
    fn wall_ms(&self) -> i64 {
        let passed_ms = i64::try_from(self.started.elapsed().as_millis()).unwrap();
        START_MS + passed_ms + self.ahead_ms.load(Ordering::Relaxed)
    }

    fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap()
    }
}

pub(crate) struct Cluster {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) network: Arc<Network>,
    /// One that is right.
    pub(crate) clock: Arc<RuntimeClock>,
    bank: Arc<Bank>,
    incarnations: u128,
    ids: u64,
}

impl Cluster {
    pub(crate) fn new() -> Cluster {
        Cluster {
            store: Arc::new(MemoryStore::new()),
            network: Arc::default(),
            clock: RuntimeClock::since(tokio::time::Instant::now()),
            bank: Arc::default(),
            incarnations: 0,
            ids: 0,
        }
    }

    pub(crate) async fn join(&mut self, name: &str) -> (Arc<Node>, Faults) {
        let faults = Faults::none();
        (self.try_join(name, faults.clone()).await.unwrap(), faults)
    }

    pub(crate) async fn try_join(&mut self, name: &str, faults: Faults) -> Result<Arc<Node>, String> {
        self.incarnations += 1;
        let me = Incarnation::new(self.incarnations);
        let mut options = NodeOptions::new(me, ShardCount::new(SHARDS).unwrap());
        options.tick = Some(Duration::from_millis(100));
        options.membership.name = NodeName::new(name).unwrap();
        options.membership.lease = LEASE;
        let store: Arc<dyn Store> = Arc::new(self.store.handle(faults));
        let peers = Arc::new(Plug { me, network: Arc::clone(&self.network), watched: Mutex::default() });
        let clock = RuntimeClock::since(self.clock.started);
        self.network.clocks.lock().unwrap().insert(me, Arc::clone(&clock));
        let node = Node::join(store, self.bank.clone(), clock, peers, options).await;
        let node = Arc::new(node.map_err(|error| error.to_string())?);
        self.network.nodes.lock().unwrap().insert(me, Arc::downgrade(&node));
        Ok(node)
    }

    /// Sets the wall clock of a node so far ahead of the right time.
    pub(crate) fn set_ahead(&self, node: Incarnation, ahead: Duration) {
        let ahead_ms = i64::try_from(ahead.as_millis()).unwrap();
        self.network.clocks.lock().unwrap()[&node].ahead_ms.store(ahead_ms, Ordering::Relaxed);
    }

    pub(crate) fn next(&mut self, key: &str, command: &str) -> Request {
        self.ids += 1;
        Request { repeatable: true, ..with_id(key, command, id_at(self.clock.wall_ms(), self.ids)) }
    }
}

/// Waits until every shard runs on one of the nodes, each on that which the table names, and none has been on its way for
/// a while.
pub(crate) async fn settled(nodes: &[&Arc<Node>]) {
    let mut at_rest = 0;
    for _ in 0..600 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let mut running = 0;
        let mut owned = 0;
        for node in nodes {
            let view = node.inspect().await;
            running += view.shards.len();
            owned += view.owned_shards;
        }
        let moving = nodes.iter().map(|node| node.map().table().moving()).max();
        let is_at_rest = (running, owned, moving) == (SHARDS.into(), SHARDS.into(), Some(0));
        at_rest = if is_at_rest { at_rest + 1 } else { 0 };
        if at_rest == 20 {
            return;
        }
    }
    for node in nodes {
        eprintln!("{:?} {:?}", node.map(), node.inspect().await);
    }
    panic!("the shards never came to rest");
}

pub(crate) async fn shards_of(node: &Node) -> usize {
    node.inspect().await.shards.len()
}

pub(crate) const KEYS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
