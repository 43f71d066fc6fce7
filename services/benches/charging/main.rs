//! Money in real time against PostgreSQL 15 on the same work, in one run: plain debits, and pairs of a reservation and its
//! commit, on many accounts and on one that everybody uses, at so many under way at once. Each way takes its turn in every
//! round, so that what disturbs the machine disturbs all of them.
//!
//! Ours runs in a process of its own on the embedded store and is asked over gRPC on loopback, by a call per operation and
//! over pipelined streams; the bare call does nothing. PostgreSQL (Debian's package `postgresql-15`) is started by the bench in
//! the same directory, `synchronous_commit` on, and driven by `pgbench` over a socket file. Everything is durable before it is
//! answered. `KVARTER_BENCH_SECONDS` is the time of each turn (3 unless stated otherwise), `KVARTER_BENCH_ROUNDS` how many
//! there are (3), `KVARTER_BENCH_AT_ONCE` the only number that is tried, `KVARTER_BENCH_DIR` where both stores lie.
#![expect(clippy::float_arithmetic, reason = "what a bench prints are rates and ratios")]
#![expect(clippy::unwrap_used, reason = "a bench that meets an error has failed")]
#![expect(clippy::indexing_slicing, reason = "a bench that meets an error has failed")]
#![expect(clippy::disallowed_methods, reason = "a bench measures by the clock")]

mod clients;
mod postgres;
#[path = "../support/process.rs"]
mod process;

use std::time::Duration;

use postgres::Postgres;
use process::{NodeProcess, processor_seconds};
use proto::account::account_service_client::AccountServiceClient;
use proto::account::{Account, CreateAccountRequest};
use proto::charging::TopUpRequest;
use proto::charging::charging_service_client::ChargingServiceClient;
use proto::types::Address;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use uuid::Uuid;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TENANT: &str = "tenants/bench";
const ACCOUNTS: u64 = 10_000;
const AT_ONCE: [u64; 4] = [1, 16, 64, 256];

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    /// A debit.
    Debit,
    /// A reservation and its commit.
    Pair,
}

/// On which accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spread {
    /// On all of them.
    Many,
    /// On one.
    Hot,
}

/// Who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Postgres,
    Unary,
    Stream,
}

/// One turn.
#[derive(Clone, Debug)]
struct Run {
    work: Work,
    spread: Spread,
    at_once: u64,
    duration: Duration,
}

/// How long each operation took, and all of them together.
struct Samples {
    times: Vec<Duration>,
    took: Duration,
}

fn main() {
    if process::serves() {
        return;
    }
    let number = |name: &str, usual: u64| std::env::var(name).map_or(usual, |text| text.parse().unwrap());
    let (seconds, rounds) = (number("KVARTER_BENCH_SECONDS", 3), number("KVARTER_BENCH_ROUNDS", 3));
    let only = std::env::var("KVARTER_BENCH_AT_ONCE").ok().map(|text| text.parse::<u64>().unwrap());
    let directory = process::directory();
    let postgres = Postgres::start(directory.path());
    if postgres.is_none() {
        println!("PostgreSQL 15 is not installed (Debian: apt-get install postgresql-15); ours alone");
    }
    let node = NodeProcess::start(directory.path());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(open(&node));
    println!(
        "{:<26} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "", "per s", "p50 ms", "p99 ms", "p99.9 ms", "of theirs"
    );
    for (work, spread) in [
        (Work::Debit, Spread::Many),
        (Work::Pair, Spread::Many),
        (Work::Debit, Spread::Hot),
        (Work::Pair, Spread::Hot),
    ] {
        for at_once in AT_ONCE.into_iter().filter(|at_once| only.is_none_or(|only| only == *at_once)) {
            let run = Run { work, spread, at_once, duration: Duration::from_secs(seconds) };
            compare(&run, rounds, (postgres.as_ref(), &node, &runtime));
        }
    }
    let run =
        Run { work: Work::Debit, spread: Spread::Many, at_once: 64, duration: Duration::from_secs(seconds) };
    let bare = runtime.block_on(clients::bare(&node, &run));
    print("a bare call, 64 at once", &mut [bare], None);
}

