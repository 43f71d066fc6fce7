//! A world for one test: a store, a clock, and nodes that come and go.

use std::sync::Arc;
use std::time::Duration;

use actors::shell::{CallError, Caller, Class, Consistency, Node, NodeOptions, Reply, Request};
use cluster::{Incarnation, ManualClock, ShardCount};
use storage::{Faults, MemoryStore};
use uuid::Uuid;

use crate::bank::{Bank, account};

pub(crate) const SHARDS: u16 = 4;
/// 2026-01-01T00:00Z
pub(crate) const START_MS: i64 = 1_767_225_600_000;

pub(crate) struct World {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) bank: Arc<Bank>,
    incarnations: u128,
    ids: u64,
}

impl World {
    pub(crate) fn new() -> World {
        let clock = Arc::new(ManualClock::at(START_MS));
        let (store, bank) = (Arc::new(MemoryStore::new()), Arc::new(Bank::default()));
        World { store, clock, bank, incarnations: 0, ids: 0 }
    }

    /// Starts a node with a handle of its own to the store, which stays in `store`.
    pub(crate) async fn start(&mut self, faults: Faults) -> Node {
        self.start_with(faults, |_| {}).await
    }

    pub(crate) async fn start_with(&mut self, faults: Faults, set: impl FnOnce(&mut NodeOptions)) -> Node {
        self.incarnations += 1;
        let count = ShardCount::new(SHARDS).unwrap();
        let mut options = NodeOptions::new(Incarnation::new(self.incarnations), count);
        options.tick = None;
        set(&mut options);
        self.store = Arc::new(self.store.handle(faults));
        let (store, clock) = (Arc::clone(&self.store), Arc::clone(&self.clock));
        Node::start(store, self.bank.clone(), clock, options).await.unwrap()
    }

    /// A fresh request id as of now.
    pub(crate) fn id(&mut self) -> Uuid {
        self.ids += 1;
        id_at(cluster::Clock::wall_ms(&*self.clock), self.ids)
    }
}

/// A UUIDv7 of this time.
pub(crate) fn id_at(made_ms: i64, number: u64) -> Uuid {
    let made_ms = u128::from(u64::try_from(made_ms).unwrap());
    Uuid::from_u128((made_ms << 80) | (7 << 76) | (2 << 62) | u128::from(number))
}

pub(crate) fn request(key: &str, command: &str) -> Request {
    Request {
        entity: account(key),
        command: command.to_owned().into(),
        caller: Caller::of("tester"),
        request_id: None,
        timeout: None,
        class: Class::Interactive,
        repeatable: false,
        trace: None,
        consistency: Consistency::Strong,
    }
}

pub(crate) fn with_id(key: &str, command: &str, id: Uuid) -> Request {
    Request { request_id: Some(id), ..request(key, command) }
}

/// The text of an accepted reply; anything else fails the test.
pub(crate) async fn ask(node: &Node, key: &str, command: &str) -> String {
    accepted(node.call(request(key, command)).await)
}

pub(crate) fn accepted(answered: Result<Reply, CallError>) -> String {
    match answered {
        Ok(Reply::Accepted(reply)) => String::from_utf8(reply.to_vec()).unwrap(),
        other => panic!("not accepted: {other:?}"),
    }
}

pub(crate) fn rejected(reply: &'static str) -> Result<Reply, CallError> {
    Ok(Reply::Rejected(reply.into()))
}

/// Lets time pass until nothing is under way.
pub(crate) async fn quiet(world: &World, node: &Node) {
    for _ in 0..1_000 {
        if node.inspect().await.is_quiet() {
            return;
        }
        let_time_pass(world, node, 100).await;
    }
    panic!("the node never came to rest: {:?}", node.inspect().await);
}

/// Moves the clocks of the world and of the runtime.
pub(crate) async fn let_time_pass(world: &World, node: &Node, elapsed_ms: u32) {
    world.clock.advance(elapsed_ms);
    node.tick().await;
    tokio::time::sleep(Duration::from_millis(elapsed_ms.into())).await;
}
