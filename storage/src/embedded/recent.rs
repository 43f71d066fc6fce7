//! The rows that were written since a checkpoint, in memory: what is in the log and not yet in the file.
//!
//! The committer alone writes them, a group at a time, and always while others read. A reader sees the groups up to the
//! one it began with: whoever reads registers that, and a row that is written again keeps its older versions for as
//! long as somebody may ask for them.

use std::collections::VecDeque;
use std::collections::btree_map::{BTreeMap, Entry};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bytes::Bytes;

use super::log::Change;
use crate::key::Key;

/// What a row takes in memory besides its key and value, about.
const ROW_BYTES: usize = 100;
/// So many rows are written, and so many looked at, before others have a turn.
const TURN_ROWS: usize = 256;

/// One generation of rows.
#[derive(Debug, Default)]
pub(super) struct Recent {
    rows: RwLock<Rows>,
    /// The groups up to which somebody reads. A group stands there once per reader.
    readers: Mutex<Vec<u64>>,
}

/// What a group does to one row.
#[derive(Debug)]
pub(super) struct RecentChange {
    /// The row.
    pub(super) change: Change,
    /// Whether older generations or the file may have the row: where they have not, a deleted row need not be
    /// remembered.
    pub(super) hides_older: bool,
}

/// Rows of a range in the order asked for, each with its value or `None` for one that is deleted.
pub(super) type Part = VecDeque<(Key, Option<Bytes>)>;

#[derive(Debug, Default)]
struct Rows {
    /// The last group that readers see.
    sequence: u64,
    slots: BTreeMap<Key, Slot>,
    /// Deleted rows that hide nothing, to be forgotten once nobody can see what was there before.
    graves: VecDeque<(u64, Key)>,
    size_bytes: usize,
}

/// A row and its versions, each with the group that wrote it.
#[derive(Debug)]
struct Slot {
    newest: Version,
    /// Rising, each older than the newest.
    older: Vec<Version>,
}

#[derive(Debug)]
struct Version {
    sequence: u64,
    value: Option<Bytes>,
}

impl Recent {
    /// No rows, after group `sequence`.
    pub(super) fn after(sequence: u64) -> Recent {
        Recent { rows: RwLock::new(Rows { sequence, ..Rows::default() }), readers: Mutex::default() }
    }

    /// Registers a reader and gives the group up to which it sees. To be followed by [`leave`](Recent::leave).
    pub(super) fn enter(&self) -> u64 {
        // Under the lock of the rows, so that the committer does not go by between the two.
        let rows = self.read();
        self.readers().push(rows.sequence);
        rows.sequence
    }

    /// A reader has done.
    pub(super) fn leave(&self, sequence: u64) {
        let mut readers = self.readers();
        if let Some(place) = readers.iter().position(|reader| *reader == sequence) {
            readers.swap_remove(place);
        }
    }

    /// What is known here of a row as of a group: `None` if nothing, `Some(None)` if it is deleted.
    pub(super) fn get(&self, key: &Key, sequence: u64) -> Option<Option<Bytes>> {
        self.read().slots.get(key)?.as_of(sequence).cloned()
    }

    /// The next rows between two bounds as of a group, at most `limit`, and where to go on if that was not all.
    pub(super) fn part(
        &self,
        bounds: (Bound<&Key>, Bound<&Key>),
        reverse: bool,
        limit: usize,
        sequence: u64,
    ) -> (Part, Option<Key>) {
        let rows = self.read();
        let mut found = rows.slots.range::<Key, _>(bounds);
        let mut part = Part::with_capacity(limit.min(TURN_ROWS));
        for _ in 0..limit.min(TURN_ROWS) {
            let Some((key, slot)) = (if reverse { found.next_back() } else { found.next() }) else {
                return (part, None);
            };
            if let Some(value) = slot.as_of(sequence) {
                part.push_back((key.clone(), value.clone()));
            }
        }
        let next = if reverse { found.next_back() } else { found.next() };
        (part, next.map(|(key, _)| key.clone()))
    }

