//! The server is killed in the middle of commits, again and again; nothing acknowledged is lost, nothing happens twice.

use std::sync::Arc;
use std::time::Duration;

use storage::foundationdb::testing::TestServer;
use storage::{
    Commit, CommitOutcome, FoundationDbOptions, FoundationDbStore, Key, Scan, Store, StoreError, StoreExt,
    integer_from_bytes,
};
use tokio::sync::watch;

use super::{block_on, open};

const SHARDS: usize = 8;
const KILLS: u64 = 6;
/// The rows of each shard are larger by so much than those of the one before, so that the shards don't go in step.
const ROW_BYTES: usize = 5_000;
/// Commits between one kill and the next.
const COMMITS: u64 = 150;

#[test]
fn what_was_acknowledged_survives_kills_of_the_server() {
    let Some(server) = TestServer::start("kills of the server during commits") else { return };
    block_on(async {
        let options = FoundationDbOptions {
            timeout: Duration::from_secs(2),
            ..FoundationDbOptions::new(server.cluster_file())
        };
        let store = Arc::new(open(&options).await);
        let acknowledged = watch::Sender::new(0_u64);
        let running: Vec<_> = (0..SHARDS)
            .map(|shard| tokio::spawn(commit_until(Arc::clone(&store), shard, acknowledged.clone())))
            .collect();
        for kill in 1..=KILLS {
            acknowledged.subscribe().wait_for(|count| *count >= kill * COMMITS).await.unwrap();
            tokio::task::block_in_place(|| {
                server.kill();
                server.restart();
            });
        }
        let mut unknown = 0;
        for (shard, running) in running.into_iter().enumerate() {
            let (sequence, doubts) = running.await.unwrap();
            check(&store, shard, sequence).await;
            unknown += doubts;
        }
        assert!(unknown > 0, "no commit was hit");
    });
}

/// Advances the head of a shard until all kills are behind, as a journal does: what is unknown is committed again,
/// identical, until it is accepted or the head shows it. Gives the last number, and how often it was in doubt.
async fn commit_until(
    store: Arc<FoundationDbStore>,
    shard: usize,
    acknowledged: watch::Sender<u64>,
) -> (u64, u64) {
    let head = Key::from(&*format!("{shard}/head"));
    let (mut sequence, mut doubts) = (0_u64, 0);
    while *acknowledged.borrow() < (KILLS + 1) * COMMITS {
        let commit = match sequence {
            0 => Commit::new().expect_absent(head.clone()),
            _ => Commit::new().expect_value(head.clone(), sequence.to_string()),
        };
        sequence += 1;
        let commit = commit
            .put(head.clone(), sequence.to_string())
            .put(&*format!("{shard}/row/{sequence:06}"), vec![7; 1 + shard * ROW_BYTES])
            .add(&*format!("{shard}/count"), 1);
        let mut in_doubt = false;
        loop {
            match store.commit(commit.clone()).await {
                Ok(CommitOutcome::Committed) => break,
                Ok(CommitOutcome::Unknown) => {
                    in_doubt = true;
                    doubts += 1;
                }
                // Its own work, which it was not told of.
                Ok(CommitOutcome::Conflict { key }) => {
                    assert!(
                        in_doubt && key == head,
                        "shard {shard} at {sequence}: a conflict out of nothing"
                    );
                    break;
                }
                Err(error) => assert!(matches!(error, StoreError::Unavailable { .. }), "{error}"),
            }
        }
        acknowledged.send_modify(|count| *count += 1);
    }
    (sequence, doubts)
}

/// The rows are exactly those that the head implies, and the head is the last that was acknowledged.
async fn check(store: &FoundationDbStore, shard: usize, sequence: u64) {
    let head = store.get((&*format!("{shard}/head")).into()).await.unwrap().unwrap();
    assert_eq!(head, sequence.to_string().into_bytes());
    let count = store.get((&*format!("{shard}/count")).into()).await.unwrap();
    assert_eq!(integer_from_bytes(count.as_deref()), i128::from(sequence));
    let rows = store.scan(Scan::prefix(&*format!("{shard}/row/")).bytes(usize::MAX)).await.unwrap();
    let found: Vec<String> = rows.rows.iter().map(|row| row.key.to_string()).collect();
    let expected: Vec<String> = (1..=sequence).map(|number| format!("{shard}/row/{number:06}")).collect();
    assert_eq!(found, expected);
}
