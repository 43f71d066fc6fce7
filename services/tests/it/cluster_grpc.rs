//! Nodes on one store: any of them answers, whatever becomes of the others.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that can't have its answer has failed"
)]

mod faults;
mod load;
mod nodes;
mod start;
mod webhooks;

use proto::account::GetAccountRequest;
use proto::account::account_service_client::AccountServiceClient;
use proto::cluster::{DrainNodeRequest, GetClusterRequest, ListShardsRequest, MoveShardRequest};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::grpc::supplier::account_name;
use super::grpc::world::{World, reason, run};
use load::Load;
use nodes::{Nodes, SHARDS};
use services::node::RunningNode;

#[test]
fn a_month_is_billed_through_every_node() {
    run(async {
        let mut nodes = Nodes::start(3).await;
        let endpoints = nodes.addresses().into_iter();
        let channel = Channel::balance_list(
            endpoints.map(|address| Endpoint::from_shared(format!("http://{address}")).unwrap()),
        );
        let node: RunningNode = nodes.take("node-0");
        let mut world = World::on(node, channel);
        world.bills_a_month().await;
        world.node.stop().await.unwrap();
    });
}

#[test]
fn any_node_shows_all_nodes_and_shards() {
    run(async {
        let nodes = Nodes::start(3).await;
        nodes.settled().await;
        for name in ["node-0", "node-1", "node-2"] {
            let cluster = nodes.cluster(name).get_cluster(GetClusterRequest {}).await.unwrap().into_inner();
            let names: Vec<&str> = cluster.nodes.iter().map(|node| node.node_id.as_str()).collect();
            assert_eq!(names, ["node-0", "node-1", "node-2"]);
            let owned: Vec<u32> = cluster.nodes.iter().map(|node| node.owned_shard_count).collect();
            assert_eq!(owned.iter().sum::<u32>(), u32::from(SHARDS));
            assert!(owned.iter().all(|owned| (4..=8).contains(owned)), "{owned:?}");
            let answering = cluster.nodes.iter().filter(|node| node.is_answering);
            assert_eq!(answering.map(|node| node.node_id.as_str()).collect::<Vec<_>>(), [name]);
            assert_eq!((cluster.shard_count, cluster.ownerless_shard_count), (SHARDS.into(), 0));
        }
        let mut client = nodes.cluster("node-1");
        let first = ListShardsRequest { page_size: 10, page_token: String::new() };
        let first = client.list_shards(first).await.unwrap().into_inner();
        let rest = ListShardsRequest { page_size: 10, page_token: first.next_page_token };
        let rest = client.list_shards(rest).await.unwrap().into_inner();
        let shards = || first.shards.iter().chain(&rest.shards);
        assert_eq!(shards().map(|shard| shard.number).collect::<Vec<_>>(), (0..16).collect::<Vec<_>>());
        assert!(shards().all(|shard| shard.owner.starts_with("nodes/node-")));
    });
}

#[test]
fn a_node_is_drained_under_load_and_no_request_fails() {
    run(async {
        let nodes = Nodes::start(3).await;
        nodes.settled().await;
        let load = Load::start(&nodes.addresses());
        let drain = DrainNodeRequest { name: "nodes/node-1".to_owned(), undo: false };
        let drained = nodes.cluster("node-0").drain_node(drain.clone()).await.unwrap().into_inner();
        assert!(drained.nodes[1].is_draining);
        nodes.until("node-0", |cluster| cluster.nodes[1].owned_shard_count == 0).await;
        load.goes_on().await;
        let undo = DrainNodeRequest { undo: true, ..drain };
        nodes.cluster("node-2").drain_node(undo).await.unwrap();
        nodes.until("node-0", |cluster| cluster.nodes[1].owned_shard_count > 0).await;
        load.goes_on().await;
        load.end(&nodes.addresses()).await;
    });
}

