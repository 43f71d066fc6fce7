//! What can be asked of a snapshot: the value of a key, or a page of a range.

use bytes::Bytes;

use crate::error::StoreError;
use crate::key::{Key, KeyRange};

/// One question of a read call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// The value of one key.
    Get(Key),
    /// The rows of a range, a page at a time.
    Scan(Scan),
}

/// A page of a range: from its begin in rising order of keys, or from its end in falling order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// The keys to look at.
    pub range: KeyRange,
    /// The page ends after so many rows. Zero counts as one.
    pub limit_rows: usize,
    /// The page ends with the row whose key and value bring it to so many bytes: a page always has a row
    /// if the range has one, and may be larger than this by less than one row.
    pub limit_bytes: usize,
    /// Whether to go from the end of the range downwards.
    pub reverse: bool,
}

/// The answer to one [`Read`], in the same place of the answer as the question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadAnswer {
    /// To [`Read::Get`]: the value, or `None` where there is no row.
    Value(Option<Bytes>),
    /// To [`Read::Scan`].
    Page(Page),
}

/// Rows of a range in the order of the scan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The rows found.
    pub rows: Vec<Row>,
    /// Where to go on: the begin of the rest of the range, in reverse its end. `None` when the range is
    /// exhausted. The next page may turn out to be empty, and sees a later snapshot.
    pub more: Option<Key>,
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The name of the row.
    pub key: Key,
    /// The content of the row.
    pub value: Bytes,
}

impl Scan {
    /// The rows of a page unless stated otherwise.
    pub const DEFAULT_LIMIT_ROWS: usize = 10_000;
    /// The bytes of a page unless stated otherwise.
    pub const DEFAULT_LIMIT_BYTES: usize = 1_000_000;

    /// A scan of the range upwards with the default limits.
    pub fn new(range: KeyRange) -> Scan {
        Scan {
            range,
            limit_rows: Scan::DEFAULT_LIMIT_ROWS,
            limit_bytes: Scan::DEFAULT_LIMIT_BYTES,
            reverse: false,
        }
    }

    /// A scan of every key that begins with `prefix`.
    pub fn prefix(prefix: impl Into<Key>) -> Scan {
        Scan::new(KeyRange::prefix(prefix))
    }

    /// The same with another limit of rows.
    pub fn rows(mut self, limit_rows: usize) -> Scan {
        self.limit_rows = limit_rows;
        self
    }

    /// The same with another limit of bytes.
    pub fn bytes(mut self, limit_bytes: usize) -> Scan {
        self.limit_bytes = limit_bytes;
        self
    }

    /// The same from the end of the range downwards.
    pub fn reversed(mut self) -> Scan {
        self.reverse = true;
        self
    }

    /// The scan of what is left of the range after `page`, or `None` if nothing is.
    pub fn after(&self, page: &Page) -> Option<Scan> {
        let bound = page.more.clone()?;
        let mut next = self.clone();
        if self.reverse {
            next.range.end = bound;
        } else {
            next.range.begin = bound;
        }
        Some(next)
    }

    /// Collects one page from the rows of the range in the order of the scan. Every store uses this, so that
    /// all cut pages alike; it takes one row more than the page holds to learn whether there is more.
    pub(crate) fn page_of<E>(&self, rows: impl Iterator<Item = Result<Row, E>>) -> Result<Page, E> {
        let mut page = Page::default();
        let mut size_bytes = 0usize;
        for row in rows {
            if page.rows.len() >= self.limit_rows.max(1) || size_bytes >= self.limit_bytes.max(1) {
                page.more = page.rows.last().map(|last| self.bound_after(&last.key));
                break;
            }
            let row = row?;
            size_bytes = size_bytes.saturating_add(row.key.len()).saturating_add(row.value.len());
            page.rows.push(row);
        }
        Ok(page)
    }

    /// Where the range goes on after a row.
    pub(crate) fn bound_after(&self, last: &Key) -> Key {
        if self.reverse { last.clone() } else { last.successor() }
    }
}

impl ReadAnswer {
    /// The value of a [`Read::Get`].
    pub fn into_value(self) -> Result<Option<Bytes>, StoreError> {
        match self {
            ReadAnswer::Value(value) => Ok(value),
            ReadAnswer::Page(_) => Err(mismatch("a point read was answered with a page")),
        }
    }

    /// The page of a [`Read::Scan`].
    pub fn into_page(self) -> Result<Page, StoreError> {
        match self {
            ReadAnswer::Page(page) => Ok(page),
            ReadAnswer::Value(_) => Err(mismatch("a scan was answered with a single value")),
        }
    }
}

pub(crate) fn mismatch(what: &str) -> StoreError {
    StoreError::Corrupt { what: what.to_owned() }
}
