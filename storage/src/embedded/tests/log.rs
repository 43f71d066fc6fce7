//! The log by itself: what a crash leaves, what a disk spoils, and files that are used again.

use std::sync::Arc;

use super::super::log::{Change, Checkpoint, HEADER_BYTES, Log, LogFiles, replay};
use super::super::recent::RecentChange;
use super::super::{EmbeddedOptions, OpenError};
use super::disk::Disk;

/// A group that puts one row and deletes another.
fn group(number: u64) -> Vec<RecentChange> {
    let row = |key: String, value: Option<String>| RecentChange {
        change: Change { key: key.as_str().into(), value: value.map(Into::into) },
        hides_older: true,
    };
    vec![row(format!("{number}/put"), Some(format!("value {number}"))), row(format!("{number}/gone"), None)]
}

fn changes(number: u64) -> Vec<Change> {
    group(number).into_iter().map(|row| row.change).collect()
}

fn begin(disk: &Disk) -> Log {
    Log::begin(Arc::new(disk.clone()), 1, 1).unwrap()
}

fn append(log: &mut Log, sequence: u64) {
    assert_eq!(log.append(&mut group(sequence)).unwrap(), sequence);
}

/// A log of one segment with so many groups.
fn log_of(groups: u64) -> (Disk, Log) {
    let disk = Disk::default();
    let mut log = begin(&disk);
    (1..=groups).for_each(|sequence| append(&mut log, sequence));
    (disk, log)
}

/// The last group that is found, all before it being there as they were written; and a log that goes on behind it.
fn read(disk: &Disk, checkpoint: Checkpoint) -> Result<(u64, Log), OpenError> {
    let mut last = checkpoint.sequence;
    let replayed = replay(disk, checkpoint, |sequence, found| {
        last += 1;
        assert_eq!((sequence, found), (last, changes(last)));
        Ok(())
    })?;
    Ok((last, Log::resume(Arc::new(disk.clone()), &replayed).unwrap()))
}

fn last_of(disk: &Disk) -> u64 {
    read(disk, Checkpoint::FIRST).unwrap().0
}

#[track_caller]
fn is_damaged(disk: &Disk, checkpoint: Checkpoint, by: &str) {
    let found = read(disk, checkpoint).map(|(last, _)| last);
    assert!(matches!(&found, Err(OpenError::Damaged { what, .. }) if what.contains(by)), "{found:?}");
}

/// The length of a segment with so many groups.
fn bytes_of(groups: u64) -> usize {
    log_of(groups).0.content(1).len()
}

#[test]
fn a_last_record_cut_off_anywhere_is_left_out() {
    let content = log_of(3).0.content(1);
    for length in bytes_of(2)..content.len() {
        let disk = Disk::default();
        disk.set_content(1, content[..length].to_vec());
        let (last, mut log) = read(&disk, Checkpoint::FIRST).unwrap();
        assert_eq!(last, 2, "cut off at byte {length}");
        append(&mut log, 3);
        assert_eq!(last_of(&disk), 3, "after a cut at byte {length}");
    }
}

/// A last record that does not hold may be one that was never finished; anything else is damage.
#[test]
fn a_changed_byte_is_damage_but_in_the_last_record() {
    let (disk, _) = log_of(3);
    let content = disk.content(1);
    for place in 0..content.len() {
        let mut changed = content.clone();
        changed[place] ^= 0x10;
        disk.set_content(1, changed);
        if place < HEADER_BYTES {
            is_damaged(&disk, Checkpoint::FIRST, "its beginning is not that of");
        } else if place < bytes_of(2) {
            is_damaged(&disk, Checkpoint::FIRST, "is not readable, though later ones are there");
        } else {
            let replayed = replay(&disk, Checkpoint::FIRST, |_, _| Ok(())).unwrap();
            assert_eq!(replayed.next_sequence, 3, "byte {place} changed");
        }
    }
}

#[test]
fn what_was_read_is_durable_before_anything_follows_it() {
    let (disk, log) = log_of(2);
    drop(log);
    disk.forget_last_flush(1);
    let (last, log) = read(&disk, Checkpoint::FIRST).unwrap();
    assert_eq!(last, 2);
    drop(log);
    assert_eq!(last_of(&disk.after_power_cut(|| false)), 2);
}

