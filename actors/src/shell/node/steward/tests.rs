//! The steward keeps its node a member, whatever else wants something of it.

use std::sync::Arc;
use std::time::Duration;

use cluster::{Clock, Incarnation, ShardCount, Standing};
use storage::MemoryStore;

use crate::shell::entity_id::EntityId;
use crate::shell::machine::{ActivationError, Machine, Machines, Part};
use crate::shell::node::Node;
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
