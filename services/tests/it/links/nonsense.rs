//! Nodes that say what nobody understands: it costs nobody else an answer, and keeps nobody busy.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actors::shell::{CallError, Peers as _, Reply};
use bytes::Bytes;
use proto::node::answer::Outcome;
use proto::node::node_service_client::NodeServiceClient;
use proto::node::node_service_server::{NodeService, NodeServiceServer};
use proto::node::{
    Answer, Call, CallClass, Caller, Entity, ExchangeRequest, ExchangeResponse, Greeting, Parcel, Unparking,
};
use services::links::LinkOptions;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt as _};
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Endpoint, Server};
use tonic::{Request, Response, Status, Streaming};

use super::ends::{End, HERE, THERE, links_at, options, request};
use crate::grpc::world::run;

fn start_of(node: cluster::Incarnation) -> Bytes {
    Bytes::copy_from_slice(&node.number().to_be_bytes())
}

fn call(id: u64) -> Call {
    let entity = Entity { tenant: "light".to_owned(), kind: 1, key: Bytes::from_static(b"K-1") };
    Call {
        id,
        entity: Some(entity),
        command: Bytes::from_static(b"1"),
        caller: Some(Caller { client: "test".to_owned(), ..Caller::default() }),
        class: CallClass::Interactive.into(),
        is_repeatable: true,
        ..Call::default()
    }
}

#[test]
fn what_can_t_be_understood_is_answered_alone() {
    run(async {
        let there = End::start(options(THERE)).await;
        let endpoint = Endpoint::from_shared(format!("http://{}", there.address)).unwrap();
        let mut client = NodeServiceClient::new(endpoint.connect().await.unwrap());
        let (frames, outgoing) = mpsc::channel(8);
        let greeting =
            Greeting { level: 1, lowest_level: 1, sender: start_of(HERE), receiver: start_of(THERE) };
        let first = ExchangeRequest { greeting: Some(greeting), ..ExchangeRequest::default() };
        frames.send(first).await.unwrap();
        let mut answers = client.exchange(ReceiverStream::new(outgoing)).await.unwrap().into_inner();
        let frame = ExchangeRequest {
            parcels: vec![Parcel { shard: 70_000, ..Parcel::default() }],
            calls: vec![Call { class: 99, ..call(1) }, Call { entity: None, ..call(2) }, call(3)],
            unparkings: vec![Unparking { id: 4, ..Unparking::default() }],
            nudge: true,
            ..ExchangeRequest::default()
        };
        frames.send(frame).await.unwrap();
        let mut outcomes = Vec::new();
        while outcomes.len() < 4 {
            outcomes.extend(answers.message().await.unwrap().unwrap().answers);
        }
        outcomes.sort_by_key(|answer| answer.id);
        let outcome = |at: usize| outcomes[at].outcome.clone().unwrap();
        assert_eq!(outcome(2), Outcome::Accepted(Bytes::from_static(b"1 done")));
        for (at, lacks) in [(0, "class"), (1, "entity"), (3, "entity")] {
            let Outcome::NotAdmitting(reason) = outcome(at) else { panic!("{:?}", outcome(at)) };
            assert!(reason.contains(lacks), "{reason}");
        }
        there.until(|host| host.nudges() == 1 && host.parcels().is_empty()).await;
        // The stream goes on.
        frames.send(ExchangeRequest { calls: vec![call(5)], ..ExchangeRequest::default() }).await.unwrap();
        while !answers.message().await.unwrap().unwrap().answers.iter().any(|answer| answer.id == 5) {}
    });
}

/// A node that greets and does no more as it should.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bad {
    /// Its answers mean nothing, but every third does.
    Answers,
    /// It ends each stream at once.
    Ends,
    /// It wants each stream to end at once.
    Closes,
}

/// Serves as such a node, and counts the streams.
struct BadNode {
    is: Bad,
    streams: Arc<AtomicUsize>,
}

