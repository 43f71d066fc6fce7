//! Limits are the same for every store and are checked before anything else.

use std::sync::Arc;

use super::{Case, committed, rows};
use crate::commit::Commit;
use crate::error::LimitExceeded;
use crate::key::{Key, KeyRange};
use crate::limits::{MAX_COMMIT_BYTES, MAX_KEY_BYTES, MAX_VALUE_BYTES};
use crate::read::{Read, Scan};
use crate::store::{Store, StoreExt};

pub(super) const CASES: &[(&str, Case)] = &[
    ("what is too large is refused and changes nothing", |store| Box::pin(refused(store))),
    ("what is just small enough is taken", |store| Box::pin(taken(store))),
];

fn key_of(size_bytes: usize) -> Key {
    Key::from(vec![b'k'; size_bytes])
}

fn key_too_long() -> LimitExceeded {
    LimitExceeded::KeyTooLong { size_bytes: MAX_KEY_BYTES + 1 }
}

fn value_too_large() -> LimitExceeded {
    LimitExceeded::ValueTooLarge { key: "k".into(), size_bytes: MAX_VALUE_BYTES + 1 }
}

/// A commit of exactly this size that puts `p/<number>` rows.
fn commit_of(size_bytes: usize) -> Commit {
    let mut commit = Commit::new();
    for number in 0.. {
        let left = size_bytes - commit.size_bytes();
        let key = Key::from(&*format!("p/{number:03}"));
        let overhead_bytes = key.len() * 3 + 1;
        if left <= MAX_VALUE_BYTES {
            return commit.put(key, vec![1; left - overhead_bytes]);
        }
        // Never so much that the last row has no room for its key.
        commit = commit.put(key, vec![1; (left - 1_000).min(MAX_VALUE_BYTES)]);
    }
    commit
}

async fn refused(store: Arc<dyn Store>) {
    let reserved = Key::from(vec![0xFF, 1]);
    let long = || key_of(MAX_KEY_BYTES + 1);
    let large = || vec![0; MAX_VALUE_BYTES + 1];
    let beyond = commit_of(MAX_COMMIT_BYTES + 1);
    let size_bytes = beyond.size_bytes();
    let commits = [
        (Commit::new().put("fine", "v").put("", "v"), LimitExceeded::KeyEmpty),
        (Commit::new().put(reserved.clone(), "v"), LimitExceeded::KeyReserved { key: reserved.clone() }),
        (Commit::new().put(long(), "v"), key_too_long()),
        (Commit::new().delete(long()), key_too_long()),
        (Commit::new().add(long(), 1), key_too_long()),
        (Commit::new().expect_absent(long()), key_too_long()),
        (
            Commit::new().delete_range(KeyRange::new("", key_of(MAX_KEY_BYTES + 2))),
            LimitExceeded::KeyTooLong { size_bytes: MAX_KEY_BYTES + 2 },
        ),
        (Commit::new().put("k", large()), value_too_large()),
        (Commit::new().expect_value("k", large()), value_too_large()),
        // Before a conflict is looked for.
        (Commit::new().expect_value("k", "absent").put("k", large()), value_too_large()),
        (beyond, LimitExceeded::CommitTooLarge { size_bytes }),
    ];
    for (commit, limit) in commits {
        assert_eq!(store.commit(commit).await, Err(limit.into()));
    }
    let reads = [
        (Read::Get("".into()), LimitExceeded::KeyEmpty),
        (Read::Get(long()), key_too_long()),
        (Read::Get(reserved.clone()), LimitExceeded::KeyReserved { key: reserved }),
        (
            Read::Scan(Scan::new(KeyRange::new(key_of(MAX_KEY_BYTES + 2), ""))),
            LimitExceeded::KeyTooLong { size_bytes: MAX_KEY_BYTES + 2 },
        ),
    ];
    for (read, limit) in reads {
        assert_eq!(store.read(vec![Read::Get("k".into()), read]).await, Err(limit.into()));
    }
    assert_eq!(rows(&*store, KeyRange::all()).await, vec![]);
}

async fn taken(store: Arc<dyn Store>) {
    let key = key_of(MAX_KEY_BYTES);
    committed(&*store, Commit::new().put(key.clone(), vec![7; MAX_VALUE_BYTES])).await;
    assert_eq!(store.get(key.clone()).await.unwrap().unwrap(), vec![7; MAX_VALUE_BYTES]);
    let page = store.scan(Scan::new(KeyRange::new(key.clone(), key.successor()))).await.unwrap();
    assert_eq!(page.rows.len(), 1);
    committed(&*store, Commit::new().delete_range(KeyRange::new(key.clone(), key.successor()))).await;
    let largest = commit_of(MAX_COMMIT_BYTES);
    assert_eq!(largest.size_bytes(), MAX_COMMIT_BYTES);
    let count = largest.writes.len();
    committed(&*store, largest).await;
    assert_eq!(rows(&*store, KeyRange::prefix("p/")).await.len(), count);
}
