//! What a partner is told: the envelope of OCPI (2.2.1, transport and format), and what went wrong.

use actors::shell::CallError;
use axum::body::Body;
use axum::http::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use cluster::Clock as _;
use domain::instant::Instant;
use proto::store::{Rejection, RejectionKind};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::clock::SystemClock;
use crate::gateway::Failure;

/// Success (OCPI 2.2.1, status codes).
const SUCCESS: u16 = 1000;
/// After how many seconds to come again where the node is busy.
const BUSY_S: u64 = 1;

/// The status codes of OCPI 2.2.1 that are used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// The client did something wrong.
    Client = 2000,
    /// A parameter is missing or can't be.
    Parameters = 2001,
    /// There is too little to decide by.
    NotEnough = 2002,
    /// A location is not known.
    UnknownLocation = 2003,
    /// A token is not known.
    UnknownToken = 2004,
    /// The server could not do it.
    Server = 3000,
    /// The other party could not be called.
    Unreachable = 3001,
    /// A version that is not spoken.
    Version = 3002,
    /// An endpoint that is needed is missing.
    Endpoints = 3003,
}

/// A success.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    status: StatusCode,
    data: Option<String>,
    text: Option<String>,
    headers: HeaderMap,
}

/// What went wrong, as it is told.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) status: StatusCode,
    pub(crate) code: Code,
    pub(crate) text: String,
    retry_after_s: Option<u64>,
    /// What is allowed instead, where a method is not.
    allow: Option<&'static str>,
    closes: bool,
}

/// The envelope.
#[derive(Serialize)]
struct Envelope<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a RawValue>,
    status_code: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_message: Option<&'a str>,
    timestamp: String,
}

impl Answer {
    /// Done, with nothing to say.
    pub(crate) fn done() -> Self {
        Self::default()
    }

    /// Made anew, with nothing to say.
    pub(crate) fn created() -> Self {
        Self { status: StatusCode::CREATED, ..Self::default() }
    }

    /// JSON as it is.
    pub(crate) fn json(data: String) -> Self {
        Self { data: Some(data), ..Self::default() }
    }

    /// A value as JSON.
    pub(crate) fn value(data: &impl Serialize) -> Result<Self, Fault> {
        let data = serde_json::to_string(data).map_err(|error| Fault::defect(&error.to_string()))?;
        Ok(Self::json(data))
    }

    /// The same with words of its own.
    pub(crate) fn saying(mut self, text: String) -> Self {
        self.text = Some(text);
        self
    }

    /// The same with a header; one that can't be is left out.
    pub(crate) fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.append(name, value);
        }
        self
    }
}

impl Fault {
    /// A fault of the content: the request was understood, and is answered as such.
    pub(crate) fn of(code: Code, text: impl Into<String>) -> Self {
        Self::with_status(StatusCode::OK, code, text)
    }

    /// A fault of the transport.
    pub(crate) fn with_status(status: StatusCode, code: Code, text: impl Into<String>) -> Self {
        Self { status, code, text: text.into(), retry_after_s: None, allow: None, closes: false }
    }

    /// The same with another status of OCPI.
    pub(crate) fn coded(self, code: Code) -> Self {
        Self { code, ..self }
    }

    /// The same with more words.
    pub(crate) fn adding(mut self, words: &str) -> Self {
        self.text.push_str(words);
        self
    }

    /// A parameter is missing or can't be.
    pub(crate) fn parameters(text: impl Into<String>) -> Self {
        Self::of(Code::Parameters, text)
    }

    /// The body is no JSON.
    pub(crate) fn malformed(error: &dyn std::fmt::Display) -> Self {
        Self::with_status(StatusCode::BAD_REQUEST, Code::Parameters, format!("the body is no JSON: {error}"))
    }

    /// The body is larger than what is read.
    pub(crate) fn too_large(most: usize) -> Self {
        let text = format!("the body has more than {most} bytes; send objects one by one");
        Self { closes: true, ..Self::with_status(StatusCode::PAYLOAD_TOO_LARGE, Code::Parameters, text) }
    }

