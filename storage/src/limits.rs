//! The limits of every store, FoundationDB's or narrower, checked before a request goes anywhere.

use crate::commit::{Commit, Write};
use crate::error::LimitExceeded;
use crate::key::{Key, KeyRange};
use crate::read::Read;

/// The longest key in bytes. FoundationDB takes 10,000; long keys cost every store dearly.
pub const MAX_KEY_BYTES: usize = 1_000;
/// The largest value in bytes, as FoundationDB's.
pub const MAX_VALUE_BYTES: usize = 100_000;
/// The largest commit in bytes as [`Commit::size_bytes`] counts it. FoundationDB takes 10,000,000, in which it counts
/// up to 68 more for each write, and three times the prefix of a store that shares a cluster: a tenth is left for
/// that. A commit so large that is nothing but tiny rows can be refused by FoundationDB all the same.
pub const MAX_COMMIT_BYTES: usize = 9_000_000;

/// Checks every key and range of a read call, as every store does first.
///
/// Errors: the first limit that is exceeded.
pub fn check_reads(reads: &[Read]) -> Result<(), LimitExceeded> {
    reads.iter().try_for_each(|read| match read {
        Read::Get(key) => check_key(key),
        Read::Scan(scan) => check_range(&scan.range),
    })
}

/// Checks every key, value and the size of a commit, as every store does first.
///
/// Errors: the first limit that is exceeded.
pub fn check_commit(commit: &Commit) -> Result<(), LimitExceeded> {
    for expectation in &commit.expectations {
        check_key(&expectation.key)?;
        if let Some(value) = &expectation.value {
            check_value(&expectation.key, value)?;
        }
    }
    for write in &commit.writes {
        match write {
            Write::Put { key, value } => {
                check_key(key)?;
                check_value(key, value)?;
            }
            Write::Delete { key } | Write::Add { key, .. } => check_key(key)?,
            Write::DeleteRange { range } => check_range(range)?,
        }
    }
    match commit.size_bytes() {
        size_bytes if size_bytes > MAX_COMMIT_BYTES => Err(LimitExceeded::CommitTooLarge { size_bytes }),
        _ => Ok(()),
    }
}

fn check_key(key: &Key) -> Result<(), LimitExceeded> {
    match key.as_bytes().first() {
        None => Err(LimitExceeded::KeyEmpty),
        Some(0xFF) => Err(LimitExceeded::KeyReserved { key: key.clone() }),
        Some(_) => check_length(key, MAX_KEY_BYTES),
    }
}

/// A bound may be empty, may be `0xFF`, and may be the successor of the longest key.
fn check_range(range: &KeyRange) -> Result<(), LimitExceeded> {
    check_length(&range.begin, MAX_KEY_BYTES.saturating_add(1))?;
    check_length(&range.end, MAX_KEY_BYTES.saturating_add(1))
}

fn check_length(key: &Key, limit_bytes: usize) -> Result<(), LimitExceeded> {
    if key.len() > limit_bytes { Err(LimitExceeded::KeyTooLong { size_bytes: key.len() }) } else { Ok(()) }
}

fn check_value(key: &Key, value: &[u8]) -> Result<(), LimitExceeded> {
    if value.len() > MAX_VALUE_BYTES {
        Err(LimitExceeded::ValueTooLarge { key: key.clone(), size_bytes: value.len() })
    } else {
        Ok(())
    }
}