    /// Writes a group. It is seen whole, by who begins to read afterwards.
    pub(super) fn apply(&self, sequence: u64, changes: impl IntoIterator<Item = RecentChange>) {
        while self.bury() {}
        let mut changes = changes.into_iter().peekable();
        while changes.peek().is_some() {
            let mut rows = self.write();
            let readers = self.readers().clone();
            for change in changes.by_ref().take(TURN_ROWS) {
                rows.write(sequence, change, &readers);
            }
        }
        self.write().sequence = sequence;
    }

    /// The newest version of every row in the order of keys, a part at a time.
    pub(super) fn newest_after(&self, last: Option<&Key>) -> Part {
        let begin = last.map_or(Bound::Unbounded, Bound::Excluded);
        self.part((begin, Bound::Unbounded), false, TURN_ROWS, u64::MAX).0
    }

    /// About how much memory the rows take.
    pub(super) fn size_bytes(&self) -> usize {
        self.read().size_bytes
    }

    /// The groups of which there is a version of a row.
    #[cfg(test)]
    pub(super) fn versions(&self, key: &Key) -> Vec<u64> {
        let rows = self.read();
        let slot = rows.slots.get(key).unwrap();
        slot.older.iter().chain([&slot.newest]).map(|version| version.sequence).collect()
    }

    /// Forgets deleted rows that hide nothing and that no reader can see as they were before; gives whether there may
    /// be more of them.
    fn bury(&self) -> bool {
        let mut rows = self.write();
        let oldest = self.readers().iter().copied().min().unwrap_or(rows.sequence);
        for _ in 0..TURN_ROWS {
            let Some((sequence, key)) =
                rows.graves.front().filter(|(sequence, _)| *sequence <= oldest).cloned()
            else {
                return false;
            };
            rows.graves.pop_front();
            if rows.slots.get(&key).is_some_and(|slot| slot.newest.sequence == sequence) {
                rows.slots.remove(&key);
            }
        }
        true
    }

    fn read(&self) -> RwLockReadGuard<'_, Rows> {
        self.rows.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Rows> {
        self.rows.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn readers(&self) -> MutexGuard<'_, Vec<u64>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rows {
    fn write(&mut self, sequence: u64, change: RecentChange, readers: &[u64]) {
        let RecentChange { change: Change { key, value }, hides_older } = change;
        let row_bytes = key.len().saturating_add(value.as_ref().map_or(0, Bytes::len));
        // What is replaced counts on: it lies in the memory of its group until all of the group is replaced.
        self.size_bytes = self.size_bytes.saturating_add(row_bytes).saturating_add(ROW_BYTES);
        if value.is_none() && !hides_older {
            self.graves.push_back((sequence, key.clone()));
        }
        let version = Version { sequence, value };
        match self.slots.entry(key) {
            Entry::Occupied(slot) => slot.into_mut().replace(version, readers),
            Entry::Vacant(free) => drop(free.insert(Slot { newest: version, older: Vec::new() })),
        }
    }
}

impl Slot {
    fn as_of(&self, sequence: u64) -> Option<&Option<Bytes>> {
        if self.newest.sequence <= sequence {
            return Some(&self.newest.value);
        }
        let found = self.older.iter().rev().find(|version| version.sequence <= sequence);
        found.map(|version| &version.value)
    }

    /// Keeps what the readers see, and the newest of the versions before this one: who begins to read while the group
    /// is being written sees that.
    fn replace(&mut self, version: Version, readers: &[u64]) {
        let replaced = std::mem::replace(&mut self.newest, version);
        if readers.is_empty() {
            self.older.clear();
        } else {
            let ends: Vec<u64> = self.older.iter().skip(1).map(|next| next.sequence).collect();
            let mut ends = ends.into_iter().chain([replaced.sequence]);
            self.older.retain(|old| {
                let end = ends.next().unwrap_or(u64::MAX);
                readers.iter().any(|reader| (old.sequence..end).contains(reader))
            });
        }
        self.older.push(replaced);
    }
}
