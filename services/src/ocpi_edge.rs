//! The edge to partners in roaming: OCPI 2.2.1 over HTTP, on a listener of its own, and records of OICP 2.3 beside it.
//!
//! Nothing is decided here. Whoever calls is recognised by a token whose digest an entity has
//! (`domain::entity::partners`); what it tells becomes an object (`domain::entity::roaming_object`) or a record in the
//! book of its party; what it asks for is read from there. What is wrong is told by a status of HTTP, a status of OCPI and
//! words that a person can act on. Encryption is left to a proxy in front of the node, as that of webhooks is.

mod answer;
mod authorize;
mod body;
mod bucket;
mod calling;
mod cdrs;
mod charging_points;
mod connection;
mod credentials;
mod door;
mod fetch;
mod finder;
mod intake;
mod list;
mod listener;
mod merge;
mod object;
mod objects;
mod oicp;
mod request;
mod routes;
mod sender;
mod sheets;
mod sold;
mod text;
mod versions;
mod waiting;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actors::shell::Node;
use tokio::sync::Semaphore;

use crate::gateway::Gateway;
use crate::metrics::PartnerRequests;
use finder::Fetching;
use intake::Intake;
use listener::Listener;
use request::Edge;
use waiting::Waiting;

pub(crate) use answer::{Code, Fault};
pub(crate) use calling::{Caller, connect, unregister};
pub(crate) use credentials::Credentials;
pub(crate) use door::Door;
pub(crate) use fetch::Fetcher;
pub(crate) use object::{Published, publish};
pub(crate) use sender::Sender;
pub(crate) use text::{fresh_token, url_fault};

/// How the edge works.
#[derive(Clone, Debug)]
pub struct OcpiOptions {
    /// How many connections it holds at once; others wait to be let in.
    pub connections: usize,
    /// How many requests it serves at once, over all connections.
    pub requests: usize,
    /// How many bodies of one partner it waits for at once.
    pub bodies: usize,
    /// How long a body may take to come whole.
    pub sending: Duration,
    /// The largest body it reads, in bytes.
    pub most_body_bytes: usize,
    /// How long it may be until the first request has come on a connection, its head whole. Nobody has shown a token
    /// before, and there are only so many connections.
    pub first_request: Duration,
    /// How long a caller may take to ask, and how long a connection may be idle.
    pub asking: Duration,
    /// How long a request may take.
    pub patience: Duration,
    /// For how long it is taken for granted who the partners are, before they are asked for again.
    pub recognised: Duration,
    /// How long it is until partners are asked again for what has changed; zero: never by itself.
    pub fetch_every: Duration,
    /// How many pages one fetch follows.
    pub most_pages: usize,
    /// The largest answer of a partner that is read, in bytes.
    pub most_answer_bytes: usize,
}

/// What exchanging documents with partners takes; the parts that others use as well.
#[derive(Clone)]
pub(crate) struct Exchange {
    /// Who the partners are.
    pub(crate) door: Door,
    /// Asks partners for what has changed.
    pub(crate) fetcher: Fetcher,
}

/// The edge of a node, as long as it is held.
#[derive(Debug)]
pub(crate) struct OcpiEdge {
    listener: Option<Listener>,
    fetching: Fetching,
}

impl Exchange {
    /// On the entities that this gateway reaches.
    pub(crate) fn new(gateway: Gateway, options: &OcpiOptions) -> Self {
        let caller = Caller { patience: options.patience, most_bytes: options.most_answer_bytes };
        Self {
            door: Door::new(gateway.clone(), options.recognised),
            fetcher: Fetcher {
                intake: Intake::new(gateway.clone()),
                gateway,
                caller,
                options: options.clone(),
            },
        }
    }
}

impl OcpiEdge {
    /// Begins to ask partners, and listens where it is said.
    ///
    /// # Errors
    /// What the system says where the address can't be listened on.
    pub(crate) async fn start(
        (node, exchange): (Arc<Node>, &Exchange),
        listen: Option<SocketAddr>,
        requests: PartnerRequests,
        seed: u64,
    ) -> io::Result<Self> {
        let Exchange { door, fetcher } = exchange.clone();
        let listener = match listen {
            Some(address) => {
                let places = fetcher.options.requests.min(Semaphore::MAX_PERMITS);
                let edge = Edge {
                    gateway: fetcher.gateway.clone(),
                    node,
                    door,
                    intake: fetcher.intake.clone(),
                    caller: fetcher.caller.clone(),
                    options: fetcher.options.clone(),
                    places: Arc::new(Semaphore::new(places)),
                    waiting: Waiting::default(),
                };
                Some(Listener::start(address, edge, requests).await?)
            }
            None => None,
        };
        Ok(Self { listener, fetching: Fetching::start(fetcher, seed) })
    }

    /// Where it listens, if anywhere.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.listener.as_ref().map(Listener::address)
    }

    /// Lets nobody in any more, answers what was begun, asks nobody any more.
    pub(crate) async fn stop(self) {
        self.fetching.stop().await;
        if let Some(listener) = self.listener {
            listener.stop().await;
        }
    }
}

impl Default for OcpiOptions {
    fn default() -> Self {
        Self {
            connections: 1_024,
            requests: 1_024,
            bodies: 256,
            sending: Duration::from_secs(10),
            most_body_bytes: 1 << 20,
            first_request: Duration::from_secs(5),
            asking: Duration::from_secs(60),
            patience: Duration::from_secs(30),
            recognised: Duration::from_secs(1),
            fetch_every: Duration::from_secs(60 * 60),
            most_pages: 100,
            most_answer_bytes: 8 << 20,
        }
    }
}
