//! Power cuts and failing disks: what was acknowledged stays, what was not is there whole or not at all, and
//! a store that does not know says so.

use std::sync::Arc;

use redb::Builder;

use super::super::format::{KNOWN_FORMAT, write_format};
use super::super::log::Log;
use super::super::{EmbeddedOptions, EmbeddedStore};
use super::block_on;
use super::disk::Disk;
use crate::commit::{Commit, CommitOutcome};
use crate::error::StoreError;
use crate::key::KeyRange;
use crate::memory::scramble;
use crate::read::Scan;
use crate::store::{Store, StoreExt};

const CUTS: u64 = 40;
/// With a checkpoint after every group this is more than two of them take with all their steps.
const OPERATIONS: u64 = 120;
/// More than the operations left to the disk allow, one flush being the least a commit takes.
const MOST_COMMITS: u64 = 1_000;
const SHARDS: u64 = 4;
const ROWS: u64 = 20;

pub(super) fn new_disk() -> Disk {
    let disk = Disk::default();
    let database = Builder::new().create_with_backend(disk.clone()).unwrap();
    write_format(&database, KNOWN_FORMAT).unwrap();
    database.close().unwrap();
    Log::begin(Arc::new(disk.clone()), 1, 1).unwrap();
    disk
}

pub(super) fn open(disk: &Disk, check: bool, checkpoint_bytes: usize) -> EmbeddedStore {
    try_open(disk, check, checkpoint_bytes).unwrap()
}

fn try_open(disk: &Disk, check: bool, checkpoint_bytes: usize) -> Option<EmbeddedStore> {
    let mut builder = Builder::new();
    builder.set_cache_size(1_000_000).set_check_integrity_on_open(check);
    let database = builder.create_with_backend(disk.clone()).ok()?;
    let options = EmbeddedOptions { checkpoint_bytes, ..EmbeddedOptions::default() };
    EmbeddedStore::start(database, Arc::new(disk.clone()), None, &options).ok()
}

/// The batch of a shard: its head from one number to the next, and rows that all carry that number.
fn batch(shard: u64, sequence: u64) -> Commit {
    let head = format!("{shard}/head");
    let commit = match sequence {
        1 => Commit::new().expect_absent(&*head),
        _ => Commit::new().expect_value(&*head, (sequence - 1).to_string()),
    };
    (0..ROWS).fold(commit.put(&*head, sequence.to_string()), |commit, row| {
        commit.put(&*format!("{shard}/row/{row}"), sequence.to_string())
    })
}

/// Commits from every shard until the store fails; gives the last number acknowledged and the last outcome
/// of each shard.
async fn commit_until_failure(store: &Arc<EmbeddedStore>) -> Vec<(u64, Result<CommitOutcome, StoreError>)> {
    let running: Vec<_> = (0..SHARDS)
        .map(|shard| {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                let mut sequence = 1;
                while sequence < MOST_COMMITS {
                    match store.commit(batch(shard, sequence)).await {
                        Ok(CommitOutcome::Committed) => sequence += 1,
                        end => return (sequence - 1, end),
                    }
                }
                panic!("{sequence} commits were acknowledged, more than reached the disk");
            })
        })
        .collect();
    let mut ends = Vec::new();
    for shard in running {
        ends.push(shard.await.unwrap());
    }
    ends
}

#[test]
fn what_was_acknowledged_survives_a_power_cut() {
    for checkpoint_bytes in [10_000, 100_000, usize::MAX] {
        survive_power_cuts(checkpoint_bytes, (0..CUTS).map(|seed| (seed, scramble(seed) % 400)));
    }
}

#[test]
fn what_was_acknowledged_survives_a_power_cut_between_any_two_steps() {
    survive_power_cuts(1, (0..OPERATIONS).map(|operations| (operations, operations)));
}

/// Lets the power go after so many operations of the disk.
fn survive_power_cuts(checkpoint_bytes: usize, cuts: impl Iterator<Item = (u64, u64)>) {
    let mut unknown = 0;
    for (seed, operations) in cuts {
        let disk = new_disk();
        let store = Arc::new(open(&disk, false, checkpoint_bytes));
        disk.fail_after(operations);
        let ends = block_on(commit_until_failure(&store));
        let mut draws = 0;
        let mut keep = || {
            draws += 1;
            scramble(seed ^ scramble(draws)).is_multiple_of(2)
        };
        let found = disk.after_power_cut(&mut keep);
        drop(store);
        // And once more while the store is being opened.
        found.fail_after(seed % 12);
        drop(try_open(&found, true, checkpoint_bytes));
        let found = found.after_power_cut(keep);
        let store = open(&found, true, checkpoint_bytes);
        for (shard, (acknowledged, end)) in (0..).zip(ends) {
            let known = matches!(end, Err(StoreError::Unavailable { .. }));
            assert!(known || end == Ok(CommitOutcome::Unknown), "seed {seed}: {end:?}");
            unknown += u64::from(!known);
            let rows = block_on(store.scan(Scan::new(KeyRange::prefix(&*format!("{shard}/"))))).unwrap().rows;
            let head =
                rows.first().map_or(0, |row| std::str::from_utf8(&row.value).unwrap().parse().unwrap());
            // A commit that was refused for certain is not there; one in doubt may be.
            let latest = if known { acknowledged } else { acknowledged + 1 };
            assert!((acknowledged..=latest).contains(&head), "seed {seed}: {acknowledged} became {head}");
            assert!(rows.iter().all(|row| row.value == head.to_string()), "seed {seed}: a torn commit");
            assert!(head == 0 || rows.len() as u64 == ROWS + 1, "seed {seed}: a torn commit");
        }
    }
    assert!(unknown > 0, "no cut fell into a flush");
}

#[test]
fn a_store_whose_disk_failed_refuses_and_says_why() {
    let disk = new_disk();
    let store = Arc::new(open(&disk, false, usize::MAX));
    disk.fail_after(5);
    block_on(commit_until_failure(&store));
    let refused = block_on(store.commit(batch(9, 1)));
    let Err(StoreError::Unavailable { reason }) = &refused else { panic!("{refused:?}") };
    assert!(reason.contains("the disk is gone"), "{reason}");
    assert!(reason.contains("start it again"), "{reason}");
    assert!(block_on(store.close()).is_err(), "a store that failed was not closed in order");
    assert_eq!(block_on(store.commit(batch(9, 1))), refused);
}
