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
        .map(|incarnation| Candidate { incarnation, draining: view.table.is_draining(incarnation) })
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
