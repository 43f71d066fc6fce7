//! Commits that are refused for the moment, whose outcome is unknown, or that come late.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::commit::{Commit, CommitOutcome};
use crate::error::StoreError;
use crate::foundationdb::testing::TestServer;
use crate::foundationdb::trouble::Moment;
use crate::foundationdb::{FoundationDbOptions, FoundationDbStore};
use crate::integer::integer_from_bytes;
use crate::store::{Store, StoreExt};

use super::{Stage, advance, block_on, with_store};

fn conflict() -> CommitOutcome {
    CommitOutcome::Conflict { key: "head".into() }
}

async fn text(store: &FoundationDbStore, key: &str) -> Option<String> {
    let value = store.get(key.into()).await.unwrap();
    value.map(|value| String::from_utf8(value.to_vec()).unwrap())
}

/// The head, its row and the sum show `commits` that ended with `to`, each once.
async fn shows(store: &FoundationDbStore, to: &str, commits: i128) {
    assert_eq!(text(store, "head").await.as_deref(), Some(to));
    assert_eq!(text(store, &format!("row/{to}")).await.as_deref(), Some("row"));
    assert_eq!(integer_from_bytes(store.get("sum".into()).await.unwrap().as_deref()), commits);
}

/// 1021 commit_unknown_result, 1031 transaction_timed_out, 1039 cluster_version_changed, 1025 transaction_cancelled,
/// 1101 operation_cancelled, 4100 internal_error, and what is not known at all.
const UNKNOWN: [i32; 7] = [1021, 1031, 1039, 1025, 1101, 4100, 1999];

#[test]
fn an_unknown_outcome_that_did_not_happen_is_settled_by_the_identical_commit() {
    with_store("unknown-not-applied", |stage| async move {
        for code in UNKNOWN {
            stage.store.commit(Commit::new().delete("head").delete("sum")).await.unwrap();
            let attempts = stage.once_at(Moment::Committing, code).await;
            assert_eq!(stage.store.commit(advance(None, "1")).await, Ok(CommitOutcome::Unknown), "{code}");
            assert_eq!(attempts.load(Ordering::Relaxed), 1, "{code} is not for the store to repeat");
            assert_eq!(text(&stage.store, "head").await, None, "{code}");
            assert_eq!(stage.store.commit(advance(None, "1")).await, Ok(CommitOutcome::Committed), "{code}");
            shows(&stage.store, "1", 1).await;
        }
    });
}

#[test]
fn an_unknown_outcome_that_happened_is_told_by_the_head() {
    with_store("unknown-applied", |stage| async move {
        for code in UNKNOWN {
            stage.store.commit(Commit::new().delete("head").delete("sum")).await.unwrap();
            stage.once_at(Moment::Answering, code).await;
            assert_eq!(stage.store.commit(advance(None, "1")).await, Ok(CommitOutcome::Unknown), "{code}");
            assert_eq!(stage.store.commit(advance(None, "1")).await, Ok(conflict()), "{code}");
            shows(&stage.store, "1", 1).await;
        }
    });
}

/// 1020 not_committed, 1007 transaction_too_old, 1009 future_version, 1037 process_behind, 1051
/// batch_transaction_throttled, 1213 tag_throttled, as errors of the commit.
#[test]
fn what_proves_that_nothing_happened_is_repeated_inside() {
    with_store("repeated", |stage| async move {
        for code in [1020, 1007, 1009, 1037, 1051, 1213] {
            stage.store.commit(Commit::new().delete("head").delete("sum")).await.unwrap();
            let attempts = stage.once_at(Moment::Committing, code).await;
            assert_eq!(stage.store.commit(advance(None, "1")).await, Ok(CommitOutcome::Committed), "{code}");
            assert_eq!(attempts.load(Ordering::Relaxed), 2, "{code}");
            shows(&stage.store, "1", 1).await;
        }
    });
}

#[test]
fn repetitions_end_with_an_error_that_means_nothing_was_written() {
    with_store("repetitions", |stage| async move {
        let mut options = stage.options.clone();
        options.repetitions = 3;
        let store = FoundationDbStore::open(options).await.unwrap();
        let stage = Stage { store, ..stage };
        let attempts = stage.at(Moment::Committing, Arc::new(|_| Box::pin(async { Some(1020) }))).await;
        let refused = stage.store.commit(advance(None, "1")).await;
        assert!(
            matches!(&refused, Err(StoreError::Unavailable { reason }) if reason.contains("try again")),
            "{refused:?}"
        );
        assert_eq!(attempts.load(Ordering::Relaxed), 4);
        assert_eq!(text(&stage.store, "head").await, None);
    });
}

