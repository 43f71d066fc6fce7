//! Copying: what arrives, what stays behind, what is refused, and what is left where it was cut off.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cluster::{
    Charter, Incarnation, Level, ShardCount, charter_key, copying_key, load_key, node_key, placement_key,
};
use services::node::RunningNode;
use services::store::{CopyError, RestoredError, StoreAddress, copy, restored};
#[cfg(feature = "foundationdb")]
use storage::foundationdb::testing::TestServer;
use storage::{Commit, CommitOutcome, EmbeddedOptions, EmbeddedStore, KeyRange, Row, Scan, Store, StoreExt};
use tempfile::TempDir;

use super::served::serve;
#[cfg(feature = "foundationdb")]
use crate::foundationdb::{part, rows_at};
use crate::grpc::world::{options, run};

/// Rows of a source, more than a page has.
const ROWS: u32 = 12_000;

fn count() -> ShardCount {
    ShardCount::new(4).unwrap()
}

fn directory(path: &Path) -> StoreAddress {
    StoreAddress::Directory(path.to_owned())
}

fn open(path: &Path) -> Arc<dyn Store> {
    Arc::new(EmbeddedStore::open(path, EmbeddedOptions::default()).unwrap())
}

async fn commit(store: &dyn Store, commit: Commit) {
    assert_eq!(store.commit(commit).await, Ok(CommitOutcome::Committed));
}

/// A store with data, and with what nodes that are gone left in it.
async fn source(path: PathBuf) -> PathBuf {
    let store = open(&path);
    Charter::agree(&*store, count()).await.unwrap();
    for first in (0..ROWS).step_by(2_000) {
        let rows = (first..first + 2_000).fold(Commit::new(), |commit, number| {
            let size_bytes = if number % 1_000 == 0 { 100_000 } else { 8 };
            commit.put(&*format!("s/{number:08}"), vec![number.to_le_bytes()[0]; size_bytes])
        });
        commit(&*store, rows).await;
    }
    let gone = Incarnation::new(7);
    let left = Commit::new()
        .put("idx/a", "listed")
        .put("node", "no node's")
        .put(node_key(gone), "left behind")
        .put(load_key(gone), "left behind")
        .put(placement_key(), "left behind");
    commit(&*store, left.put(Level::key(), Level::FIRST.to_bytes())).await;
    store.close().await.unwrap();
    path
}

pub(crate) async fn rows(store: &dyn Store) -> Vec<Row> {
    let (mut rows, mut next) = (Vec::new(), Some(Scan::new(KeyRange::all())));
    while let Some(scan) = next {
        let page = store.scan(scan.clone()).await.unwrap();
        next = scan.after(&page);
        rows.extend(page.rows);
    }
    rows
}

async fn rows_in(path: &Path) -> Vec<Row> {
    let store = open(path);
    let rows = rows(&*store).await;
    store.close().await.unwrap();
    rows
}

/// What a copy of a source has: its data, and a charter of the next generation.
async fn expected(source: &Path) -> Vec<Row> {
    next_life(rows_in(source).await)
}

fn next_life(mut rows: Vec<Row>) -> Vec<Row> {
    let gone = Incarnation::new(7);
    let left_behind = [node_key(gone), load_key(gone), placement_key()];
    rows.retain(|row| !left_behind.contains(&row.key));
    for row in &mut rows {
        if row.key == charter_key() {
            let charter = Charter::from_bytes(&row.value).unwrap();
            row.value = Charter { generation: charter.generation + 1, ..charter }.to_bytes();
        }
    }
    rows
}

async fn copied(from: &StoreAddress, to: &StoreAddress) -> u64 {
    let mut told = 0;
    let tally = copy(from, to, |tally| told = tally.rows).await.unwrap();
    assert_eq!(told, tally.rows);
    tally.rows
}

#[test]
fn every_row_of_the_data_arrives_whatever_the_stores_are() {
    run(async {
        let folder = TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name);
        let first = source(at("first")).await;
        let expected = expected(&first).await;
        // Neither the charter nor what nodes left is counted.
        let count = u64::from(ROWS) + 3;
        assert_eq!(copied(&directory(&first), &directory(&at("second"))).await, count);
        assert_eq!(rows_in(&at("second")).await, expected);

        let third = open(&at("third"));
        let server = serve(Arc::clone(&third)).await;
        let served: StoreAddress = format!("grpc://{}", server.address()).parse().unwrap();
        assert_eq!(copied(&directory(&first), &served).await, count);
        assert_eq!(rows(&*third).await, expected);
        assert_eq!(copied(&served, &directory(&at("fourth"))).await, count);
        let charter = rows_in(&at("fourth")).await.into_iter().find(|row| row.key == charter_key()).unwrap();
        assert_eq!(
            Charter::from_bytes(&charter.value).unwrap(),
            Charter { shard_count: self::count(), generation: 3 }
        );
        server.stop().await.unwrap();
        third.close().await.unwrap();
    });
}

