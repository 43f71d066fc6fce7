//! What a node knows about the cluster: the table and who the nodes in it are.

use crate::head::Incarnation;
use crate::node::Peer;
use crate::shard::ShardId;
use crate::table::Table;

/// One look at the cluster. It may be out of date as soon as it is taken; a wrong way is answered by whoever is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map {
    table: Table,
    /// In rising order of incarnations.
    peers: Vec<Peer>,
}

impl Map {
    /// A map of these nodes.
    pub fn new(table: Table, mut peers: Vec<Peer>) -> Map {
        peers.sort_by_key(|peer| peer.incarnation);
        peers.dedup_by_key(|peer| peer.incarnation);
        Map { table, peers }
    }

    /// The node that is to run the shard.
    pub fn owner(&self, shard: ShardId) -> Option<Peer> {
        self.peer(self.table.owner(shard)?).cloned()
    }

    /// The node to which the owner is to hand the shard.
    pub fn next(&self, shard: ShardId) -> Option<Peer> {
        self.peer(self.table.next(shard)?).cloned()
    }

    /// Every node of the cluster, **the one that looked included**, in rising order of incarnations.
    pub fn peers(&self) -> &[Peer] {
        &self.peers
    }

    /// The node with this incarnation.
    pub fn peer(&self, incarnation: Incarnation) -> Option<&Peer> {
        let at = self.peers.binary_search_by_key(&incarnation, |peer| peer.incarnation).ok()?;
        self.peers.get(at)
    }

    /// The version of the table.
    pub fn version(&self) -> u64 {
        self.table.version()
    }

    /// The table.
    pub fn table(&self) -> &Table {
        &self.table
    }
}
