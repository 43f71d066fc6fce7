//! The other end: what peers ask of this node, and its answers.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actors::shell::{Bound, CallError};
use cluster::{Clock, Incarnation};
use proto::node as message;
use proto::node::node_service_server::{NodeService, NodeServiceServer};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio_stream::Stream;
use tonic::{Request, Response, Status, Streaming};

use super::host::Host;
use super::options::{FRAME_BYTES, FRAME_ITEMS, LEVEL, LOWEST_LEVEL, LinkOptions, MOST_FRAME_BYTES};
use super::wire::answer::{self, Answer};
use super::wire::entity::{read_incarnation, write_incarnation};
use super::wire::{Malformed, call, parcel, ruling};

/// `kvarter.node.v1.NodeService` of a node.
#[derive(Clone)]
pub struct Exchange {
    serving: Arc<Serving>,
}

struct Serving {
    host: Arc<dyn Host>,
    clock: Arc<dyn Clock>,
    options: LinkOptions,
    open: watch::Sender<bool>,
}

/// How many answers may wait for a stream before whoever has the next one waits itself.
const WAITING: usize = 1_024;
/// When to come again where a bound is reached.
const RETRY_AFTER: Duration = Duration::from_millis(100);

impl Exchange {
    /// The service of a node.
    #[must_use]
    pub fn new(host: Arc<dyn Host>, clock: Arc<dyn Clock>, options: LinkOptions) -> Self {
        Self { serving: Arc::new(Serving { host, clock, options, open: watch::Sender::new(true) }) }
    }

    /// The service as a server takes it.
    #[must_use]
    pub fn into_server(self) -> NodeServiceServer<Self> {
        NodeServiceServer::new(self)
            .max_decoding_message_size(MOST_FRAME_BYTES)
            .max_encoding_message_size(MOST_FRAME_BYTES)
    }

    /// Begins no stream any more and asks peers to end those that are open, which they do when everything on them is
    /// answered.
    pub fn close(&self) {
        self.serving.open.send_replace(false);
    }
}

#[tonic::async_trait]
impl NodeService for Exchange {
    type ExchangeStream = Frames;

    async fn exchange(
        &self,
        request: Request<Streaming<message::ExchangeRequest>>,
    ) -> Result<Response<Frames>, Status> {
        let serving = &self.serving;
        if !*serving.open.borrow() {
            return Err(Status::unavailable("the node is stopping"));
        }
        let mut frames = request.into_inner();
        let first = tokio::time::timeout(serving.options.connect_timeout, frames.message()).await;
        let first = first.map_err(|_| Status::deadline_exceeded("nobody greets"))??;
        let greeting = first.and_then(|frame| frame.greeting);
        let greeting = greeting.ok_or_else(|| Status::failed_precondition("nobody greets"))?;
        check(&greeting, serving.options.me)?;
        let (answers, waiting) = mpsc::channel(WAITING);
        let mut reader = JoinSet::new();
        let places = Arc::new(Semaphore::new(serving.options.open_calls));
        let (serving, calls) = (Arc::clone(serving), JoinSet::new());
        let reading =
            Reading { serving: Arc::clone(&serving), answers, places, calls, has_complained: false };
        reader.spawn(reading.run(frames));
        let greeting = message::Greeting {
            level: LEVEL,
            lowest_level: LOWEST_LEVEL,
            sender: write_incarnation(serving.options.me),
            receiver: greeting.sender,
        };
        Ok(Response::new(Frames { greeting: Some(greeting), waiting, _reader: reader }))
    }
}

/// Whether the sender means this start of the node and speaks a protocol that it knows.
fn check(greeting: &message::Greeting, me: Incarnation) -> Result<(), Status> {
    if greeting.lowest_level > LEVEL || greeting.level < LOWEST_LEVEL {
        let (from, to) = (greeting.lowest_level, greeting.level);
        let text = format!(
            "it speaks level {LOWEST_LEVEL} to {LEVEL} of the protocol between nodes, the other one {from} to {to}; \
             upgrade one release at a time"
        );
        tracing::warn!(from, to, "a node of another release wants to talk");
        return Err(Status::failed_precondition(text));
    }
    match read_incarnation(&greeting.receiver) {
        Ok(receiver) if receiver == me => Ok(()),
        _ => Err(Status::not_found("it is another start of the node")),
    }
}

/// What comes from one stream.
struct Reading {
    serving: Arc<Serving>,
    answers: mpsc::Sender<Outgoing>,
    places: Arc<Semaphore>,
    calls: JoinSet<()>,
    /// It was said that something on this stream can't be understood.
    has_complained: bool,
}

/// Something that goes back.
enum Outgoing {
    Answer(u64, Answer, Option<OwnedSemaphorePermit>),
    Pong(message::Pong),
    Closing,
}

impl Reading {
    /// Takes what comes until the other side ends the stream, and then sees every answer out.
    async fn run(mut self, mut frames: Streaming<message::ExchangeRequest>) {
        let mut open = self.serving.open.subscribe();
        let mut is_open = true;
        loop {
            let frame = tokio::select! {
                frame = frames.message() => frame,
                Some(_) = self.calls.join_next() => continue,
                () = closed(&mut open), if is_open => {
                    is_open = false;
                    let _ = self.answers.send(Outgoing::Closing).await;
                    continue;
                }
            };
            match frame {
                Ok(Some(frame)) => self.take(frame).await,
                Ok(None) => break,
                Err(status) => {
                    // Nothing more can be read from it: what comes next has to come on another one.
                    tracing::info!(reason = status.message(), "the stream of a node broke");
                    let _ = self.answers.send(Outgoing::Closing).await;
                    break;
                }
            }
        }
        while self.calls.join_next().await.is_some() {}
    }

