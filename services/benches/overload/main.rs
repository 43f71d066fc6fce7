//! A node of the program that is asked over gRPC for five times what it can do: how long what it takes in takes, what it
//! refuses and with which reason, and its memory from begin to end.
//!
//! The node runs in a process of its own on the embedded store, so that its memory is its own and clients take no turns with
//! it; `KVARTER_BENCH_CORES=0,1` gives the node the first processor and the clients the second. Callers come at a fixed
//! rate, whether others were answered or not, and change the details of one account after the other.
//! `KVARTER_BENCH_SECONDS` says for how long (10 unless stated otherwise), `KVARTER_BENCH_DIR` where the store lies.
#![expect(clippy::float_arithmetic, reason = "what a bench prints are times")]
#![expect(clippy::unwrap_used, reason = "a bench that meets an error has failed")]
#![expect(clippy::indexing_slicing, reason = "a bench that meets an error has failed")]
#![expect(clippy::disallowed_methods, reason = "a bench measures by the clock")]

mod callers;

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use callers::{Callers, Tally};
use proto::account::account_service_client::AccountServiceClient;
use proto::account::{Account, CreateAccountRequest, UpdateAccountRequest};
use proto::types::Address;
use services::node::NodeOptions;
use services::store::StoreAddress;
use tokio::task::JoinSet;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TENANT: &str = "tenants/bench";
const ACCOUNTS: u64 = 5_000;
const CONNECTIONS: usize = 16;
/// So many callers that wait for their answers; the last number finds out what the node can do.
const CALLERS: [u64; 4] = [1, 16, 64, 256];
const METHOD: &str = "kvarter.account.v1.AccountService/UpdateAccount";
/// How often the node's memory is looked at while one rate is offered.
const MEMORY_LOOKS: u32 = 12;

/// A node in a process of its own, which ends with this value.
struct NodeProcess {
    child: Child,
    address: SocketAddr,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(place) = arguments.iter().position(|argument| argument == "serve") {
        return serve(Path::new(&arguments[place + 1]));
    }
    let seconds = std::env::var("KVARTER_BENCH_SECONDS").map_or(10, |text| text.parse().unwrap());
    let directory = match std::env::var_os("KVARTER_BENCH_DIR") {
        Some(path) => tempfile::TempDir::new_in(path).unwrap(),
        None => tempfile::TempDir::new().unwrap(),
    };
    let node = NodeProcess::start(directory.path());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(drive(&node, seconds));
}

/// The node: serves until it is killed.
fn serve(data: &Path) {
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let options = NodeOptions::new(StoreAddress::Directory(data.to_owned()), listen);
    services::node::run(options, |address| println!("{address}")).unwrap();
}

async fn drive(node: &NodeProcess, seconds: u64) {
    let accounts: Vec<_> = (0..CONNECTIONS).map(|_| AccountServiceClient::new(node.channel())).collect();
    let mut opening = JoinSet::new();
    for number in 0..ACCOUNTS {
        if opening.len() >= CONNECTIONS {
            opening.join_next().await.unwrap().unwrap();
        }
        let mut client = accounts[usize::try_from(number).unwrap() % CONNECTIONS].clone();
        opening.spawn(async move { drop(client.create_account(create(number)).await.unwrap()) });
    }
    opening.join_all().await;
    let mut capacity = 0;
    for callers in CALLERS {
        capacity = answers_to(&accounts, (callers, seconds)).await;
        println!("{callers:>3} callers that wait for their answers: {capacity}/s");
    }
    println!(
        "{:<28} {:>9} {:>9} {:>9} {:>9} {:>9}  the node's RSS in MB, from begin to end",
        "offered", "answered", "refused", "p50 ms", "p99 ms", "max ms"
    );
    for (name, rate) in
        [("half", capacity / 2), ("five times", capacity * 5), ("half, afterwards", capacity / 2)]
    {
        offer(name, node, rate, seconds).await;
    }
}

/// What the node answers in a second where so many callers wait for their answers.
async fn answers_to(accounts: &[AccountServiceClient<Channel>], (callers, seconds): (u64, u64)) -> u64 {
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut tasks = JoinSet::new();
    for caller in 0..callers {
        let mut client = accounts[usize::try_from(caller).unwrap() % CONNECTIONS].clone();
        tasks.spawn(async move {
            let mut answered = 0;
            for number in (0..).map(|turn| caller * 1_000_003 + turn).take_while(|_| Instant::now() < end) {
                let taken = client.update_account(update(number)).await;
                answered += u64::from(taken.inspect_err(|status| drop(reason(status))).is_ok());
            }
            answered
        });
    }
    tasks.join_all().await.into_iter().sum::<u64>() / seconds
}

