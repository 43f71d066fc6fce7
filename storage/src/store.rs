//! The trait every store implements, and what is convenient on top of it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;

use crate::commit::{Commit, CommitOutcome};
use crate::error::StoreError;
use crate::key::Key;
use crate::read::{Page, Read, ReadAnswer, Scan, mismatch};

/// A future behind a pointer, so that a store can be used as `Arc<dyn Store>`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// An ordered map of keys to bytes with atomic, durable commits.
///
/// Commits take effect one after the other (strictly serializable): a read that begins after a commit was
/// answered sees it, and no read sees a part of one.
pub trait Store: fmt::Debug + Send + Sync {
    /// Answers all `reads`, in their order, from one snapshot, which holds every commit answered before the
    /// call began. The snapshot lives as long as the call: long ranges are read in pages, each by its own
    /// call.
    ///
    /// Errors: a limit exceeded, damage found, store unavailable or closed.
    fn read(&self, reads: Vec<Read>) -> BoxFuture<'_, Result<Vec<ReadAnswer>, StoreError>>;

    /// Writes everything or nothing, provided that every expectation holds at that moment, and answers when
    /// the result is durable. Waits while the store is busy. Dropping the future leaves the outcome unknown.
    ///
    /// Errors mean that nothing was and nothing will be written; see [`CommitOutcome`] for the rest.
    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<CommitOutcome, StoreError>>;

    /// Finishes the commits in flight and releases what the store holds. Later calls answer
    /// [`StoreError::Closed`], another `close` succeeds.
    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>>;
}

/// Shorter forms of common calls, for every [`Store`].
pub trait StoreExt: Store {
    /// The value of one key.
    fn get(&self, key: Key) -> impl Future<Output = Result<Option<Bytes>, StoreError>> + Send {
        async move { only(self.read(vec![Read::Get(key)]).await?)?.into_value() }
    }

    /// One page of a range.
    fn scan(&self, scan: Scan) -> impl Future<Output = Result<Page, StoreError>> + Send {
        async move { only(self.read(vec![Read::Scan(scan)]).await?)?.into_page() }
    }
}

impl<S: Store + ?Sized> StoreExt for S {}

fn only(answers: Vec<ReadAnswer>) -> Result<ReadAnswer, StoreError> {
    let [answer] = <[ReadAnswer; 1]>::try_from(answers)
        .map_err(|_| mismatch("one read was not answered with one answer"))?;
    Ok(answer)
}
