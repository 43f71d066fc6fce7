//! The store that is copied into, from its mark to its charter.
//!
//! The mark holds an id of this copy and is expected by every commit: a node that comes first, another copy, or a commit of
//! an earlier copy that arrives late changes nothing.

use std::time::Duration;

use bytes::Bytes;
use cluster::{BackOff, Charter, charter_key, copying_key};
use storage::{Commit, CommitOutcome, KeyRange, Row, Scan, StoreError, StoreExt as _};

use super::{CopyError, End};

/// How often a store is asked again that is away or leaves it open whether it wrote.
const ATTEMPTS: u32 = 12;

/// A marked store.
pub(super) struct Target<'a> {
    end: &'a End<'a>,
    token: Bytes,
}

impl<'a> Target<'a> {
    /// Marks an empty store. What an earlier copy left that was cut off is removed.
    pub(super) async fn begin(end: &'a End<'a>, token: Bytes) -> Result<Target<'a>, CopyError> {
        let failed = |error| end.failed(error);
        let mark = end.opened.store.get(copying_key()).await.map_err(failed)?;
        let first = end.opened.store.scan(Scan::new(KeyRange::all()).rows(1)).await.map_err(failed)?;
        let target = Target { end, token };
        let marked = match mark {
            None if !first.rows.is_empty() => return Err(CopyError::NotEmpty(end.address.clone())),
            None => Commit::new().expect_absent(copying_key()).expect_absent(charter_key()),
            Some(mark) => {
                let begin = KeyRange::all().begin;
                let end = KeyRange::all().end;
                Commit::new()
                    .expect_value(copying_key(), mark)
                    .delete_range(KeyRange::new(begin, copying_key()))
                    .delete_range(KeyRange::new(copying_key().successor(), end))
            }
        };
        let marked = marked.put(copying_key(), target.token.clone());
        match target.commit(marked).await? {
            true => Ok(target),
            false => target.check_mark().await.map(|()| target),
        }
    }

    /// The store.
    pub(super) fn end(&self) -> &End<'a> {
        self.end
    }

    /// Writes rows. Doing it twice does no harm.
    pub(super) async fn put(&self, rows: Vec<Row>) -> Result<(), CopyError> {
        if rows.is_empty() {
            return Ok(());
        }
        let commit = Commit::new().expect_value(copying_key(), self.token.clone());
        let commit = rows.into_iter().fold(commit, |commit, row| commit.put(row.key, row.value));
        self.commit(commit).await?.then_some(()).ok_or_else(|| self.disturbed())
    }

    /// Removes the mark and writes the charter: from here on it is a store.
    pub(super) async fn finish(&self, charter: Charter) -> Result<(), CopyError> {
        let commit = Commit::new()
            .expect_value(copying_key(), self.token.clone())
            .expect_absent(charter_key())
            .delete(copying_key())
            .put(charter_key(), charter.to_bytes());
        if self.commit(commit).await? {
            return Ok(());
        }
        // It may have happened at an attempt whose outcome was not known.
        let stored =
            self.end.opened.store.get(charter_key()).await.map_err(|error| self.end.failed(error))?;
        match stored == Some(charter.to_bytes()) {
            true => Ok(()),
            false => Err(self.disturbed()),
        }
    }

    /// Whether a commit happened; `false` where it was refused, which may be because it had happened before.
    async fn commit(&self, commit: Commit) -> Result<bool, CopyError> {
        let mut pause = Duration::ZERO;
        let mut last = StoreError::Unavailable { reason: "it does not say whether it wrote".to_owned() };
        for _ in 0..ATTEMPTS {
            match self.end.opened.store.commit(commit.clone()).await {
                Ok(CommitOutcome::Committed) => return Ok(true),
                Ok(CommitOutcome::Conflict { .. }) => return Ok(false),
                Ok(CommitOutcome::Unknown) => {}
                Err(error @ StoreError::Unavailable { .. }) => last = error,
                Err(error) => return Err(self.end.failed(error)),
            }
            pause = BackOff::default().after(pause);
            tokio::time::sleep(pause).await;
        }
        Err(self.end.failed(last))
    }

    async fn check_mark(&self) -> Result<(), CopyError> {
        let mark = self.end.opened.store.get(copying_key()).await.map_err(|error| self.end.failed(error))?;
        match mark.as_ref() == Some(&self.token) {
            true => Ok(()),
            false => Err(self.disturbed()),
        }
    }

    fn disturbed(&self) -> CopyError {
        CopyError::Disturbed(self.end.address.clone())
    }
}
