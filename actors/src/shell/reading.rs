//! Reading facts: from needs to reads of the store, and back through what the entity wrote but is not durable yet.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use cluster::{ShardCount, ShardId};
use storage::{Key, KeyRange, MAX_KEY_BYTES, Page, Read, ReadAnswer, Scan, StoreError, Write};

use super::entity_id::EntityId;
use super::fact::{Answer, Fact, FactRow, Need, RowKey, Section};
use super::keys;
use super::machine::Machines;

/// The rows an entity wrote since the store last heard of it, oldest first.
pub(crate) type Unsettled = VecDeque<Arc<[Write]>>;

/// A need, what has to be read for it, and what lies over it.
#[derive(Debug)]
pub(crate) struct Lookup {
    need: Need,
    read: Read,
    /// Rows of the entity that are not durable yet, `None` where one was deleted.
    over: BTreeMap<Key, Option<Bytes>>,
    section_of: Option<(ShardId, EntityId, Section)>,
    limit_rows: usize,
}

/// A need that must not be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NeedError {
    #[error("a row of {of}, which has another tenant, was asked for")]
    ForeignTenant { of: EntityId },
    #[error("a total was asked for as a fact")]
    Total,
    #[error("a row was asked for whose key is longer than {MAX_KEY_BYTES} bytes")]
    KeyTooLong,
}

/// Where an entity stands that asks.
pub(crate) struct Asker<'a> {
    pub(crate) entity: &'a EntityId,
    pub(crate) shard: ShardId,
    pub(crate) unsettled: &'a Unsettled,
    pub(crate) machines: &'a dyn Machines,
    pub(crate) shard_count: ShardCount,
}

impl Asker<'_> {
    /// What to read for a need.
    pub(crate) fn look_up(&self, need: Need) -> Result<Lookup, NeedError> {
        let of = match &need {
            Need::Row { of, .. } | Need::Rows { of, .. } => of.as_ref().unwrap_or(self.entity),
            Need::Shared { .. } => self.entity,
        };
        if of.tenant() != self.entity.tenant() {
            return Err(NeedError::ForeignTenant { of: of.clone() });
        }
        let own = of == self.entity;
        let shard = if own { self.shard } else { self.machines.shard_of(of, self.shard_count) };
        match &need {
            Need::Row { key, .. } => {
                if let RowKey::Own { section: Section::Total, .. }
                | RowKey::Shared { section: Section::Total, .. } = key
                {
                    return Err(NeedError::Total);
                }
                let key = keys::row(shard, of, key);
                if key.len() > MAX_KEY_BYTES {
                    return Err(NeedError::KeyTooLong);
                }
                let over = self.overlay(own, &KeyRange { begin: key.clone(), end: key.successor() });
                Ok(Lookup { read: Read::Get(key), over, section_of: None, limit_rows: 1, need })
            }
            Need::Rows { section: Section::Total, .. } | Need::Shared { section: Section::Total, .. } => {
                Err(NeedError::Total)
            }
            Need::Shared { section, from, until, limit_rows } => {
                let range = keys::shared_rows(shard, of.tenant(), *section, from, until);
                if range.begin.len().max(range.end.len()) > MAX_KEY_BYTES {
                    return Err(NeedError::KeyTooLong);
                }
                let limit_rows = (*limit_rows).max(1);
                let section_of = Some((shard, of.clone(), *section));
                let read = Read::Scan(Scan::new(range).rows(limit_rows));
                Ok(Lookup { read, over: BTreeMap::new(), section_of, limit_rows, need })
            }
            Need::Rows { section, from, until, limit_rows, reverse, .. } => {
                let range = keys::own_rows(shard, of, *section, from, until.as_deref());
                if range.begin.len().max(range.end.len()) > MAX_KEY_BYTES {
                    return Err(NeedError::KeyTooLong);
                }
                let over = self.overlay(own, &range);
                let limit_rows = (*limit_rows).max(1);
                // Each row that lies over the store may hide one of it.
                let scan = Scan::new(range).rows(limit_rows.saturating_add(over.len()));
                let scan = if *reverse { scan.reversed() } else { scan };
                let section_of = Some((shard, of.clone(), *section));
                Ok(Lookup { read: Read::Scan(scan), over, section_of, limit_rows, need })
            }
        }
    }

    /// Captured before the store is read: what becomes durable in between is in both, and the same.
    fn overlay(&self, own: bool, range: &KeyRange) -> BTreeMap<Key, Option<Bytes>> {
        let mut over = BTreeMap::new();
        let writes = self.unsettled.iter().filter(|_| own).flat_map(|writes| writes.iter());
        for write in writes {
            match write {
                Write::Put { key, value } if range.contains(key) => {
                    over.insert(key.clone(), Some(value.clone()));
                }
                Write::Delete { key } if range.contains(key) => {
                    over.insert(key.clone(), None);
                }
                _ => {}
            }
        }
        over
    }
}

impl Lookup {
    /// What to ask the store.
    pub(crate) fn read(&self) -> Read {
        self.read.clone()
    }

    /// The fact, from what the store answered.
    pub(crate) fn fact(self, answer: ReadAnswer) -> Result<Fact, StoreError> {
        let need = self.need.clone();
        let answer = match (&self.section_of, &self.read) {
            (Some((shard, entity, section)), Read::Scan(scan)) => {
                let (rows, more) = self.merge(scan, answer.into_page()?);
                let suffix = |key: &Key| match &need {
                    Need::Shared { .. } => keys::shared_suffix(*shard, entity.tenant(), *section, key),
                    _ => keys::own_suffix(*shard, entity, *section, key),
                };
                let rows = rows.into_iter().map(|(key, value)| FactRow { suffix: suffix(&key), value });
                Answer::Rows { rows: rows.collect(), more }
            }
            _ => {
                let stored = answer.into_value()?;
                Answer::Row(self.over.into_values().next().unwrap_or(stored))
            }
        };
        Ok(Fact { need, answer })
    }

    /// The rows of the page and those over it, in the order of the scan.
    fn merge(&self, scan: &Scan, page: Page) -> (Vec<(Key, Bytes)>, bool) {
        let Page { rows, more } = page;
        let mut merged: BTreeMap<Key, Bytes> = rows.into_iter().map(|row| (row.key, row.value)).collect();
        // Where the page ends early nothing is known of what lies beyond.
        let within = |key: &Key| match &more {
            None => true,
            Some(bound) if scan.reverse => key >= bound,
            Some(bound) => key < bound,
        };
        for (key, value) in self.over.iter().filter(|(key, _)| within(key)) {
            match value {
                Some(value) => merged.insert(key.clone(), value.clone()),
                None => merged.remove(key),
            };
        }
        let cut = merged.len() > self.limit_rows;
        let rows: Vec<_> = if scan.reverse {
            merged.into_iter().rev().take(self.limit_rows).collect()
        } else {
            merged.into_iter().take(self.limit_rows).collect()
        };
        (rows, cut || more.is_some())
    }
}

#[cfg(test)]
mod tests;