#[cfg(feature = "foundationdb")]
#[test]
fn every_row_arrives_in_foundationdb_and_back() {
    let Some(server) = TestServer::shared("copies") else { return };
    run(async {
        let folder = TempDir::new().unwrap();
        let first = source(folder.path().join("first")).await;
        let (there, back) = (part(&server, "copy"), folder.path().join("back"));
        let count = u64::from(ROWS) + 3;
        assert_eq!(copied(&directory(&first), &there).await, count);
        let expected = expected(&first).await;
        assert_eq!(rows_at(&there).await, expected);
        assert_eq!(copied(&there, &directory(&back)).await, count);
        assert_eq!(rows_in(&back).await, next_life(expected));
        let again = copy(&directory(&first), &there, |_| ()).await;
        assert!(matches!(again, Err(CopyError::NotEmpty(_))), "{again:?}");
    });
}

#[test]
fn what_was_cut_off_is_no_store_and_is_begun_anew() {
    run(async {
        let folder = TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name);
        let first = source(at("first")).await;
        let store = open(&at("cut off"));
        let part = Commit::new()
            .put(copying_key(), "another copy")
            .put("a", "row")
            .put("s/00000001", "row")
            .put("z", "row");
        commit(&*store, part).await;
        store.close().await.unwrap();
        let target = directory(&at("cut off"));
        let node = RunningNode::start(options(target.clone())).await;
        assert!(node.unwrap_err().to_string().contains("incomplete copy"));
        let again = copy(&target, &directory(&at("elsewhere")), |_| ()).await;
        assert!(matches!(again, Err(CopyError::Incomplete(_))), "{again:?}");
        copied(&directory(&first), &target).await;
        assert_eq!(rows_in(&at("cut off")).await, expected(&first).await);
        RunningNode::start(options(target)).await.unwrap().stop().await.unwrap();
    });
}

#[test]
fn what_can_not_be_copied_is_refused_and_left_as_it_is() {
    run(async {
        let folder = TempDir::new().unwrap();
        let at = |name: &str| directory(&folder.path().join(name));
        source(folder.path().join("first")).await;
        let empty = open(&folder.path().join("empty"));
        empty.close().await.unwrap();
        let cases = [
            (StoreAddress::Memory, at("new"), "gone with its process"),
            (at("first"), StoreAddress::Memory, "gone with its process"),
            (at("nothing"), at("new"), "there is no store at dir:"),
            (at("empty"), at("new"), "no node has ever run on it"),
            (at("first"), at("first"), "is in use by"),
        ];
        for (from, to, words) in cases {
            let told = copy(&from, &to, |_| ()).await.unwrap_err().to_string();
            assert!(told.contains(words), "{from} to {to}: {told}");
        }
        assert!(!folder.path().join("nothing").exists());
        copied(&at("first"), &at("full")).await;
        let before = rows_in(&folder.path().join("full")).await;
        let told = copy(&at("first"), &at("full"), |_| ()).await;
        assert!(matches!(told, Err(CopyError::NotEmpty(_))), "{told:?}");
        assert_eq!(rows_in(&folder.path().join("full")).await, before);
    });
}

#[test]
fn a_store_that_a_node_uses_is_not_copied_and_begins_no_generation() {
    run(async {
        let folder = TempDir::new().unwrap();
        let rows = open(&folder.path().join("rows"));
        let server = serve(Arc::clone(&rows)).await;
        let served: StoreAddress = format!("grpc://{}", server.address()).parse().unwrap();
        let mut options = options(served.clone());
        options.lease = Duration::from_millis(500);
        options.name = Some("north".to_owned());
        let node = RunningNode::start(options).await.unwrap();
        let copy_to = directory(&folder.path().join("copy"));
        let told = copy(&served, &copy_to, |_| ()).await;
        assert!(matches!(&told, Err(CopyError::InUse { name, .. }) if name == "north"), "{told:?}");
        let told = restored(&served).await;
        assert!(matches!(&told, Err(RestoredError::InUse { name, .. }) if name == "north"), "{told:?}");
        node.stop().await.unwrap();
        copied(&served, &copy_to).await;
        assert_eq!(restored(&served).await.unwrap(), 2, "the refused one has begun none");
        server.stop().await.unwrap();
        rows.close().await.unwrap();
    });
}
