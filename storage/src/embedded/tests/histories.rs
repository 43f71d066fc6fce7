//! Random histories with checkpoints at every few groups, power cuts and orderly ends, compared with the store in
//! memory; and long scans meanwhile.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::EmbeddedStore;
use super::super::log::LogFiles;
use super::block_on;
use super::disk::Disk;
use super::outage::{new_disk, open};
use crate::commit::{Commit, CommitOutcome, Write};
use crate::key::{Key, KeyRange};
use crate::memory::MemoryStore;
use crate::read::{Read, ReadAnswer, Scan};
use crate::store::{Store, StoreExt};

#[derive(Clone, Debug)]
enum Step {
    Commit(Commit),
    Read(Vec<Read>),
    /// The power goes, and whatever sectors were not flushed are there or not.
    PowerCut(u64),
    Reopen,
}

fn key() -> impl Strategy<Value = Key> {
    (0u8..6, 0u8..6).prop_map(|(first, second)| match second {
        0 => Key::from(vec![first]),
        second => Key::from(vec![first, second]),
    })
}

fn range() -> impl Strategy<Value = KeyRange> {
    prop_oneof![
        (key(), key()).prop_map(|(begin, end)| KeyRange { begin, end }),
        key().prop_map(KeyRange::prefix)
    ]
}

fn write() -> impl Strategy<Value = Write> {
    prop_oneof![
        5 => (key(), vec(any::<u8>(), 0..30)).prop_map(|(key, value)| Write::Put { key, value: value.into() }),
        4 => key().prop_map(|key| Write::Delete { key }),
        1 => range().prop_map(|range| Write::DeleteRange { range }),
        2 => (key(), any::<i64>()).prop_map(|(key, delta)| Write::Add { key, delta: delta.into() }),
    ]
}

fn read() -> impl Strategy<Value = Read> {
    prop_oneof![
        key().prop_map(Read::Get),
        (range(), 1usize..8, any::<bool>()).prop_map(|(range, rows, reverse)| {
            Read::Scan(Scan { reverse, ..Scan::new(range).rows(rows) })
        }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => vec(write(), 0..5).prop_map(|writes| Step::Commit(Commit { writes, ..Commit::default() })),
        6 => vec(read(), 1..4).prop_map(Step::Read),
        1 => any::<u64>().prop_map(Step::PowerCut),
        1 => Just(Step::Reopen),
    ]
}

async fn all(store: &dyn Store, reverse: bool) -> Vec<ReadAnswer> {
    let scan = Scan { reverse, ..Scan::new(KeyRange::all()) };
    store.read(vec![Read::Scan(scan)]).await.unwrap()
}

async fn agree(checkpoint_bytes: usize, history: Vec<Step>) {
    let memory = MemoryStore::new();
    let mut disk = new_disk();
    let mut store = open(&disk, false, checkpoint_bytes);
    for step in history {
        match step {
            Step::Commit(commit) => {
                assert_eq!(store.commit(commit.clone()).await, Ok(CommitOutcome::Committed));
                memory.commit(commit).await.unwrap();
            }
            Step::Read(reads) => assert_eq!(store.read(reads.clone()).await, memory.read(reads).await),
            Step::PowerCut(mut draw) => {
                disk.fail_after(draw % 5);
                let found = disk.after_power_cut(|| {
                    draw = crate::memory::scramble(draw);
                    draw.is_multiple_of(2)
                });
                drop(store);
                (store, disk) = (open(&found, true, checkpoint_bytes), found);
            }
            Step::Reopen => {
                store.close().await.unwrap();
                store = open(&disk, false, checkpoint_bytes);
            }
        }
        assert_eq!(all(&store, false).await, all(&memory, false).await);
    }
    assert_eq!(all(&store, true).await, all(&memory, true).await);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn histories_agree_with_the_store_in_memory(
        checkpoint_bytes in prop_oneof![Just(1usize), Just(600), Just(3_000), Just(usize::MAX)],
        history in vec(step(), 1..60),
    ) {
        block_on(agree(checkpoint_bytes, history));
    }
}

#[test]
fn a_log_does_not_grow_with_crashes() {
    block_on(async {
        let mut disk = new_disk();
        for crash in 0..40u32 {
            let store = open(&disk, false, usize::MAX);
            let key = Key::from(&crash.to_be_bytes()[..]);
            assert_eq!(store.commit(Commit::new().put(key, "row")).await, Ok(CommitOutcome::Committed));
            assert_eq!(
                all(&store, false).await[0].clone().into_page().unwrap().rows.len(),
                crash as usize + 1
            );
            let found = disk.after_power_cut(|| false);
            assert!(LogFiles::numbers(&found).unwrap().len() <= 10, "after {crash} crashes");
            drop(store);
            disk = found;
        }
    });
}

/// More rows than are written or looked at in one turn.
const ROWS: u32 = 700;

/// Each commit gives all rows one number, each second one deletes and brings back some: a scan that saw two numbers, or
/// not all rows, was no snapshot.
#[test]
fn a_long_scan_is_a_snapshot_while_checkpoints_go_on() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(3).build().unwrap();
    for checkpoint_bytes in [1, 400_000] {
        let disk = Disk::clone(&new_disk());
        let store = Arc::new(open(&disk, false, checkpoint_bytes));
        runtime.block_on(async {
            let writing = tokio::spawn(write_rounds(Arc::clone(&store)));
            let mut last = 0;
            while last < 40 {
                let reads = [false, true].map(|reverse| Read::Scan(Scan { reverse, ..Scan::prefix("row") }));
                for answer in store.read(reads.to_vec()).await.unwrap() {
                    let rows = answer.into_page().unwrap().rows;
                    let Some(first) = rows.first() else { continue };
                    assert!(rows.iter().all(|row| row.value == first.value), "two commits in one scan");
                    assert_eq!(rows.len(), ROWS as usize, "a part of a commit");
                    let round = u32::from_be_bytes(first.value.as_ref().try_into().unwrap());
                    assert!(round >= last, "time went back from {last} to {round}");
                    last = round;
                }
            }
            writing.await.unwrap();
            store.close().await.unwrap();
        });
    }
}

