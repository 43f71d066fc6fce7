//! Writing to the file: the rows of a checkpoint, and commits that are too large for the log.

use redb::{Database, ReadableTable, Table, WriteTransaction};

use super::failure::store_error;
use super::format::{ROWS, begin_write, write_checkpoint};
use super::log::Checkpoint;
use super::recent::Recent;
use super::sealed::{SEAL_BYTES, seal_into, unseal};
use crate::commit::{Commit, Write};
use crate::error::StoreError;
use crate::integer::add_to_stored;
use crate::key::{Key, KeyRange};

type Rows<'a> = Table<'a, &'static [u8], &'static [u8]>;

/// Writes the newest version of every row, in the order of keys, together with where the log goes on. All of it is
/// durable when this returns, or none is there.
pub(super) fn write_recent(
    database: &Database,
    recent: &Recent,
    checkpoint: Checkpoint,
) -> Result<(), StoreError> {
    in_transaction(database, |transaction| {
        write_checkpoint(transaction, checkpoint).map_err(store_error)?;
        let mut rows = transaction.open_table(ROWS).map_err(store_error)?;
        let mut last: Option<Key> = None;
        loop {
            let part = recent.newest_after(last.as_ref());
            let Some((key, _)) = part.back() else { return Ok(()) };
            last = Some(key.clone());
            for (key, value) in &part {
                match value {
                    Some(value) => put(&mut rows, key, value)?,
                    None => remove(&mut rows, key)?,
                }
            }
        }
    })
}

/// Writes what an accepted commit writes. The log must be empty: the file is then the whole state.
pub(super) fn write_commit(database: &Database, commit: &Commit) -> Result<(), StoreError> {
    in_transaction(database, |transaction| {
        let mut rows = transaction.open_table(ROWS).map_err(store_error)?;
        commit.writes.iter().try_for_each(|write| match write {
            Write::Put { key, value } => put(&mut rows, key, value),
            Write::Delete { key } => remove(&mut rows, key),
            Write::DeleteRange { range } => delete_range(&mut rows, range),
            Write::Add { key, delta } => add(&mut rows, key, *delta),
        })
    })
}

fn in_transaction(
    database: &Database,
    write: impl FnOnce(&WriteTransaction) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let transaction = begin_write(database).map_err(store_error)?;
    write(&transaction)?;
    transaction.commit().map_err(store_error)
}

fn put(rows: &mut Rows<'_>, key: &Key, value: &[u8]) -> Result<(), StoreError> {
    let stored_bytes = value.len().saturating_add(SEAL_BYTES);
    let mut stored = rows.insert_reserve(key.as_bytes(), stored_bytes).map_err(store_error)?;
    seal_into(stored.as_mut(), key.as_bytes(), value);
    Ok(())
}

fn remove(rows: &mut Rows<'_>, key: &Key) -> Result<(), StoreError> {
    rows.remove(key.as_bytes()).map(drop).map_err(store_error)
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
