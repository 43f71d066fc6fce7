//! Clients that do nothing: they keep no place from others.

use std::time::Duration;

use proto::admin::{GetNodeRequest, Node};
use proto::metering::StreamDaysRequest;
use services::node::NodeOptions;
use services::store::StoreAddress;
use tokio_stream::pending;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Code, Request, Response};
use tonic_prost::ProstCodec;

use super::supplier::TENANT;
use super::world::{World, options, reason, run};

/// A node with one place and little patience.
fn narrow() -> NodeOptions {
    NodeOptions { requests: 1, patience: Duration::from_millis(200), ..options(StoreAddress::Memory) }
}

impl World {
    /// Asks until there is a place.
    async fn is_served(&mut self) {
        while let Err(refused) = self.admin.get_node(GetNodeRequest::default()).await {
            assert_eq!(reason(&refused), (Code::ResourceExhausted, "OVERLOADED".to_owned()));
            tokio::task::yield_now().await;
        }
    }
}

#[test]
fn a_request_without_its_message_ends() {
    run(async {
        let mut world = World::with(narrow()).await;
        let mut client = Grpc::new(world.channel.clone());
        client.ready().await.unwrap();
        let path = PathAndQuery::from_static("/kvarter.admin.v1.AdminService/GetNode");
        let codec = ProstCodec::<GetNodeRequest, Node>::default();
        let nothing = Request::new(pending());
        let answer: Result<Response<Node>, _> = client.client_streaming(nothing, path, codec).await;
        assert_eq!(answer.unwrap_err().code(), Code::Cancelled);
        world.is_served().await;
    });
}

#[test]
fn a_stream_that_stands_still_ends() {
    run(async {
        let mut world = World::with(narrow()).await;
        let batch = StreamDaysRequest { parent: TENANT.to_owned(), ..Default::default() };
        let batches = tokio_stream::StreamExt::chain(tokio_stream::once(batch), pending());
        let mut answers = world.metering.stream_days(batches).await.unwrap().into_inner();
        assert!(answers.message().await.unwrap().is_some());
        let ended = answers.message().await.unwrap_err();
        assert_eq!(reason(&ended), (Code::DeadlineExceeded, "IDLE".to_owned()));
        world.is_served().await;
    });
}
