//! Whether nodes run on a store that several processes can use.

use std::sync::Arc;
use std::time::Duration;

use cluster::{ClusterStatus, NodeStatus};
use storage::{Store, StoreError};

/// How often a counter is looked at while its node would have to move it.
const LOOKS: u32 = 20;

/// A node that runs on a store. A node that was killed leaves its row behind: a counter that stands still for its lease is
/// a dead one's, as it is among nodes.
pub(super) async fn running_node(store: &Arc<dyn Store>) -> Result<Option<NodeStatus>, StoreError> {
    let first = look(store).await?;
    let lease = first.nodes.iter().map(|node| node.lease).max().unwrap_or_default();
    let pause = lease.checked_div(LOOKS).unwrap_or_default().max(Duration::from_millis(10));
    for _ in 0..=LOOKS {
        if first.nodes.is_empty() {
            break;
        }
        tokio::time::sleep(pause).await;
        let now = look(store).await?;
        if let Some(node) = now.nodes.into_iter().find(|node| !stands_still(node, &first)) {
            return Ok(Some(node));
        }
    }
    Ok(None)
}

fn stands_still(node: &NodeStatus, first: &ClusterStatus) -> bool {
    let is_same = |before: &NodeStatus| {
        before.peer.incarnation == node.peer.incarnation && before.counter == node.counter
    };
    first.nodes.iter().any(is_same)
}

async fn look(store: &Arc<dyn Store>) -> Result<ClusterStatus, StoreError> {
    cluster::status(Arc::clone(store)).await
}
