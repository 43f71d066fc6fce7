//! What can't join says why, and changes nothing.

use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::time::Duration;

use proto::cluster::GetClusterRequest;
use services::node::{NodeOptions, RunningNode};
use services::store::StoreAddress;

use super::nodes::{Nodes, options};
use crate::grpc::world::run;

#[test]
fn what_can_t_join_says_why() {
    run(async {
        let mut nodes = Nodes::start(1).await;
        let listen = SocketAddr::from(([0, 0, 0, 0], 0));
        let cases: [(NodeOptions, &str); 6] = [
            (options("node-0"), "a node named node-0 runs already"),
            (
                NodeOptions { shard_count: NonZeroU16::new(8), ..options("node-1") },
                "the store has 16 shards for ever",
            ),
            (options("Node 1"), "no node can be called \"Node 1\""),
            (NodeOptions { listen, ..options("node-1") }, "say with --advertise HOST:PORT"),
            (
                NodeOptions { advertise: Some("nowhere".to_owned()), ..options("node-1") },
                "other nodes can't reach \"nowhere\"",
            ),
            (
                NodeOptions { listen: nodes.address("node-0"), ..options("node-1") },
                "can't listen on 127.0.0.1",
            ),
        ];
        let before = nodes.cluster("node-0").get_cluster(GetClusterRequest {}).await.unwrap().into_inner();
        for (options, expected) in cases {
            let refused = nodes.join(options).await.unwrap_err().to_string();
            assert!(refused.contains(expected), "{refused}");
        }
        let after = nodes.cluster("node-0").get_cluster(GetClusterRequest {}).await.unwrap().into_inner();
        assert_eq!(after.table_version, before.table_version);
        assert_eq!(after.nodes.len(), 1);
    });
}

#[test]
fn a_store_that_is_not_there_is_told() {
    run(async {
        // A port that nobody listens on any more.
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        for (store, expected) in [
            (format!("grpc://{free}"), free.to_string()),
            ("fdb:no/such/fdb.cluster".to_owned(), "fdb.cluster".to_owned()),
        ] {
            let store: StoreAddress = store.parse().unwrap();
            let refused = RunningNode::start(NodeOptions { store, ..options("node-1") }).await.unwrap_err();
            assert!(refused.to_string().contains(&expected), "{refused}");
        }
        let lease = Duration::from_millis(1);
        let refused = RunningNode::start(NodeOptions { lease, ..options("node-1") }).await.unwrap_err();
        assert!(refused.to_string().contains("a lease has 100 ms"), "{refused}");
    });
}
