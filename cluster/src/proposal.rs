//! A proposed change of the table, as one commit: what nodes come and go with it happens with it or not at all.

use std::collections::BTreeSet;

use storage::Commit;

use crate::head::Incarnation;
use crate::load::Loads;
use crate::look::{View, expect_seen};
use crate::place::{Candidate, place};
use crate::rows::{load_key, node_key, placement_key};
use crate::table::Table;

/// A table and the commit that brings it about.
#[derive(Debug)]
pub(crate) struct Proposal {
    pub(crate) table: Table,
    pub(crate) commit: Commit,
}

/// The table that follows from a look if these nodes are gone and this one comes; `None` if nothing is to change.
///
/// Expects the table and the rows of those gone as they were seen: one that beats after all keeps everything. Their
/// rows are deleted with it, so that a node has a row exactly as long as it is in the table.
pub(crate) fn propose(
    view: &View,
    gone: &BTreeSet<Incarnation>,
    coming: Option<Incarnation>,
    (loads, moves_at_once): (&Loads, usize),
) -> Option<Proposal> {
    let nodes = view.nodes.keys().copied().filter(|node| !gone.contains(node)).chain(coming);
    let candidates: Vec<Candidate> = nodes
        .map(|incarnation| Candidate { incarnation, draining: view.table.is_wished_away(incarnation) })
        .collect();
    let placed = place(&view.table, &candidates, loads, moves_at_once);
    let gone: Vec<_> = gone.iter().filter_map(|node| view.nodes.get(node)).collect();
    let table = match placed {
        Some(table) => table,
        None if gone.is_empty() => return None,
        None => view.table.clone().after(&view.table),
    };
    let mut commit = view.on_table().put(placement_key(), table.to_bytes());
    for seen in gone {
        let node = seen.row.peer.incarnation;
        commit = expect_seen(commit, seen).delete(node_key(node)).delete(load_key(node));
    }
    Some(Proposal { table, commit })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use storage::{CommitOutcome, Faults, MemoryStore, Store, StoreExt};

    use super::*;
    use crate::level::Level;
    use crate::look::Calls;
    use crate::node::{NodeName, NodeRow, Peer};
    use crate::shard::ShardCount;

    fn row(number: u128) -> NodeRow {
        let name = NodeName::new(&format!("n{number}")).unwrap();
        let peer = Peer { incarnation: Incarnation::new(number), name, address: "h:1".into() };
        NodeRow { peer, counter: 1, level: Level::KNOWN, lease: Duration::from_secs(1) }
    }

    async fn committed(store: &MemoryStore, commit: Commit) {
        assert_eq!(store.commit(commit).await, Ok(CommitOutcome::Committed));
    }

    /// A store with two nodes and loads of both, and a look at it.
    async fn seen() -> (MemoryStore, View) {
        let store = MemoryStore::new();
        let calls = Calls { store: Arc::new(store.handle(Faults::none())), limit: Duration::from_secs(1) };
        for number in [1, 2] {
            let view = calls.look(ShardCount::new(4), false).await.unwrap();
            let node = Incarnation::new(number);
            let proposal = propose(&view, &BTreeSet::new(), Some(node), (&Loads::new(), 1)).unwrap();
            let commit = proposal.commit.put(node_key(node), row(number).to_bytes());
            committed(&store, commit.put(load_key(node), Loads::new().to_bytes())).await;
        }
        let view = calls.look(ShardCount::new(4), false).await.unwrap();
        (store, view)
    }

    fn burial(view: &View) -> Proposal {
        let gone = BTreeSet::from([Incarnation::new(2)]);
        propose(view, &gone, None, (&Loads::new(), 1)).unwrap()
    }

    #[tokio::test]
    async fn a_node_and_its_rows_go_together() {
        let (store, view) = seen().await;
        let proposal = burial(&view);
        assert_eq!(proposal.table.nodes().collect::<Vec<_>>(), [Incarnation::new(1)]);
        committed(&store, proposal.commit).await;
        assert_eq!(store.get(node_key(Incarnation::new(2))).await, Ok(None));
        assert_eq!(store.get(load_key(Incarnation::new(2))).await, Ok(None));
        assert!(store.get(node_key(Incarnation::new(1))).await.unwrap().is_some());
    }

    /// Between look and commit the dead may beat, or somebody else may change the table.
    #[tokio::test]
    async fn nothing_happens_on_other_rows_than_were_seen() {
        let node = node_key(Incarnation::new(2));
        let beat = Commit::new().put(node.clone(), row(2).renewed().to_bytes());
        let changed = |view: &View| {
            Commit::new().put(placement_key(), view.table.clone().after(&view.table).to_bytes())
        };
        for table_changes in [false, true] {
            let (store, view) = seen().await;
            committed(&store, if table_changes { changed(&view) } else { beat.clone() }).await;
            let key = if table_changes { placement_key() } else { node.clone() };
            assert_eq!(store.commit(burial(&view).commit).await, Ok(CommitOutcome::Conflict { key }));
        }
    }

    #[tokio::test]
    async fn a_node_that_never_got_a_shard_is_buried_too() {
        let (_, view) = seen().await;
        assert_eq!(view.table.owned_by(Incarnation::new(2)).count(), 0);
        assert_eq!(burial(&view).table.version(), view.table.version() + 1);
        assert!(propose(&view, &BTreeSet::new(), None, (&Loads::new(), 1)).is_none());
    }
}