#[test]
fn a_node_is_stopped_under_load_and_no_request_of_others_fails() {
    run(async {
        let mut nodes = Nodes::start(3).await;
        nodes.settled().await;
        let others = [nodes.address("node-0"), nodes.address("node-2")];
        let load = Load::start(&others);
        load.goes_on().await;
        nodes.take("node-1").stop().await.unwrap();
        let cluster = nodes.cluster("node-0").get_cluster(GetClusterRequest {}).await.unwrap().into_inner();
        assert_eq!(cluster.nodes.len(), 2, "it has left");
        load.goes_on().await;
        load.end(&others).await;
    });
}

#[test]
fn a_shard_moves_where_it_is_wished() {
    run(async {
        let nodes = Nodes::start(2).await;
        nodes.settled().await;
        let load = Load::start(&nodes.addresses());
        let mut client = nodes.cluster("node-0");
        for to in ["nodes/node-1", "nodes/node-0", "nodes/node-1"] {
            let wish = MoveShardRequest { name: "shards/3".to_owned(), node: to.to_owned() };
            client.move_shard(wish.clone()).await.unwrap();
            // The balance may carry it back later; it has been there.
            let mut wished = client.move_shard(wish.clone()).await;
            while !wished.as_ref().is_ok_and(|shard| shard.get_ref().owner == to) {
                wished = client.move_shard(wish.clone()).await;
                tokio::task::yield_now().await;
            }
        }
        load.goes_on().await;
        load.end(&nodes.addresses()).await;
        let mut refused = async |name: &str, node: &str| {
            let wish = MoveShardRequest { name: name.to_owned(), node: node.to_owned() };
            reason(&client.move_shard(wish).await.unwrap_err())
        };
        assert_eq!(refused("shards/16", "nodes/node-1").await, (Code::NotFound, "NOT_FOUND".to_owned()));
        assert_eq!(refused("shards/1", "nodes/node-9").await, (Code::NotFound, "NOT_FOUND".to_owned()));
        assert_eq!(refused("shards/x", "nodes/node-0").await, (Code::InvalidArgument, "INVALID".to_owned()));
        assert_eq!(refused("shards/1", "nodes/A").await, (Code::InvalidArgument, "INVALID".to_owned()));
        let drain = DrainNodeRequest { name: "nodes/node-1".to_owned(), undo: false };
        nodes.cluster("node-0").drain_node(drain).await.unwrap();
        let refusal = refused("shards/1", "nodes/node-1").await;
        assert_eq!(refusal, (Code::FailedPrecondition, "NODE_DRAINING".to_owned()));
        let wish = MoveShardRequest { name: "shards/1".to_owned(), node: "nodes/node-1".to_owned() };
        let refusal = nodes.cluster("node-0").move_shard(wish).await.unwrap_err();
        assert_eq!(refusal.message(), "node node-1 is draining and takes no shards");
    });
}

#[test]
fn a_read_may_be_content_with_the_lease() {
    run(async {
        let nodes = Nodes::start(2).await;
        nodes.settled().await;
        let load = Load::start(&nodes.addresses());
        load.goes_on().await;
        load.end(&nodes.addresses()).await;
        for node in ["node-0", "node-1"] {
            let mut accounts = AccountServiceClient::new(nodes.channel(node));
            let mut get = async |consistency: &'static str| {
                let mut get = Request::new(GetAccountRequest { name: account_name("0-0-0") });
                get.metadata_mut().insert("kvarter-consistency", consistency.parse().unwrap());
                accounts.get_account(get).await
            };
            assert_eq!(get("lease").await.unwrap().get_ref(), get("strong").await.unwrap().get_ref());
            let refused = get("none").await.unwrap_err();
            assert_eq!(reason(&refused), (Code::InvalidArgument, "INVALID".to_owned()));
        }
    });
}

/// What health says of a node.
async fn health(channel: Channel, service: &str) -> ServingStatus {
    let check = HealthCheckRequest { service: service.to_owned() };
    HealthClient::new(channel).check(check).await.unwrap().into_inner().status()
}
