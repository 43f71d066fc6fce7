//! The door of a node in front of all its services. Whoever is turned away costs as little as can be: nobody looks whom it asks
//! for what, nor at its message.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body as _, Bytes};
use hyper::{Request, Response};
use tokio::time::{Sleep, sleep};
use tonic::Status;
use tonic::body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::admission::{Admission, Permit};

/// So much of a message is taken in; who sends more is cut off.
const MOST_TAKEN_BYTES: usize = 64 << 10;
/// How long a refusal waits for a message that is still under way.
const ARRIVAL: Duration = Duration::from_millis(100);

/// The services behind the door; all others are open to everybody.
#[derive(Clone)]
pub struct Guard {
    doors: Arc<[(&'static str, Admission)]>,
}

/// A server whose services are behind the door.
#[derive(Clone)]
pub struct Guarded<S> {
    service: S,
    guard: Guard,
}

/// The answer of the service, or a refusal.
pub enum Answering<F> {
    /// It was let in.
    Served(F),
    /// It was not.
    Refused(Refusal),
}

/// A refusal that takes in what is sent to it before it answers. An answer before the end of a message makes the server cut the
/// stream off, and what comes on it afterwards counts as a fault of the connection, which is closed after a thousand.
pub struct Refusal {
    body: Body,
    taken_bytes: usize,
    arrival: Option<Pin<Box<Sleep>>>,
    told: Option<Status>,
}

impl Guard {
    /// Services by their names, each with its door, and methods by theirs that have another than their service.
    #[must_use]
    pub fn new(doors: impl IntoIterator<Item = (&'static str, Admission)>) -> Self {
        Self { doors: doors.into_iter().collect() }
    }

    /// Lets a request in, with its place if it needs one.
    fn admit(&self, path: &str) -> Result<Option<Permit>, Status> {
        let method = path.strip_prefix('/').unwrap_or(path);
        let service = method.split_once('/').map_or(method, |(service, _)| service);
        let named = |wanted| self.doors.iter().find(|(name, _)| *name == wanted).map(|(_, door)| door);
        named(method).or_else(|| named(service)).map(Admission::admit).transpose()
    }
}

impl<S> Layer<S> for Guard {
    type Service = Guarded<S>;

    fn layer(&self, service: S) -> Guarded<S> {
        Guarded { service, guard: self.clone() }
    }
}

impl<S> Service<Request<Body>> for Guarded<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Future: Unpin,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Answering<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        match self.guard.admit(request.uri().path()) {
            Ok(permit) => {
                if let Some(permit) = permit {
                    request.extensions_mut().insert(permit);
                }
                Answering::Served(self.service.call(request))
            }
            Err(status) => {
                let (body, told) = (request.into_body(), Some(status));
                Answering::Refused(Refusal { body, taken_bytes: 0, arrival: None, told })
            }
        }
    }
}

impl<F, E> Future for Answering<F>
where
    F: Future<Output = Result<Response<Body>, E>> + Unpin,
{
    type Output = Result<Response<Body>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Served(answering) => Pin::new(answering).poll(context),
            Self::Refused(refusal) => Pin::new(refusal).poll(context).map(Ok),
        }
    }
}

impl Future for Refusal {
    type Output = Response<Body>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Response<Body>> {
        while !self.body.is_end_stream() {
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    let bytes = frame.data_ref().map_or(0, Bytes::len);
                    self.taken_bytes = self.taken_bytes.saturating_add(bytes);
                    if self.taken_bytes > MOST_TAKEN_BYTES {
                        break;
                    }
                }
                Poll::Ready(_) => break,
                // A client that sends nothing more for a while waits for the answer.
                Poll::Pending => {
                    let arrival = self.arrival.get_or_insert_with(|| Box::pin(sleep(ARRIVAL)));
                    match arrival.as_mut().poll(context) {
                        Poll::Ready(()) => break,
                        Poll::Pending => return Poll::Pending,
                    }
                }
            }
        }
        let told = self.told.take().unwrap_or_else(|| Status::unavailable("it was answered already"));
        Poll::Ready(told.into_http())
    }
}
