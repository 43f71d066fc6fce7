//! The store in a FoundationDB cluster: many machines, one ordered map, durable when it answers.
//!
//! A read call is one transaction of FoundationDB, all of it at one read version. A commit is one as well: it reads
//! what is expected, compares the values, writes, and commits. Comparing the values is the fence; reading them inside
//! the transaction has FoundationDB refuse it if one of them changes until it is committed. Nothing weaker than that
//! is used: no snapshot reads, no cached read versions, no idempotency ids. The transactions are driven by loops of
//! this module, each attempt judged on its own.
//!
//! The client library is loaded when the first store is opened (crate `libfdb`), so a program with this store starts
//! without it.

mod cluster_file;
mod code;
mod diagnosis;
mod failure;
mod open;
mod options;
mod reader;
mod session;
mod space;
#[cfg(feature = "conformance")]
pub mod testing;
#[cfg(test)]
mod tests;
mod trouble;
mod writer;

use std::fmt;

use tokio::sync::RwLock;

use crate::commit::{Commit, CommitOutcome};
use crate::error::StoreError;
use crate::limits;
use crate::read::{Read, ReadAnswer};
use crate::store::{BoxFuture, Store};

pub use failure::FoundationDbOpenError;
pub use options::FoundationDbOptions;
use session::Session;

/// A store in a FoundationDB cluster, shared by every process that opens it.
///
/// Every call ends within the timeout of its [options](FoundationDbOptions), a commit that has to be tried several
/// times included. No runtime is needed: FoundationDB's client has a thread of its own.
pub struct FoundationDbStore {
    /// Shared by the calls, taken when the store is closed: closing waits for them.
    session: RwLock<Option<Session>>,
    name: String,
}

impl FoundationDbStore {
    /// Opens the store: loads the client library if this is the first time, and reads one key of the cluster. Changes
    /// nothing in the cluster.
    ///
    /// Errors: within [`connect_timeout`](FoundationDbOptions::connect_timeout), what prevents it and what helps.
    pub async fn open(options: FoundationDbOptions) -> Result<FoundationDbStore, FoundationDbOpenError> {
        let session = open::open(&options).await?;
        Ok(FoundationDbStore { session: RwLock::new(Some(session)), name: options.to_string() })
    }

    async fn read_now(&self, reads: &[Read]) -> Result<Vec<ReadAnswer>, StoreError> {
        limits::check_reads(reads)?;
        let session = self.session.read().await;
        reader::read(session.as_ref().ok_or(StoreError::Closed)?, reads).await
    }

    async fn commit_now(&self, commit: &Commit) -> Result<CommitOutcome, StoreError> {
        limits::check_commit(commit)?;
        let session = self.session.read().await;
        writer::commit(session.as_ref().ok_or(StoreError::Closed)?, commit).await
    }
}

impl Store for FoundationDbStore {
    fn read(&self, reads: Vec<Read>) -> BoxFuture<'_, Result<Vec<ReadAnswer>, StoreError>> {
        Box::pin(async move { self.read_now(&reads).await })
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<CommitOutcome, StoreError>> {
        Box::pin(async move { self.commit_now(&commit).await })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async {
            self.session.write().await.take();
            Ok(())
        })
    }
}

impl fmt::Debug for FoundationDbStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("FoundationDbStore").field("name", &self.name).finish_non_exhaustive()
    }
}
