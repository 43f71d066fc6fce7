//! The store in FoundationDB as nodes use it, on servers that the tests start where FoundationDB is installed.
#![expect(clippy::unwrap_used, reason = "a test that meets an error has failed")]

use std::num::NonZeroU16;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use services::node::{NodeOptions, RunningNode};
use services::store::{self, StoreAddress};
use storage::conformance::Factory;
use storage::foundationdb::testing::TestServer;
use storage::{BoxFuture, Row, Store};
use tempfile::TempDir;

use crate::grpc::world::{options, run};
use crate::store::copy::rows;

/// A part of a server's keys, as a store of its own.
pub(crate) fn part(server: &TestServer, prefix: &str) -> StoreAddress {
    StoreAddress::FoundationDb { cluster_file: server.cluster_file(), prefix: Some(prefix.to_owned()) }
}

pub(crate) async fn rows_at(address: &StoreAddress) -> Vec<Row> {
    let store = store::open(address).await.unwrap().store;
    let rows = rows(&*store).await;
    store.close().await.unwrap();
    rows
}

struct Part(StoreAddress);

impl Factory for Part {
    fn create(&self) -> BoxFuture<'_, Arc<dyn Store>> {
        Box::pin(async { store::open(&self.0).await.unwrap().store })
    }

    fn reopen(&self, store: Arc<dyn Store>) -> BoxFuture<'_, Arc<dyn Store>> {
        Box::pin(async move {
            store.close().await.unwrap();
            self.create().await
        })
    }
}

#[test]
fn the_store_fences() {
    let Some(server) = TestServer::shared("the fence") else { return };
    cluster::conformance::fence(&Part(part(&server, "fence")));
}

#[test]
fn a_node_that_can_t_start_says_why_and_changes_nothing() {
    let Some(server) = TestServer::shared("nodes that can't start") else { return };
    run(async {
        let folder = TempDir::new().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        // Nobody listens on a port that was just given back.
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let of_another = std::fs::read_to_string(server.cluster_file()).unwrap().replace("test1234", "other");
        let place = |cluster_file: PathBuf| StoreAddress::FoundationDb { cluster_file, prefix: None };
        let here = part(&server, "starts");
        let north = named(here.clone(), "north");
        let running = RunningNode::start(north.clone()).await.unwrap();
        let refused = RunningNode::start(north).await.unwrap_err().to_string();
        assert!(refused.contains("a node named north runs already"), "{refused}");
        running.stop().await.unwrap();
        let eight = NonZeroU16::new(8);
        let cases = [
            (named(place(folder.path().join("none")), "east"), "No such file"),
            (named(place(file("no file", "of a cluster\n")), "east"), "DESCRIPTION:ID@HOST:PORT"),
            (named(place(file("away", &format!("test:test1234@{free}\n"))), "east"), "no coordinator"),
            (named(place(file("another", &of_another)), "east"), "fdbcli"),
            (
                NodeOptions { shard_count: eight, ..named(here.clone(), "east") },
                "the store has 4 shards for ever",
            ),
            (named(place(server.cluster_file()), "east"), "the database is not empty"),
        ];
        let before = rows_at(&here).await;
        for (options, expected) in cases {
            let refused = RunningNode::start(options).await.unwrap_err().to_string();
            assert!(refused.contains(expected), "{refused}");
        }
        assert_eq!(rows_at(&here).await, before);
    });
}

#[test]
fn a_store_without_a_prefix_has_its_database_for_itself() {
    let Some(server) = TestServer::start("a store without a prefix") else { return };
    run(async {
        let whole = StoreAddress::FoundationDb { cluster_file: server.cluster_file(), prefix: None };
        let start = async |store: &StoreAddress| RunningNode::start(named(store.clone(), "north")).await;
        let refused = async |store: &StoreAddress, expected: &str| {
            let refused = start(store).await.unwrap_err().to_string();
            assert!(refused.contains(expected), "{refused}");
        };
        start(&part(&server, "old")).await.unwrap().stop().await.unwrap();
        let before = rows_at(&part(&server, "old")).await;
        refused(&whole, "name a prefix").await;
        assert_eq!(rows_at(&part(&server, "old")).await, before);
        start(&part(&server, "new")).await.unwrap().stop().await.unwrap();
        server.command("writemode on; clearrange \"\" \\xff");
        start(&whole).await.unwrap().stop().await.unwrap();
        refused(&part(&server, "new"), "leave the prefix away").await;
        // What is there already is opened as it is.
        start(&whole).await.unwrap().stop().await.unwrap();
    });
}

fn named(store: StoreAddress, name: &str) -> NodeOptions {
    NodeOptions { name: Some(name.to_owned()), lease: Duration::from_secs(2), ..options(store) }
}
