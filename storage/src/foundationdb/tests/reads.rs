//! Reads whose snapshot is forgotten under way, and other errors that a read gets over.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::commit::{Commit, CommitOutcome};
use crate::error::StoreError;
use crate::foundationdb::testing::TestServer;
use crate::foundationdb::trouble::Moment;
use crate::foundationdb::{FoundationDbOptions, FoundationDbStore};
use crate::read::{Page, Read, ReadAnswer, Scan};
use crate::store::{BoxFuture, Store, StoreExt};

use super::{Stage, block_on, with_store};

const ROWS: usize = 40;
const ROW_BYTES: usize = 90_000;

/// Rows of several portions.
async fn fill(stage: &Stage) {
    for number in 0..ROWS {
        let commit = Commit::new().put(&*format!("r/{number:02}"), vec![7; ROW_BYTES]);
        assert_eq!(stage.store.commit(commit).await, Ok(CommitOutcome::Committed));
    }
}

fn all() -> Scan {
    Scan::prefix("r/").bytes(usize::MAX)
}

/// The numbers of the rows of the pages, and the sizes of the pages.
async fn pages(stage: &Stage, scan: Scan) -> (Vec<String>, Vec<usize>) {
    let (mut keys, mut sizes) = (Vec::new(), Vec::new());
    let mut next = Some(scan);
    while let Some(scan) = next {
        let page: Page = stage.store.scan(scan.clone()).await.unwrap();
        next = scan.after(&page);
        sizes.push(page.rows.len());
        keys.extend(page.rows.iter().map(|row| row.key.to_string()));
    }
    (keys, sizes)
}

/// 1007 transaction_too_old, 1009 future_version, 1037 process_behind, 1213 tag_throttled.
#[test]
fn a_read_is_repeated_at_another_snapshot() {
    with_store("read-again", |stage| async move {
        stage.store.commit(Commit::new().put("a", "1").put("b", "2")).await.unwrap();
        for code in [1007, 1009, 1037, 1213] {
            let attempts = stage.once_at(Moment::Reading, code).await;
            let reads = vec![Read::Get("a".into()), Read::Scan(Scan::prefix("b"))];
            let answers = stage.store.read(reads).await.unwrap();
            assert_eq!(answers[0], ReadAnswer::Value(Some("1".into())), "{code}");
            assert!(matches!(&answers[1], ReadAnswer::Page(page) if page.rows.len() == 1), "{code}");
            assert_eq!(attempts.load(Ordering::Relaxed), 2, "{code}");
        }
    });
}

#[test]
fn an_error_that_is_none_of_those_is_told() {
    with_store("read-refused", |stage| async move {
        stage.once_at(Moment::Reading, 2004).await;
        let refused = stage.store.get("a".into()).await;
        assert!(
            matches!(&refused, Err(StoreError::Unavailable { reason }) if reason.contains("2004")),
            "{refused:?}"
        );
    });
}

#[test]
fn a_page_ends_where_its_snapshot_is_forgotten() {
    with_store("read-cut", |stage| async move {
        fill(&stage).await;
        let expected: Vec<String> = (0..ROWS).map(|number| format!("r/{number:02}")).collect();
        assert_eq!(pages(&stage, all()).await, (expected.clone(), vec![ROWS]), "a page of any size");
        // Every third portion of a page meets the error.
        let forget = |before: usize| -> BoxFuture<'static, Option<i32>> {
            Box::pin(async move { (before % 3 == 2).then_some(1007) })
        };
        stage.at(Moment::Reading, Arc::new(forget)).await;
        let (found, sizes) = pages(&stage, all()).await;
        assert_eq!(found, expected);
        assert!(sizes.len() > 1, "{sizes:?}");
        let (mut found, sizes) = pages(&stage, all().reversed()).await;
        found.reverse();
        assert_eq!(found, expected);
        assert!(sizes.len() > 1, "{sizes:?}");
    });
}

/// A real 1007: under way, the cluster's versions go ten seconds on.
#[test]
fn a_page_outlives_the_five_seconds_of_its_snapshot() {
    with_store("read-long", |stage| async move {
        fill(&stage).await;
        let other = stage.another().await;
        let outlive = move |before: usize| -> BoxFuture<'static, Option<i32>> {
            let other = Arc::clone(&other);
            Box::pin(async move {
                if before == 1 {
                    let begun = version(&other).await;
                    while version(&other).await < begun + 10 * VERSIONS_PER_SECOND {
                        other.commit(Commit::new().put("other", "row")).await.unwrap();
                    }
                }
                None
            })
        };
        stage.at(Moment::Reading, Arc::new(outlive)).await;
        let (found, sizes) = pages(&stage, all()).await;
        assert_eq!(found, (0..ROWS).map(|number| format!("r/{number:02}")).collect::<Vec<_>>());
        assert_eq!(sizes.len(), 2, "{sizes:?}");
    });
}

const VERSIONS_PER_SECOND: i64 = 1_000_000;

async fn version(store: &FoundationDbStore) -> i64 {
    let session = store.session.read().await;
    session.as_ref().unwrap().database.create_trx().unwrap().get_read_version().await.unwrap()
}

#[test]
fn a_page_goes_on_after_a_crash_of_the_server() {
    let server = TestServer::start("a page during a crash of the server");
    let Some(server) = server.map(Arc::new) else { return };
    block_on(async {
        let mut options = FoundationDbOptions::new(server.cluster_file());
        options.timeout = Duration::from_secs(60);
        let store = FoundationDbStore::open(options.clone()).await.unwrap();
        let stage = Stage { server: Arc::clone(&server), options, store };
        fill(&stage).await;
        let crash = move |before: usize| -> BoxFuture<'static, Option<i32>> {
            if before == 1 {
                server.kill();
                server.restart();
            }
            Box::pin(async { None })
        };
        stage.at(Moment::Reading, Arc::new(crash)).await;
        let (found, _) = pages(&stage, all()).await;
        assert_eq!(found, (0..ROWS).map(|number| format!("r/{number:02}")).collect::<Vec<_>>());
    });
}
