//! What can't be brought about from outside: damaged values, newer formats, disks that fail.

mod disk;
mod histories;
mod log;
mod outage;
mod recent;
mod upgrade;

use std::fs;
use std::path::Path;

use redb::Database;
use tempfile::TempDir;

use super::format::{KNOWN_FORMAT, ROWS, begin_write, write_format};
use super::{EmbeddedOptions, EmbeddedStore, IntegrityCheck, OpenError};
use crate::commit::{Commit, CommitOutcome};
use crate::error::StoreError;
use crate::key::KeyRange;
use crate::read::Scan;
use crate::store::{Store, StoreExt};

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn open(directory: &Path, integrity_check: IntegrityCheck) -> Result<EmbeddedStore, OpenError> {
    EmbeddedStore::open(directory, EmbeddedOptions { integrity_check, ..EmbeddedOptions::default() })
}

/// A closed store with a row `k` and what `alter` does to its file behind its back.
fn store_altered(alter: impl FnOnce(&Path)) -> TempDir {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path(), IntegrityCheck::WhenSmall).unwrap();
    let commit = Commit::new().put("k", "value").put("l", vec![0xAB; 1_000]);
    assert_eq!(block_on(store.commit(commit)), Ok(CommitOutcome::Committed));
    block_on(store.close()).unwrap();
    alter(&directory.path().join("kvarter.redb"));
    directory
}

#[test]
fn a_damaged_value_is_named_and_stops_commits() {
    let directory = store_altered(|path| {
        let database = Database::open(path).unwrap();
        let transaction = begin_write(&database).unwrap();
        transaction.open_table(ROWS).unwrap().insert(&b"k"[..], &b"\0\0\0\0other"[..]).unwrap();
        transaction.commit().unwrap();
    });
    let store = open(directory.path(), IntegrityCheck::Always).unwrap();
    let damaged =
        Err(StoreError::Corrupt { what: "the value of key k does not match its checksum".to_owned() });
    block_on(async {
        assert_eq!(store.get("k".into()).await, damaged);
        assert_eq!(store.scan(Scan::new(KeyRange::all())).await.map(|_| None), damaged);
        let refused = store.commit(Commit::new().add("k", 1)).await;
        assert_eq!(refused.map(|_| None), damaged);
        let refused = store.commit(Commit::new().put("other", "row")).await;
        assert!(matches!(refused, Err(StoreError::Unavailable { .. })), "{refused:?}");
        assert_eq!(store.get("l".into()).await.unwrap().unwrap().len(), 1_000);
    });
}

#[test]
fn a_newer_format_is_refused_and_left_alone() {
    let newer = KNOWN_FORMAT + 1;
    let directory = store_altered(|path| {
        write_format(&Database::open(path).unwrap(), newer).unwrap();
    });
    let path = directory.path().join("kvarter.redb");
    let before = fs::read(&path).unwrap();
    let refused = open(directory.path(), IntegrityCheck::Always).unwrap_err();
    assert!(matches!(refused, OpenError::NewerFormat { found, .. } if found == newer), "{refused}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

/// One byte of a value changes on the disk. The check at opening finds it; without it, the read does.
#[test]
fn a_changed_byte_is_found() {
    let flip = |path: &Path| {
        let mut content = fs::read(path).unwrap();
        let places: Vec<usize> =
            (0..content.len() - 500).filter(|at| content[*at..].starts_with(&[0xAB; 500])).collect();
        for at in places {
            content[at + 100] ^= 1;
        }
        fs::write(path, content).unwrap();
    };
    let checked = open(store_altered(flip).path(), IntegrityCheck::Always).map(drop);
    assert!(matches!(checked, Err(OpenError::Damaged { .. })), "{checked:?}");
    let directory = store_altered(flip);
    let unchecked = open(directory.path(), IntegrityCheck::Never).unwrap();
    let read = block_on(unchecked.get("l".into()));
    assert!(matches!(read, Err(StoreError::Corrupt { .. })), "{read:?}");
}

#[test]
fn the_file_is_verified_unless_it_is_large() {
    // What the lock file says, how large a file may be, and whether the damage is found at opening.
    let cases = [
        ("process 1\n", u64::MAX, true),
        ("", u64::MAX, true),
        ("", 1_000, false),
        ("closed\n", u64::MAX, true),
        ("closed\n", 1_000, false),
    ];
    for (note, verified_bytes, found) in cases {
        let directory = store_altered(|path| {
            let database = Database::open(path).unwrap();
            drop(database);
            let mut content = fs::read(path).unwrap();
            let value =
                content.windows(900).position(|bytes| bytes.iter().all(|byte| *byte == 0xAB)).unwrap();
            content[value] = 0;
            fs::write(path, content).unwrap();
        });
        fs::write(directory.path().join("kvarter.lock"), note).unwrap();
        let options = EmbeddedOptions { verified_bytes, ..EmbeddedOptions::default() };
        let opened = EmbeddedStore::open(directory.path(), options);
        assert_eq!(opened.is_err(), found, "lock file says {note:?}, up to {verified_bytes} bytes");
    }
}
