//! Directories of the format before, and what is beside a file that should not be.

use std::fs;
use std::path::Path;

use redb::{Database, TableDefinition};
use tempfile::TempDir;

use super::super::format::ROWS;
use super::super::sealed::seal;
use super::{block_on, open, store_altered};
use crate::commit::{Commit, CommitOutcome};
use crate::embedded::{IntegrityCheck, OpenError};
use crate::store::{Store, StoreExt};

/// A store as programs without a log wrote it.
fn store_without_log(directory: &Path) {
    let database = Database::create(directory.join("kvarter.redb")).unwrap();
    let transaction = database.begin_write().unwrap();
    let format: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("kvarter.format");
    let number = [&b"kvarter\0"[..], &1u32.to_le_bytes()].concat();
    let stored = seal(b"format", &number);
    transaction.open_table(format).unwrap().insert(&b"format"[..], stored.as_slice()).unwrap();
    let stored = seal(b"k", b"value");
    transaction.open_table(ROWS).unwrap().insert(&b"k"[..], stored.as_slice()).unwrap();
    transaction.commit().unwrap();
    database.close().unwrap();
}

#[test]
fn a_store_of_the_format_before_is_taken_over() {
    // What an upgrade that was cut off has left: nothing, or an empty log.
    for log_was_begun in [false, true] {
        let directory = TempDir::new().unwrap();
        store_without_log(directory.path());
        if log_was_begun {
            let other = TempDir::new().unwrap();
            drop(open(other.path(), IntegrityCheck::Never).unwrap());
            let log = "kvarter.log.0001";
            fs::copy(other.path().join(log), directory.path().join(log)).unwrap();
        }
        for round in 0..3u8 {
            let store = open(directory.path(), IntegrityCheck::Always).unwrap();
            assert_eq!(block_on(store.get("k".into())), Ok(Some("value".into())));
            assert_eq!(
                block_on(store.commit(Commit::new().put("l", vec![round]))),
                Ok(CommitOutcome::Committed)
            );
            block_on(store.close()).unwrap();
        }
        let store = open(directory.path(), IntegrityCheck::Never).unwrap();
        assert_eq!(block_on(store.get("l".into())), Ok(Some(vec![2].into())));
    }
}

#[test]
fn a_log_without_its_file_is_no_new_store() {
    let directory = store_altered(|_| {});
    let store = open(directory.path(), IntegrityCheck::Never).unwrap();
    block_on(store.commit(Commit::new().put("k", "in the log"))).unwrap();
    let copy = copy_of(directory.path());
    for format_before in [false, true] {
        fs::remove_file(copy.path().join("kvarter.redb")).unwrap();
        if format_before {
            store_without_log(copy.path());
        }
        let refused = open(copy.path(), IntegrityCheck::Never).map(drop);
        assert!(
            matches!(&refused, Err(OpenError::Damaged { what, .. }) if what.contains("log")),
            "{refused:?}"
        );
        if !format_before {
            fs::write(copy.path().join("kvarter.redb"), "").unwrap();
        }
    }
}

/// The files of a store that is open, as a crash would leave them.
fn copy_of(directory: &Path) -> TempDir {
    let copy = TempDir::new().unwrap();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
    }
    copy
}

#[test]
fn a_store_with_its_log_can_be_opened_where_it_was_copied_to() {
    let directory = store_altered(|_| {});
    let store = open(directory.path(), IntegrityCheck::Never).unwrap();
    block_on(store.commit(Commit::new().put("k", "in the log"))).unwrap();
    let copy = copy_of(directory.path());
    let copied = open(copy.path(), IntegrityCheck::Always).unwrap();
    assert_eq!(block_on(copied.get("k".into())), Ok(Some("in the log".into())));
    drop(copied);

    // The same without its log, and with a log that is not its own.
    let copy = copy_of(directory.path());
    let log = copy.path().join("kvarter.log.0002");
    fs::write(&log, b"a text, not a log").unwrap();
    let refused = open(copy.path(), IntegrityCheck::Never).unwrap_err().to_string();
    assert!(refused.contains("kvarter.log.0002 is damaged: its beginning"), "{refused}");
    fs::remove_file(&log).unwrap();
    let refused = open(copy.path(), IntegrityCheck::Never).unwrap_err().to_string();
    assert!(refused.contains("kvarter.log.0002 is damaged: this part of the log is missing"), "{refused}");
    assert!(refused.contains("restore it from a backup"), "{refused}");
}

#[test]
fn a_closed_store_leaves_an_empty_log() {
    let directory = store_altered(|_| {});
    let names = || {
        let mut names: Vec<String> = fs::read_dir(directory.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(), ["kvarter.lock", "kvarter.log.0002", "kvarter.redb"]);
    assert_eq!(fs::metadata(directory.path().join("kvarter.log.0002")).unwrap().len(), 40);
    // Nothing was written, so nothing moves.
    block_on(open(directory.path(), IntegrityCheck::Never).unwrap().close()).unwrap();
    assert_eq!(names(), ["kvarter.lock", "kvarter.log.0002", "kvarter.redb"]);
}
