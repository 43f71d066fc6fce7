//! The platform of partners: an HTTP server on this host that has versions, credentials, and lists in pages.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::http::header::{AUTHORIZATION, LINK};
use axum::http::{HeaderMap, Request, Response};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// How many objects a page has, if not said otherwise.
const PAGE: usize = 2;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) authorization: String,
    pub(crate) body: Value,
}

/// What the platform does.
#[derive(Debug, Default)]
struct Manner {
    lists: BTreeMap<String, Vec<Value>>,
    asked: Vec<Asked>,
    /// What it answers whoever introduces itself.
    answers: Value,
    /// Whether it is away: it answers with a fault.
    is_away: bool,
    /// What its details name, instead of all.
    endpoints: Option<Value>,
    /// How many objects a page has, instead of the usual.
    page: Option<usize>,
    /// Whether it answers nothing at all.
    is_silent: bool,
}

/// A server that runs as long as it is held.
pub(crate) struct Platform {
    pub(crate) address: SocketAddr,
    manner: Arc<Mutex<Manner>>,
    _serving: JoinSet<()>,
}

impl Platform {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let manner = Arc::new(Mutex::new(Manner::default()));
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, Arc::clone(&manner)));
        Self { address, manner, _serving: serving }
    }

    /// Its address of versions.
    pub(crate) fn versions(&self) -> String {
        format!("http://{}/versions", self.address)
    }

    /// Credentials by which it introduces itself.
    pub(crate) fn credentials(&self, token: &str, mut roles: Value) -> Value {
        for role in roles.as_array_mut().unwrap() {
            role["business_details"] = json!({"name": "A partner"});
        }
        json!({"token": token, "url": self.versions(), "roles": roles})
    }

    /// What a module's list has.
    pub(crate) fn has(&self, module: &str, objects: Vec<Value>) {
        self.manner.lock().unwrap().lists.insert(module.to_owned(), objects);
    }

    /// What it answers whoever introduces itself.
    pub(crate) fn answers(&self, credentials: Value) {
        self.manner.lock().unwrap().answers = credentials;
    }

    pub(crate) fn goes_away(&self, is_away: bool) {
        self.manner.lock().unwrap().is_away = is_away;
    }

    /// From now on it has pages of so many objects.
    pub(crate) fn pages_of(&self, objects: usize) {
        self.manner.lock().unwrap().page = Some(objects);
    }

    /// From now on it answers nothing.
    pub(crate) fn falls_silent(&self) {
        self.manner.lock().unwrap().is_silent = true;
    }

    pub(crate) fn names(&self, endpoints: Option<Value>) {
        self.manner.lock().unwrap().endpoints = endpoints;
    }

    /// What it was asked since it was looked at last.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.manner.lock().unwrap().asked)
    }
}

async fn serve(listener: TcpListener, manner: Arc<Mutex<Manner>>) {
    let address = listener.local_addr().unwrap();
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let manner = Arc::clone(&manner);
        connections.spawn(async move {
            let service = service_fn(move |request| answer(request, address, Arc::clone(&manner)));
            drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    address: SocketAddr,
    manner: Arc<Mutex<Manner>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    if manner.lock().unwrap().is_silent {
        std::future::pending::<()>().await;
    }
    let mut manner = manner.lock().unwrap();
    let header = |headers: &HeaderMap| {
        headers.get(AUTHORIZATION).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    };
    manner.asked.push(Asked {
        method: head.method.to_string(),
        path: head.uri.path_and_query().unwrap().to_string(),
        authorization: header(&head.headers),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    });
    let at = |path: &str| format!("http://{address}{path}");
    let mut response = Response::new(Full::default());
    let data = match head.uri.path() {
        _ if manner.is_away => None,
        "/versions" => Some(json!([
            {"version": "2.1.1", "url": at("/2.1.1")}, {"version": "2.2.1", "url": at("/2.2.1")}
        ])),
        "/2.2.1" => Some(manner.endpoints.clone().unwrap_or_else(|| {
            let of = |module: &str, role: &str| json!({"identifier": module, "role": role, "url": at(&format!("/{module}"))});
            let lists = ["locations", "tariffs", "sessions", "cdrs", "tokens"].map(|module| of(module, "SENDER"));
            let endpoints: Vec<Value> = lists.into_iter().chain([of("credentials", "RECEIVER")]).collect();
            json!({"version": "2.2.1", "endpoints": endpoints})
        })),
        "/credentials" => Some(manner.answers.clone()),
        path => {
            let (page, next) = page(&manner, path, head.uri.query().unwrap_or_default());
            if let Some(next) = next {
                let link = format!("<{}>; rel=\"next\"", at(&next));
                response.headers_mut().insert(LINK, link.parse().unwrap());
            }
            Some(page)
        }
    };
    let envelope = match data {
        Some(data) => json!({"data": data, "status_code": 1000, "timestamp": "2026-11-22T10:00:00Z"}),
        None => json!({"status_code": 3000, "status_message": "away", "timestamp": "2026-11-22T10:00:00Z"}),
    };
    *response.body_mut() = Full::new(envelope.to_string().into());
    Ok(response)
}

/// A page of a list, and where the next one is.
fn page(manner: &Manner, path: &str, query: &str) -> (Value, Option<String>) {
    let module = path.trim_start_matches('/');
    let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
    let from = value("date_from").unwrap_or_default().replace("%3A", ":");
    let offset: usize = value("offset").unwrap_or("0").parse().unwrap();
    let all = manner.lists.get(module).cloned().unwrap_or_default();
    let matching: Vec<Value> = all
        .into_iter()
        .filter(|object| object["last_updated"].as_str().unwrap_or("9") >= from.as_str())
        .collect();
    let total = matching.len();
    let size = manner.page.unwrap_or(PAGE);
    let page: Vec<Value> = matching.into_iter().skip(offset).take(size).collect();
    let next = offset + size;
    let date_from = value("date_from").map(|from| format!("&date_from={from}")).unwrap_or_default();
    (json!(page), (next < total).then(|| format!("{path}?offset={next}{date_from}")))
}
