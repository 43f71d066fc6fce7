//! Reading, and what readers and the committer share.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{OnceLock, PoisonError, RwLock};

use bytes::Bytes;
use redb::{AccessGuard, Database, ReadOnlyTable, ReadTransaction, ReadableDatabase};

use super::failure::store_error;
use super::format::{ROWS, begin_write};
use super::sealed::unseal;
use crate::error::StoreError;
use crate::key::Key;
use crate::read::{Page, Read, ReadAnswer, Row, Scan};

/// The open file, and why it takes no more commits if it does not.
#[derive(Debug)]
pub(super) struct Shared {
    /// `None` once the store is closed.
    database: RwLock<Option<Database>>,
    /// Set once, by a commit that failed for a reason other than its expectations.
    failure: OnceLock<StoreError>,
}

/// So many reads with so many rows in all are answered on the thread that asks.
const SHORT_READS: usize = 32;
const SHORT_ROWS: usize = 32;

type Rows = ReadOnlyTable<&'static [u8], &'static [u8]>;
type StoredRow = (AccessGuard<'static, &'static [u8]>, AccessGuard<'static, &'static [u8]>);

impl Shared {
    pub(super) fn new(database: Database) -> Shared {
        Shared { database: RwLock::new(Some(database)), failure: OnceLock::new() }
    }

    /// Answers all reads from one snapshot.
    pub(super) fn read(&self, reads: &[Read]) -> Result<Vec<ReadAnswer>, StoreError> {
        unwind(|| self.answer(reads))
    }

    /// Answers all reads from one snapshot if they are few and find few rows; `None` if not: a thread of their own then costs
    /// less than they.
    pub(super) fn read_short(&self, reads: &[Read]) -> Result<Option<Vec<ReadAnswer>>, StoreError> {
        if reads.len() > SHORT_READS { Ok(None) } else { unwind(|| self.answer_short(reads)) }
    }

    pub(super) fn begin_write(&self) -> Result<redb::WriteTransaction, StoreError> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        begin_write(database.as_ref().ok_or(StoreError::Closed)?).map_err(store_error)
    }

    /// Takes the file out, so that nobody uses it any more.
    pub(super) fn take(&self) -> Option<Database> {
        self.database.write().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether commits are accepted.
    pub(super) fn check_writable(&self) -> Result<(), StoreError> {
        self.failure.get().map_or(Ok(()), |failure| Err(failure.clone()))
    }

    /// Refuses every further commit: after a failed one the state of the file is not certain until it is
    /// opened again.
    pub(super) fn refuse_commits(&self, cause: &StoreError) -> StoreError {
        let reason =
            format!("no commit is accepted since one failed ({cause}); stop the node and start it again");
        let fail = || {
            // Callers ask again until they are told to stop, so that this is the one place where a person learns of it.
            tracing::error!("{reason}");
            StoreError::Unavailable { reason }
        };
        self.failure.get_or_init(fail).clone()
    }

    fn answer(&self, reads: &[Read]) -> Result<Vec<ReadAnswer>, StoreError> {
        let rows = self.begin_read()?.open_table(ROWS).map_err(store_error)?;
        let answer = |read: &Read| match read {
            Read::Get(key) => get(&rows, key).map(ReadAnswer::Value),
            Read::Scan(range) => scan(&rows, range).map(ReadAnswer::Page),
        };
        reads.iter().map(answer).collect()
    }

    fn answer_short(&self, reads: &[Read]) -> Result<Option<Vec<ReadAnswer>>, StoreError> {
        let rows = self.begin_read()?.open_table(ROWS).map_err(store_error)?;
        let mut room = SHORT_ROWS;
        let mut answers = Vec::with_capacity(reads.len());
        for read in reads {
            let answer = match read {
                Read::Get(key) => ReadAnswer::Value(get(&rows, key)?),
                Read::Scan(range) => {
                    let part = range.clone().rows(range.limit_rows.min(room));
                    let page = scan(&rows, &part)?;
                    if part.limit_rows < range.limit_rows && page.more.is_some() {
                        return Ok(None);
                    }
                    room = room.saturating_sub(page.rows.len());
                    ReadAnswer::Page(page)
                }
            };
            answers.push(answer);
        }
        Ok(Some(answers))
    }

    fn begin_read(&self) -> Result<ReadTransaction, StoreError> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        database.as_ref().ok_or(StoreError::Closed)?.begin_read().map_err(store_error)
    }
}

/// redb may panic on a file that was altered behind its back.
fn unwind<T>(answer: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(answer))
        .unwrap_or_else(|_| Err(StoreError::Corrupt { what: "the file does not hold together".to_owned() }))
}

fn get(rows: &Rows, key: &Key) -> Result<Option<Bytes>, StoreError> {
    let stored = rows.get_owned(key.as_bytes()).map_err(store_error)?;
    let value = stored.map(|stored| unseal(key.as_bytes(), stored.value()).map(Bytes::copy_from_slice));
    value.transpose()
}

fn scan(rows: &Rows, scan: &Scan) -> Result<Page, StoreError> {
    if scan.range.is_empty() {
        return Ok(Page::default());
    }
    let bounds = scan.range.begin.as_bytes()..scan.range.end.as_bytes();
    let found = rows.range::<&[u8]>(bounds).map_err(store_error)?;
    if scan.reverse { scan.page_of(found.rev().map(row)) } else { scan.page_of(found.map(row)) }
}

fn row(stored: Result<StoredRow, redb::StorageError>) -> Result<Row, StoreError> {
    let (key, stored) = stored.map_err(store_error)?;
    let value = Bytes::copy_from_slice(unseal(key.value(), stored.value())?);
    Ok(Row { key: Key::from(key.value()), value })
}
