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

    /// Takes the next key off every layer that has it and gives it with its newest value.
    fn take(&mut self) -> Result<Option<(Key, Option<Bytes>)>, StoreError> {
        self.memory.iter_mut().for_each(RecentRows::fetch);
        let reverse = self.reverse;
        let newest = self.first_in_memory();
        let first = newest.and_then(|layer| self.memory.get(layer)?.next_key());
        let is_behind = |key: &Key| first.is_some_and(|first| is_before(reverse, first, key));
        let is_first = |row: &Result<(Key, Bytes), _>| row.as_ref().map_or(true, |(key, _)| !is_behind(key));
        let of_base = self.base.as_mut().and_then(|rows| rows.next_if(is_first)).transpose()?;
        let of_base = of_base.filter(|(key, _)| first != Some(key));
        if let Some((key, value)) = of_base {
            return Ok(Some((key, Some(value))));
        }
        let Some(newest) = newest else { return Ok(None) };
        let taken = self.memory.get_mut(newest).and_then(|rows| rows.part.pop_front());
        if let Some((key, _)) = &taken {
            let older = self.memory.iter_mut().skip(newest.saturating_add(1));
            older.filter(|rows| rows.next_key() == Some(key)).for_each(|rows| drop(rows.part.pop_front()));
        }
        Ok(taken)
    }

    /// The generation with the first key of all, the newest if several have it.
    fn first_in_memory(&self) -> Option<usize> {
        let mut first: Option<(usize, &Key)> = None;
        for (layer, rows) in self.memory.iter().enumerate() {
            let Some(key) = rows.next_key() else { continue };
            if first.is_none_or(|(_, first)| is_before(self.reverse, key, first)) {
                first = Some((layer, key));
            }
        }
        first.map(|(layer, _)| layer)
    }
}

/// Whether a key comes before another in the order of a scan.
fn is_before(reverse: bool, key: &Key, other: &Key) -> bool {
    if reverse { key > other } else { key < other }
}

impl Iterator for Merge<'_> {
    type Item = Result<Row, Stop>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (key, value) = match self.take() {
                Ok(taken) => taken?,
                Err(error) => return Some(Err(Stop::Failed(error))),
            };
            let Some(steps_left) = self.steps_left.checked_sub(1) else { return Some(Err(Stop::Steps)) };
            self.steps_left = steps_left;
            if let Some(value) = value {
                return Some(Ok(Row { key, value }));
            }
        }
    }
}

impl RecentRows<'_> {
    /// The key of the next row, deleted or not, of those fetched.
    fn next_key(&self) -> Option<&Key> {
        self.part.front().map(|(key, _)| key)
    }

    /// Fetches rows if there is none and any is left.
    fn fetch(&mut self) {
        while self.part.is_empty() {
            let Some((begin, end)) = self.rest.take() else { return };
            let bounds = (begin.as_ref(), end.as_ref());
            let (part, next) = self.recent.part(bounds, self.reverse, self.part_rows, self.sequence);
            self.part = part;
            self.part_rows = self.part_rows.saturating_mul(PART_GROWTH);
            self.rest = next.map(|next| match self.reverse {
                false => (Bound::Included(next), end),
                true => (begin, Bound::Included(next)),
            });
        }
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Stop {
        Stop::Failed(error)
    }
}
