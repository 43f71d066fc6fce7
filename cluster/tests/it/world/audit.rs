//! The auditor: sees the rows of the cluster after every commit and knows who really ran what.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use cluster::{Head, Incarnation, ShardId, Table, node_key, placement_key, read_head};
use storage::{Faults, Key, KeyReader, KeyWriter, MemoryStore, Scan, StoreExt};
use tokio::time::Instant;

use super::LEASE;

#[derive(Debug, Default)]
pub(crate) struct Audit {
    table: Table,
    /// Every heartbeat row and since when it is as it is.
    beats: BTreeMap<Incarnation, (Bytes, Instant)>,
    /// Nodes that are leaving by themselves.
    pub(crate) leaving: BTreeSet<Incarnation>,
    pub(crate) buried: Vec<Incarnation>,
    /// What each node runs at this moment.
    pub(crate) running: BTreeMap<(Incarnation, ShardId), Head>,
    /// What each shard's writers were told is durable.
    pub(crate) acknowledged: BTreeMap<(ShardId, u64), Head>,
}

impl Audit {
    pub(crate) fn table(&self) -> Table {
        self.table.clone()
    }

    /// Compares the rows with those of the look before.
    pub(crate) async fn look(audit: &Arc<Mutex<Audit>>, store: &MemoryStore) {
        let rows = store.handle(Faults::none());
        let placement = rows.get(placement_key()).await.unwrap();
        let nodes = rows.scan(Scan::prefix("node/")).await.unwrap().rows;
        let mut audit = audit.lock().unwrap();
        let table = placement.map(|bytes| Table::from_bytes(&bytes).unwrap()).unwrap_or_default();
        audit.see_nodes(nodes.into_iter().map(|row| (incarnation_of(&row.key), row.value)).collect());
        audit.see_table(table);
    }

    /// A row that another node deletes stood still for the lease, really.
    fn see_nodes(&mut self, rows: BTreeMap<Incarnation, Bytes>) {
        let now = Instant::now();
        let before = std::mem::take(&mut self.beats);
        for (node, (_, since)) in &before {
            if !rows.contains_key(node) && !self.leaving.contains(node) {
                assert!(now - *since >= LEASE, "{node} was buried alive, after {:?}", now - *since);
                self.buried.push(*node);
            }
        }
        for (node, value) in rows {
            let since =
                before.get(&node).filter(|(known, _)| *known == value).map_or(now, |(_, since)| *since);
            self.beats.insert(node, (value, since));
        }
    }

    /// Nobody who stays in the table loses a shard while running it, and every version is new.
    fn see_table(&mut self, table: Table) {
        let before = std::mem::replace(&mut self.table, table);
        let table = &self.table;
        assert!(table.version() >= before.version(), "the table went back");
        assert!(table.version() > before.version() || *table == before, "a version was written twice");
        let here: BTreeSet<_> = table.nodes().collect();
        assert_eq!(here, self.beats.keys().copied().collect(), "table and heartbeats name the same nodes");
        if table.version() != before.version() + 1 {
            return;
        }
        for shard in table.shards() {
            let Some(owner) = before.owner(shard).filter(|owner| table.owner(shard) != Some(*owner)) else {
                continue;
            };
            let runs = self.running.contains_key(&(owner, shard));
            assert!(!runs || !here.contains(&owner), "{owner} lost shard {shard} while running it");
        }
    }
}

/// The row that a batch writes.
pub(crate) fn row_key(shard: ShardId, sequence: u64) -> Key {
    KeyWriter::new().literal(b"written/").u16(shard.number()).u64(sequence).finish()
}

/// Every sequence of a shard is a claim or one batch, epochs rise with it, and what was acknowledged is there.
pub(crate) async fn audit_shard(store: &MemoryStore, audit: &Arc<Mutex<Audit>>, shard: ShardId) {
    let prefix = KeyWriter::new().literal(b"written/").u16(shard.number()).finish();
    let rows = store.scan(Scan::prefix(prefix)).await.unwrap().rows;
    let heads: Vec<Head> = rows.iter().map(|row| Head::from_bytes(shard, &row.value).unwrap()).collect();
    for (row, head) in rows.iter().zip(&heads) {
        assert_eq!(row.key, row_key(shard, head.sequence));
    }
    assert!(heads.iter().map(|head| head.epoch).is_sorted(), "a former owner wrote after a later one");
    let last = read_head(store, shard).await.unwrap().unwrap();
    assert_eq!(last.sequence, last.epoch.number() + u64::try_from(heads.len()).unwrap());
    let by_sequence: BTreeMap<u64, &Head> = heads.iter().map(|head| (head.sequence, head)).collect();
    let audit = audit.lock().unwrap();
    for ((_, sequence), head) in audit.acknowledged.iter().filter(|((of, _), _)| *of == shard) {
        assert_eq!(by_sequence.get(sequence), Some(&head), "an acknowledged batch is not there");
    }
}

fn incarnation_of(key: &Key) -> Incarnation {
    let mut reader = KeyReader::new(key);
    reader.literal(5).unwrap();
    let incarnation = Incarnation::new(reader.u128().unwrap());
    assert_eq!(node_key(incarnation), *key);
    incarnation
}
