//! The rows in the file, as of one checkpoint.

use bytes::Bytes;
use redb::{AccessGuard, Database, Range, ReadOnlyTable, ReadableDatabase};

use super::failure::store_error;
use super::format::ROWS;
use super::sealed::unseal;
use crate::error::StoreError;
use crate::key::{Key, KeyRange};

/// A snapshot of the file.
pub(super) struct Base(ReadOnlyTable<&'static [u8], &'static [u8]>);

/// The rows of a range, in either direction.
pub(super) struct BaseRows {
    found: Range<'static, &'static [u8], &'static [u8]>,
    reverse: bool,
}

type StoredRow = (AccessGuard<'static, &'static [u8]>, AccessGuard<'static, &'static [u8]>);

impl Base {
    /// The file as it is now.
    pub(super) fn open(database: &Database) -> Result<Base, StoreError> {
        let transaction = database.begin_read().map_err(store_error)?;
        transaction.open_table(ROWS).map(Base).map_err(store_error)
    }

    /// The value of a row.
    pub(super) fn get(&self, key: &Key) -> Result<Option<Bytes>, StoreError> {
        let stored = self.0.get(key.as_bytes()).map_err(store_error)?;
        let value = stored.map(|stored| unseal(key.as_bytes(), stored.value()).map(Bytes::copy_from_slice));
        value.transpose()
    }

    /// Whether there is such a row.
    pub(super) fn has(&self, key: &Key) -> Result<bool, StoreError> {
        self.0.get(key.as_bytes()).map(|stored| stored.is_some()).map_err(store_error)
    }

    /// The rows of a range that is not empty.
    pub(super) fn rows(&self, range: &KeyRange, reverse: bool) -> Result<BaseRows, StoreError> {
        let bounds = range.begin.as_bytes()..range.end.as_bytes();
        let found = self.0.range::<&[u8]>(bounds).map_err(store_error)?;
        Ok(BaseRows { found, reverse })
    }
}

impl Iterator for BaseRows {
    type Item = Result<(Key, Bytes), StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let stored = if self.reverse { self.found.next_back() } else { self.found.next() };
        stored.map(row)
    }
}

impl std::fmt::Debug for Base {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Base")
    }
}

fn row(stored: Result<StoredRow, redb::StorageError>) -> Result<(Key, Bytes), StoreError> {
    let (key, stored) = stored.map_err(store_error)?;
    let value = Bytes::copy_from_slice(unseal(key.value(), stored.value())?);
    Ok((Key::from(key.value()), value))
}
