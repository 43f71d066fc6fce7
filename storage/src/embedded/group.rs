//! One physical transaction for many commits, each accepted or refused on its own.

use redb::{CommitError, ReadableTable, Table};

use super::failure::store_error;
use super::format::ROWS;
use super::reader::Shared;
use super::sealed::{SEAL_BYTES, seal_into, unseal};
use crate::commit::{Commit, CommitOutcome, Write};
use crate::error::StoreError;
use crate::integer::add_to_stored;
use crate::key::{Key, KeyRange};

/// Why a group has no outcomes.
#[derive(Debug)]
pub(super) enum GroupFailure {
    /// Nothing of it was written and nothing will be.
    NotApplied(StoreError),
    /// It failed while it was made durable: all of what was accepted is there or nothing.
    InDoubt {
        /// What each commit would have been answered.
        outcomes: Vec<CommitOutcome>,
        /// What failed.
        cause: StoreError,
    },
}

type Rows<'a> = Table<'a, &'static [u8], &'static [u8]>;

impl From<StoreError> for GroupFailure {
    fn from(error: StoreError) -> GroupFailure {
        GroupFailure::NotApplied(error)
    }
}

/// Judges the commits in their order and makes those accepted durable. The outcomes are in the same order
/// and may be told when this returns, not before: a refusal, too, may rest on a commit of the same group.
pub(super) fn commit_group<'a>(
    shared: &Shared,
    commits: impl Iterator<Item = &'a Commit>,
) -> Result<Vec<CommitOutcome>, GroupFailure> {
    let transaction = shared.begin_write()?;
    let mut outcomes = Vec::new();
    {
        let mut rows = transaction.open_table(ROWS).map_err(store_error)?;
        for commit in commits {
            outcomes.push(judge(&mut rows, commit)?);
        }
    }
    if !outcomes.contains(&CommitOutcome::Committed) {
        transaction.abort().map_err(store_error)?;
        return Ok(outcomes);
    }
    match transaction.commit() {
        Ok(()) => Ok(outcomes),
        Err(CommitError::TransactionPoisoned) => {
            Err(GroupFailure::NotApplied(store_error(CommitError::TransactionPoisoned)))
        }
        Err(error) => Err(GroupFailure::InDoubt { outcomes, cause: store_error(error) }),
    }
}

/// Checks every expectation before the first write, so that a refused commit leaves no trace.
fn judge(rows: &mut Rows<'_>, commit: &Commit) -> Result<CommitOutcome, StoreError> {
    for expectation in &commit.expectations {
        let key = expectation.key.as_bytes();
        let stored = rows.get(key).map_err(store_error)?;
        let value = stored.as_ref().map(|stored| unseal(key, stored.value())).transpose()?;
        if value != expectation.value.as_deref() {
            return Ok(CommitOutcome::Conflict { key: expectation.key.clone() });
        }
    }
    commit.writes.iter().try_for_each(|write| apply(rows, write))?;
    Ok(CommitOutcome::Committed)
}

fn apply(rows: &mut Rows<'_>, write: &Write) -> Result<(), StoreError> {
    match write {
        Write::Put { key, value } => put(rows, key, value),
        Write::Delete { key } => rows.remove(key.as_bytes()).map(drop).map_err(store_error),
        Write::DeleteRange { range } => delete_range(rows, range),
        Write::Add { key, delta } => add(rows, key, *delta),
    }
}

fn put(rows: &mut Rows<'_>, key: &Key, value: &[u8]) -> Result<(), StoreError> {
    let stored_bytes = value.len().saturating_add(SEAL_BYTES);
    let mut stored = rows.insert_reserve(key.as_bytes(), stored_bytes).map_err(store_error)?;
    seal_into(stored.as_mut(), key.as_bytes(), value);
    Ok(())
}

fn delete_range(rows: &mut Rows<'_>, range: &KeyRange) -> Result<(), StoreError> {
    if range.is_empty() {
        return Ok(());
    }
    let bounds = range.begin.as_bytes()..range.end.as_bytes();
    rows.retain_in::<&[u8], _>(bounds, |_, _| false).map_err(store_error)
}

fn add(rows: &mut Rows<'_>, key: &Key, delta: i128) -> Result<(), StoreError> {
    let sum = {
        let stored = rows.get(key.as_bytes()).map_err(store_error)?;
        let value = stored.as_ref().map(|stored| unseal(key.as_bytes(), stored.value())).transpose()?;
        add_to_stored(value, delta)
    };
    put(rows, key, &sum)
}
