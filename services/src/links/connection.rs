//! One stream to one node, from its greeting to its end.

use std::sync::{Arc, Weak};

use actors::shell::CallError;
use cluster::Peer;
use proto::node as message;
use proto::node::node_service_client::NodeServiceClient;
use tokio::sync::{mpsc, oneshot};
use tonic::transport::Endpoint;
use tonic::{Code, Status, Streaming};

use super::lane::Lane;
use super::network::Connector;
use super::options::{LEVEL, LOWEST_LEVEL, MOST_FRAME_BYTES};
use super::outgoing::{Outgoing, Ping, Waiting};
use super::peers::Surroundings;
use super::pending::Pending;
use super::wire::answer::{self, Answer};
use super::wire::entity::write_incarnation;

/// What it takes to open a stream.
pub(super) struct Connection {
    pub(super) lane: Weak<Lane>,
    /// Which stream of its lane.
    pub(super) number: u64,
    pub(super) peer: Peer,
    pub(super) surroundings: Arc<Surroundings>,
}

impl Connection {
    /// Opens the stream, sends what comes, hands out the answers, until it breaks or is replaced. What did not leave is
    /// dropped, which tells whoever waits.
    pub(super) async fn run(self, waiting: mpsc::Receiver<Waiting>) {
        let (pending, ping) = (Arc::new(Pending::default()), Arc::new(Ping::default()));
        let (welcome, welcomed) = oneshot::channel();
        let clock = Arc::clone(&self.surroundings.clock);
        let parts = (Arc::clone(&pending), Arc::clone(&ping), clock);
        let outgoing = Outgoing::new(self.greeting(), welcomed, waiting, parts);
        let opening = tokio::time::timeout(self.surroundings.options.connect_timeout, self.open(outgoing));
        let ended = match opening.await {
            Err(_) => Err(Status::deadline_exceeded("it does not answer")),
            Ok(Err(status)) => Err(status),
            Ok(Ok(frames)) => {
                tracing::debug!(peer = %self.peer, "a stream is open");
                self.tell(|lane| lane.connected(self.number));
                let _ = welcome.send(());
                self.receive(frames, &pending, &ping).await
            }
        };
        if let Err(status) = &ended {
            self.report(status);
        }
        // First no new question may go here, then those that went learn that there is no answer.
        self.tell(|lane| lane.broke(self.number));
        pending.clear();
    }

    async fn open(&self, outgoing: Outgoing) -> Result<Streaming<message::ExchangeResponse>, Status> {
        let options = &self.surroundings.options;
        let endpoint = Endpoint::from_shared(format!("http://{}", self.peer.address))
            .map_err(|error| Status::invalid_argument(format!("its address is none: {error}")))?
            .http2_keep_alive_interval(options.keep_alive)
            .keep_alive_timeout(options.keep_alive)
            .keep_alive_while_idle(true);
        let network = Arc::clone(&self.surroundings.network);
        let connector = Connector { network, address: Arc::clone(&self.peer.address) };
        let mut client = NodeServiceClient::new(endpoint.connect_with_connector_lazy(connector))
            .max_decoding_message_size(MOST_FRAME_BYTES)
            .max_encoding_message_size(MOST_FRAME_BYTES);
        let mut frames = client.exchange(outgoing).await?.into_inner();
        let first = frames.message().await?.and_then(|frame| frame.greeting);
        let greeting = first.ok_or_else(|| Status::failed_precondition("it does not greet"))?;
        match greeting.sender == write_incarnation(self.peer.incarnation) {
            true => Ok(frames),
            false => Err(Status::not_found("it is another start of the node")),
        }
    }

    /// Hands out what comes, until there is no more.
    async fn receive(
        &self,
        mut frames: Streaming<message::ExchangeResponse>,
        pending: &Pending,
        ping: &Ping,
    ) -> Result<(), Status> {
        let age = tokio::time::sleep(self.surroundings.options.stream_age);
        tokio::pin!(age);
        let (mut is_retired, mut has_complained) = (false, false);
        loop {
            let frame = tokio::select! {
                frame = frames.message() => frame?,
                () = &mut age, if !is_retired => {
                    is_retired = true;
                    self.tell(|lane| lane.retire(self.number));
                    continue;
                }
            };
            let Some(frame) = frame else { return Ok(()) };
            for one in frame.answers {
                let read = answer::read(one.outcome).unwrap_or_else(|error| {
                    if !std::mem::replace(&mut has_complained, true) {
                        let peer = &self.peer;
                        tracing::error!(%peer, %error, "a node said what this one does not know; is it of another release?");
                    }
                    Answer::Error(CallError::OutcomeUnknown)
                });
                pending.answer(one.id, read);
            }
            if let Some(pong) = frame.pong
                && let Some(asked) = ping.take(pong.ping)
            {
                self.surroundings.offsets.learn(self.peer.incarnation, asked, pong.wall_ms);
            }
            if frame.closing && !is_retired {
                is_retired = true;
                self.tell(|lane| lane.broke(self.number));
            }
        }
    }

    fn greeting(&self) -> message::Greeting {
        message::Greeting {
            level: LEVEL,
            lowest_level: LOWEST_LEVEL,
            sender: write_incarnation(self.surroundings.options.me),
            receiver: write_incarnation(self.peer.incarnation),
        }
    }

    fn tell(&self, what: impl FnOnce(&Lane)) {
        if let Some(lane) = self.lane.upgrade() {
            what(&lane);
        }
    }

    fn report(&self, status: &Status) {
        let (peer, reason) = (&self.peer, status.message());
        match status.code() {
            // Of another release: nothing that passes by itself, and tried again every second.
            Code::FailedPrecondition => {
                if self.lane.upgrade().is_some_and(|lane| lane.is_first_complaint()) {
                    tracing::warn!(%peer, reason, "a node refuses to talk");
                }
            }
            _ => tracing::info!(%peer, reason, "a node is out of reach"),
        }
    }
}
