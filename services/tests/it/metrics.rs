//! What a node tells in numbers: that all of it is documented, and true.

#![expect(clippy::unwrap_used, reason = "a test that can't reach its node has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use proto::admin::GetNodeRequest;
use services::node::NodeOptions;
use services::store::StoreAddress;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::grpc::world::{World, options, run};

/// A node whose metrics can be read.
async fn world(data: StoreAddress) -> World {
    let metrics = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    World::with(NodeOptions { metrics, ..options(data) }).await
}

/// What the node answers to a request of this first line.
async fn ask(world: &World, line: &str) -> String {
    let mut stream = TcpStream::connect(world.node.metrics_address().unwrap()).await.unwrap();
    stream.write_all(format!("{line} HTTP/1.1\r\nHost: node\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// The metrics once the shards were looked at for the first time.
async fn metrics(world: &World) -> String {
    loop {
        let text = ask(world, "GET /metrics").await;
        assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
        if text.contains("kvarter_shard_owned ") {
            return text;
        }
        tokio::task::yield_now().await;
    }
}

/// Names and kinds of what is told: `kvarter_shard_owned gauge`.
fn told(text: &str) -> BTreeSet<String> {
    text.lines().filter_map(|line| line.strip_prefix("# TYPE ")).map(str::to_owned).collect()
}

/// Names and kinds in the tables of the page: the first two cells of each row.
fn documented() -> BTreeSet<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("docs/reference/metrics.md");
    let page = fs::read_to_string(page).unwrap();
    let row = |line: &str| {
        let (name, rest) = line.strip_prefix("| `")?.split_once("` | ")?;
        let (kind, _) = rest.split_once(" |")?;
        Some(format!("{name} {kind}"))
    };
    page.lines().filter_map(row).collect()
}

#[test]
fn every_metric_is_documented_and_every_documented_one_is_told() {
    run(async {
        let data = tempfile::tempdir().unwrap();
        let mut world = world(StoreAddress::Directory(data.path().to_owned())).await;
        world.admin.get_node(GetNodeRequest {}).await.unwrap();
        assert_eq!(told(&metrics(&world).await), documented());
        world.node.stop().await.unwrap();
    });
}

#[test]
fn numbers_are_those_of_the_node() {
    run(async {
        let mut world = world(StoreAddress::Memory).await;
        world.admin.get_node(GetNodeRequest {}).await.unwrap();
        let text = metrics(&world).await;
        let ok = "rpc_server_call_duration_seconds_count{rpc_method=\"kvarter.admin.v1.AdminService/GetNode\",\
                  rpc_response_status_code=\"OK\",rpc_system_name=\"grpc\"} 1";
        for line in [
            "kvarter_node_admitting 1",
            "kvarter_shard_owned 4",
            "kvarter_shard_running 4",
            "kvarter_shard_claiming 0",
            "kvarter_entity_parked 0",
            "kvarter_channel_oldest_held_seconds 0",
            "kvarter_request_refusals_total{kvarter_bound=\"server\"} 0",
            "kvarter_store_open_commits 0",
            ok,
        ] {
            assert!(text.lines().any(|found| found == line), "no {line} in\n{text}");
        }
        assert!(text.contains("service_name=\"kvarter\""), "{text}");
        world.node.stop().await.unwrap();
    });
}

#[test]
fn nothing_else_is_answered() {
    run(async {
        let world = world(StoreAddress::Memory).await;
        for (line, status) in [("GET /", "404 Not Found"), ("POST /metrics", "405 Method Not Allowed")] {
            let answer = ask(&world, line).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{line}: {answer}");
        }
        world.node.stop().await.unwrap();
    });
}