/// All ways in turn.
fn compare(run: &Run, rounds: u64, (postgres, node, runtime): (Option<&Postgres>, &NodeProcess, &Runtime)) {
    println!("{:?} on {:?}, {} at once", run.work, run.spread, run.at_once);
    let mut seen: Vec<(Way, Vec<Samples>)> = Vec::new();
    let ways = [Way::Postgres, Way::Unary, Way::Stream];
    let (mut of_node, mut of_clients) = (0.0, 0.0);
    for _ in 0..rounds {
        for way in ways {
            let (of_node_before, of_clients_before) =
                (processor_seconds(node.id()), processor_seconds(std::process::id()));
            let samples = match (way, postgres) {
                (Way::Postgres, None) => continue,
                (Way::Postgres, Some(postgres)) => postgres.run(run),
                (Way::Unary, _) => runtime.block_on(clients::unary(node, run)),
                (Way::Stream, _) => runtime.block_on(clients::streamed(node, run)),
            };
            of_node += processor_seconds(node.id()) - of_node_before;
            of_clients += processor_seconds(std::process::id()) - of_clients_before;
            match seen.iter_mut().find(|(known, _)| *known == way) {
                Some((_, rows)) => rows.push(samples),
                None => seen.push((way, vec![samples])),
            }
        }
    }
    let mut theirs = None;
    for (way, samples) in &mut seen {
        let rate = print(&format!("  {way:?}"), samples, theirs);
        theirs = theirs.or((*way == Way::Postgres).then_some(rate));
    }
    println!("  processors in all: node {of_node:.1} s, clients {of_clients:.1} s");
}

/// Prints a row: the median rate of the rounds, the times of all.
fn print(name: &str, rounds: &mut [Samples], theirs: Option<f64>) -> f64 {
    let mut rates: Vec<f64> =
        rounds.iter().map(|samples| samples.times.len() as f64 / samples.took.as_secs_f64()).collect();
    rates.sort_by(f64::total_cmp);
    let rate = rates[rates.len() / 2];
    let mut times: Vec<_> = rounds.iter().flat_map(|samples| samples.times.iter().copied()).collect();
    times.sort_unstable();
    let at = |per_mille: usize| {
        let place = (times.len() * per_mille / 1_000).min(times.len().saturating_sub(1));
        times.get(place).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    let ratio = theirs.map_or(String::new(), |theirs| format!("{:.2}", rate / theirs));
    println!("{name:<26} {rate:>9.0} {:>9.2} {:>9.2} {:>9.2} {ratio:>9}", at(500), at(990), at(999));
    rate
}

/// Opens the accounts and pays in.
async fn open(node: &NodeProcess) {
    let channel = node.channel();
    let mut opening = JoinSet::new();
    for number in 0..ACCOUNTS {
        while opening.len() >= 128 {
            opening.join_next().await.unwrap().unwrap();
        }
        let mut accounts = AccountServiceClient::new(channel.clone());
        let mut charging = ChargingServiceClient::new(channel.clone());
        opening.spawn(async move {
            accounts.create_account(create(number)).await.unwrap();
            let top_up = TopUpRequest {
                account: format!("{TENANT}/accounts/{number}"),
                operation_id: Uuid::now_v7().to_string(),
                currency_code: "EUR".to_owned(),
                exact_amount: "10000000".to_owned(),
                ..TopUpRequest::default()
            };
            charging.top_up(top_up).await.unwrap();
        });
    }
    opening.join_all().await;
}

fn create(number: u64) -> CreateAccountRequest {
    let address = Address {
        street: "Kade 1".to_owned(),
        postal_code: "1011 AB".to_owned(),
        city: "Amsterdam".to_owned(),
        country_code: "NL".to_owned(),
    };
    let account = Account {
        account_id: number.to_string(),
        display_name: format!("Customer {number}"),
        address: Some(address),
        ..Account::default()
    };
    CreateAccountRequest { parent: TENANT.to_owned(), account: Some(account), ..Default::default() }
}
