//! What taking records of partners costs: POST of a CDR over connections that are kept, to a node with the embedded store; each
//! is answered when its book's commit is durable.
//!
//! The node and its callers are in this process, on a runtime of two threads each, over loopback. Every caller sends records
//! of its own, one after another, of `KVARTER_BENCH_PARTIES` operators behind one hub: a party's book is one entity. Every
//! session is at a place and time of its own, bought from the operator and sold to one of 256 drivers. `cargo bench -p
//! services --bench ocpi` prints records per second and the median and 99th percentile of the time to an answer, and how many
//! per second are sold and booked when everything is waited for that they lead to; the median of all runs. `KVARTER_BENCH_SECONDS` is
//! the time per run, `KVARTER_BENCH_RUNS` how many there are, `KVARTER_BENCH_SHARDS` how many shards the store has (else what is usual),
//! `KVARTER_BENCH_DIR` where the files are (else a temporary folder).
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a bench that meets an error has failed"
)]
#![expect(clippy::disallowed_methods, reason = "a bench measures by the clock")]

mod supplier;

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU16;
use std::time::{Duration, Instant};

use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::{Method, Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use proto::roaming::partner_service_client::PartnerServiceClient;
use proto::roaming::{
    CreatePartnerRequest, OwnProfile, PartnerRole, PartyRole, RequestLimit, SetOwnProfileRequest,
};
use services::node::{NodeOptions, RunningNode};
use services::ocpi_edge::OcpiOptions;
use services::store::StoreAddress;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tonic::transport::{Channel, Endpoint};

/// What the program itself has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many callers there are at once.
const CALLERS: [usize; 4] = [1, 16, 64, 256];

/// A caller with a connection of its own.
struct Caller {
    sender: SendRequest<Full<Bytes>>,
    shown: String,
    number: usize,
    sent: usize,
    parties: usize,
    _carrying: JoinSet<()>,
}

fn main() {
    let number = |name: &str, usual: u64| std::env::var(name).map_or(usual, |text| text.parse().unwrap());
    let (seconds, runs) = (number("KVARTER_BENCH_SECONDS", 3), number("KVARTER_BENCH_RUNS", 3));
    let parties = usize::try_from(number("KVARTER_BENCH_PARTIES", 16)).unwrap();
    let (serving, calling) = (runtime(), runtime());
    let folder = match std::env::var_os("KVARTER_BENCH_DIR") {
        Some(path) => TempDir::new_in(path).unwrap(),
        None => TempDir::new().unwrap(),
    };
    let mut options = NodeOptions::new(StoreAddress::Directory(folder.path().to_owned()), loopback());
    options.shard_count = NonZeroU16::new(u16::try_from(number("KVARTER_BENCH_SHARDS", 0)).unwrap());
    options.ocpi_listen = Some(loopback());
    options.ocpi = OcpiOptions { fetch_every: Duration::ZERO, ..OcpiOptions::default() };
    let node = serving.block_on(RunningNode::start(options)).unwrap();
    let address = node.ocpi_address().unwrap();
    let token = calling.block_on(connected(&node));
    let channel = calling.block_on(channel(&node));
    calling.block_on(supplier::set_up(&channel, parties));
    println!(
        "callers  records/s      p50 us      p99 us     sold/s   (median of {runs} runs of {seconds} s, {parties} parties)"
    );
    for callers in CALLERS {
        let mut rows: Vec<Row> = (0..runs)
            .map(|run| {
                let name = format!("{callers}-{run}");
                let span = Duration::from_secs(seconds);
                calling.block_on(measure((address, &token, &channel), (callers, parties, &name), span))
            })
            .collect();
        rows.sort_by_key(|row| row.per_second);
        let row = &rows[rows.len() / 2];
        let Row { per_second, p50_us, p99_us, sold_per_second } = row;
        println!("{callers:>7} {per_second:>10} {p50_us:>11} {p99_us:>11} {sold_per_second:>10}");
    }
    serving.block_on(node.stop()).unwrap();
}

struct Row {
    per_second: u128,
    p50_us: u128,
    p99_us: u128,
    sold_per_second: u128,
}

fn loopback() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

async fn measure(
    (address, token, node): (SocketAddr, &str, &Channel),
    (callers, parties, name): (usize, usize, &str),
    span: Duration,
) -> Row {
    let mut calling = JoinSet::new();
    let begun = Instant::now();
    for number in 0..callers {
        let mut caller = Caller::open(address, token, number, parties).await;
        let name = name.to_owned();
        calling.spawn(async move {
            let mut times = Vec::new();
            while begun.elapsed() < span {
                let sent = Instant::now();
                caller.send(&name).await;
                times.push(sent.elapsed().as_micros());
            }
            (times, caller.last(&name))
        });
    }
    let (times, last): (Vec<_>, Vec<_>) = calling.join_all().await.into_iter().unzip();
    let mut times: Vec<u128> = times.into_iter().flatten().collect();
    let answered = begun.elapsed();
    for (party, id) in last {
        supplier::booked(node, &party, &id).await;
    }
    let per_second =
        |elapsed: Duration| u128::try_from(times.len()).unwrap() * 1_000_000 / elapsed.as_micros();
    let (per_second, sold_per_second) = (per_second(answered), per_second(begun.elapsed()));
    times.sort_unstable();
    Row { per_second, p50_us: times[times.len() / 2], p99_us: times[times.len() * 99 / 100], sold_per_second }
}

impl Caller {
    async fn open(address: SocketAddr, token: &str, number: usize, parties: usize) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
        let mut carrying = JoinSet::new();
        carrying.spawn(async move { drop(connection.await) });
        let shown = format!("Token {}", STANDARD.encode(token));
        Self { sender, shown, number, sent: 0, parties, _carrying: carrying }
    }

    /// Party and id of what was sent last.
    fn last(&self, name: &str) -> (String, String) {
        (format!("P{:02}", self.number % self.parties), format!("{name}-{}-{}", self.number, self.sent))
    }

    async fn send(&mut self, name: &str) {
        self.sent += 1;
        let (party, id) = self.last(name);
        let request = Request::builder().method(Method::POST).uri("/ocpi/bench/2.2.1/emsp/cdrs");
        let request = request.header(HOST, "bench").header(AUTHORIZATION, &self.shown);
        let request =
            request.body(Full::new(record(&party, &id, (name, self.number, self.sent)).into())).unwrap();
        self.sender.ready().await.unwrap();
        let answer = self.sender.send_request(request).await.unwrap();
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(status, StatusCode::CREATED, "{}", String::from_utf8_lossy(&body));
    }
}

