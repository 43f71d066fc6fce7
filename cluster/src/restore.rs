//! After a restore: a new generation, so that nothing of the former life of the data is taken for something of the new
//! one.
//!
//! A message that was on its way between nodes when the copy was put back belongs to a life that never happened. Its
//! generation differs from then on, and the shards drop it.

use std::sync::Arc;
use std::time::Duration;

use storage::{Commit, CommitOutcome, Read, ReadAnswer, Store, StoreError};

use crate::charter::{Charter, CharterError, charter_key};
use crate::look::{CALL_LIMIT, Calls};
use crate::rows::{copying_key, load_range, node_range};
use crate::settle::BackOff;

/// How often the store is asked to keep the new generation.
const ATTEMPTS: usize = 8;

/// Why a restored store is not given a new generation. Nothing was changed, but where the store failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// There is nothing in the store that a node could run on.
    #[error("the store is empty: no node has ever run on it, so nothing was restored")]
    Empty,
    /// A copy into the store is under way or was interrupted.
    #[error("the store is an incomplete copy; let the copy end, or empty the store and copy again")]
    Incomplete,
    /// The charter can't be read, or the store can't be used.
    #[error(transparent)]
    Charter(#[from] CharterError),
}

/// Begins a new life of the data: one generation more, and none of the nodes that the copy remembers. Gives the charter
/// as it is from now on.
///
/// No node may run on the store meanwhile. One that does all the same finds its row gone and stops. Doing it twice
/// does no harm.
pub async fn begin_generation(store: Arc<dyn Store>) -> Result<Charter, RestoreError> {
    let calls = Calls { store, limit: CALL_LIMIT };
    let mut pause = Duration::ZERO;
    let mut begun: Option<Charter> = None;
    for _ in 0..ATTEMPTS {
        let reads = vec![Read::Get(charter_key()), Read::Get(copying_key())];
        let answers = calls.read(reads).await.map_err(CharterError::Store)?;
        let values: Result<Vec<_>, _> = answers.into_iter().map(ReadAnswer::into_value).collect();
        let mut values = values.map_err(CharterError::Store)?.into_iter();
        let Some(stored) = values.next().flatten() else { return Err(RestoreError::Empty) };
        if values.next().flatten().is_some() {
            return Err(RestoreError::Incomplete);
        }
        let found = Charter::from_bytes(&stored)?;
        if begun == Some(found) {
            return Ok(found);
        }
        let next = Charter { generation: found.generation.saturating_add(1), ..found };
        let commit = Commit::new()
            .expect_value(charter_key(), stored)
            .put(charter_key(), next.to_bytes())
            .delete_range(node_range())
            .delete_range(load_range());
        match calls.commit(commit).await.map_err(CharterError::Store)? {
            CommitOutcome::Committed => return Ok(next),
            // What is there afterwards says whether it happened.
            CommitOutcome::Unknown => begun = Some(next),
            CommitOutcome::Conflict { .. } => {}
        }
        pause = BackOff::default().after(pause);
        tokio::time::sleep(pause).await;
    }
    let reason = "it does not say whether the generation was begun; try again".to_owned();
    Err(CharterError::Store(StoreError::Unavailable { reason }).into())
}

#[cfg(test)]
mod tests {
    use storage::{Fault, Key, MemoryStore, StoreExt};

    use super::*;
    use crate::head::Incarnation;
    use crate::rows::{load_key, node_key, placement_key};
    use crate::shard::ShardCount;

    fn count() -> ShardCount {
        ShardCount::new(4).unwrap()
    }

    async fn put(store: &MemoryStore, keys: Vec<Key>) {
        let commit = keys.into_iter().fold(Commit::new(), |commit, key| commit.put(key, "a row"));
        assert_eq!(store.commit(commit).await.unwrap(), CommitOutcome::Committed);
    }

    #[tokio::test]
    async fn a_restored_store_has_another_generation_and_no_nodes() {
        let store = Arc::new(MemoryStore::new());
        Charter::agree(&*store, count()).await.unwrap();
        let node = Incarnation::new(7);
        put(&store, vec![node_key(node), load_key(node), placement_key(), Key::from("s")]).await;
        let charter = begin_generation(Arc::clone(&store) as Arc<dyn Store>).await.unwrap();
        assert_eq!(charter, Charter { shard_count: count(), generation: 2 });
        assert_eq!(Charter::agree(&*store, count()).await, Ok(charter));
        for (key, stays) in [
            (node_key(node), false),
            (load_key(node), false),
            (placement_key(), true),
            (Key::from("s"), true),
        ] {
            assert_eq!(store.get(key.clone()).await.unwrap().is_some(), stays, "{key}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_unknown_outcome_is_settled_by_what_is_there() {
        for fault in [Fault::UnknownApplied, Fault::UnknownNotApplied, Fault::UnknownLate, Fault::Conflict] {
            let store = Arc::new(MemoryStore::new());
            Charter::agree(&*store, count()).await.unwrap();
            store.faults().next(fault);
            let charter = begin_generation(Arc::clone(&store) as Arc<dyn Store>).await.unwrap();
            store.release_late();
            assert_eq!(charter.generation, 2, "{fault:?}");
            assert_eq!(Charter::agree(&*store, count()).await, Ok(charter), "{fault:?}");
        }
    }

    #[tokio::test]
    async fn what_was_never_whole_is_refused() {
        let store = Arc::new(MemoryStore::new());
        let begin = || begin_generation(Arc::clone(&store) as Arc<dyn Store>);
        assert_eq!(begin().await, Err(RestoreError::Empty));
        Charter::agree(&*store, count()).await.unwrap();
        put(&store, vec![copying_key()]).await;
        assert_eq!(begin().await, Err(RestoreError::Incomplete));
    }
}
