//! Two ends of a way: one that asks, and one whose host does as the command says.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actors::shell::{
    BoxFuture, CallError, Caller, Class, Consistency, EntityId, KindTag, Parcel, Remedy, Reply, Request,
    Ruling, Tenant, Verdict,
};
use bytes::Bytes;
use cluster::{Clock, Incarnation, NodeName, Peer, ShardId};
use services::clock::SystemClock;
use services::links::{Exchange, Host, LinkOptions, Links, Tcp};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use super::Shared;

pub(super) const HERE: Incarnation = Incarnation::new(1);
pub(super) const THERE: Incarnation = Incarnation::new(2);

/// The end that is asked.
pub(super) struct End {
    pub(super) address: SocketAddr,
    pub(super) host: Arc<Obedient>,
    pub(super) exchange: Exchange,
    _served: JoinSet<()>,
}

/// Answers a command with itself and "done"; does what some commands say.
#[derive(Default)]
pub(super) struct Obedient {
    calls: AtomicUsize,
    nudges: AtomicUsize,
    parcels: Shared<Vec<(ShardId, Parcel)>>,
    released: Notify,
    streams: Mutex<Vec<usize>>,
}

/// A clock that is ahead.
#[derive(Debug)]
struct Ahead(SystemClock, i64);

impl End {
    pub(super) async fn start(options: LinkOptions) -> End {
        End::start_ahead(options, 0).await
    }

    pub(super) async fn start_ahead(options: LinkOptions, ahead_ms: i64) -> End {
        let incoming = TcpIncoming::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = incoming.local_addr().unwrap();
        let host = Arc::new(Obedient::default());
        let clock = Arc::new(Ahead(SystemClock::new(), ahead_ms));
        let exchange = Exchange::new(Arc::clone(&host) as Arc<dyn Host>, clock, options);
        let server = Server::builder().add_service(exchange.clone().into_server());
        let mut served = JoinSet::new();
        let counted = Arc::clone(&host);
        let incoming = tokio_stream::StreamExt::map(incoming, move |connection| {
            counted.streams.lock().unwrap().push(1);
            connection
        });
        served.spawn(async move { server.serve_with_incoming(incoming).await.unwrap() });
        End { address, host, exchange, _served: served }
    }

    pub(super) fn peer(&self) -> Peer {
        self.peer_at(self.address)
    }

    pub(super) fn peer_at(&self, address: SocketAddr) -> Peer {
        let name = NodeName::new("there").unwrap();
        Peer { incarnation: THERE, name, address: address.to_string().into() }
    }

    /// Waits until the host has seen it.
    pub(super) async fn until(&self, has_seen: impl Fn(&Obedient) -> bool) {
        while !has_seen(&self.host) {
            tokio::task::yield_now().await;
        }
    }
}

impl Obedient {
    pub(super) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    pub(super) fn nudges(&self) -> usize {
        self.nudges.load(Ordering::SeqCst)
    }

    pub(super) fn parcels(&self) -> Vec<(ShardId, Parcel)> {
        self.parcels.lock().unwrap().clone()
    }

    /// How many connections there were.
    pub(super) fn streams(&self) -> usize {
        self.streams.lock().unwrap().len()
    }

    /// Answers what is held.
    pub(super) fn release(&self) {
        self.released.notify_waiters();
    }
}

impl Host for Obedient {
    fn answer(self: Arc<Self>, request: Request) -> BoxFuture<Result<Reply, CallError>> {
        Box::pin(async move {
            let released = self.released.notified();
            self.calls.fetch_add(1, Ordering::SeqCst);
            match &*request.command {
                b"refuse" => return Err(CallError::Draining),
                b"hold" => released.await,
                _ => {}
            }
            let command = String::from_utf8(request.command.to_vec()).unwrap();
            Ok(Reply::Accepted(Bytes::from(format!("{command} done"))))
        })
    }

    fn take(&self, shard: ShardId, parcel: Parcel) {
        self.parcels.lock().unwrap().push((shard, parcel));
    }

    fn nudged(&self) {
        self.nudges.fetch_add(1, Ordering::SeqCst);
    }

    fn rule(self: Arc<Self>, ruling: Ruling) -> BoxFuture<Result<bool, CallError>> {
        Box::pin(async move { Ok(ruling.entity.key() == "parked" && &*ruling.verdict.by == "anna") })
    }
}

impl Clock for Ahead {
    fn wall_ms(&self) -> i64 {
        self.0.wall_ms() + self.1
    }

    fn monotonic_ms(&self) -> u64 {
        self.0.monotonic_ms()
    }
}

pub(super) fn options(me: Incarnation) -> LinkOptions {
    LinkOptions::new(me, Duration::from_secs(60))
}

pub(super) fn links() -> Arc<Links> {
    links_at(options(HERE))
}

pub(super) fn links_at(options: LinkOptions) -> Arc<Links> {
    Arc::new(Links::new(options, Arc::new(Tcp), Arc::new(SystemClock::new())))
}

pub(super) fn entity(key: &'static str) -> EntityId {
    EntityId::new(Tenant::parse("light").unwrap(), KindTag::new(1).unwrap(), key).unwrap()
}

/// What somebody decided about an entity.
pub(super) fn ruling(key: &'static str, remedy: Remedy) -> Ruling {
    Ruling { entity: entity(key), remedy, verdict: Verdict { by: "anna".into(), note: "".into() } }
}

/// A command for an entity of its own.
pub(super) fn request(command: &str, timeout_ms: u64) -> Request {
    let key = Bytes::from(command.as_bytes()[..command.len().min(60)].to_vec());
    Request {
        entity: EntityId::new(Tenant::parse("light").unwrap(), KindTag::new(1).unwrap(), key).unwrap(),
        command: Bytes::from(command.to_owned()),
        caller: Caller::of("test"),
        request_id: None,
        timeout: Some(Duration::from_millis(timeout_ms)),
        class: Class::Interactive,
        repeatable: true,
        consistency: Consistency::Strong,
        trace: None,
    }
}
