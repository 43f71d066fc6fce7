//! Calling a partner: a request over HTTP, read to a bound, and credentials exchanged from this side.
//!
//! A partner names addresses that are then called with the token it gave. So that the token goes nowhere else, and it can't
//! make this node call others in its name, all of them must be of the host and port at which its versions are.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use domain::entity::partners::{Contact, PartnerToken};
use domain::webhook::WebhookUrl;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1::Builder;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderValue, LINK, USER_AGENT};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::credentials::{Credentials, Met};
use super::door::authorization;
use super::request::VERSION;
use super::text::url_fault;

/// The largest head of an answer in bytes.
const MOST_HEAD_BYTES: usize = 32 << 10;
const PROGRAM: &str = concat!("kvarter/", env!("CARGO_PKG_VERSION"));

/// What became of a registration at a partner that is not taken here.
const UNREGISTERED: &str =
    "this platform has unregistered at the partner again: ask it for another token to connect with";
const STILL_REGISTERED: &str = "the partner holds that it is connected: have it unregister this platform, and make another token to connect with";

/// Calls partners.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) patience: Duration,
    pub(crate) most_bytes: usize,
}

/// Why a partner could not be called, in words that a person can act on.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotCalled(pub(crate) String);

/// What a partner said.
#[derive(Debug)]
pub(crate) struct Called {
    /// What it was asked for.
    pub(crate) data: Option<Box<RawValue>>,
    /// Where the next page is.
    pub(crate) next: Option<String>,
    /// How long the answer was, in bytes.
    pub(crate) bytes: usize,
}

/// The addresses of a partner's modules.
#[derive(Clone, Debug)]
pub(crate) struct Endpoints {
    list: Vec<Endpoint>,
}

#[derive(Clone, Debug, Deserialize)]
struct Endpoint {
    identifier: String,
    #[serde(default)]
    role: String,
    url: String,
}

#[derive(Deserialize)]
struct VersionEntry {
    version: String,
    url: String,
}

#[derive(Deserialize)]
struct Details {
    endpoints: Vec<Endpoint>,
}

#[derive(Deserialize)]
struct Envelope {
    data: Option<Box<RawValue>>,
    status_code: u16,
    status_message: Option<String>,
}

impl Caller {
    /// Asks a partner for something.
    pub(crate) async fn get(&self, contact: &Contact, url: &str) -> Result<Called, NotCalled> {
        self.call(contact, Method::GET, url, Bytes::new()).await
    }

    /// The addresses of a partner's modules, as of the version that both speak.
    pub(crate) async fn endpoints(&self, contact: &Contact) -> Result<Endpoints, NotCalled> {
        let url = contact.versions_url.text();
        let versions: Vec<VersionEntry> = read(self.get(contact, url).await?, url)?;
        let ours = versions.into_iter().find(|entry| entry.version == VERSION);
        let url = ours.ok_or_else(|| NotCalled(format!("{url} names no version {VERSION}")))?.url;
        let details: Details = read(self.get(contact, &url).await?, &url)?;
        Ok(Endpoints { list: details.endpoints })
    }

    /// Calls a partner and reads its envelope.
    pub(crate) async fn call(
        &self,
        contact: &Contact,
        method: Method,
        url: &str,
        body: Bytes,
    ) -> Result<Called, NotCalled> {
        let to = WebhookUrl::parse(url).map_err(|fault| NotCalled(format!("{url}: {}", url_fault(fault))))?;
        let agreed = &contact.versions_url;
        if !to.host().eq_ignore_ascii_case(agreed.host()) || to.port() != agreed.port() {
            let at = agreed.authority();
            return Err(NotCalled(format!("{url}: is at another host or port than the versions, {at}")));
        }
        let request = request(&to, &contact.token, method, body);
        let request = request.ok_or_else(|| NotCalled(format!("{url}: can't be asked for")))?;
        match timeout(self.patience, self.answer(&to, request)).await {
            Ok(answer) => answer.map_err(|text| NotCalled(format!("{url}: {text}"))),
            Err(_) => Err(NotCalled(format!("{url}: no answer within {} s", self.patience.as_secs()))),
        }
    }

    async fn answer(&self, to: &WebhookUrl, request: Request<Full<Bytes>>) -> Result<Called, String> {
        let stream = TcpStream::connect((to.host(), to.port())).await;
        let stream = stream.map_err(|error| format!("can't be reached: {error}"))?;
        let _ = stream.set_nodelay(true);
        let mut http = Builder::new();
        http.max_buf_size(MOST_HEAD_BYTES);
        let broken = |error: hyper::Error| format!("broke off: {error}");
        let (mut sender, connection) = http.handshake(TokioIo::new(stream)).await.map_err(broken)?;
        let mut carrying = JoinSet::new();
        carrying.spawn(async move { drop(connection.await) });
        let (head, body) = sender.send_request(request).await.map_err(broken)?.into_parts();
        let body = Limited::new(body, self.most_bytes).collect().await;
        let body =
            body.map_err(|_| format!("answered with more than {} bytes, or broke off", self.most_bytes))?;
        let body = body.to_bytes();
        let envelope: Result<Envelope, _> = serde_json::from_slice(&body);
        let status = head.status;
        match envelope {
            Ok(envelope) if status.is_success() && (1000..2000).contains(&envelope.status_code) => {
                Ok(Called { data: envelope.data, next: next_page(&head.headers), bytes: body.len() })
            }
            Ok(envelope) => {
                let words = envelope.status_message.unwrap_or_default();
                Err(format!("answered {status}, status {} {words}", envelope.status_code))
            }
            Err(_) => Err(format!("answered {status} and no envelope of OCPI")),
        }
    }
}

