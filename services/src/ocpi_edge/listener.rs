//! The listener: connections one by one, each with bounds of its own, and an end in order.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::{HeaderMap, HeaderName};
use axum::http::{Request, Response};
use axum::response::IntoResponse as _;
use hyper::body::Incoming;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tower_service::Service as _;

use super::OcpiOptions;
use super::answer::Fault;
use super::connection::{self, Limits};
use super::request::Edge;
use super::routes;
use crate::metrics::PartnerRequests;

/// How long to wait where the system gives no connection, as without file descriptors.
const PAUSE: Duration = Duration::from_millis(100);
/// What is sent back as it came (OCPI 2.2.1, transport and format: unique message ids).
const ECHOED: [&str; 2] = ["x-request-id", "x-correlation-id"];
/// Between whom a message goes: an answer goes the other way (OCPI 2.2.1, message routing headers).
const TURNED: [(&str, &str); 4] = [
    ("ocpi-from-party-id", "ocpi-to-party-id"),
    ("ocpi-from-country-code", "ocpi-to-country-code"),
    ("ocpi-to-party-id", "ocpi-from-party-id"),
    ("ocpi-to-country-code", "ocpi-from-country-code"),
];

/// The listener of a node, as long as it is held.
#[derive(Debug)]
pub(crate) struct Listener {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    accepting: JoinSet<()>,
}

/// What every connection needs.
#[derive(Clone)]
struct Means {
    router: Router,
    requests: PartnerRequests,
    limits: Limits,
    patience: Duration,
    stopped: watch::Receiver<bool>,
}

impl Listener {
    /// Answers on this address from now on; port 0 is any that is free.
    ///
    /// # Errors
    /// What the system says where the address can't be listened on.
    pub(crate) async fn start(
        address: SocketAddr,
        edge: Edge,
        requests: PartnerRequests,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let OcpiOptions { first_request, asking, patience, connections, .. } = edge.options;
        let limits = Limits { first_request, asking };
        let means = Means { router: routes::router(Arc::new(edge)), requests, limits, patience, stopped };
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, connections, means));
        Ok(Self { address, stop, accepting })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no connection any more, and waits until what was begun is answered.
    pub(crate) async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.accepting.join_next().await.is_some() {}
    }
}

async fn accept(listener: TcpListener, connections: usize, means: Means) {
    let places = Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS)));
    let mut open = JoinSet::new();
    let mut stopped = means.stopped.clone();
    loop {
        while open.try_join_next().is_some() {}
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await.ok()?;
            Some((listener.accept().await, place))
        };
        let accepted = tokio::select! {
            accepted = next => accepted,
            _ = stopped.wait_for(|stopped| *stopped) => break,
        };
        match accepted {
            Some((Ok((stream, _)), place)) => drop(open.spawn(serve(stream, means.clone(), place))),
            Some((Err(_), _)) => tokio::time::sleep(PAUSE).await,
            None => break,
        }
    }
    drop(listener);
    while open.join_next().await.is_some() {}
}

async fn serve(stream: TcpStream, means: Means, _place: OwnedSemaphorePermit) {
    let _ = stream.set_nodelay(true);
    let stopped = means.stopped.clone();
    connection::hold(stream, means.limits, stopped, |request| answer(request, means.clone())).await;
}

/// Answers within the patience, with the headers that an answer has from its request.
async fn answer(request: Request<Incoming>, mut means: Means) -> Response<Body> {
    let headers = given_back(request.headers());
    let routed = means.router.call(request.map(Body::new));
    let mut response = match tokio::time::timeout(means.patience, routed).await {
        Ok(Ok(response)) => response,
        Ok(Err(never)) => match never {},
        Err(_) => Fault::busy("no answer was found in time; whether something was done is open: ask")
            .into_response(),
    };
    response.headers_mut().extend(headers);
    means.requests.count(response.status().as_u16());
    response
}

fn given_back(headers: &HeaderMap) -> HeaderMap {
    let mut given = HeaderMap::new();
    for (from, to) in ECHOED.map(|name| (name, name)).into_iter().chain(TURNED) {
        if let Some(value) = headers.get(from) {
            given.insert(HeaderName::from_static(to), value.clone());
        }
    }
    given
}
