//! What a client says when its server is away, is another, or does not answer.

use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use proto::storage::storage_service_server::{StorageService, StorageServiceServer};
use proto::storage::{
    CommitRequest, CommitResponse, DescribeRequest, DescribeResponse, ReadRequest, ReadResponse,
};
use services::store::{ConnectError, RemoteOptions, RemoteStore, StoreAddress, open};
use storage::{
    Commit, CommitOutcome, MAX_COMMIT_BYTES, MAX_KEY_BYTES, MAX_VALUE_BYTES, MemoryStore, Store, StoreError,
    StoreExt,
};
use tokio_stream::Stream;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Code, Request, Response, Status};

use super::served::{authority, connect, serve, serve_at};
use crate::grpc::world::{World, options, run};

/// A server that says what it is told to say, and never more.
#[derive(Clone, Debug)]
struct Script {
    described: DescribeResponse,
    /// What a commit and a read are refused with; `None` answers nothing at all.
    refusal: Option<Code>,
}

type Parts = Pin<Box<dyn Stream<Item = Result<ReadResponse, Status>> + Send>>;

#[tonic::async_trait]
impl StorageService for Script {
    async fn describe(&self, _: Request<DescribeRequest>) -> Result<Response<DescribeResponse>, Status> {
        Ok(Response::new(self.described.clone()))
    }

    type ReadStream = Parts;

    async fn read(&self, _: Request<ReadRequest>) -> Result<Response<Parts>, Status> {
        self.refuse().await
    }

    async fn commit(&self, _: Request<CommitRequest>) -> Result<Response<CommitResponse>, Status> {
        self.refuse().await
    }
}

impl Script {
    fn new(refusal: Option<Code>) -> Self {
        let described = DescribeResponse {
            form: 1,
            version: "9.9".to_owned(),
            kind: "memory".to_owned(),
            most_key_bytes: u32::try_from(MAX_KEY_BYTES).unwrap(),
            most_value_bytes: u32::try_from(MAX_VALUE_BYTES).unwrap(),
            most_commit_bytes: u32::try_from(MAX_COMMIT_BYTES).unwrap(),
        };
        Self { described, refusal }
    }

    async fn refuse<T>(&self) -> Result<Response<T>, Status> {
        match self.refusal {
            Some(code) => Err(Status::new(code, "as told")),
            None => std::future::pending().await,
        }
    }

    /// Serves as long as the runtime lives.
    fn start(self) -> SocketAddr {
        let incoming = TcpIncoming::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let address = incoming.local_addr().unwrap();
        let service = StorageServiceServer::new(self);
        tokio::spawn(Server::builder().add_service(service).serve_with_incoming(incoming));
        address
    }
}

async fn impatient(address: SocketAddr) -> Result<RemoteStore, ConnectError> {
    let options = RemoteOptions { patience: Duration::from_millis(200), ..RemoteOptions::default() };
    RemoteStore::connect(authority(address), options).await
}

fn some_commit() -> Commit {
    Commit::new().expect_absent("head").put("head", "1")
}

#[test]
fn only_what_was_surely_not_done_is_an_error() {
    run(async {
        let cases = [
            (Some(Code::ResourceExhausted), None),
            (Some(Code::OutOfRange), None),
            (Some(Code::InvalidArgument), None),
            (Some(Code::Unavailable), Some(CommitOutcome::Unknown)),
            (Some(Code::Internal), Some(CommitOutcome::Unknown)),
            (Some(Code::Cancelled), Some(CommitOutcome::Unknown)),
            (None, Some(CommitOutcome::Unknown)),
        ];
        for (refusal, expected) in cases {
            let store = impatient(Script::new(refusal).start()).await.unwrap();
            match (store.commit(some_commit()).await, expected) {
                (Ok(outcome), Some(expected)) => assert_eq!(outcome, expected, "{refusal:?}"),
                (Err(StoreError::Unavailable { .. }), None) => {}
                (outcome, _) => panic!("{refusal:?}: {outcome:?}"),
            }
            let read = store.get("head".into()).await;
            assert!(matches!(read, Err(StoreError::Unavailable { .. })), "{refusal:?}: {read:?}");
        }
    });
}

#[test]
fn a_server_that_is_another_is_refused_at_once() {
    run(async {
        let form = |form| {
            let script = Script::new(None);
            Script { described: DescribeResponse { form, ..script.described.clone() }, ..script }
        };
        let told = impatient(form(2).start()).await.unwrap_err();
        assert!(matches!(told, ConnectError::Version { .. }), "{told}");
        assert!(told.to_string().contains("version 9.9"), "{told}");
        let world = World::with(options(StoreAddress::Memory)).await;
        let told = impatient(world.node.address()).await.unwrap_err();
        assert!(matches!(told, ConnectError::Other { .. }), "{told}");
        world.node.stop().await.unwrap();
    });
}

#[test]
fn nobody_there_is_said_so() {
    run(async {
        let server = serve(Arc::new(MemoryStore::new())).await;
        let address: StoreAddress = format!("grpc://{}", server.address()).parse().unwrap();
        server.stop().await.unwrap();
        let told = open(&address).await.unwrap_err().to_string();
        assert!(told.contains("no store server answers") && told.contains("kvarter store"), "{told}");
    });
}

#[test]
fn a_server_that_comes_back_is_found_again() {
    run(async {
        let rows: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let server = serve(Arc::clone(&rows)).await;
        let address = server.address();
        let store = connect(address).await;
        assert_eq!(store.commit(some_commit()).await, Ok(CommitOutcome::Committed));
        server.stop().await.unwrap();
        let away = store.commit(some_commit()).await;
        assert!(matches!(away, Ok(CommitOutcome::Unknown) | Err(StoreError::Unavailable { .. })), "{away:?}");
        // With no connection left it is known that nothing is sent.
        while store.commit(some_commit()).await == Ok(CommitOutcome::Unknown) {}
        let away = store.commit(some_commit()).await;
        assert!(matches!(away, Err(StoreError::Unavailable { .. })), "{away:?}");
        let server = serve_at(rows, address).await;
        assert_eq!(store.get("head".into()).await, Ok(Some("1".into())));
        let conflict = CommitOutcome::Conflict { key: "head".into() };
        assert_eq!(store.commit(some_commit()).await, Ok(conflict));
        store.close().await.unwrap();
        server.stop().await.unwrap();
    });
}
