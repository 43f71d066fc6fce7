//! How a node talks with its peers: by letters of the simulation, or over the links that the program itself has.

use std::sync::Arc;
use std::time::Duration;

use actors::shell::{Node, Peers};
use cluster::Incarnation;
use services::links::{Exchange, LinkOptions, Links};
use tokio::task::JoinSet;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::transport::Server;

use crate::card::{Card, Incoming};
use crate::clock::MachineClock;
use crate::peers::Wires;

/// How a node talks with its peers.
#[derive(Debug)]
pub enum Carrier {
    /// By letters.
    Letters(Arc<Wires>),
    /// Over gRPC, through the card of its machine.
    Streams(Arc<Card>),
}

/// The other end of gRPC: what peers send waits here until the node serves.
#[derive(Debug)]
pub struct Reception {
    incoming: Incoming,
    options: LinkOptions,
    clock: Arc<MachineClock>,
}

/// How often a server asks a connection whether it lives, and how long it waits for the answer: as the program does.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
const KEEP_ALIVE_ANSWER: Duration = Duration::from_secs(10);

impl Carrier {
    /// The peers of a start of a node, and where it receives them if not by letters. Called on the node's runtime.
    #[must_use]
    pub fn open(
        self,
        me: Incarnation,
        lease: Duration,
        clock: &Arc<MachineClock>,
    ) -> (Arc<dyn Peers>, Option<Reception>) {
        match self {
            Carrier::Letters(wires) => (wires, None),
            Carrier::Streams(card) => {
                let (options, clock) = (LinkOptions::new(me, lease), Arc::clone(clock));
                let incoming = card.listen();
                let links = Links::new(options.clone(), card, Arc::clone(&clock) as Arc<_>);
                (Arc::new(links), Some(Reception { incoming, options, clock }))
            }
        }
    }
}

impl Reception {
    /// Serves what peers ask until the set is dropped.
    #[must_use]
    pub fn serve(self, node: &Arc<Node>) -> JoinSet<()> {
        let exchange = Exchange::new(Arc::clone(node) as Arc<_>, self.clock, self.options);
        let server = Server::builder()
            .http2_keepalive_interval(Some(KEEP_ALIVE))
            .http2_keepalive_timeout(Some(KEEP_ALIVE_ANSWER))
            .add_service(exchange.into_server());
        let incoming = UnboundedReceiverStream::new(self.incoming);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            // Without anything coming in there is nothing to serve.
            let _ = server.serve_with_incoming(incoming).await;
        });
        serving
    }
}
