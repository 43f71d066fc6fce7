//! A node of one test and the clients of its services.

use std::future::Future;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::time::Duration;

use proto::account::account_service_client::AccountServiceClient;
use proto::admin::admin_service_client::AdminServiceClient;
use proto::catalog::catalog_service_client::CatalogServiceClient;
use proto::invoicing::invoicing_service_client::InvoicingServiceClient;
use proto::metering::metering_service_client::MeteringServiceClient;
use services::node::{NodeOptions, RunningNode};
use services::store::StoreAddress;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tonic_types::StatusExt;
use uuid::Uuid;

/// A running node with clients of each of its services.
pub(crate) struct World {
    pub(crate) node: RunningNode,
    pub(crate) channel: Channel,
    pub(crate) metering: MeteringServiceClient<Channel>,
    pub(crate) accounts: AccountServiceClient<Channel>,
    pub(crate) catalog: CatalogServiceClient<Channel>,
    pub(crate) invoicing: InvoicingServiceClient<Channel>,
    pub(crate) admin: AdminServiceClient<Channel>,
}

/// Four shards and any free port.
pub(crate) fn options(store: StoreAddress) -> NodeOptions {
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    NodeOptions { shard_count: NonZeroU16::new(4), ..NodeOptions::new(store, listen) }
}

impl World {
    pub(crate) async fn new() -> World {
        World::with(options(StoreAddress::Memory)).await
    }

    pub(crate) async fn with(options: NodeOptions) -> World {
        World::of(RunningNode::start(options).await.unwrap()).await
    }

    pub(crate) async fn of(node: RunningNode) -> World {
        let endpoint = Endpoint::from_shared(format!("http://{}", node.address())).unwrap();
        World::on(node, endpoint.connect().await.unwrap())
    }

    /// A node, and clients that ask through a channel.
    pub(crate) fn on(node: RunningNode, channel: Channel) -> World {
        let most = 16 << 20;
        World {
            node,
            metering: MeteringServiceClient::new(channel.clone()).max_decoding_message_size(most),
            accounts: AccountServiceClient::new(channel.clone()),
            catalog: CatalogServiceClient::new(channel.clone()),
            invoicing: InvoicingServiceClient::new(channel.clone()),
            admin: AdminServiceClient::new(channel.clone()),
            channel,
        }
    }
}

/// Runs a test on a runtime like a node's, with a bound on how long it may hang.
pub(crate) fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let bounded = async { tokio::time::timeout(Duration::from_secs(120), test).await };
    runtime.block_on(bounded).expect("the test hangs");
}

/// A fresh request id.
pub(crate) fn request_id() -> String {
    Uuid::now_v7().to_string()
}

/// Code and reason of a refusal.
pub(crate) fn reason(status: &Status) -> (Code, String) {
    let info = status.get_details_error_info().unwrap_or_else(|| panic!("no reason in {status:?}"));
    assert_eq!(info.domain, services::grpc::DOMAIN);
    (status.code(), info.reason)
}

/// A fact of a refusal.
pub(crate) fn fact(status: &Status, name: &str) -> String {
    let info = status.get_details_error_info().unwrap();
    info.metadata.get(name).cloned().unwrap_or_else(|| panic!("no {name} in {info:?}"))
}

/// The field that a refusal names.
pub(crate) fn field(status: &Status) -> String {
    let request = status.get_details_bad_request().unwrap_or_else(|| panic!("no field in {status:?}"));
    request.field_violations.first().unwrap().field.clone()
}