async fn offer(name: &str, node: &NodeProcess, rate: u64, seconds: u64) {
    let tally = Arc::new(Tally::default());
    let mut offering = JoinSet::new();
    for connection in 0..CONNECTIONS as u64 {
        let callers = Callers::connect(node.address, METHOD).await;
        let rate = (rate / CONNECTIONS as u64, Duration::from_secs(seconds));
        let message = move |number| update(number * CONNECTIONS as u64 + connection);
        offering.spawn(callers.offer(rate, message, Arc::clone(&tally)));
    }
    let (begun, mut memory, mut offered) = (Instant::now(), Vec::new(), 0);
    let (of_node, own) = (node.processor_seconds(), processor_seconds(std::process::id()));
    let look = Duration::from_secs(seconds) / MEMORY_LOOKS;
    while !offering.is_empty() {
        memory.push(node.resident_bytes() / 1_000_000);
        let until = tokio::time::Instant::now() + look;
        while let Ok(Some(ended)) = tokio::time::timeout_at(until, offering.join_next()).await {
            offered += ended.unwrap();
        }
    }
    let took = begun.elapsed().as_secs_f64();
    let (of_node, own) = (node.processor_seconds() - of_node, processor_seconds(std::process::id()) - own);
    let mut times = std::mem::take(&mut *tally.answered.lock().unwrap());
    times.sort_unstable();
    let at = |per_mille: usize| {
        let place = (times.len() * per_mille / 1_000).min(times.len().saturating_sub(1));
        times.get(place).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    let refused = tally.refused();
    println!(
        "{:<28} {:>9} {:>9} {:>9.1} {:>9.1} {:>9.1}  {memory:?}",
        format!("{name}: {}/s", offered / seconds),
        times.len() as u64 / seconds,
        refused.iter().map(|(_, count)| count).sum::<u64>() / seconds,
        at(500),
        at(990),
        at(1_000),
    );
    println!(
        "    took {took:.1} s; of a processor the node had {:.2}, the callers {:.2}",
        of_node / took,
        own / took
    );
    for (status, count) in refused {
        println!("    {count} refused: {}", reason(&status));
    }
}

impl NodeProcess {
    fn start(directory: &Path) -> NodeProcess {
        let program = std::env::current_exe().unwrap();
        let mut command = match std::env::var("KVARTER_BENCH_CORES") {
            Err(_) => Command::new(program),
            Ok(cores) => {
                let (of_node, own) = cores.split_once(',').unwrap();
                let me = std::process::id().to_string();
                let pinned = Command::new("taskset").args(["-a", "-p", "-c", own, &me]).output().unwrap();
                assert!(pinned.status.success(), "{pinned:?}");
                let mut command = Command::new("taskset");
                command.args(["-c", of_node]).arg(program);
                command
            }
        };
        let data = directory.join("data");
        let mut child = command.arg("serve").arg(data).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        NodeProcess { child, address: line.trim().parse().unwrap() }
    }

    fn channel(&self) -> Channel {
        Endpoint::from_shared(format!("http://{}", self.address)).unwrap().tcp_nodelay(true).connect_lazy()
    }

    fn processor_seconds(&self) -> f64 {
        processor_seconds(self.child.id())
    }

    /// Memory of the node that lies in RAM.
    fn resident_bytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1_024
    }
}

/// How long a process has had a processor.
fn processor_seconds(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    // User and system time are the fields 14 and 15, in hundredths of a second.
    let ticks: Vec<f64> =
        fields.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse().unwrap()).collect();
    ticks.iter().sum::<f64>() / 100.0
}

impl Drop for NodeProcess {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Why a call was refused, and when it may come again. A change that was made but could not be shown, because the read of it was
/// refused, is one of an open outcome.
fn reason(status: &Status) -> String {
    assert!(matches!(status.code(), Code::ResourceExhausted | Code::Aborted), "{status:?}");
    let details = status.get_error_details();
    let reason = details.error_info().map_or("without a reason", |info| info.reason.as_str());
    let retry = details.retry_info().and_then(|info| info.retry_delay);
    let retry = retry.map_or("without a time".to_owned(), |delay| format!("after {delay:?}"));
    format!("{reason} ({}), again {retry}", status.message())
}

fn account(number: u64) -> Account {
    let account_id = (number % ACCOUNTS).to_string();
    let name = format!("{TENANT}/accounts/{account_id}");
    let address = Address {
        street: "Kade 1".to_owned(),
        postal_code: "1011 AB".to_owned(),
        city: "Amsterdam".to_owned(),
        country_code: "NL".to_owned(),
    };
    let display_name = format!("Customer {number}");
    Account { name, account_id, display_name, address: Some(address), ..Account::default() }
}

fn create(number: u64) -> CreateAccountRequest {
    let account = Account { name: String::new(), ..account(number) };
    CreateAccountRequest { parent: TENANT.to_owned(), account: Some(account), ..Default::default() }
}

/// Accounts are spread over the shards, so that it is enough to take one after the other.
fn update(number: u64) -> UpdateAccountRequest {
    UpdateAccountRequest { account: Some(account(number)), ..Default::default() }
}
