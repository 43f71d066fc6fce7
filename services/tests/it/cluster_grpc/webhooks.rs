//! A webhook goes on wherever it runs: on a node that took over from one that left in order, and from one that was killed.

use proto::charging::charging_service_client::ChargingServiceClient;
use proto::events::webhook_service_client::WebhookServiceClient;

use super::nodes::Nodes;
use crate::grpc::supplier::TENANT;
use crate::grpc::world::{World, run};
use crate::webhooks::receiver::{Manner, Receiver};
use crate::webhooks::{firsts, id, ids, swift, top_up, wanted};

/// Which nodes go, one after another; the third stays.
fn check(goes: &[(&str, Going)]) {
    run(async {
        let mut nodes = Nodes::start_with(3, |options| options.webhooks = swift()).await;
        nodes.settled().await;
        let mut receiver = Receiver::start(Manner::Answer(200)).await;
        let stays = nodes.channel("node-2");
        let mut webhooks = WebhookServiceClient::new(stays.clone());
        let mut charging = ChargingServiceClient::new(stays.clone());
        let mut world = World::on(nodes.take("node-2"), stays);
        world.open(TENANT, "anna").await;
        webhooks.set_webhook(wanted(&receiver.url)).await.unwrap();
        let (mut happened, mut received) = (0, Vec::new());
        for (name, going) in goes {
            for _ in 0..5 {
                happened += 1;
                top_up(&mut charging, happened).await;
            }
            // It goes in the midst of them.
            received.extend(receiver.until(&id(happened - 3)).await);
            match going {
                Going::Leaves => nodes.take(name).stop().await.unwrap(),
                Going::IsKilled => nodes.kill(name),
            }
        }
        received.extend(receiver.until(&id(happened)).await);
        assert_eq!(firsts(&received), ids(1..=happened));
        world.node.stop().await.unwrap();
    });
}

#[derive(Clone, Copy)]
enum Going {
    Leaves,
    IsKilled,
}

#[test]
fn a_webhook_goes_on_where_its_node_left() {
    check(&[("node-0", Going::Leaves), ("node-1", Going::Leaves)]);
}

#[test]
fn a_webhook_goes_on_where_its_node_was_killed() {
    check(&[("node-0", Going::IsKilled), ("node-1", Going::IsKilled)]);
}
