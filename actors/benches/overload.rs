//! A node that is asked for five times what it can do: how long what it takes in takes, what it refuses, and what
//! memory that needs.
//!
//! Callers come at a fixed rate, whether others were answered or not, with a command that is stored: a day of values for a
//! point chosen by chance. `KVARTER_BENCH_SECONDS` says for how long (10 unless stated otherwise), `KVARTER_BENCH_POINTS`
//! how many points there are (20,000), `KVARTER_BENCH_DIR` where the store lies.
#![expect(clippy::unwrap_used, reason = "a bench that meets an error has failed")]
#![expect(clippy::indexing_slicing, reason = "a bench that reaches beyond has failed")]
#![expect(clippy::panic, reason = "a bench that meets the unexpected has failed")]
#![expect(clippy::disallowed_methods, reason = "a bench measures by the clock")]

mod grid;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use actors::shell::{CallError, Node};
use storage::{EmbeddedOptions, EmbeddedStore, Store};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Callers that wait for each other find out what the node can do.
const CALLERS: usize = 256;
const TICK: Duration = Duration::from_millis(5);

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (points, seconds) =
        (grid::setting("KVARTER_BENCH_POINTS", 20_000), grid::setting("KVARTER_BENCH_SECONDS", 10));
    let directory = grid::directory();
    runtime.block_on(async {
        let store: Arc<dyn Store> =
            Arc::new(EmbeddedStore::open(directory.path(), EmbeddedOptions::default()).unwrap());
        let node = Arc::new(grid::start(&store, grid::MachineClock::new(), 1, |_| {}).await);
        let mut tasks = JoinSet::new();
        for number in 0..points {
            if tasks.len() >= CALLERS {
                tasks.join_next().await.unwrap().unwrap();
            }
            let node = Arc::clone(&node);
            tasks.spawn(async move {
                grid::accepted(&node, grid::request(number, &grid::register(number))).await;
            });
        }
        tasks.join_all().await;
        let capacity = capacity(&node, points, seconds).await;
        println!("{CALLERS} callers that wait for their answers: {capacity}/s");
        println!(
            "{:<22} {:>9} {:>11} {:>11} {:>9} {:>9} {:>9} {:>9}",
            "offered", "answered/s", "refused/s", "unknown/s", "p50 ms", "p99 ms", "max ms", "RSS MB"
        );
        for (name, rate) in [
            ("a fifth", capacity / 5),
            ("half", capacity / 2),
            ("five times", capacity * 5),
            ("half, afterwards", capacity / 2),
        ] {
            offer(name, &node, points, rate, seconds).await;
        }
        node.drain().await;
        store.close().await.unwrap();
    });
}

/// What the node answers in a second where each of the callers waits for its answer.
async fn capacity(node: &Arc<Node>, points: u64, seconds: u64) -> u64 {
    let end = Instant::now() + Duration::from_secs(seconds);
    let answered = Arc::new(AtomicU64::new(0));
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS as u64 {
        let (node, answered) = (Arc::clone(node), Arc::clone(&answered));
        callers.spawn(async move {
            let mut random = grid::Random(caller);
            while Instant::now() < end {
                grid::accepted(&node, command(&mut random, points)).await;
                answered.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    callers.join_all().await;
    answered.load(Ordering::Relaxed) / seconds
}

async fn offer(name: &str, node: &Arc<Node>, points: u64, rate: u64, seconds: u64) {
    let (done, mut results) = mpsc::unbounded_channel();
    let mut random = grid::Random(7);
    let begun = Instant::now();
    let (mut offered, mut resident) = (0, 0);
    while begun.elapsed() < Duration::from_secs(seconds) {
        let due = u64::try_from(begun.elapsed().as_micros()).unwrap() * rate / 1_000_000;
        while offered < due {
            offered += 1;
            let (node, done, request) = (Arc::clone(node), done.clone(), command(&mut random, points));
            tokio::spawn(async move {
                let asked = Instant::now();
                let answered = node.call(request).await;
                let _ = done.send((answered.map(drop), asked.elapsed()));
            });
        }
        resident = resident.max(grid::resident_bytes());
        tokio::time::sleep(TICK).await;
    }
    drop(done);
    let (mut times, mut refused, mut unknown) = (Vec::new(), 0, 0);
    while let Some((answered, elapsed)) = results.recv().await {
        match answered {
            Ok(()) => times.push(elapsed),
            Err(CallError::Overloaded { .. }) => refused += 1,
            Err(CallError::OutcomeUnknown) => unknown += 1,
            Err(error) => panic!("{error}"),
        }
    }
    let (p50, p99) = (grid::per_mille(&mut times, 500), grid::per_mille(&mut times, 990));
    let longest = times.last().copied().unwrap_or_default();
    println!(
        "{:<22} {:>9} {:>11} {:>11} {:>9} {:>9} {:>9} {:>9}",
        format!("{name}: {}/s", offered / seconds),
        times.len() as u64 / seconds,
        refused / seconds,
        unknown / seconds,
        p50.as_millis(),
        p99.as_millis(),
        longest.as_millis(),
        resident / 1_000_000
    );
}

/// A day of values for some point.
fn command(random: &mut grid::Random, points: u64) -> actors::shell::Request {
    let number = random.next() % points;
    grid::request(number, &grid::day_of_values(random))
}