impl Endpoints {
    /// The address of a module from one of its sides; `None` where the partner has none. Credentials have no sides.
    pub(crate) fn of(&self, identifier: &str, role: Option<&str>) -> Option<&str> {
        let found = self.list.iter().find(|endpoint| {
            endpoint.identifier == identifier && role.is_none_or(|role| endpoint.role == role)
        });
        found.map(|endpoint| endpoint.url.as_str())
    }
}

/// Exchanges credentials from this side: the partner is told `ours` and answers with what it is to be called by.
pub(crate) async fn connect(
    caller: &Arc<Caller>,
    first: &Contact,
    ours: &Credentials,
) -> Result<Met, NotCalled> {
    let endpoints = caller.endpoints(first).await?;
    let url = endpoints.of("credentials", None);
    let url = url.ok_or_else(|| NotCalled("the partner names no address of credentials".to_owned()))?;
    let body = serde_json::to_vec(ours).map_err(|error| NotCalled(error.to_string()))?;
    let answer = caller.call(first, Method::POST, url, body.into()).await?;
    let text = answer.data.as_ref().map(|data| data.get()).unwrap_or_default();
    let fault = match Met::read(text) {
        Ok(met) => return Ok(met),
        Err(fault) => fault,
    };
    // It holds that it is registered, by credentials that are not taken here.
    let became = match Met::token(text) {
        Some(token) => unregister(caller, &Contact { token, ..first.clone() }).await,
        None => STILL_REGISTERED.to_owned(),
    };
    Err(NotCalled(format!("{url}: {}; {became}", fault.text)))
}

/// Takes back at a partner that it is registered there, with the token that it gave, where its credentials are not taken
/// here: it would hold that both are connected. In words that a person can act on.
pub(crate) async fn unregister(caller: &Caller, contact: &Contact) -> String {
    let unregistered = async {
        let endpoints = caller.endpoints(contact).await?;
        let url = endpoints.of("credentials", None);
        let url = url.ok_or_else(|| NotCalled("it names no address of credentials".to_owned()))?;
        caller.call(contact, Method::DELETE, url, Bytes::new()).await
    };
    match unregistered.await {
        Ok(_) => UNREGISTERED.to_owned(),
        Err(error) => format!("{STILL_REGISTERED} ({error})"),
    }
}

fn request(
    to: &WebhookUrl,
    token: &PartnerToken,
    method: Method,
    body: Bytes,
) -> Option<Request<Full<Bytes>>> {
    let has_body = !body.is_empty();
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = to.target().parse().ok()?;
    let headers = request.headers_mut();
    headers.insert(HOST, to.authority().parse().ok()?);
    let mut shown: HeaderValue = authorization(token).parse().ok()?;
    shown.set_sensitive(true);
    headers.insert(AUTHORIZATION, shown);
    headers.insert(USER_AGENT, HeaderValue::from_static(PROGRAM));
    if has_body {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    Some(request)
}

fn read<T: for<'a> Deserialize<'a>>(called: Called, url: &str) -> Result<T, NotCalled> {
    let data = called.data.as_ref().map(|data| data.get()).unwrap_or_default();
    serde_json::from_str(data)
        .map_err(|error| NotCalled(format!("{url}: said what is not expected: {error}")))
}

/// The address of the next page in `Link` (RFC 8288).
fn next_page(headers: &HeaderMap) -> Option<String> {
    let links = headers.get_all(LINK).iter().filter_map(|link| link.to_str().ok());
    links.flat_map(|links| links.split(", ")).find_map(|link| {
        let (url, rest) = link.trim().strip_prefix('<')?.split_once('>')?;
        let is_next = rest.split(';').any(|part| matches!(part.trim(), "rel=\"next\"" | "rel=next"));
        is_next.then(|| url.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_the_link_that_says_so() {
        let cases = [
            ("<http://a/?offset=50&limit=50>; rel=\"next\"", Some("http://a/?offset=50&limit=50")),
            ("<http://a/1>; rel=\"prev\", <http://a/2>; rel=\"next\"", Some("http://a/2")),
            ("<http://a/1>; rel=\"prev\"", None),
            ("http://a/1; rel=\"next\"", None),
        ];
        for (link, expected) in cases {
            let headers = HeaderMap::from_iter([(LINK, HeaderValue::from_static(link))]);
            assert_eq!(next_page(&headers).as_deref(), expected, "{link}");
        }
        assert_eq!(next_page(&HeaderMap::new()), None);
    }
}
