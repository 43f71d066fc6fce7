//! One group of commits: each is accepted or refused on its own, by the state that those accepted before it leave.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::log::Change;
use super::merge::Stop;
use super::recent::RecentChange;
use super::view::Snapshot;
use crate::commit::{Commit, CommitOutcome, Write};
use crate::error::StoreError;
use crate::integer::add_to_stored;
use crate::key::Key;

/// What a commit may delete by ranges and go through the log. What deletes more is written to the file at once.
const MOST_DELETED_ROWS: usize = 10_000;
/// The rows looked at to find them, those deleted before included.
const MOST_STEPS: usize = 100_000;

/// What comes of a commit in a group.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    /// It is accepted or refused.
    Settled(CommitOutcome),
    /// It deletes more rows than the log takes. The group is as it was before.
    TooManyRows,
}

/// The state that a group leaves.
#[derive(Debug)]
pub(super) struct Group {
    before: Snapshot,
    written: BTreeMap<Key, Option<Bytes>>,
    size_bytes: usize,
}

impl Group {
    /// An empty group on top of what is durable.
    pub(super) fn on(before: Snapshot) -> Group {
        Group { before, written: BTreeMap::new(), size_bytes: 0 }
    }

    /// About the bytes that it will take in the log.
    pub(super) fn size_bytes(&self) -> usize {
        self.size_bytes
    }

    /// Takes a commit in, or refuses it. Every expectation is checked before the first write, so that a refused one
    /// leaves no trace.
    pub(super) fn judge(&mut self, commit: &Commit) -> Result<Judgement, StoreError> {
        for expectation in &commit.expectations {
            if self.get(&expectation.key)? != expectation.value {
                return Ok(Judgement::Settled(CommitOutcome::Conflict { key: expectation.key.clone() }));
            }
        }
        let Some(mut deleted) = self.deleted_rows(commit)? else { return Ok(Judgement::TooManyRows) };
        for write in &commit.writes {
            match write {
                Write::Put { key, value } => self.write(key.clone(), Some(value.clone())),
                Write::Delete { key } => self.write(key.clone(), None),
                Write::DeleteRange { range } if range.is_empty() => {}
                Write::DeleteRange { range } => {
                    let written = self.written.range_mut::<Key, _>(&range.begin..&range.end);
                    written.for_each(|(_, value)| *value = None);
                    let rows = deleted.next().unwrap_or_default();
                    rows.into_iter().for_each(|key| self.write(key, None));
                }
                Write::Add { key, delta } => {
                    let sum = add_to_stored(self.get(key)?.as_deref(), *delta);
                    self.write(key.clone(), Some(Bytes::copy_from_slice(&sum)));
                }
            }
        }
        Ok(Judgement::Settled(CommitOutcome::Committed))
    }

    /// What the group changes, in the order of keys.
    pub(super) fn changes(self) -> Result<Vec<RecentChange>, StoreError> {
        let mut changes = Vec::with_capacity(self.written.len());
        for (key, value) in self.written {
            let is_delete = value.is_none();
            if is_delete && !self.before.has(&key)? {
                continue;
            }
            let hides_older = !is_delete || self.before.has_older(&key)?;
            changes.push(RecentChange { change: Change { key, value }, hides_older });
        }
        Ok(changes)
    }

    fn get(&self, key: &Key) -> Result<Option<Bytes>, StoreError> {
        match self.written.get(key) {
            Some(value) => Ok(value.clone()),
            None => self.before.get(key),
        }
    }

    fn write(&mut self, key: Key, value: Option<Bytes>) {
        let change = Change { key, value };
        self.size_bytes = self.size_bytes.saturating_add(change.log_bytes());
        self.written.insert(change.key, change.value);
    }

    /// The rows that each range of a commit deletes, of those there before the group; `None` if they are too many.
    fn deleted_rows(&self, commit: &Commit) -> Result<Option<std::vec::IntoIter<Vec<Key>>>, StoreError> {
        let mut room = MOST_DELETED_ROWS;
        let mut deleted = Vec::new();
        for write in &commit.writes {
            let Write::DeleteRange { range } = write else { continue };
            if range.is_empty() {
                continue;
            }
            let mut keys = Vec::new();
            for row in self.before.rows(range, false, MOST_STEPS)? {
                match (row, room.checked_sub(1)) {
                    (Ok(row), Some(left)) => {
                        keys.push(row.key);
                        room = left;
                    }
                    (Ok(_), None) | (Err(Stop::Steps), _) => return Ok(None),
                    (Err(Stop::Failed(error)), _) => return Err(error),
                }
            }
            deleted.push(keys);
        }
        Ok(Some(deleted.into_iter()))
    }
}