/// A real 1020: between the comparison and the commit another handle writes the head.
#[test]
fn a_head_that_changes_while_committing_is_compared_anew() {
    for (prefix, written, expected) in
        [("changed-to-another", "2", conflict()), ("changed-to-the-same", "1", CommitOutcome::Committed)]
    {
        with_store(prefix, |stage| async move {
            stage.store.commit(advance(None, "1")).await.unwrap();
            let other = stage.another().await;
            let meddle = move |before| -> crate::store::BoxFuture<'static, Option<i32>> {
                let other = Arc::clone(&other);
                Box::pin(async move {
                    if before == 0 {
                        let commit = Commit::new().expect_value("head", "1").put("head", written);
                        assert_eq!(other.commit(commit).await, Ok(CommitOutcome::Committed));
                    }
                    None
                })
            };
            let times = stage.at(Moment::Committing, Arc::new(meddle)).await;
            assert_eq!(stage.store.commit(advance(Some("1"), "3")).await, Ok(expected.clone()));
            // Compared anew: a conflict is found before the second attempt gets so far.
            let attempts = if expected == CommitOutcome::Committed { 2 } else { 1 };
            assert_eq!(times.load(Ordering::Relaxed), attempts);
            let (head, sum) = if attempts == 2 { ("3", 2) } else { ("2", 1) };
            assert_eq!(text(&stage.store, "head").await.as_deref(), Some(head));
            let found = stage.store.get("sum".into()).await.unwrap();
            assert_eq!(integer_from_bytes(found.as_deref()), sum);
        });
    }
}

/// A server of its own, a store on it that waits for `timeout`, and the store's usual handle.
fn with_server<F: Future<Output = ()>>(
    what: &str,
    timeout: Duration,
    test: impl FnOnce(Stage, FoundationDbStore) -> F,
) {
    let Some(server) = TestServer::start(what) else { return };
    let options = FoundationDbOptions::new(server.cluster_file());
    block_on(async {
        let patient = FoundationDbStore::open(options.clone()).await.unwrap();
        let store =
            FoundationDbStore::open(FoundationDbOptions { timeout, ..options.clone() }).await.unwrap();
        test(Stage { server: Arc::new(server), options, store }, patient).await;
    });
}

/// A real 1031: the server stands still from the moment the commit is handed to it, and goes on afterwards.
#[test]
fn a_commit_that_times_out_may_come_late_and_is_fenced() {
    with_server("a commit that times out", Duration::from_millis(500), |stage, patient| async move {
        patient.commit(advance(None, "1")).await.unwrap();
        let server = Arc::clone(&stage.server);
        let pause = move |_| -> crate::store::BoxFuture<'static, Option<i32>> {
            server.pause();
            Box::pin(async { None })
        };
        stage.at(Moment::Committing, Arc::new(pause)).await;
        assert_eq!(stage.store.commit(advance(Some("1"), "2")).await, Ok(CommitOutcome::Unknown));
        stage.server.resume();
        // Another owner takes the head, from whatever it finds.
        let claimed = match text(&patient, "head").await.as_deref() {
            Some("1") => patient.commit(advance(Some("1"), "claimed")).await.unwrap(),
            _ => conflict(),
        };
        let late_came_first = claimed != CommitOutcome::Committed;
        if late_came_first {
            assert_eq!(patient.commit(advance(Some("2"), "claimed")).await, Ok(CommitOutcome::Committed));
        }
        let again = patient.commit(advance(Some("1"), "2")).await;
        assert_eq!(again, Ok(conflict()), "fenced, whether it came or not");
        shows(&patient, "claimed", if late_came_first { 3 } else { 2 }).await;
        assert_eq!(text(&patient, "row/2").await.is_some(), late_came_first);
    });
}

/// A real 1031 before the commit was begun: nothing can have happened.
#[test]
fn a_commit_that_did_not_get_to_the_cluster_is_an_error() {
    with_server("a server that stands still", Duration::from_millis(500), |stage, patient| async move {
        stage.server.pause();
        let refused = stage.store.commit(advance(None, "1")).await;
        assert!(
            matches!(&refused, Err(StoreError::Unavailable { reason }) if reason.contains("fdbcli")),
            "{refused:?}"
        );
        let refused = stage.store.get("head".into()).await;
        assert!(matches!(refused, Err(StoreError::Unavailable { .. })), "{refused:?}");
        stage.server.resume();
        assert_eq!(patient.commit(advance(None, "1")).await, Ok(CommitOutcome::Committed));
        shows(&patient, "1", 1).await;
    });
}

/// A real 1021: the server dies with the commit in its hands, and comes back.
#[test]
fn a_commit_whose_server_dies_is_unknown_and_settled_when_it_is_back() {
    with_server("a server that dies", Duration::from_secs(60), |stage, _| async move {
        stage.store.commit(advance(None, "1")).await.unwrap();
        let server = Arc::clone(&stage.server);
        let die = move |before| -> crate::store::BoxFuture<'static, Option<i32>> {
            let server = Arc::clone(&server);
            Box::pin(async move {
                if before == 0 {
                    // Handed over to a server that stands still, which then is no more: whoever waits for its answer
                    // has to be told by the broken connection.
                    server.pause();
                    std::thread::spawn(move || {
                        server.kill();
                        server.restart();
                    });
                }
                None
            })
        };
        stage.at(Moment::Committing, Arc::new(die)).await;
        let mut outcomes = vec![stage.store.commit(advance(Some("1"), "2")).await.unwrap()];
        while outcomes.last() == Some(&CommitOutcome::Unknown) {
            outcomes.push(stage.store.commit(advance(Some("1"), "2")).await.unwrap());
        }
        assert_eq!(outcomes[0], CommitOutcome::Unknown);
        let last = outcomes.last().unwrap();
        assert!(*last == CommitOutcome::Committed || *last == conflict(), "{outcomes:?}");
        shows(&stage.store, "2", 2).await;
    });
}
