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
#[path = "../support/process.rs"]
mod process;

use std::sync::Arc;
use std::time::{Duration, Instant};

use callers::{Callers, Tally};
use process::{NodeProcess, processor_seconds};
use proto::account::account_service_client::AccountServiceClient;
use proto::account::{Account, CreateAccountRequest, UpdateAccountRequest};
use proto::types::Address;
use tokio::task::JoinSet;
use tonic::transport::Channel;
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
/// For so long at most it is looked what the node can do.
const MOST_SECONDS_OF_CAPACITY: u64 = 10;
const METHOD: &str = "kvarter.account.v1.AccountService/UpdateAccount";
/// How often the node's memory is looked at while one rate is offered.
const MEMORY_LOOKS: u32 = 12;

fn main() {
    if process::serves() {
        return;
    }
    let seconds = std::env::var("KVARTER_BENCH_SECONDS").map_or(10, |text| text.parse().unwrap());
    let directory = process::directory();
    let node = NodeProcess::start(directory.path());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(drive(&node, seconds));
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
        capacity = answers_to(&accounts, (callers, seconds.min(MOST_SECONDS_OF_CAPACITY))).await;
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
    let (of_node, own) = (processor_seconds(node.id()), processor_seconds(std::process::id()));
    let look = Duration::from_secs(seconds) / MEMORY_LOOKS;
    while !offering.is_empty() {
        memory.push(resident_bytes(node.id()) / 1_000_000);
        let until = tokio::time::Instant::now() + look;
        while let Ok(Some(ended)) = tokio::time::timeout_at(until, offering.join_next()).await {
            offered += ended.unwrap();
        }
    }
    let took = begun.elapsed().as_secs_f64();
    let (of_node, own) =
        (processor_seconds(node.id()) - of_node, processor_seconds(std::process::id()) - own);
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

/// Memory of a process that lies in RAM.
fn resident_bytes(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1_024
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
