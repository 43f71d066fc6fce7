//! Start, stop and start again: what was acknowledged is there; what can't start says why.

use std::net::TcpListener;
use std::num::NonZeroU16;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use proto::account::account_service_client::AccountServiceClient;
use proto::account::{CreateAccountRequest, GetAccountRequest, ListPostingsRequest};
use proto::admin::GetNodeRequest;
use proto::invoicing::{InvoiceFormat, ListInvoicesRequest, RenderInvoiceRequest};
use proto::metering::{GetMeteringPointRequest, StreamDaysRequest};
use services::node::{NodeOptions, RunningNode, StopError};
use services::store::{Opened, StoreAddress, StoreKind};
use storage::{
    BoxFuture, Commit, CommitOutcome, Fault, Faults, MemoryStore, Read, ReadAnswer, Store, StoreError,
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Endpoint;
use tonic::{Code, Request};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use super::supplier::{HOURS, POINT, TENANT, account, account_name, chunk, point_name};
use super::world::{World, options, reason, run};

impl World {
    /// What can be seen of the customer and her bill.
    async fn seen(&mut self) -> (Vec<u8>, String) {
        let get = GetAccountRequest { name: account_name("anna") };
        let account = self.accounts.get_account(get).await.unwrap().into_inner();
        let get = GetMeteringPointRequest { name: point_name(POINT) };
        let point = self.metering.get_metering_point(get).await.unwrap().into_inner();
        let postings = ListPostingsRequest { parent: account_name("anna"), ..Default::default() };
        let postings = self.accounts.list_postings(postings).await.unwrap().into_inner();
        let list = ListInvoicesRequest { parent: account_name("anna"), ..Default::default() };
        let invoices = self.invoicing.list_invoices(list).await.unwrap().into_inner().invoices;
        let render =
            RenderInvoiceRequest { name: invoices[0].name.clone(), format: InvoiceFormat::Json.into() };
        let rendered = self.invoicing.render_invoice(render).await.unwrap().into_inner();
        (rendered.content, format!("{account:?} {point:?} {postings:?} {invoices:?}"))
    }
}

#[test]
fn what_was_acknowledged_survives_a_restart() {
    run(async {
        let directory = tempfile::tempdir().unwrap();
        let data = StoreAddress::Directory(directory.path().to_owned());
        let mut world = World::with(options(data.clone())).await;
        world.with_catalog().await;
        world.with_customer("anna", POINT).await;
        world.stream(vec![chunk(POINT, 0, HOURS)]).await;
        let previewed = world.run_to_preview("october").await;
        world.node.stop().await.unwrap();

        let mut world = World::with(options(data.clone())).await;
        let issued = world.approve(&previewed).await;
        assert_eq!(issued.preview_hash, previewed.preview_hash);
        let seen = world.seen().await;
        world.node.stop().await.unwrap();

        let mut world = World::with(options(data)).await;
        assert_eq!(world.seen().await, seen);
        world.node.stop().await.unwrap();
    });
}

#[test]
fn what_can_t_start_says_why() {
    run(async {
        let directory = tempfile::tempdir().unwrap();
        let data = StoreAddress::Directory(directory.path().to_owned());
        let first = RunningNode::start(options(data.clone())).await.unwrap();
        let locked = RunningNode::start(options(data.clone())).await.unwrap_err().to_string();
        assert!(locked.contains("in use"), "{locked}");
        let mut taken = options(StoreAddress::Memory);
        taken.listen = first.address();
        let taken = RunningNode::start(taken).await.unwrap_err().to_string();
        assert!(taken.contains("can't listen on 127.0.0.1"), "{taken}");
        first.stop().await.unwrap();

        let mut other = options(data.clone());
        other.shard_count = NonZeroU16::new(8);
        let other = RunningNode::start(other).await.unwrap_err().to_string();
        assert!(other.contains("start it without --shards or with --shards 4"), "{other}");
        let untold = NodeOptions { shard_count: None, ..options(data.clone()) };
        let mut untold = World::with(untold).await;
        let node = untold.admin.get_node(GetNodeRequest {}).await.unwrap().into_inner();
        assert_eq!((node.shard_count, node.owned_shard_count), (4, 4), "as the store has it");
        untold.node.stop().await.unwrap();
        let file = directory.path().join("file");
        std::fs::write(&file, "text").unwrap();
        let file = RunningNode::start(options(StoreAddress::Directory(file))).await.unwrap_err().to_string();
        assert!(file.contains("not a directory"), "{file}");
        // Nothing of it holds the directory or the port.
        RunningNode::start(options(data)).await.unwrap().stop().await.unwrap();
    });
}

#[test]
fn a_stopping_node_ends_its_streams_and_frees_its_port() {
    run(async {
        let mut world = World::new().await;
        let address = world.node.address();
        let mut health = HealthClient::new(world.channel.clone());
        for service in ["", "liveness", "kvarter.metering.v1.MeteringService"] {
            let check = HealthCheckRequest { service: service.to_owned() };
            let status = health.check(check).await.unwrap().into_inner().status();
            assert_eq!(status, ServingStatus::Serving, "{service}");
        }
        let (batches, stream) = tokio::sync::mpsc::channel::<StreamDaysRequest>(1);
        let mut answers = world.metering.stream_days(ReceiverStream::new(stream)).await.unwrap().into_inner();
        let batch = StreamDaysRequest {
            parent: TENANT.to_owned(),
            batch_number: 1,
            chunks: Vec::new(),
            ..Default::default()
        };
        batches.send(batch).await.unwrap();
        assert_eq!(answers.message().await.unwrap().unwrap().batch_number, 1);
        world.node.stop().await.unwrap();
        assert_eq!(answers.message().await.unwrap(), None);
        let get = GetAccountRequest { name: account_name("anna") };
        assert_eq!(world.accounts.get_account(get).await.unwrap_err().code(), Code::Unavailable);
        TcpListener::bind(address).unwrap();
    });
}

/// Where nobody else can take its place a node has no lease that tells it of its store.
#[test]
fn a_node_alone_is_ready_as_long_as_its_store_takes_commits() {
    run(async {
        let store = Arc::new(Refusing { store: MemoryStore::new(), refuses: AtomicBool::new(false) });
        let options = options(StoreAddress::Memory);
        let opened = Opened { store: store.clone(), exclusive: true, kind: StoreKind::Memory };
        let mut world = World::of(RunningNode::start_on(opened, &options).await.unwrap()).await;
        let mut health = HealthClient::new(world.channel.clone());
        let mut until = async |status: ServingStatus| {
            let check = |service: &str| HealthCheckRequest { service: service.to_owned() };
            while health.check(check("")).await.unwrap().into_inner().status() != status {
                tokio::task::yield_now().await;
            }
            let liveness = health.check(check("liveness")).await.unwrap().into_inner().status();
            assert_eq!(liveness, ServingStatus::Serving, "it is not for the store to say whether it lives");
        };
        until(ServingStatus::Serving).await;
        store.refuses.store(true, Ordering::SeqCst);
        let create = CreateAccountRequest {
            parent: TENANT.to_owned(),
            account: Some(account("anna")),
            ..Default::default()
        };
        let mut late = Request::new(create);
        late.set_timeout(Duration::from_millis(300));
        let unknown = world.accounts.create_account(late).await.unwrap_err();
        assert_eq!(reason(&unknown), (Code::Aborted, "OUTCOME_UNKNOWN".to_owned()));
        until(ServingStatus::NotServing).await;
        store.refuses.store(false, Ordering::SeqCst);
        until(ServingStatus::Serving).await;
        let get = GetAccountRequest { name: account_name("anna") };
        world.accounts.get_account(get).await.unwrap();
        world.node.stop().await.unwrap();
    });
}

/// A store that refuses every commit while it is told to.
#[derive(Debug)]
struct Refusing {
    store: MemoryStore,
    refuses: AtomicBool,
}

impl Store for Refusing {
    fn read(&self, reads: Vec<Read>) -> BoxFuture<'_, Result<Vec<ReadAnswer>, StoreError>> {
        self.store.read(reads)
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<CommitOutcome, StoreError>> {
        if self.refuses.load(Ordering::SeqCst) {
            let full = StoreError::Unavailable { reason: "no space left".to_owned() };
            return Box::pin(async { Err(full) });
        }
        self.store.commit(commit)
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.store.close()
    }
}

#[test]
fn a_node_whose_store_stands_still_stops_all_the_same() {
    run(async {
        let store = Arc::new(MemoryStore::with_faults(Faults::none()));
        let options = NodeOptions { grace: Duration::from_millis(100), ..options(StoreAddress::Memory) };
        let opened = Opened { store: store.clone(), exclusive: true, kind: StoreKind::Memory };
        let node = RunningNode::start_on(opened, &options).await.unwrap();
        let endpoint = Endpoint::from_shared(format!("http://{}", node.address())).unwrap();
        let mut accounts = AccountServiceClient::new(endpoint.connect().await.unwrap());
        // More than the back-off allows within the test.
        let next = store.faults().commits() + 1;
        (next..next + 100_000).for_each(|number| store.faults().at(number, Fault::Unavailable));
        let create = CreateAccountRequest {
            parent: TENANT.to_owned(),
            account: Some(account("anna")),
            ..Default::default()
        };
        let mut create = Request::new(create);
        create.set_timeout(Duration::from_millis(300));
        let unknown = accounts.create_account(create).await.unwrap_err();
        assert_eq!(reason(&unknown), (Code::Aborted, "OUTCOME_UNKNOWN".to_owned()));
        assert!(matches!(node.stop().await, Err(StopError::Unfinished(_))));
    });
}

#[test]
fn the_protocol_can_be_asked_for() {
    run(async {
        let world = World::new().await;
        let ask = MessageRequest::ListServices(String::new());
        let ask = ServerReflectionRequest { host: String::new(), message_request: Some(ask) };
        let answers = ServerReflectionClient::new(world.channel.clone())
            .server_reflection_info(tokio_stream::iter([ask]))
            .await;
        let answer = answers.unwrap().into_inner().message().await.unwrap().unwrap();
        let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
            panic!("no list of services in {answer:?}")
        };
        let names: Vec<&str> = list.service.iter().map(|service| service.name.as_str()).collect();
        for service in
            ["account.v1.Account", "admin.v1.Admin", "catalog.v1.Catalog", "invoicing.v1.Invoicing"]
        {
            let name = format!("kvarter.{service}Service");
            assert!(names.contains(&name.as_str()), "{name} in {names:?}");
        }
    });
}
