//! One request over HTTP, and what became of it. What a receiver says is read to a small bound; nothing it says is followed.

use std::time::Duration;

use domain::entity::webhooks::{AttemptFailure, GONE};
use domain::webhook::WebhookUrl;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderValue, RETRY_AFTER, USER_AGENT};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// The largest head of an answer in bytes.
const MOST_HEAD_BYTES: usize = 32 << 10;
/// How much of an answer's body is read, and for how long, so that the connection can be used again.
const MOST_BODY_BYTES: usize = 16 << 10;
const READING: Duration = Duration::from_millis(500);
const PROGRAM: &str = concat!("kvarter/", env!("CARGO_PKG_VERSION"));

/// What is sent: the same at every attempt but for its time and signatures.
pub(super) struct Message {
    /// By what the receiver knows a repeat.
    pub(super) id: String,
    /// The event.
    pub(super) body: Bytes,
}

/// Why an attempt failed, and after how long the receiver asks for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failed {
    pub(super) failure: AttemptFailure,
    pub(super) retry_after: Option<Duration>,
}

/// The way to a receiver: one connection, kept as long as it is of use.
#[derive(Default)]
pub(super) struct Line {
    open: Option<Open>,
}

struct Open {
    authority: String,
    sender: SendRequest<Full<Bytes>>,
    /// Carries what is sent and received as long as it is held.
    _carrying: JoinSet<()>,
}

impl Line {
    /// Sends a message once, and answers within the patience.
    pub(super) async fn post(
        &mut self,
        url: &WebhookUrl,
        message: &Message,
        (seconds, signatures): (i64, &str),
        patience: Duration,
    ) -> Result<(), Failed> {
        let unreachable = Failed { failure: AttemptFailure::Unreachable, retry_after: None };
        let request = request(url, message, seconds, signatures).ok_or(unreachable)?;
        match timeout(patience, self.answer(url, request)).await {
            Ok(Ok(response)) => {
                let outcome = outcome(&response);
                self.read_out(response).await;
                outcome
            }
            Ok(Err(_)) => Err(unreachable),
            Err(_) => Err(Failed { failure: AttemptFailure::TimedOut, retry_after: None }),
        }
    }

    /// Lets the connection go: a receiver closes one that is idle anyway.
    pub(super) fn hang_up(&mut self) {
        self.open = None;
    }

    /// The answer to a request. A connection that was used before may have been closed by now: what can't be sent on it is
    /// sent on a new one.
    async fn answer(
        &mut self,
        url: &WebhookUrl,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, Unreachable> {
        if let Some(mut open) = self.open.take().filter(|open| open.authority == url.authority())
            && open.sender.ready().await.is_ok()
            && let Ok(response) = open.sender.send_request(request.clone()).await
        {
            self.open = Some(open);
            return Ok(response);
        }
        let mut open = Open::connect(url).await?;
        let response = open.sender.send_request(request).await.map_err(|_| Unreachable)?;
        self.open = Some(open);
        Ok(response)
    }

    /// Reads what is left, so that the connection can be used again; lets it go where that is much or takes long.
    async fn read_out(&mut self, response: Response<Incoming>) {
        let mut body = response.into_body();
        let mut left = MOST_BODY_BYTES;
        let reading = async {
            while let Some(frame) = body.frame().await {
                let bytes = frame.ok()?.data_ref().map_or(0, Bytes::len);
                left = left.checked_sub(bytes)?;
            }
            Some(())
        };
        if !matches!(timeout(READING, reading).await, Ok(Some(()))) {
            self.open = None;
        }
    }
}

/// The receiver can't be reached, or broke off.
struct Unreachable;

impl Open {
    async fn connect(url: &WebhookUrl) -> Result<Self, Unreachable> {
        let stream = TcpStream::connect((url.host(), url.port())).await.map_err(|_| Unreachable)?;
        let _ = stream.set_nodelay(true);
        let mut http = Builder::new();
        http.max_buf_size(MOST_HEAD_BYTES);
        let (sender, connection) = http.handshake(TokioIo::new(stream)).await.map_err(|_| Unreachable)?;
        let mut carrying = JoinSet::new();
        // How it ends is told to whoever waits for the answer.
        carrying.spawn(async move { drop(connection.await) });
        Ok(Self { authority: url.authority().to_owned(), sender, _carrying: carrying })
    }
}

fn request(
    url: &WebhookUrl,
    message: &Message,
    seconds: i64,
    signatures: &str,
) -> Option<Request<Full<Bytes>>> {
    let mut request = Request::new(Full::new(message.body.clone()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = url.target().parse().ok()?;
    let headers = request.headers_mut();
    headers.insert(HOST, url.authority().parse().ok()?);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(USER_AGENT, HeaderValue::from_static(PROGRAM));
    headers.insert("webhook-id", message.id.parse().ok()?);
    headers.insert("webhook-timestamp", HeaderValue::from(seconds));
    headers.insert("webhook-signature", signatures.parse().ok()?);
    Some(request)
}

fn outcome<B>(response: &Response<B>) -> Result<(), Failed> {
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    let retry_after = if status.as_u16() == GONE { None } else { retry_after(response.headers()) };
    Err(Failed { failure: AttemptFailure::Answered(status.as_u16()), retry_after })
}

/// `Retry-After` in seconds; a date is not read.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok().map(Duration::from_secs)
}
