//! A store that is watched: whether it takes commits. A node that has its store to itself has no lease to tell it so.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use storage::{BoxFuture, Commit, CommitOutcome, Read, ReadAnswer, Store, StoreError};
use tokio::time::Instant;

/// A store that does what another does and is watched.
pub(super) struct WatchedStore {
    store: Arc<dyn Store>,
    watch: Arc<Watch>,
}

/// What was seen of a store.
#[derive(Debug)]
pub(super) struct Watch {
    /// How long a commit may wait for an answer.
    patience: Duration,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    /// The last commit of which something is known was refused by the store itself.
    has_failed: bool,
    /// Commits on their way.
    open: usize,
    /// Since when there are such and none of them was answered.
    silent_since: Option<Instant>,
}

/// A commit on its way. Whoever stops waiting for it ends it too.
struct Open<'a>(&'a Watch);

impl WatchedStore {
    /// The store under watch, and what is seen of it. A commit that waits for longer than `patience` is one that failed.
    pub(super) fn new(store: Arc<dyn Store>, patience: Duration) -> (Self, Arc<Watch>) {
        let watch = Arc::new(Watch { patience, seen: Mutex::default() });
        (Self { store, watch: Arc::clone(&watch) }, watch)
    }
}

impl Watch {
    /// Whether the store takes commits, as far as is known: not after it refused one or left all of them without an answer,
    /// until it takes one again. The shards ask it again and again, so that it is noticed when it is back.
    pub(super) fn takes_commits(&self) -> bool {
        let seen = self.seen();
        let is_silent = seen.silent_since.is_some_and(|since| since.elapsed() >= self.patience);
        !seen.has_failed && !is_silent
    }

    fn begin(&self) -> Open<'_> {
        let mut seen = self.seen();
        seen.open = seen.open.saturating_add(1);
        seen.silent_since.get_or_insert_with(Instant::now);
        Open(self)
    }

    /// An answer, and what it tells. An outcome that is not known tells nothing, and neither does a commit too large.
    fn answered(&self, ended: &Result<CommitOutcome, StoreError>) {
        let mut seen = self.seen();
        seen.silent_since = Some(Instant::now());
        match ended {
            Ok(CommitOutcome::Committed | CommitOutcome::Conflict { .. }) => seen.has_failed = false,
            Ok(CommitOutcome::Unknown) | Err(StoreError::Limit(_)) => {}
            Err(StoreError::Corrupt { .. } | StoreError::Unavailable { .. } | StoreError::Closed) => {
                seen.has_failed = true;
            }
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let mut seen = self.0.seen();
        seen.open = seen.open.saturating_sub(1);
        if seen.open == 0 {
            seen.silent_since = None;
        }
    }
}

impl fmt::Debug for WatchedStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.store.fmt(formatter)
    }
}

impl Store for WatchedStore {
    fn read(&self, reads: Vec<Read>) -> BoxFuture<'_, Result<Vec<ReadAnswer>, StoreError>> {
        self.store.read(reads)
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<CommitOutcome, StoreError>> {
        Box::pin(async move {
            let open = self.watch.begin();
            let ended = self.store.commit(commit).await;
            self.watch.answered(&ended);
            drop(open);
            ended
        })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.store.close()
    }
}

#[cfg(test)]
mod tests {
    use storage::{Fault, Faults, MemoryStore};

    use super::*;

    /// A store under watch, and the way to its faults.
    fn watched(patience: Duration) -> (Arc<WatchedStore>, Arc<Watch>, Faults) {
        let faults = Faults::none();
        let (store, watch) = WatchedStore::new(Arc::new(MemoryStore::with_faults(faults.clone())), patience);
        (Arc::new(store), watch, faults)
    }

    #[tokio::test]
    async fn a_store_that_refuses_is_noticed_and_so_is_one_that_is_back() {
        let (store, watch, faults) = watched(Duration::MAX);
        for (fault, takes_commits) in [
            (None, true),
            (Some(Fault::Unavailable), false),
            (Some(Fault::UnknownNotApplied), false),
            (None, true),
            (Some(Fault::UnknownApplied), true),
            (Some(Fault::Unavailable), false),
            (Some(Fault::Conflict), true),
        ] {
            if let Some(fault) = fault {
                faults.next(fault);
            }
            // The first finds nothing there, which is a conflict and tells as much.
            let commit = Commit::new().expect_value("key", "value").put("key", "value");
            let _ = store.commit(commit).await;
            assert_eq!(watch.takes_commits(), takes_commits, "{fault:?}");
        }
    }

    #[tokio::test]
    async fn a_store_that_does_not_answer_is_noticed() {
        for (patience, takes_commits) in [(Duration::MAX, true), (Duration::ZERO, false)] {
            let (store, watch, faults) = watched(patience);
            assert!(watch.takes_commits(), "nobody asks it");
            faults.freeze();
            let mut waiting = store.commit(Commit::new().put("key", "value"));
            tokio::time::timeout(Duration::ZERO, &mut waiting).await.unwrap_err();
            assert_eq!(watch.takes_commits(), takes_commits);
            drop(waiting);
            assert!(watch.takes_commits(), "nobody waits for it any more");
            let mut waiting = store.commit(Commit::new().put("key", "value"));
            tokio::time::timeout(Duration::ZERO, &mut waiting).await.unwrap_err();
            faults.thaw();
            assert_eq!(waiting.await, Ok(CommitOutcome::Committed));
            assert!(watch.takes_commits());
        }
    }
}
