//! The rows of the reference store: plain code over an ordered map.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::commit::{Commit, CommitOutcome, Write};
use crate::error::StoreError;
use crate::integer::add_to_stored;
use crate::key::{Key, KeyRange};
use crate::read::{Page, Read, ReadAnswer, Row, Scan};

#[derive(Debug, Default)]
pub(super) struct Rows {
    values: BTreeMap<Key, Bytes>,
}

impl Rows {
    pub(super) fn read(&self, reads: &[Read]) -> Result<Vec<ReadAnswer>, StoreError> {
        reads
            .iter()
            .map(|read| match read {
                Read::Get(key) => Ok(ReadAnswer::Value(self.values.get(key).cloned())),
                Read::Scan(scan) => self.scan(scan).map(ReadAnswer::Page),
            })
            .collect()
    }

    /// Accepts or refuses the commit.
    pub(super) fn commit(&mut self, commit: &Commit) -> CommitOutcome {
        for expectation in &commit.expectations {
            if self.values.get(&expectation.key) != expectation.value.as_ref() {
                return CommitOutcome::Conflict { key: expectation.key.clone() };
            }
        }
        for write in &commit.writes {
            self.apply(write);
        }
        CommitOutcome::Committed
    }

    fn scan(&self, scan: &Scan) -> Result<Page, StoreError> {
        // The map panics on a range that ends before it begins.
        if scan.range.is_empty() {
            return Ok(Page::default());
        }
        let rows = self.values.range(scan.range.begin.clone()..scan.range.end.clone());
        let row = |(key, value): (&Key, &Bytes)| Ok(Row { key: key.clone(), value: value.clone() });
        if scan.reverse { scan.page_of(rows.rev().map(row)) } else { scan.page_of(rows.map(row)) }
    }

    fn apply(&mut self, write: &Write) {
        match write {
            Write::Put { key, value } => {
                self.values.insert(key.clone(), value.clone());
            }
            Write::Delete { key } => {
                self.values.remove(key);
            }
            Write::DeleteRange { range } => self.delete_range(range),
            Write::Add { key, delta } => {
                let sum = add_to_stored(self.values.get(key).map(Bytes::as_ref), *delta);
                self.values.insert(key.clone(), Bytes::copy_from_slice(&sum));
            }
        }
    }

    fn delete_range(&mut self, range: &KeyRange) {
        if range.is_empty() {
            return;
        }
        let mut tail = self.values.split_off(&range.begin);
        let mut rest = tail.split_off(&range.end);
        self.values.append(&mut rest);
    }
}
