//! The state of a cluster as an operator sees it, from one snapshot of the store.

use std::sync::Arc;
use std::time::Duration;

use storage::{Store, StoreError};

use crate::level::Level;
use crate::look::{CALL_LIMIT, Calls};
use crate::node::Peer;
use crate::shard::ShardId;

/// A cluster at one moment. Whether a node lives is seen by looking twice: a counter that stands still for longer than
/// the lease is that of a dead one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterStatus {
    /// How often the table was changed.
    pub version: u64,
    /// The nodes, in rising order of incarnations.
    pub nodes: Vec<NodeStatus>,
    /// Every shard, in rising order.
    pub shards: Vec<ShardStatus>,
}

/// One node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeStatus {
    /// Who it is and where it is reached.
    pub peer: Peer,
    /// One more with every renewal of its lease.
    pub counter: u64,
    /// How long the counter may stand still.
    pub lease: Duration,
    /// The highest level of a store it knows.
    pub level: Level,
    /// Whether it is to give up its shards, by wish or because its clock is off.
    pub draining: bool,
    /// How many shards it is to run.
    pub owned: usize,
    /// How many shards are to be handed to it.
    pub arriving: usize,
}

/// Where one shard is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardStatus {
    /// Which shard.
    pub shard: ShardId,
    /// The node that is to run it.
    pub owner: Option<Peer>,
    /// The node to which it is to be handed.
    pub next: Option<Peer>,
}

/// Reads the state of the cluster; that of a store without one is empty.
pub async fn status(store: Arc<dyn Store>) -> Result<ClusterStatus, StoreError> {
    let view = Calls { store, limit: CALL_LIMIT }.look(None, false).await?;
    let table = &view.table;
    let nodes = view.nodes.iter().map(|(&node, seen)| NodeStatus {
        peer: seen.row.peer.clone(),
        counter: seen.row.counter,
        lease: seen.row.lease,
        level: seen.row.level,
        draining: table.is_draining(node),
        owned: table.owned_by(node).count(),
        arriving: table.arriving_at(node).count(),
    });
    let map = view.map();
    let shards =
        table.shards().map(|shard| ShardStatus { shard, owner: map.owner(shard), next: map.next(shard) });
    Ok(ClusterStatus { version: table.version(), nodes: nodes.collect(), shards: shards.collect() })
}
