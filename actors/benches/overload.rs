//! A node that is asked for five times what it can do: how long what it takes in takes, what it refuses, and what
//! memory that needs.
//!
//! Callers come at a fixed rate, whether others were answered or not, with a command that is stored: a day of values for a
//! point chosen by chance. `KVARTER_BENCH_SECONDS` says for how long (10 unless stated otherwise), `KVARTER_BENCH_POINTS`
//! how many points there are (20,000), `KVARTER_BENCH_DIR` where the store lies.
#![expect(clippy::unwrap_used, reason = "a bench that meets an error has failed")]
#![expect(clippy::indexing_slicing, reason = "a bench that reaches beyond has failed")]
#![expect(clippy::float_arithmetic, reason = "what a bench prints are times")]
#![expect(clippy::panic, reason = "a bench that meets the unexpected has failed")]
#![expect(clippy::disallowed_methods, reason = "a bench measures by the clock")]

mod grid;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use actors::shell::{CallError, Node};
use storage::{EmbeddedOptions, EmbeddedStore, Store};
use tokio::task::JoinSet;

/// So many callers that wait for their answers; the last number finds out what the node can do.
const CALLERS: [u64; 5] = [1, 8, 32, 64, 256];
/// So many register points at a time.
const BUILD_AT_ONCE: usize = 256;
const TICK: Duration = Duration::from_millis(2);
/// How often the memory is looked at while one rate is offered.
const MEMORY_LOOKS: u64 = 12;

/// What became of the calls.
#[derive(Default)]
struct Tally {
    answered: Mutex<Vec<Duration>>,
    refused: AtomicU64,
    unknown: AtomicU64,
}

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
            if tasks.len() >= BUILD_AT_ONCE {
                tasks.join_next().await.unwrap().unwrap();
            }
            let node = Arc::clone(&node);
            tasks.spawn(async move {
                grid::accepted(&node, grid::request(number, &grid::register(number))).await;
            });
        }
        tasks.join_all().await;
        let mut capacity = 0;
        for callers in CALLERS {
            capacity = answers_to(&node, points, (callers, seconds)).await;
            println!("{callers:>3} callers that wait for their answers: {capacity}/s");
        }
        println!(
            "{:<28} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}  RSS in MB, from begin to end",
            "offered", "answered", "refused", "unknown", "p50 ms", "p99 ms", "max ms"
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
async fn answers_to(node: &Arc<Node>, points: u64, (callers_at_once, seconds): (u64, u64)) -> u64 {
    let end = Instant::now() + Duration::from_secs(seconds);
    let answered = Arc::new(AtomicU64::new(0));
    let mut callers = JoinSet::new();
    for caller in 0..callers_at_once {
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
    let tally = Arc::new(Tally::default());
    let mut random = grid::Random(7);
    let mut calls = JoinSet::new();
    let begun = Instant::now();
    let (mut offered, mut memory) = (0, Vec::new());
    while begun.elapsed() < Duration::from_secs(seconds) {
        let due = u64::try_from(begun.elapsed().as_micros()).unwrap() * rate / 1_000_000;
        while offered < due {
            offered += 1;
            let (node, tally, request) = (Arc::clone(node), Arc::clone(&tally), command(&mut random, points));
            calls.spawn(async move {
                let asked = Instant::now();
                let answered = node.call(request).await;
                tally.count(answered.map(drop), asked.elapsed());
            });
        }
        while calls.try_join_next().is_some() {}
        if begun.elapsed().as_secs() * MEMORY_LOOKS / seconds >= memory.len() as u64 {
            memory.push(grid::resident_bytes() / 1_000_000);
        }
        tokio::time::sleep(TICK).await;
    }
    calls.join_all().await;
    let mut times = std::mem::take(&mut *tally.answered.lock().unwrap());
    let (p50, p99) = (grid::per_mille(&mut times, 500), grid::per_mille(&mut times, 990));
    let longest = times.last().copied().unwrap_or_default();
    let per_second = |count: &AtomicU64| count.load(Ordering::Relaxed) / seconds;
    println!(
        "{:<28} {:>9} {:>9} {:>9} {:>9.1} {:>9.1} {:>9.1}  {memory:?}",
        format!("{name}: {}/s", offered / seconds),
        times.len() as u64 / seconds,
        per_second(&tally.refused),
        per_second(&tally.unknown),
        p50.as_secs_f64() * 1e3,
        p99.as_secs_f64() * 1e3,
        longest.as_secs_f64() * 1e3,
    );
}

impl Tally {
    fn count(&self, answered: Result<(), CallError>, elapsed: Duration) {
        match answered {
            Ok(()) => self.answered.lock().unwrap().push(elapsed),
            Err(CallError::Overloaded { .. }) => drop(self.refused.fetch_add(1, Ordering::Relaxed)),
            Err(CallError::OutcomeUnknown) => drop(self.unknown.fetch_add(1, Ordering::Relaxed)),
            Err(error) => panic!("{error}"),
        }
    }
}

/// A day of values for some point.
fn command(random: &mut grid::Random, points: u64) -> actors::shell::Request {
    let number = random.next() % points;
    grid::request(number, &grid::day_of_values(random))
}
