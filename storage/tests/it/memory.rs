//! The reference store: its faults do what they say, each settled by committing the same again.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use storage::{
    Commit, CommitOutcome, Fault, FaultRates, Faults, Key, MemoryStore, Store, StoreError, StoreExt,
};

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// A commit as a journal makes it: expects the head, advances it, writes a row.
fn advance(from: Option<&str>, to: &'static str) -> Commit {
    let commit = Commit::new().put("head", to).put(to, "row");
    match from {
        Some(value) => commit.expect_value("head", value.to_owned()),
        None => commit.expect_absent("head"),
    }
}

fn conflict() -> CommitOutcome {
    CommitOutcome::Conflict { key: Key::from("head") }
}

#[test]
fn each_fault_answers_and_leaves_what_it_says() {
    use CommitOutcome::{Committed, Unknown};
    // fault, its answer, whether the row is there afterwards, the answer to the identical commit again
    let cases = [
        (Fault::Conflict, Ok(conflict()), false, Committed),
        (Fault::UnknownApplied, Ok(Unknown), true, conflict()),
        (Fault::UnknownNotApplied, Ok(Unknown), false, Committed),
        (Fault::UnknownLate, Ok(Unknown), false, Committed),
    ];
    for (fault, answer, present, again) in cases {
        block_on(async {
            let store = MemoryStore::new();
            store.faults().next(fault);
            assert_eq!(store.commit(advance(None, "one")).await, answer, "{fault:?}");
            assert_eq!(store.get("one".into()).await.unwrap().is_some(), present, "{fault:?}");
            assert_eq!(store.commit(advance(None, "one")).await, Ok(again), "{fault:?}");
            assert_eq!(store.faults().commits(), 2);
        });
    }
}

#[test]
fn an_unavailable_store_wrote_nothing() {
    block_on(async {
        let store = MemoryStore::new();
        store.faults().at(1, Fault::Unavailable);
        let refused = store.commit(advance(None, "one")).await;
        assert!(matches!(refused, Err(StoreError::Unavailable { .. })), "{refused:?}");
        assert_eq!(store.get("head".into()).await, Ok(None));
    });
}

#[test]
fn a_late_commit_is_fenced_by_the_head() {
    block_on(async {
        let store = MemoryStore::new();
        store.faults().next(Fault::UnknownLate);
        store.commit(advance(None, "old owner")).await.unwrap();
        let other = store.handle(Faults::none());
        assert_eq!(other.commit(advance(None, "new owner")).await, Ok(CommitOutcome::Committed));
        assert_eq!(store.release_late(), vec![conflict()]);
        assert_eq!(store.get("old owner".into()).await, Ok(None));
        assert_eq!(store.release_late(), vec![]);
    });
}

#[test]
fn a_late_commit_happens_when_nobody_was_faster() {
    block_on(async {
        let store = MemoryStore::new();
        store.faults().next(Fault::UnknownLate);
        store.commit(advance(None, "one")).await.unwrap();
        assert_eq!(store.release_late(), vec![CommitOutcome::Committed]);
        assert_eq!(store.commit(advance(None, "one")).await, Ok(conflict()));
    });
}

#[test]
fn a_frozen_handle_waits_and_the_others_go_on() {
    let store = MemoryStore::new();
    let other = store.handle(Faults::none());
    store.faults().freeze();
    let mut frozen = pin!(store.commit(advance(None, "old owner")));
    let mut context = Context::from_waker(Waker::noop());
    assert!(frozen.as_mut().poll(&mut context).is_pending());
    assert_eq!(block_on(other.commit(advance(None, "new owner"))), Ok(CommitOutcome::Committed));
    assert!(frozen.as_mut().poll(&mut context).is_pending());
    store.faults().thaw();
    assert_eq!(frozen.as_mut().poll(&mut context), Poll::Ready(Ok(conflict())));
}

#[test]
fn the_same_seed_gives_the_same_faults() {
    let rates = FaultRates {
        conflict_per_mille: 100,
        unknown_applied_per_mille: 100,
        unknown_not_applied_per_mille: 100,
        unknown_late_per_mille: 100,
        unavailable_per_mille: 100,
    };
    let run = |seed| {
        let store = MemoryStore::with_faults(Faults::seeded(seed, rates));
        block_on(async {
            let mut answers = Vec::new();
            for _ in 0..1_000 {
                answers.push(store.commit(Commit::new().expect_absent("k").delete("k")).await);
            }
            answers
        })
    };
    let answers = run(7);
    assert_eq!(answers, run(7));
    assert_ne!(answers, run(8));
    let committed = answers.iter().filter(|answer| **answer == Ok(CommitOutcome::Committed)).count();
    assert!((400..600).contains(&committed), "about half of all commits have a fault: {committed}");
}

#[test]
fn pace_is_awaited_before_every_call() {
    let calls = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    let faults = Faults::none().with_pace(move || {
        counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Box::pin(async {})
    });
    let store = MemoryStore::with_faults(faults);
    block_on(async {
        store.commit(Commit::new().put("k", "v")).await.unwrap();
        store.get("k".into()).await.unwrap();
    });
    assert_eq!(calls.load(std::sync::atomic::Ordering::Relaxed), 2);
}