    /// Takes what a frame holds. What can't be understood is dropped or answered alone, whatever stands beside it.
    async fn take(&mut self, frame: message::ExchangeRequest) {
        if frame.nudge {
            self.serving.host.nudged();
        }
        for one in frame.parcels {
            match parcel::read(one) {
                Ok((shard, parcel)) => self.serving.host.take(shard, parcel),
                // Its sender sends it again.
                Err(error) => self.complain(error),
            }
        }
        for one in frame.calls {
            let id = one.id;
            let request = call::read(one);
            let Some((request, place)) = self.begin(id, request).await else { continue };
            let (host, answers) = (Arc::clone(&self.serving.host), self.answers.clone());
            self.calls.spawn(async move {
                let answer = host.answer(request).await.map_or_else(Answer::Error, Answer::Reply);
                let _ = answers.send(Outgoing::Answer(id, answer, Some(place))).await;
            });
        }
        let unparkings = frame.unparkings.into_iter().map(|one| (one.id, ruling::read_unparking(one)));
        let diversions = frame.diversions.into_iter().map(|one| (one.id, ruling::read_diversion(one)));
        for (id, ruling) in unparkings.chain(diversions) {
            let Some((ruling, place)) = self.begin(id, ruling).await else { continue };
            let (host, answers) = (Arc::clone(&self.serving.host), self.answers.clone());
            self.calls.spawn(async move {
                let answer = host.rule(ruling).await.map_or_else(Answer::Error, Answer::Ruled);
                let _ = answers.send(Outgoing::Answer(id, answer, Some(place))).await;
            });
        }
        if frame.ping != 0 {
            let pong = message::Pong { ping: frame.ping, wall_ms: self.serving.clock.wall_ms() };
            let _ = self.answers.send(Outgoing::Pong(pong)).await;
        }
    }

    /// A question with a place for it; `None` once it is answered that it can't be understood or that there is no place.
    async fn begin<T>(
        &mut self,
        id: u64,
        question: Result<T, Malformed>,
    ) -> Option<(T, OwnedSemaphorePermit)> {
        match question {
            Ok(question) => Some((question, self.place(id).await?)),
            Err(error) => {
                self.complain(error);
                let refused = CallError::NotAdmitting { reason: error.to_string().into() };
                let _ = self.answers.send(Outgoing::Answer(id, Answer::Error(refused), None)).await;
                None
            }
        }
    }

    /// Says once for each stream that something can't be understood.
    fn complain(&mut self, error: Malformed) {
        if !std::mem::replace(&mut self.has_complained, true) {
            tracing::error!(%error, "a node said what this one does not know; is it of another release?");
        }
    }

    /// A place for a question, or the answer that there is none.
    async fn place(&self, id: u64) -> Option<OwnedSemaphorePermit> {
        match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) => Some(place),
            Err(_) => {
                let full = CallError::Overloaded { bound: Bound::Link, retry_after: RETRY_AFTER };
                let _ = self.answers.send(Outgoing::Answer(id, Answer::Error(full), None)).await;
                None
            }
        }
    }
}

/// Waits until no stream may go on.
async fn closed(open: &mut watch::Receiver<bool>) {
    let _ = open.wait_for(|open| !open).await;
}

/// What goes back on one stream. Whoever drops it, since the stream broke, ends everything that was asked on it.
pub struct Frames {
    greeting: Option<message::Greeting>,
    waiting: mpsc::Receiver<Outgoing>,
    _reader: JoinSet<()>,
}

impl Stream for Frames {
    type Item = Result<message::ExchangeResponse, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(greeting) = self.greeting.take() {
            let frame = message::ExchangeResponse { greeting: Some(greeting), ..Default::default() };
            return Poll::Ready(Some(Ok(frame)));
        }
        let mut frame = message::ExchangeResponse::default();
        let Some(first) = ready!(self.waiting.poll_recv(context)) else { return Poll::Ready(None) };
        let mut size_bytes = first.fill(&mut frame);
        for _ in 1..FRAME_ITEMS {
            if size_bytes >= FRAME_BYTES {
                break;
            }
            let Ok(next) = self.waiting.try_recv() else { break };
            size_bytes = size_bytes.saturating_add(next.fill(&mut frame));
        }
        Poll::Ready(Some(Ok(frame)))
    }
}

impl Outgoing {
    /// Goes into the frame; about how many bytes it takes there.
    fn fill(self, frame: &mut message::ExchangeResponse) -> usize {
        match self {
            Outgoing::Answer(id, answer, _place) => {
                let answer = message::Answer { id, outcome: Some(answer::write(answer)) };
                let size_bytes = prost::Message::encoded_len(&answer);
                frame.answers.push(answer);
                size_bytes
            }
            Outgoing::Pong(pong) => {
                frame.pong = Some(pong);
                0
            }
            Outgoing::Closing => {
                frame.closing = true;
                0
            }
        }
    }
}
