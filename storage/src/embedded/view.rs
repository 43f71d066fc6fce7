//! What a reader sees: recent rows on top of older ones on top of the file.
//!
//! The three are swapped together when a checkpoint begins and when it is done, so that every row is seen once
//! whatever goes on.

use std::sync::Arc;

use bytes::Bytes;

use super::base::Base;
use super::merge::{Merge, Stop};
use super::recent::Recent;
use crate::error::StoreError;
use crate::key::{Key, KeyRange};
use crate::read::{Page, Row, Scan};

/// The parts of the store at one time.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// What the committer writes to.
    pub(super) recent: Arc<Recent>,
    /// What is being written to the file, if anything is. It does not change any more.
    pub(super) frozen: Option<Arc<Recent>>,
    /// The file.
    pub(super) base: Arc<Base>,
}

/// A view as of one group of commits.
#[derive(Debug)]
pub(super) struct Snapshot {
    view: Arc<View>,
    sequence: u64,
}

impl Snapshot {
    /// As of the last group that is durable.
    pub(super) fn newest(view: Arc<View>) -> Snapshot {
        let sequence = view.recent.enter();
        Snapshot { view, sequence }
    }

    /// The value of a row.
    pub(super) fn get(&self, key: &Key) -> Result<Option<Bytes>, StoreError> {
        match self.in_memory(key) {
            Some(value) => Ok(value),
            None => self.view.base.get(key),
        }
    }

    /// Whether there is such a row.
    pub(super) fn has(&self, key: &Key) -> Result<bool, StoreError> {
        match self.in_memory(key) {
            Some(value) => Ok(value.is_some()),
            None => self.view.base.has(key),
        }
    }

    /// Whether there is such a row below the recent ones.
    pub(super) fn has_older(&self, key: &Key) -> Result<bool, StoreError> {
        match self.view.frozen.as_ref().and_then(|frozen| frozen.get(key, self.sequence)) {
            Some(value) => Ok(value.is_some()),
            None => self.view.base.has(key),
        }
    }

    /// A page of a range. Looks at `limit_steps` rows at most, those deleted included.
    pub(super) fn scan(&self, scan: &Scan, limit_steps: usize) -> Result<Page, Stop> {
        scan.page_of(self.rows(&scan.range, scan.reverse, limit_steps)?)
    }

    /// The rows of a range in order. Looks at `limit_steps` rows at most, those deleted included.
    pub(super) fn rows(
        &self,
        range: &KeyRange,
        reverse: bool,
        limit_steps: usize,
    ) -> Result<impl Iterator<Item = Result<Row, Stop>>, StoreError> {
        let memory = [Some(&*self.view.recent), self.view.frozen.as_deref()];
        Merge::new(memory.into_iter().flatten(), self.sequence, &self.view.base, range, reverse, limit_steps)
    }

    fn in_memory(&self, key: &Key) -> Option<Option<Bytes>> {
        let frozen = || self.view.frozen.as_ref()?.get(key, self.sequence);
        self.view.recent.get(key, self.sequence).or_else(frozen)
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        self.view.recent.leave(self.sequence);
    }
}
