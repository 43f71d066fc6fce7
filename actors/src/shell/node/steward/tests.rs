//! The steward keeps its node a member, whatever else wants something of it.

use std::sync::Arc;
use std::time::Duration;

use cluster::{Clock, Incarnation, NodeName, ShardCount, Standing};
use storage::{Faults, MemoryStore};

use crate::shell::entity_id::EntityId;
use crate::shell::machine::{ActivationError, Machine, Machines, Part};
use crate::shell::node::{Ending, Node};
use crate::shell::options::NodeOptions;
use crate::shell::peers::NoPeers;

struct NoMachines;

impl Machines for NoMachines {
    fn activate(&self, _: &EntityId, _: Vec<Part>) -> Result<Box<dyn Machine>, ActivationError> {
        Err(ActivationError { reason: "there are none".to_owned() })
    }
}

/// The clock of the runtime.
#[derive(Debug)]
struct RuntimeClock(tokio::time::Instant);

impl Clock for RuntimeClock {
    fn wall_ms(&self) -> i64 {
        0
    }

    fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap()
    }
}

/// As where a store is slow and shards that are handed over end one after the other.
#[tokio::test(start_paused = true)]
async fn a_node_is_renewed_however_often_its_steward_is_woken() {
    let options = NodeOptions::new(Incarnation::new(1), ShardCount::new(2).unwrap());
    let lease = options.membership.lease;
    let (store, clock) = (Arc::new(MemoryStore::new()), Arc::new(RuntimeClock(tokio::time::Instant::now())));
    let joined = Node::join(store, Arc::new(NoMachines), clock, Arc::new(NoPeers), options).await;
    let node = joined.unwrap_or_else(|error| panic!("{error}"));
    let begun = tokio::time::Instant::now();
    while begun.elapsed() < lease * 2 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        node.routes.wake.notify_one();
        assert_eq!(node.standing(), Standing::Admitting, "after {:?}", begun.elapsed());
    }
}

/// A node in a cluster on this store.
async fn joined(store: MemoryStore, number: u128, name: &str) -> Node {
    let mut options = NodeOptions::new(Incarnation::new(number), ShardCount::new(2).unwrap());
    options.membership.name = NodeName::new(name).unwrap();
    let clock = Arc::new(RuntimeClock(tokio::time::Instant::now()));
    let joined = Node::join(Arc::new(store), Arc::new(NoMachines), clock, Arc::new(NoPeers), options).await;
    joined.unwrap_or_else(|error| panic!("{error}"))
}

/// Whatever the supervisor died of: nobody would claim a shard any more, and the lease would be renewed for ever.
#[tokio::test(start_paused = true)]
async fn a_node_whose_supervisor_died_gives_its_shards_to_others_and_ends() {
    let store = MemoryStore::new();
    let first = joined(store.handle(Faults::none()), 1, "first").await;
    let second = joined(store.handle(Faults::none()), 2, "second").await;
    let begun = tokio::time::Instant::now();
    while second.inspect().await.shards.is_empty() || second.map().table().moving() > 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    first.supervisor.kill();
    assert_eq!(first.ended().await, Ending::Broken);
    assert_eq!(first.inspect().await.shards.len(), 0);
    while second.inspect().await.shards.len() < 2 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // It has left: nobody had to wait for its lease.
    assert_eq!(second.map().peers().len(), 1);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_node_whose_supervisor_died_ends_without_its_store_too() {
    for is_alone in [true, false] {
        let faults = Faults::none();
        let store = Arc::new(MemoryStore::with_faults(faults.clone()));
        let options = NodeOptions::new(Incarnation::new(1), ShardCount::new(2).unwrap());
        let clock = Arc::new(RuntimeClock(tokio::time::Instant::now()));
        let node = match is_alone {
            true => Node::start(store, Arc::new(NoMachines), clock, options).await,
            false => Node::join(store, Arc::new(NoMachines), clock, Arc::new(NoPeers), options).await,
        };
        let node = node.unwrap_or_else(|error| panic!("{error}"));
        faults.freeze();
        node.supervisor.kill();
        assert_eq!(node.ended().await, Ending::Broken, "alone: {is_alone}");
    }
}