async fn channel(node: &RunningNode) -> Channel {
    Endpoint::from_shared(format!("http://{}", node.address())).unwrap().connect().await.unwrap()
}

/// A hub whose credentials were exchanged: its token.
async fn connected(node: &RunningNode) -> String {
    let mut partners = PartnerServiceClient::new(channel(node).await);
    let provider = PartyRole {
        role: PartnerRole::Provider.into(),
        country_code: "NL".to_owned(),
        party_id: "OWN".to_owned(),
    };
    let own = OwnProfile { business_name: "Bench".to_owned(), parties: vec![provider], url: String::new() };
    let parent = "tenants/bench".to_owned();
    partners.set_own_profile(SetOwnProfileRequest { parent, own: Some(own) }).await.unwrap();
    let limit = RequestLimit { per_second: 1_000_000, at_once: 1_000_000 };
    let hub = PartyRole {
        role: PartnerRole::Hub.into(),
        country_code: "DE".to_owned(),
        party_id: "HUB".to_owned(),
    };
    let create = CreatePartnerRequest {
        name: "tenants/bench/partners/hub".to_owned(),
        limit: Some(limit),
        parties: vec![hub],
        ..CreatePartnerRequest::default()
    };
    let first = partners.create_partner(create).await.unwrap().into_inner().token;
    let listener = TcpListener::bind(loopback()).await.unwrap();
    let here = format!("http://{}", listener.local_addr().unwrap());
    let mut platform = JoinSet::new();
    platform.spawn(serve(listener, here.clone()));
    let role = r#"{"role":"HUB","party_id":"HUB","country_code":"DE","business_details":{"name":"Hub"}}"#;
    let credentials = format!(r#"{{"token":"theirs","url":"{here}/versions","roles":[{role}]}}"#);
    let mut caller = Caller::open(node.ocpi_address().unwrap(), &first, 0, 1).await;
    let request = Request::builder().method(Method::POST).uri("/ocpi/bench/2.2.1/credentials");
    let request = request.header(HOST, "bench").header(AUTHORIZATION, &caller.shown);
    let answer =
        caller.sender.send_request(request.body(Full::new(credentials.into())).unwrap()).await.unwrap();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    body["data"]["token"].as_str().unwrap().to_owned()
}

/// The hub's platform, as far as credentials need it.
async fn serve(listener: TcpListener, here: String) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let here = here.clone();
        let service = service_fn(move |request: Request<hyper::body::Incoming>| {
            let data = match request.uri().path() {
                "/versions" => format!(r#"[{{"version":"2.2.1","url":"{here}/2.2.1"}}]"#),
                _ => format!(
                    r#"{{"version":"2.2.1","endpoints":[{{"identifier":"credentials","role":"RECEIVER","url":"{here}/c"}}]}}"#
                ),
            };
            let body = format!(r#"{{"data":{data},"status_code":1000,"timestamp":"2026-11-22T10:00:00Z"}}"#);
            async move { Ok::<_, std::convert::Infallible>(hyper::Response::new(Full::new(Bytes::from(body)))) }
        });
        let http = hyper::server::conn::http1::Builder::new();
        drop(http.serve_connection(TokioIo::new(stream), service).await);
    }
}

/// A record of usual size: two periods, a location, a token. Each is of an hour of its own at one of a caller's 50 charging points.
fn record(party: &str, id: &str, (run, caller, number): (&str, usize, usize)) -> String {
    let card = supplier::card((caller * 31 + number) % supplier::DRIVERS);
    let (day, hour) = (number / 50 / 24, number / 50 % 24);
    let date = format!("2026-{:02}-{:02}T{hour:02}", 3 + day / 28 % 8, 1 + day % 28);
    let evse = format!("NL*{party}*E{}C{caller}X{}", run.replace('-', "R"), number % 50);
    format!(
        r#"{{"country_code":"NL","party_id":"{party}","id":"{id}","start_date_time":"{date}:00:09Z",
"end_date_time":"{date}:58:32Z","session_id":"{id}","cdr_token":{{"country_code":"DE","party_id":"DCB",
"uid":"{card}","type":"RFID","contract_id":"DE-DCB-C12345678-X"}},"auth_method":"WHITELIST","cdr_location":{{"id":"LOC1",
"address":"F.Rooseveltlaan 3A","city":"Gent","country":"BEL","coordinates":{{"latitude":"51.047599","longitude":"3.729944"}},
"evse_uid":"3256","evse_id":"{evse}","connector_id":"1","connector_standard":"IEC_62196_T2",
"connector_format":"SOCKET","connector_power_type":"AC_1_PHASE"}},"currency":"EUR","charging_periods":[
{{"start_date_time":"{date}:00:09Z","dimensions":[{{"type":"ENERGY","volume":10.342}},{{"type":"TIME","volume":0.5}}]}},
{{"start_date_time":"{date}:30:09Z","dimensions":[{{"type":"ENERGY","volume":5.0}},{{"type":"TIME","volume":0.473}}]}}],
"total_cost":{{"excl_vat":4.00,"incl_vat":4.40}},"total_energy":15.342,"total_time":0.973,"last_updated":"2026-11-21T22:01:13Z"}}"#
    )
}
