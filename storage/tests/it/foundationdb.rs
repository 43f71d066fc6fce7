//! The store in a FoundationDB cluster, on servers that the tests start where FoundationDB is installed.

mod crash;
mod opening;
mod owners;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use storage::conformance::{Factory, run};
use storage::foundationdb::testing::TestServer;
use storage::{
    BoxFuture, Commit, CommitOutcome, FoundationDbOptions, FoundationDbStore, KeyRange, LimitExceeded,
    MAX_COMMIT_BYTES, MAX_VALUE_BYTES, Scan, Store, StoreError, StoreExt,
};

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap().block_on(future)
}

async fn open(options: &FoundationDbOptions) -> FoundationDbStore {
    FoundationDbStore::open(options.clone()).await.unwrap()
}

async fn committed(store: &dyn Store, commit: Commit) {
    assert_eq!(store.commit(commit).await, Ok(CommitOutcome::Committed));
}

/// Stores on one server: each the whole key space, emptied first, or each with a prefix of its own.
struct Cluster {
    server: TestServer,
    prefixes: Option<AtomicU32>,
}

impl Cluster {
    fn options(&self) -> FoundationDbOptions {
        let options = FoundationDbOptions::new(self.server.cluster_file());
        match &self.prefixes {
            Some(number) => options.with_prefix(format!("store-{}", number.load(Ordering::Relaxed))),
            None => options,
        }
    }
}

impl Factory for Cluster {
    fn create(&self) -> BoxFuture<'_, Arc<dyn Store>> {
        Box::pin(async {
            if let Some(number) = &self.prefixes {
                number.fetch_add(1, Ordering::Relaxed);
            }
            let store = open(&self.options()).await;
            if self.prefixes.is_none() {
                committed(&store, Commit::new().delete_range(KeyRange::all())).await;
            }
            Arc::new(store) as Arc<dyn Store>
        })
    }

    fn reopen(&self, store: Arc<dyn Store>) -> BoxFuture<'_, Arc<dyn Store>> {
        Box::pin(async move {
            store.close().await.unwrap();
            Arc::new(open(&self.options()).await) as Arc<dyn Store>
        })
    }
}

#[test]
fn the_store_in_foundationdb_conforms() {
    let Some(server) = TestServer::start("conformance of the store in FoundationDB") else { return };
    run(&Cluster { server, prefixes: None });
}

#[test]
fn the_store_in_a_part_of_foundationdb_conforms() {
    let Some(server) = TestServer::start("conformance of the store with a prefix") else { return };
    run(&Cluster { server, prefixes: Some(AtomicU32::new(0)) });
}

#[test]
fn stores_with_prefixes_share_a_cluster_unseen() {
    let Some(server) = TestServer::shared("stores with prefixes") else { return };
    let options = |name: &str| FoundationDbOptions::new(server.cluster_file()).with_prefix(name);
    block_on(async {
        let names = ["shared", "shared.1", "shared.2"];
        for name in names {
            committed(
                &open(&options(name)).await,
                Commit::new().put("k", name).put(vec![0xFE, 0xFF], "last"),
            )
            .await;
        }
        committed(&open(&options("shared")).await, Commit::new().delete_range(KeyRange::all())).await;
        let mut found = Vec::new();
        for name in names {
            let store = open(&options(name)).await;
            let page = store.scan(Scan::new(KeyRange::all())).await.unwrap();
            found.push(page.rows.len());
            let reversed = store.scan(Scan::new(KeyRange::all()).reversed()).await.unwrap();
            assert_eq!(reversed.rows.into_iter().rev().collect::<Vec<_>>(), page.rows);
            assert_eq!(store.get("k".into()).await.unwrap(), (found.len() > 1).then(|| name.into()));
        }
        assert_eq!(found, [0, 2, 2]);
    });
}

#[test]
fn large_values_and_commits_are_taken_and_paged() {
    let Some(server) = TestServer::shared("large values and commits") else { return };
    block_on(async {
        let store = open(&FoundationDbOptions::new(server.cluster_file()).with_prefix("large")).await;
        let row = |number: usize| format!("v/{number:04}");
        let rows = 85;
        let commit = (0..rows).fold(Commit::new(), |commit, number| {
            commit.put(&*row(number), vec![u8::try_from(number).unwrap(); MAX_VALUE_BYTES])
        });
        assert!(commit.size_bytes() > MAX_COMMIT_BYTES * 9 / 10);
        committed(&store, commit).await;
        let small = (0..20_000).fold(Commit::new(), |commit, number: u32| {
            commit.put([b"w", &number.to_be_bytes()[..]].concat(), vec![1; 100])
        });
        committed(&store, small).await;
        for (prefix, limit_bytes, expected) in
            [("v/", 1_000_000, rows), ("v/", usize::MAX, rows), ("w", 50_000, 20_000)]
        {
            let mut next = Some(Scan::prefix(prefix).rows(usize::MAX).bytes(limit_bytes));
            let mut found = 0;
            while let Some(scan) = next {
                let page = store.scan(scan.clone()).await.unwrap();
                next = scan.after(&page);
                found += page.rows.len();
            }
            assert_eq!(found, expected, "{prefix} in pages of {limit_bytes} bytes");
        }
        let value = store.get((&*row(84)).into()).await.unwrap().unwrap();
        assert_eq!(value, vec![84; MAX_VALUE_BYTES]);
    });
}

/// What FoundationDB's client counts for each write is beyond the limit only for a large commit of tiny rows.
#[test]
fn a_commit_of_too_many_tiny_rows_is_refused_by_its_real_size() {
    let Some(server) = TestServer::shared("a commit of too many tiny rows") else { return };
    block_on(async {
        let store = open(&FoundationDbOptions::new(server.cluster_file()).with_prefix("tiny")).await;
        let commit = (0..200_000_u32)
            .fold(Commit::new(), |commit, number| commit.put(number.to_be_bytes().to_vec(), "tiny"));
        let counted = commit.size_bytes();
        assert!(counted < MAX_COMMIT_BYTES);
        match store.commit(commit).await {
            Err(StoreError::Limit(LimitExceeded::CommitTooLarge { size_bytes })) => {
                assert!(size_bytes > counted)
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(store.scan(Scan::new(KeyRange::all())).await.unwrap().rows, []);
    });
}