/// Crashes, each in the middle of a record, one after the other.
#[test]
fn a_log_goes_on_after_every_crash() {
    let disk = Disk::default();
    let mut log = begin(&disk);
    for sequence in 1..=10 {
        append(&mut log, sequence);
        let segment = disk.numbers().unwrap().into_iter().max().unwrap();
        let mut content = disk.content(segment);
        content.extend_from_slice(&content.clone()[HEADER_BYTES..][..20]);
        disk.set_content(segment, content);
        let (last, next) = read(&disk, Checkpoint::FIRST).unwrap();
        assert_eq!(last, sequence);
        log = next;
    }
    assert_eq!(disk.numbers().unwrap().len(), 11);
}

#[test]
fn a_segment_without_records_is_used() {
    let disk = Disk::default();
    drop(begin(&disk));
    for _ in 0..3 {
        assert_eq!(last_of(&disk), 0);
    }
    assert_eq!(disk.numbers().unwrap(), [1]);
}

/// The file of a freed segment serves again with all that was in it behind the new records.
#[test]
fn what_a_file_held_before_is_not_read() {
    for groups in 0..5 {
        let (disk, mut log) = log_of(4);
        let checkpoint = log.rotate().unwrap();
        assert_eq!(checkpoint, Checkpoint { sequence: 4, segment: 2 });
        disk.release(1).unwrap();
        append(&mut log, 5);
        let checkpoint = log.rotate().unwrap();
        assert_eq!(checkpoint, Checkpoint { sequence: 5, segment: 3 });
        assert!(disk.content(3).len() >= bytes_of(4), "the file was used again");
        (6..6 + groups).for_each(|sequence| append(&mut log, sequence));
        assert_eq!(read(&disk, checkpoint).unwrap().0, 5 + groups);
        let before = Checkpoint { sequence: 4, segment: 2 };
        assert_eq!(read(&disk, before).unwrap().0, 5 + groups);
    }
}

#[test]
fn a_segment_that_is_missing_is_damage() {
    let three = || {
        let (disk, mut log) = log_of(2);
        log.rotate().unwrap();
        append(&mut log, 3);
        log.rotate().unwrap();
        append(&mut log, 4);
        disk
    };
    assert_eq!(last_of(&three()), 4);
    for missing in 1..=3 {
        let disk = three();
        disk.release(missing).unwrap();
        is_damaged(&disk, Checkpoint::FIRST, "this part of the log is missing");
    }
    let disk = three();
    let (first, second) = (disk.content(1), disk.content(2));
    disk.set_content(2, first);
    disk.set_content(1, second);
    is_damaged(&disk, Checkpoint::FIRST, "its beginning is not that of");
    is_damaged(&three(), Checkpoint { sequence: 0, segment: 2 }, "group 3 of commits where group 1");
}

/// A crash between the steps with which the next segment begins.
#[test]
fn a_segment_begun_and_not_reached_is_no_damage() {
    let (disk, log) = log_of(2);
    let before = disk.content(1);
    let mut log = log;
    log.rotate().unwrap();
    disk.set_content(1, before);
    let (last, mut log) = read(&disk, Checkpoint::FIRST).unwrap();
    assert_eq!(last, 2);
    append(&mut log, 3);
    assert_eq!(last_of(&disk), 3);
}

#[test]
fn values_of_any_size_come_back() {
    let sizes = (0..40).chain([1_000, crate::MAX_VALUE_BYTES]);
    let disk = Disk::default();
    let mut log = begin(&disk);
    let mut written = Vec::new();
    for size in sizes {
        let change = Change { key: vec![7; size % 9 + 1].into(), value: Some(vec![9; size].into()) };
        log.append(&mut [RecentChange { change: change.clone(), hides_older: true }]).unwrap();
        written.push(vec![change]);
    }
    let mut found = Vec::new();
    replay(&disk, Checkpoint::FIRST, |_, changes| {
        found.push(changes);
        Ok(())
    })
    .unwrap();
    assert_eq!(found, written);
    assert!(
        EmbeddedOptions { group_bytes: usize::MAX, ..EmbeddedOptions::default() }.bounded_group_bytes()
            < 1 << 31
    );
}
