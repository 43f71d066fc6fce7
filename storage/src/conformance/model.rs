//! What a store means, said once more in the plainest words, to compare stores with.

use std::collections::BTreeMap;

use crate::commit::{Commit, CommitOutcome, Write};
use crate::key::Key;
use crate::read::{Row, Scan};

#[derive(Debug, Default)]
pub(super) struct Model {
    rows: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Model {
    pub(super) fn commit(&mut self, commit: &Commit) -> CommitOutcome {
        for expectation in &commit.expectations {
            let found = self.rows.get(expectation.key.as_bytes()).map(Vec::as_slice);
            if found != expectation.value.as_deref() {
                return CommitOutcome::Conflict { key: expectation.key.clone() };
            }
        }
        for write in &commit.writes {
            match write {
                Write::Put { key, value } => {
                    self.rows.insert(key.as_bytes().to_vec(), value.to_vec());
                }
                Write::Delete { key } => {
                    self.rows.remove(key.as_bytes());
                }
                Write::DeleteRange { range } => {
                    let (begin, end) = (range.begin.as_bytes(), range.end.as_bytes());
                    self.rows.retain(|key, _| key.as_slice() < begin || key.as_slice() >= end);
                }
                Write::Add { key, delta } => {
                    let mut value = self.rows.get(key.as_bytes()).cloned().unwrap_or_default();
                    value.resize(16, 0);
                    let sum = i128::from_le_bytes(value.try_into().unwrap()).wrapping_add(*delta);
                    self.rows.insert(key.as_bytes().to_vec(), sum.to_le_bytes().to_vec());
                }
            }
        }
        CommitOutcome::Committed
    }

    pub(super) fn get(&self, key: &Key) -> Option<&[u8]> {
        self.rows.get(key.as_bytes()).map(Vec::as_slice)
    }

    /// All rows of the range in the order of the scan, its limits aside.
    pub(super) fn scan(&self, scan: &Scan) -> Vec<Row> {
        let inside = self.rows.iter().filter(|(key, _)| scan.range.contains(&Key::from(key.as_slice())));
        let row =
            |(key, value): (&Vec<u8>, &Vec<u8>)| Row { key: key.clone().into(), value: value.clone().into() };
        let mut rows: Vec<Row> = inside.map(row).collect();
        if scan.reverse {
            rows.reverse();
        }
        rows
    }
}