type Frames = Pin<Box<dyn Stream<Item = Result<ExchangeResponse, Status>> + Send>>;

#[tonic::async_trait]
impl NodeService for BadNode {
    type ExchangeStream = Frames;

    async fn exchange(
        &self,
        request: Request<Streaming<ExchangeRequest>>,
    ) -> Result<Response<Frames>, Status> {
        self.streams.fetch_add(1, Ordering::SeqCst);
        let mut frames = request.into_inner();
        let greeting = frames.message().await?.unwrap().greeting.unwrap();
        let greeting = Greeting { sender: greeting.receiver, receiver: greeting.sender, ..greeting };
        let first = ExchangeResponse { greeting: Some(greeting), ..ExchangeResponse::default() };
        let closing = ExchangeResponse { closing: true, ..ExchangeResponse::default() };
        Ok(Response::new(match self.is {
            Bad::Ends => Box::pin(tokio_stream::iter([Ok(first)])),
            Bad::Closes => Box::pin(
                tokio_stream::iter([Ok(first), Ok(closing)])
                    .chain(frames.map(|_| Ok(ExchangeResponse::default()))),
            ),
            Bad::Answers => Box::pin(tokio_stream::iter([Ok(first)]).chain(frames.map(|frame| {
                let answer = |call: Call| Answer {
                    id: call.id,
                    outcome: call.id.is_multiple_of(3).then(|| Outcome::Accepted(call.command)),
                };
                let answers = frame?.calls.into_iter().map(answer).collect();
                Ok(ExchangeResponse { answers, ..ExchangeResponse::default() })
            }))),
        }))
    }
}

/// No question for the time comes in between.
const FAR: Duration = Duration::from_secs(3_600);

async fn bad_node(is: Bad) -> (SocketAddr, Arc<AtomicUsize>, JoinSet<()>) {
    let incoming = TcpIncoming::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let (address, streams) = (incoming.local_addr().unwrap(), Arc::<AtomicUsize>::default());
    let node = BadNode { is, streams: Arc::clone(&streams) };
    let mut served = JoinSet::new();
    let server = Server::builder().add_service(NodeServiceServer::new(node));
    served.spawn(async move { server.serve_with_incoming(incoming).await.unwrap() });
    (address, streams, served)
}

#[test]
fn an_answer_that_means_nothing_is_an_outcome_that_is_not_known() {
    run(async {
        let there = End::start(options(THERE)).await;
        let (address, streams, _served) = bad_node(Bad::Answers).await;
        let (links, peer) =
            (links_at(LinkOptions { lanes: 1, ping: FAR, ..options(HERE) }), there.peer_at(address));
        let mut counts = [0, 0];
        for _ in 0..30 {
            match links.call(&peer, request("1", 10_000)).await {
                Ok(reply) => {
                    assert_eq!(reply, Reply::Accepted(Bytes::from_static(b"1")));
                    counts[0] += 1;
                }
                Err(error) => {
                    assert_eq!(error, CallError::OutcomeUnknown);
                    counts[1] += 1;
                }
            }
        }
        assert_eq!((counts, streams.load(Ordering::SeqCst)), ([10, 20], 1));
    });
}

#[test]
fn a_node_that_lets_every_stream_go_keeps_nobody_busy() {
    run(async {
        let there = End::start(options(THERE)).await;
        for is in [Bad::Ends, Bad::Closes] {
            let (address, streams, _served) = bad_node(is).await;
            let links = links_at(LinkOptions { lanes: 1, ..options(HERE) });
            let peer = there.peer_at(address);
            // Until five were opened, however long that takes: each took longer to come.
            let mut refused = 0;
            while streams.load(Ordering::SeqCst) < 5 {
                let answer = links.call(&peer, request("1", 10)).await;
                assert!(answer.is_err(), "{answer:?}");
                refused += usize::from(answer == Err(CallError::Unreachable));
                tokio::task::yield_now().await;
            }
            assert!(refused > 50, "no pause between streams: {refused}");
        }
    });
}