    /// There is no such thing.
    pub(crate) fn not_found(text: impl Into<String>) -> Self {
        Self::with_status(StatusCode::NOT_FOUND, Code::Client, text)
    }

    /// The method is not one of this address.
    pub(crate) fn method(allow: &'static str) -> Self {
        let text = format!("the method is not one of this address: {allow}");
        let fault = Self::with_status(StatusCode::METHOD_NOT_ALLOWED, Code::Client, text);
        Self { allow: Some(allow), ..fault }
    }

    /// The same in other words.
    pub(super) fn saying(self, text: &str) -> Self {
        Self { text: text.to_owned(), ..self }
    }

    /// Whoever calls is not recognised.
    pub(crate) fn unauthorized(text: &str) -> Self {
        Self { closes: true, ..Self::with_status(StatusCode::UNAUTHORIZED, Code::Client, text) }
    }

    /// More was asked for than the partner may.
    pub(crate) fn too_many(retry_after_s: u64) -> Self {
        let text = format!("more requests than were agreed; come again in {retry_after_s} s");
        let fault = Self::with_status(StatusCode::TOO_MANY_REQUESTS, Code::Client, text);
        Self { retry_after_s: Some(retry_after_s), ..fault }
    }

    /// The same, after which the connection is closed.
    pub(crate) fn closing(self) -> Self {
        Self { closes: true, ..self }
    }

    /// The node takes nothing now.
    pub(crate) fn busy(text: impl Into<String>) -> Self {
        let fault = Self::with_status(StatusCode::SERVICE_UNAVAILABLE, Code::Server, text);
        Self { retry_after_s: Some(BUSY_S), ..fault }
    }

    /// A defect of this program; what it was stands in the log.
    pub(crate) fn defect(what: &str) -> Self {
        tracing::error!(what, "a partner's request met a defect");
        Self::of(Code::Server, "internal error; nothing was done")
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Rejected(rejection) => rejected(&rejection),
            Failure::NoAnswer(CallError::Internal { incident }) => {
                Self::of(Code::Server, format!("internal error, incident {incident}"))
            }
            Failure::NoAnswer(error @ CallError::Parked { .. }) => Self::of(Code::Server, error.to_string()),
            Failure::NoAnswer(error) => Self::busy(error.to_string()),
            Failure::Name(error) => Self::parameters(error.to_string()),
            Failure::Store(error) => Self::busy(error.to_string()),
            Failure::Unreadable(what) => Self::defect(&what),
        }
    }
}

/// A refusal of an entity.
fn rejected(rejection: &Rejection) -> Fault {
    let text = rejection.reason.as_ref().map(|reason| reason.text.clone()).unwrap_or_default();
    match rejection.kind() {
        RejectionKind::NotFound => Fault::not_found(text),
        RejectionKind::Invalid => Fault::parameters(text),
        _ => Fault::of(Code::Client, text),
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> axum::response::Response {
        let data = self.data.map(RawValue::from_string).transpose();
        let Ok(data) = data else {
            return Fault::defect("an object that is kept is no JSON").into_response();
        };
        let mut response = enveloped(
            self.status,
            (SUCCESS, Some(self.text.as_deref().unwrap_or("Success"))),
            data.as_deref(),
        );
        response.headers_mut().extend(self.headers);
        response
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> axum::response::Response {
        let mut response = enveloped(self.status, (self.code as u16, Some(&self.text)), None);
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after_s {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(allow) = self.allow {
            headers.insert(ALLOW, HeaderValue::from_static(allow));
        }
        if self.closes {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// The time by the clock of the node.
pub(crate) fn now() -> Instant {
    Instant::from_millis(SystemClock::new().wall_ms()).unwrap_or(Instant::MIN)
}

fn enveloped(
    status: StatusCode,
    (code, text): (u16, Option<&str>),
    data: Option<&RawValue>,
) -> Response<Body> {
    let envelope = Envelope { data, status_code: code, status_message: text, timestamp: now().to_string() };
    let body = serde_json::to_string(&envelope).unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
