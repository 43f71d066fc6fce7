//! Whether a store fences: of two nodes that both believe they own a shard, only one can commit.
//!
//! A store's tests give the [`Factory`] they give to the suite of the store itself and call [`fence`]. It panics where the
//! store lets two owners commit, loses what it acknowledged, or does something twice.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a suite of tests fails by panicking")]

use std::collections::BTreeMap;
use std::sync::Arc;

use storage::conformance::Factory;
use storage::{Commit, CommitOutcome, KeyReader, KeyWriter, Scan, Store, StoreError, StoreExt};
use tokio::task::JoinSet;

use crate::claim::claim;
use crate::head::{BatchId, Head, Incarnation};
use crate::rows::placement_key;
use crate::settle::{Advance, BackOff, Settlement, read_head, settle};
use crate::shard::{ShardCount, ShardId};
use crate::table::Table;

const NODES: u64 = 4;
const CLAIMS: u64 = 12;
const SHARD: ShardId = ShardId::new(0);

/// Several nodes take a shard from one another by the table, over and over, and each goes on committing until it is
/// fenced, without ever asking whether it still owns the shard. Afterwards every sequence of the shard was written
/// exactly once, by the node of its epoch; epochs rise with sequences; and whatever was acknowledged is there.
pub fn fence(factory: &dyn Factory) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let store = runtime.block_on(factory.create());
    runtime.block_on(async {
        two_owners(&*store).await;
        many_owners(Arc::clone(&store)).await;
        store.close().await.unwrap();
    });
}

/// Both hold a head they believe to be theirs, and have a commit ready.
async fn two_owners(store: &dyn Store) {
    let (former, owner) = (Incarnation::new(101), Incarnation::new(102));
    let shard = ShardId::new(1);
    let claimed = |node, number| claim(store, shard, node, batch(node, number), BackOff::default());
    give(store, shard, former).await;
    let old = claimed(former, 0).await.unwrap();
    give(store, shard, owner).await;
    let late_claim = claimed(former, 1).await;
    assert!(late_claim.is_err(), "a node claimed what the table gives to another: {late_claim:?}");
    // Until the new owner claims, the former may still commit: it is the only one who can.
    let (old, written) = write(store, shard, old, 2).await;
    assert_eq!(written, Settlement::Committed);
    let new = claimed(owner, 0).await.unwrap();
    let (_, refused) = write(store, shard, old, 3).await;
    assert_eq!(refused, Settlement::Fenced { by: Some(new) }, "a former owner committed");
    let (new, written) = write(store, shard, new, 1).await;
    assert_eq!(written, Settlement::Committed);
    let (_, refused) = write(store, shard, old, 3).await;
    assert_eq!(refused, Settlement::Fenced { by: Some(new) }, "a former owner committed later");
}

async fn many_owners(store: Arc<dyn Store>) {
    let mut nodes = JoinSet::new();
    for node in 1..=NODES {
        nodes.spawn(work(Arc::clone(&store), Incarnation::new(node.into())));
    }
    let mut acknowledged = BTreeMap::new();
    while let Some(written) = nodes.join_next().await {
        for head in written.unwrap() {
            let twice = acknowledged.insert(head.sequence, head);
            assert_eq!(twice, None, "two nodes were told that they wrote the same sequence");
        }
    }
    let stored = read_rows(&*store).await;
    for (sequence, head) in &acknowledged {
        assert_eq!(stored.get(sequence), Some(head), "an acknowledged batch is not there");
    }
    let epochs: Vec<_> = stored.values().map(|head| head.epoch).collect();
    assert!(epochs.is_sorted(), "a former owner wrote after a later one: {epochs:?}");
    let last = read_head(&*store, SHARD).await.unwrap().unwrap();
    let claims = last.epoch.number();
    assert!(claims >= NODES * CLAIMS, "every claim that succeeded has an epoch of its own");
    let batches = u64::try_from(stored.len()).unwrap();
    assert_eq!(last.sequence, claims + batches, "every sequence is a claim or a batch");
}

/// Takes the shard a number of times and each time writes until it is fenced, or a few batches at the end. Gives what
/// was acknowledged.
async fn work(store: Arc<dyn Store>, me: Incarnation) -> Vec<Head> {
    let mut acknowledged = Vec::new();
    let mut number = 0;
    for _ in 0..CLAIMS {
        let mut head = loop {
            give(&*store, SHARD, me).await;
            number += 1;
            match claim(&*store, SHARD, me, batch(me, number), BackOff::default()).await {
                Ok(head) => break head,
                Err(crate::ClaimError::NotMine { .. }) => {}
                Err(error) => panic!("the store fails: {error}"),
            }
        };
        for _ in 0..10 {
            number += 1;
            let (to, settlement) = write(&*store, SHARD, head, number).await;
            match settlement {
                Settlement::Committed => acknowledged.push(to),
                Settlement::Fenced { .. } => break,
                Settlement::Failed(error) => panic!("the store fails: {error}"),
            }
            head = to;
        }
    }
    acknowledged
}

/// Makes a node the owner of a shard by the table, whoever owns it.
async fn give(store: &dyn Store, shard: ShardId, node: Incarnation) {
    loop {
        let stored = store.get(placement_key()).await.unwrap();
        let previous = stored.as_deref().map_or_else(
            || Table::new(ShardCount::new(2).unwrap()),
            |bytes| Table::from_bytes(bytes).unwrap(),
        );
        let mut table = previous.clone();
        let nodes = table.nodes().chain([node]).map(|node| (node, false)).collect();
        table.set_nodes(nodes);
        table.set_owner(shard, Some(node));
        let bytes = table.after(&previous).to_bytes();
        let commit = match stored {
            Some(stored) => Commit::new().expect_value(placement_key(), stored),
            None => Commit::new().expect_absent(placement_key()),
        };
        match store.commit(commit.put(placement_key(), bytes)).await {
            Ok(CommitOutcome::Committed) => return,
            Ok(_) | Err(StoreError::Unavailable { .. }) => tokio::task::yield_now().await,
            Err(error) => panic!("the store fails: {error}"),
        }
    }
}

/// Commits one batch as the owner with this head would: a row that names it.
async fn write(store: &dyn Store, shard: ShardId, head: Head, number: u64) -> (Head, Settlement) {
    let to = head.advanced(batch(head.batch.incarnation, number), 0);
    let advance = Advance { shard, from: Some(head), to };
    let row = KeyWriter::new().literal(ROWS).u16(shard.number()).u64(to.sequence).finish();
    let commit = advance.commit().put(row, to.to_bytes());
    (to, settle(store, &advance, commit, BackOff::default()).await)
}

const ROWS: &[u8] = b"written/";

/// What the batches of the shard wrote, by sequence.
async fn read_rows(store: &dyn Store) -> BTreeMap<u64, Head> {
    let prefix = KeyWriter::new().literal(ROWS).u16(SHARD.number()).finish();
    let page = store.scan(Scan::prefix(prefix)).await.unwrap();
    assert_eq!(page.more, None);
    let rows = page.rows.iter().map(|row| {
        let mut key = KeyReader::new(&row.key);
        key.literal(ROWS.len()).unwrap();
        key.u16().unwrap();
        (key.u64().unwrap(), Head::from_bytes(SHARD, &row.value).unwrap())
    });
    rows.collect()
}

fn batch(incarnation: Incarnation, number: u64) -> BatchId {
    BatchId { incarnation, number }
}
