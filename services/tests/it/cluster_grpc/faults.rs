//! Nodes that die, are cut off from each other or from the store.

use services::node::Ending;
use tonic_health::pb::health_check_response::ServingStatus;

use super::health;
use super::load::Load;
use super::nodes::{Nodes, options};
use crate::grpc::world::run;
use crate::links::proxy::Proxy;

#[test]
fn a_node_is_killed_under_load_and_no_request_of_others_fails() {
    run(async {
        let mut nodes = Nodes::start(3).await;
        nodes.settled().await;
        let others = [nodes.address("node-0"), nodes.address("node-2")];
        let load = Load::start(&others);
        load.goes_on().await;
        nodes.kill("node-1");
        nodes.until("node-0", |cluster| cluster.nodes.len() == 2 && cluster.ownerless_shard_count == 0).await;
        nodes.settled().await;
        load.goes_on().await;
        load.end(&others).await;
        nodes.join(options("node-1")).await.unwrap();
        nodes.settled().await;
    });
}

#[test]
fn what_was_on_a_connection_that_broke_is_settled_by_its_request_id() {
    run(async {
        let mut nodes = Nodes::start(1).await;
        let proxy = behind_a_proxy(&mut nodes, "node-1").await;
        nodes.settled().await;
        let asked = [nodes.address("node-0")];
        let load = Load::start(&asked);
        for _ in 0..10 {
            load.goes_on().await;
            proxy.cut();
        }
        load.goes_on().await;
        load.end(&asked).await;
    });
}

#[test]
fn a_partition_between_nodes_heals() {
    run(async {
        let mut nodes = Nodes::start(1).await;
        let proxy = behind_a_proxy(&mut nodes, "node-1").await;
        nodes.settled().await;
        let asked = [nodes.address("node-0")];
        let load = Load::start(&asked);
        load.goes_on().await;
        proxy.stall(true);
        // Both nodes are alive to the store: nobody takes shards, requests wait.
        nodes.until("node-0", |cluster| cluster.nodes.iter().all(|node| node.beat_count > 20)).await;
        proxy.stall(false);
        load.goes_on().await;
        load.end(&asked).await;
    });
}

#[test]
fn a_node_that_the_store_does_not_hear_is_not_ready_and_ends() {
    run(async {
        let mut nodes = Nodes::start(2).await;
        nodes.settled().await;
        let (node, channel) = (nodes.take("node-1"), nodes.channel("node-1"));
        assert_eq!(health(channel.clone(), "").await, ServingStatus::Serving);
        nodes.store("node-1").faults().freeze();
        while health(channel.clone(), "").await == ServingStatus::Serving {
            tokio::task::yield_now().await;
        }
        assert_eq!(health(channel.clone(), "liveness").await, ServingStatus::Serving);
        nodes.until("node-0", |cluster| cluster.nodes.len() == 1 && cluster.ownerless_shard_count == 0).await;
        nodes.store("node-1").faults().thaw();
        assert_eq!(node.ended().await, Ending::Expelled);
        node.abandon().await;
    });
}

/// A node that others reach through a proxy.
async fn behind_a_proxy(nodes: &mut Nodes, name: &str) -> Proxy {
    let proxy = Proxy::start_anywhere().await;
    let mut options = options(name);
    options.advertise = Some(proxy.address().to_string());
    nodes.join(options).await.unwrap();
    proxy.lead_to(nodes.address(name));
    proxy
}
