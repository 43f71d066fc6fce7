//! The reference store: an ordered map in memory, with faults on demand.
//!
//! It defines what every other store has to do (the conformance suite runs on both) and carries simulations:
//! no thread, no clock, no randomness of its own; the same calls in the same order give the same answers.

mod faults;
mod rows;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::commit::{Commit, CommitOutcome};
use crate::error::StoreError;
use crate::limits;
use crate::read::{Read, ReadAnswer};
use crate::store::{BoxFuture, Store};

#[cfg(test)]
pub(crate) use faults::scramble;
pub use faults::{Fault, FaultRates, Faults};
use rows::Rows;

/// A handle to a store in memory. Every node of a simulation has a handle of its own, with its own faults,
/// to the same rows.
#[derive(Debug)]
pub struct MemoryStore {
    contents: Arc<Mutex<Contents>>,
    faults: Faults,
    closed: AtomicBool,
}

#[derive(Debug, Default)]
struct Contents {
    rows: Rows,
    /// Commits answered as unknown that may still happen, oldest first.
    late: Vec<Commit>,
}

impl MemoryStore {
    /// An empty store without faults.
    pub fn new() -> MemoryStore {
        MemoryStore::with_faults(Faults::none())
    }

    /// An empty store with faults.
    pub fn with_faults(faults: Faults) -> MemoryStore {
        MemoryStore { contents: Arc::default(), faults, closed: AtomicBool::new(false) }
    }

    /// Another handle to the same rows, open and with its own faults: another node, or the next start of
    /// this one.
    pub fn handle(&self, faults: Faults) -> MemoryStore {
        MemoryStore { contents: Arc::clone(&self.contents), faults, closed: AtomicBool::new(false) }
    }

    /// The faults of this handle.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Lets the commits that [`Fault::UnknownLate`] held back, of all handles, arrive now, oldest first.
    /// Each is accepted or refused by its expectations as of now.
    pub fn release_late(&self) -> Vec<CommitOutcome> {
        let mut contents = self.contents();
        let late = std::mem::take(&mut contents.late);
        late.iter().map(|commit| contents.rows.commit(commit)).collect()
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check_open(&self) -> Result<(), StoreError> {
        if self.closed.load(Ordering::Acquire) { Err(StoreError::Closed) } else { Ok(()) }
    }

    fn commit_with(&self, fault: Option<Fault>, commit: Commit) -> Result<CommitOutcome, StoreError> {
        let mut contents = self.contents();
        let Some(fault) = fault else {
            return Ok(contents.rows.commit(&commit));
        };
        match fault {
            Fault::Conflict => {
                // Only a commit that expects something can be refused for it.
                let refused = commit.expectations.first().map(|first| first.key.clone());
                Ok(match refused {
                    Some(key) => CommitOutcome::Conflict { key },
                    None => contents.rows.commit(&commit),
                })
            }
            Fault::UnknownApplied => {
                contents.rows.commit(&commit);
                Ok(CommitOutcome::Unknown)
            }
            Fault::UnknownNotApplied => Ok(CommitOutcome::Unknown),
            Fault::UnknownLate => {
                contents.late.push(commit);
                Ok(CommitOutcome::Unknown)
            }
            Fault::Unavailable => {
                Err(StoreError::Unavailable { reason: "a fault was injected; try again".to_owned() })
            }
        }
    }
}

impl Default for MemoryStore {
    fn default() -> MemoryStore {
        MemoryStore::new()
    }
}

impl Store for MemoryStore {
    fn read(&self, reads: Vec<Read>) -> BoxFuture<'_, Result<Vec<ReadAnswer>, StoreError>> {
        Box::pin(async move {
            limits::check_reads(&reads)?;
            self.faults.wait_before().await;
            self.check_open()?;
            let answers = self.contents().rows.read(&reads);
            self.faults.wait_after().await;
            answers
        })
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<CommitOutcome, StoreError>> {
        Box::pin(async move {
            limits::check_commit(&commit)?;
            self.faults.wait_before().await;
            self.check_open()?;
            let outcome = self.commit_with(self.faults.draw(), commit);
            self.faults.wait_after().await;
            outcome
        })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.closed.store(true, Ordering::Release);
        Box::pin(async { Ok(()) })
    }
}
