//! A receiver of events: an HTTP server on this host that does with each request what the test says.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use http_body_util::{BodyExt as _, Either, Full};
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::header::{HeaderMap, LOCATION, RETRY_AFTER};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// What a receiver does with requests from now on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Manner {
    /// Answers with this status.
    Answer(u16),
    /// Answers that the way leads elsewhere: to `/elsewhere` of the same receiver.
    Redirect,
    /// Answers that it is busy for a day.
    Busy,
    /// Takes it, and says so without end.
    Chatter,
    /// Reads it and never answers.
    Silence,
    /// Breaks the connection off.
    BreakOff,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A server that runs as long as it is held.
pub(crate) struct Receiver {
    pub(crate) url: String,
    manner: Arc<Mutex<Manner>>,
    received: mpsc::UnboundedReceiver<Received>,
    _serving: JoinSet<()>,
}

/// A body that never ends.
struct Endless;

impl Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[b'x'; 4_096])))))
    }
}

impl Receiver {
    pub(crate) async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?of=kvarter", listener.local_addr().unwrap());
        let manner = Arc::new(Mutex::new(manner));
        let (told, received) = mpsc::unbounded_channel();
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, Arc::clone(&manner), told));
        Self { url, manner, received, _serving: serving }
    }

    /// What it does from now on.
    pub(crate) fn turn(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    /// The next request.
    pub(crate) async fn next(&mut self) -> Received {
        self.received.recv().await.unwrap()
    }

    /// Requests with these ids, of which each may come several times, and none that is not among them; until the last came.
    pub(crate) async fn until(&mut self, last: &str) -> Vec<Received> {
        let mut all = Vec::new();
        loop {
            let next = self.next().await;
            let is_last = next.id() == last;
            all.push(next);
            if is_last {
                return all;
            }
        }
    }
}

impl Received {
    pub(crate) fn id(&self) -> &str {
        self.header("webhook-id")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

async fn serve(listener: TcpListener, manner: Arc<Mutex<Manner>>, told: mpsc::UnboundedSender<Received>) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (manner, told) = (Arc::clone(&manner), told.clone());
        connections.spawn(async move {
            let service = service_fn(move |request| answer(request, Arc::clone(&manner), told.clone()));
            drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
        });
    }
}

/// Nobody answers: the connection is broken off.
#[derive(Debug, thiserror::Error)]
#[error("nothing is answered")]
struct Nothing;

async fn answer(
    request: Request<Incoming>,
    manner: Arc<Mutex<Manner>>,
    told: mpsc::UnboundedSender<Received>,
) -> Result<Response<Either<Full<Bytes>, Endless>>, Nothing> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    // What it does is settled before the test hears of the request.
    let manner = *manner.lock().unwrap();
    let path = head.uri.path_and_query().unwrap().to_string();
    drop(told.send(Received { path, headers: head.headers, body }));
    let mut response = Response::new(Either::Left(Full::default()));
    match manner {
        Manner::Answer(status) => *response.status_mut() = status.try_into().unwrap(),
        Manner::Redirect => {
            *response.status_mut() = 307.try_into().unwrap();
            response.headers_mut().insert(LOCATION, "/elsewhere".parse().unwrap());
        }
        Manner::Busy => {
            *response.status_mut() = 503.try_into().unwrap();
            response.headers_mut().insert(RETRY_AFTER, "86400".parse().unwrap());
        }
        Manner::Chatter => *response.body_mut() = Either::Right(Endless),
        Manner::Silence => std::future::pending().await,
        Manner::BreakOff => return Err(Nothing),
    }
    Ok(response)
}
