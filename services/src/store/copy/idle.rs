//! Whether nodes run on a store that several processes can use.

use std::sync::Arc;
use std::time::Duration;

use cluster::{ClusterStatus, NodeStatus};

use super::{CopyError, End};

/// How often a counter is looked at while its node would have to move it.
const LOOKS: u32 = 20;

/// Refuses a store on which a node runs. A node that was killed leaves its row behind: a counter that stands still for its
/// lease is a dead one's, as it is among nodes.
pub(super) async fn check(source: &End<'_>) -> Result<(), CopyError> {
    let first = look(source).await?;
    let lease = first.nodes.iter().map(|node| node.lease).max().unwrap_or_default();
    let pause = lease.checked_div(LOOKS).unwrap_or_default().max(Duration::from_millis(10));
    for _ in 0..=LOOKS {
        if first.nodes.is_empty() {
            break;
        }
        tokio::time::sleep(pause).await;
        let now = look(source).await?;
        if let Some(node) = now.nodes.iter().find(|node| !stands_still(node, &first)) {
            return Err(CopyError::InUse {
                source_address: source.address.clone(),
                name: node.peer.name.to_string(),
                address: node.peer.address.to_string(),
            });
        }
    }
    Ok(())
}

fn stands_still(node: &NodeStatus, first: &ClusterStatus) -> bool {
    let is_same = |before: &NodeStatus| {
        before.peer.incarnation == node.peer.incarnation && before.counter == node.counter
    };
    first.nodes.iter().any(is_same)
}

async fn look(source: &End<'_>) -> Result<ClusterStatus, CopyError> {
    let status = cluster::status(Arc::clone(&source.opened.store)).await;
    status.map_err(|error| source.failed(error))
}
