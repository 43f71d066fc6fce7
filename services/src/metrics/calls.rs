//! How long the calls of a server take and how they end: `rpc.server.call.duration`, as OpenTelemetry's conventions say.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::body::{Body, Frame, SizeHint};
use hyper::http::HeaderMap;
use hyper::{Request, Response};
use opentelemetry::metrics::{Histogram, Meter};
use opentelemetry::{KeyValue, Value};
use prost::Message as _;
use prost_types::FileDescriptorSet;
use tokio::time::Instant;
use tonic::{Code, Status};
use tower_layer::Layer;
use tower_service::Service;

use super::MetricsError;

/// The bounds that the conventions name, in seconds, and two below them.
const BOUNDS_S: [f64; 16] =
    [0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
/// What a client asks for that this server does not know: names of clients never become labels.
const OTHER: &str = "_OTHER";

/// The layer that counts.
#[derive(Clone, Debug)]
pub struct Calls {
    duration: Histogram<f64>,
    methods: Arc<BTreeSet<Arc<str>>>,
}

/// A service whose calls are counted.
#[derive(Clone, Debug)]
pub struct CountedService<S> {
    service: S,
    calls: Calls,
}

/// The body of an answer, which ends the call with its trailers.
#[derive(Debug)]
pub struct CallBody<B> {
    body: B,
    call: Option<Call>,
}

/// A call under way. One that is dropped before it ended was given up by its client.
#[derive(Debug)]
struct Call {
    began: Instant,
    method: Value,
    duration: Histogram<f64>,
    code: Code,
}

impl Calls {
    pub(super) fn new(meter: &Meter) -> Result<Self, MetricsError> {
        let duration = meter.f64_histogram("rpc.server.call.duration").with_unit("s");
        let duration =
            duration.with_description("Calls by method and how they ended; a stream counts when it ends");
        let duration = duration.with_boundaries(BOUNDS_S.to_vec()).build();
        Ok(Self { duration, methods: Arc::new(methods()?) })
    }

    fn begin(&self, path: &str) -> Call {
        let method = path.strip_prefix('/').and_then(|path| self.methods.get(path));
        let method = method.map_or_else(|| Value::from(OTHER), |name| Value::from(Arc::clone(name)));
        Call { began: Instant::now(), method, duration: self.duration.clone(), code: Code::Cancelled }
    }
}

impl<S> Layer<S> for Calls {
    type Service = CountedService<S>;

    fn layer(&self, service: S) -> CountedService<S> {
        CountedService { service, calls: self.clone() }
    }
}

impl<S, A, B> Service<Request<A>> for CountedService<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    S::Future: Send + 'static,
{
    type Response = Response<CallBody<B>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let mut call = self.calls.begin(request.uri().path());
        let answering = self.service.call(request);
        Box::pin(async move {
            let response = answering.await?;
            // A call that is refused at once says so in its headers and has no body.
            let call = if call.ends_with(response.headers()) { None } else { Some(call) };
            Ok(response.map(|body| CallBody { body, call }))
        })
    }
}

impl<B: Body + Unpin> Body for CallBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(trailers) = frame.trailers_ref()
            && let Some(mut call) = self.call.take()
        {
            call.ends_with(trailers);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Call {
    /// Whether these headers or trailers say how the call ended.
    fn ends_with(&mut self, headers: &HeaderMap) -> bool {
        let status = headers.get(Status::GRPC_STATUS);
        self.code = status.map_or(self.code, |status| Code::from_bytes(status.as_bytes()));
        status.is_some()
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let labels = [
            KeyValue::new("rpc.system.name", "grpc"),
            KeyValue::new("rpc.method", self.method.clone()),
            KeyValue::new("rpc.response.status_code", name(self.code)),
        ];
        self.duration.record(self.began.elapsed().as_secs_f64(), &labels);
    }
}

/// The methods this program serves: `kvarter.admin.v1.AdminService/GetNode`.
fn methods() -> Result<BTreeSet<Arc<str>>, MetricsError> {
    let sets = [
        proto::FILE_DESCRIPTOR_SET,
        tonic_health::pb::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
    ];
    let mut methods = BTreeSet::new();
    for set in sets {
        let set = FileDescriptorSet::decode(set).map_err(|error| MetricsError(error.to_string()))?;
        for file in &set.file {
            for service in &file.service {
                let names = service
                    .method
                    .iter()
                    .map(|method| format!("{}.{}/{}", file.package(), service.name(), method.name()).into());
                methods.extend(names);
            }
        }
    }
    Ok(methods)
}

/// The name of a code as the protocol writes it.
fn name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