async fn write_rounds(store: Arc<EmbeddedStore>) {
    for round in 1..=40u32 {
        let commit = match round % 2 {
            0 => Commit::new().delete_range(KeyRange::new("row 01", "row 04")),
            _ => Commit::new(),
        };
        let commit = (0..ROWS)
            .fold(commit, |commit, row| commit.put(&*format!("row {row:04}"), round.to_be_bytes().to_vec()));
        assert_eq!(store.commit(commit).await, Ok(CommitOutcome::Committed));
        let found = store.get("row 0200".into()).await.unwrap();
        assert_eq!(found, Some(round.to_be_bytes().to_vec().into()), "an answered commit is seen");
    }
}

/// More rows than go through the log in one commit, some in the file and some not.
#[test]
fn a_large_range_is_deleted_whatever_layer_it_is_in() {
    for checkpoint_bytes in [1, 1_000_000, usize::MAX] {
        block_on(async {
            let disk = new_disk();
            let mut store = open(&disk, false, checkpoint_bytes);
            for part in 0..6u32 {
                let commit = (0..2_500).fold(Commit::new().put("head", "1"), |commit, row| {
                    commit.put(&*format!("row {part} {row}"), "value")
                });
                assert_eq!(store.commit(commit).await, Ok(CommitOutcome::Committed));
            }
            let commit = Commit::new()
                .expect_value("head", "1")
                .put("row 3 kept", "not kept")
                .delete_range(KeyRange::prefix("row"))
                .put("row 4", "new")
                .add("sum", 7)
                .put("head", "2");
            assert_eq!(store.commit(commit.clone()).await, Ok(CommitOutcome::Committed));
            let head = CommitOutcome::Conflict { key: "head".into() };
            assert_eq!(store.commit(commit).await, Ok(head));
            let found = disk.after_power_cut(|| false);
            drop(store);
            store = open(&found, true, checkpoint_bytes);
            let rows = store.scan(Scan::new(KeyRange::all())).await.unwrap().rows;
            let keys: Vec<String> = rows.iter().map(|row| row.key.to_string()).collect();
            assert_eq!(keys, ["head", "row 4", "sum"]);
        });
    }
}
