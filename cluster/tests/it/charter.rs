//! What was fixed when a store was created.

use cluster::{Charter, CharterError, ShardCount};
use storage::{Fault, Faults, MemoryStore};

fn count(number: u16) -> ShardCount {
    ShardCount::new(number).unwrap()
}

#[tokio::test]
async fn the_first_node_writes_it_and_the_others_agree() {
    let store = MemoryStore::new();
    let first = Charter::agree(&store, count(8)).await.unwrap();
    assert_eq!(first, Charter { shard_count: count(8), generation: 1 });
    let next = Charter::agree(&store.handle(Faults::none()), count(8)).await;
    assert_eq!(next, Ok(first));
}

#[tokio::test]
async fn another_count_is_refused() {
    let store = MemoryStore::new();
    Charter::agree(&store, count(8)).await.unwrap();
    let refused = Charter::agree(&store, count(16)).await.unwrap_err();
    assert_eq!(refused, CharterError::ShardCount { stored: 8, wanted: 16 });
}

#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_is_settled() {
    for fault in [
        Fault::UnknownApplied,
        Fault::UnknownNotApplied,
        Fault::UnknownLate,
        Fault::Conflict,
        Fault::Unavailable,
    ] {
        let store = MemoryStore::new();
        store.faults().next(fault);
        assert!(Charter::agree(&store, count(8)).await.is_ok(), "{fault:?}");
        store.release_late();
        assert!(Charter::agree(&store, count(8)).await.is_ok(), "{fault:?}");
    }
}
