//! Where the numbers are read: `GET /metrics` over HTTP, on an address of its own.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::header::{ALLOW, CONTENT_TYPE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

use super::Metrics;

const PATH: &str = "/metrics";
/// How many may read at once; others wait to be let in.
const READERS: usize = 16;
/// How long one may take to ask, and then for all it does: nobody keeps a place by doing nothing.
const ASKING: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(30);
/// How long to wait where the system gives no connection, as without file descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// A listener that answers as long as it is held.
#[derive(Debug)]
pub struct Endpoint {
    address: SocketAddr,
    _answering: JoinSet<()>,
}

impl Endpoint {
    /// Answers on this address from now on; port 0 is any that is free.
    ///
    /// # Errors
    /// What the system says where the address can't be listened on.
    pub async fn start(address: SocketAddr, metrics: Metrics) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let mut answering = JoinSet::new();
        answering.spawn(accept(listener, metrics));
        Ok(Self { address, _answering: answering })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

async fn accept(listener: TcpListener, metrics: Metrics) {
    let places = Arc::new(Semaphore::new(READERS));
    let mut readers = JoinSet::new();
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        while readers.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => drop(readers.spawn(serve(stream, metrics.clone(), place))),
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

async fn serve(stream: TcpStream, metrics: Metrics, _place: OwnedSemaphorePermit) {
    let service = service_fn(move |request| {
        let answer = answer(&metrics, &request);
        async move { Ok::<_, Infallible>(answer) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(ASKING).keep_alive(false);
    // A reader that breaks off or takes too long is its own loss.
    let _ = tokio::time::timeout(PATIENCE, http.serve_connection(TokioIo::new(stream), service)).await;
}

fn answer<B>(metrics: &Metrics, request: &Request<B>) -> Response<String> {
    let mut response = Response::new(String::new());
    if request.uri().path() != PATH {
        *response.status_mut() = StatusCode::NOT_FOUND;
        *response.body_mut() = format!("metrics are at {PATH}\n");
    } else if request.method() != Method::GET {
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        response.headers_mut().insert(ALLOW, hyper::header::HeaderValue::from_static("GET"));
    } else {
        match metrics.text() {
            Ok(text) => *response.body_mut() = text,
            Err(error) => {
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                *response.body_mut() = format!("{error}\n");
            }
        }
    }
    let kind = hyper::header::HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
