//! The rows of a range from several layers: what is newer hides what is older.

use std::collections::VecDeque;
use std::iter::Peekable;
use std::ops::Bound;

use bytes::Bytes;

use super::base::{Base, BaseRows};
use super::recent::{Part, Recent};
use crate::error::StoreError;
use crate::key::{Key, KeyRange};
use crate::read::Row;

/// Why rows were not all given.
#[derive(Debug)]
pub(super) enum Stop {
    /// So many were looked at as were to be.
    Steps,
    /// They can't be read.
    Failed(StoreError),
}

/// The rows of a range in order.
pub(super) struct Merge<'a> {
    /// Newest first.
    memory: Vec<RecentRows<'a>>,
    base: Option<Peekable<BaseRows>>,
    reverse: bool,
    steps_left: usize,
}

/// What one generation of recent rows has of a range, fetched in parts, which grow.
struct RecentRows<'a> {
    recent: &'a Recent,
    sequence: u64,
    reverse: bool,
    part: Part,
    part_rows: usize,
    /// What was not fetched yet: the bounds, both included but for the first end of a range.
    rest: Option<(Bound<Key>, Bound<Key>)>,
}

const FIRST_PART_ROWS: usize = 16;
const PART_GROWTH: usize = 4;

impl<'a> Merge<'a> {
    pub(super) fn new(
        memory: impl Iterator<Item = &'a Recent>,
        sequence: u64,
        base: &Base,
        range: &KeyRange,
        reverse: bool,
        steps_left: usize,
    ) -> Result<Merge<'a>, StoreError> {
        if range.is_empty() {
            return Ok(Merge { memory: Vec::new(), base: None, reverse, steps_left });
        }
        let rest = Some((Bound::Included(range.begin.clone()), Bound::Excluded(range.end.clone())));
        let rows = |recent| RecentRows {
            recent,
            sequence,
            reverse,
            part: VecDeque::new(),
            part_rows: FIRST_PART_ROWS,
            rest: rest.clone(),
        };
        let memory = memory.map(rows).collect();
        Ok(Merge { memory, base: Some(base.rows(range, reverse)?.peekable()), reverse, steps_left })
    }

    /// The next key of any layer.
    fn next_key(&mut self) -> Result<Option<Key>, StoreError> {
        let of_base = match self.base.as_mut().and_then(Peekable::peek) {
            Some(Ok((key, _))) => Some(key),
            Some(Err(error)) => return Err(error.clone()),
            None => None,
        };
        let of_memory = self.memory.iter_mut().filter_map(|rows| rows.peek());
        let keys = of_memory.chain(of_base);
        Ok(if self.reverse { keys.max() } else { keys.min() }.cloned())
    }

    /// Takes the row off every layer that has it and gives the newest value.
    fn take(&mut self, key: &Key) -> Option<Bytes> {
        let is_it =
            |row: &Result<(Key, Bytes), StoreError>| row.as_ref().is_ok_and(|(found, _)| found == key);
        let of_base = self.base.as_mut().and_then(|rows| rows.next_if(is_it));
        let mut newest = of_base.and_then(Result::ok).map(|(_, value)| value);
        for rows in self.memory.iter_mut().rev() {
            if rows.peek() == Some(key) {
                newest = rows.part.pop_front().and_then(|(_, value)| value);
            }
        }
        newest
    }
}

impl Iterator for Merge<'_> {
    type Item = Result<Row, Stop>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let key = match self.next_key() {
                Ok(key) => key?,
                Err(error) => return Some(Err(Stop::Failed(error))),
            };
            let Some(steps_left) = self.steps_left.checked_sub(1) else { return Some(Err(Stop::Steps)) };
            self.steps_left = steps_left;
            if let Some(value) = self.take(&key) {
                return Some(Ok(Row { key, value }));
            }
        }
    }
}

impl RecentRows<'_> {
    /// The key of the next row, deleted or not.
    fn peek(&mut self) -> Option<&Key> {
        while self.part.is_empty() {
            let (begin, end) = self.rest.take()?;
            let bounds = (begin.as_ref(), end.as_ref());
            let (part, next) = self.recent.part(bounds, self.reverse, self.part_rows, self.sequence);
            self.part = part;
            self.part_rows = self.part_rows.saturating_mul(PART_GROWTH);
            self.rest = next.map(|next| match self.reverse {
                false => (Bound::Included(next), end),
                true => (begin, Bound::Included(next)),
            });
        }
        self.part.front().map(|(key, _)| key)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Stop {
        Stop::Failed(error)
    }
}
