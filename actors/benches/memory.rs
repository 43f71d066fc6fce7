//! What the entities take that are awake at once, and what is given back when they sleep.
//!
//! `KVARTER_BENCH_POINTS` says how many (100,000 unless stated otherwise). Their store is the embedded one, whose cache is
//! kept small, so that what is seen is the node's.
#![expect(clippy::unwrap_used, reason = "a bench that meets an error has failed")]
#![expect(clippy::indexing_slicing, reason = "a bench that reaches beyond has failed")]
#![expect(clippy::panic, reason = "a bench that meets the unexpected has failed")]
#![expect(clippy::disallowed_methods, reason = "a bench measures by the clock")]

mod grid;

use std::sync::Arc;
use std::time::{Duration, Instant};

use cluster::{Clock, ManualClock};
use domain::entity::metering_point::Command;
use storage::{EmbeddedOptions, EmbeddedStore, Store};
use tokio::task::JoinSet;

const AT_ONCE: usize = 256;
/// So many are woken and put to sleep some more times: an allocator may give back only while it works.
const OTHERS: u64 = 1_000;
const CACHE_BYTES: usize = 16_000_000;

pub(crate) fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let points = grid::setting("KVARTER_BENCH_POINTS", 100_000);
    let directory = grid::directory();
    runtime.block_on(async {
        let options = EmbeddedOptions { cache_bytes: CACHE_BYTES, ..EmbeddedOptions::default() };
        let store: Arc<dyn Store> = Arc::new(EmbeddedStore::open(directory.path(), options).unwrap());
        measure(&store, points).await;
        store.close().await.unwrap();
    });
}

async fn measure(store: &Arc<dyn Store>, points: u64) {
    let clock = Arc::new(ManualClock::at(grid::MachineClock::new().wall_ms()));
    let node = Arc::new(grid::start(store, clock.clone(), 1, |options| options.tick = None).await);
    let before = report("before", 0, points);
    for round in 1..=3 {
        println!("round {round}");
        ask_all(&node, points, round == 1).await;
        report("awake", before, points);
        tick("a sweep of all awake", &node).await;
        clock.advance(61_000);
        tick("a sweep that puts all to sleep", &node).await;
        // The actors end by themselves.
        tokio::time::sleep(Duration::from_secs(2)).await;
        report("asleep", before, points);
        for _ in 0..10 {
            ask_all(&node, points.min(OTHERS), false).await;
            clock.advance(61_000);
            node.tick().await;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        report("asleep, after some work", before, points);
    }
    node.drain().await;
}

async fn ask_all(node: &Arc<actors::shell::Node>, points: u64, is_new: bool) {
    let mut calls = JoinSet::new();
    for number in 0..points {
        if calls.len() >= AT_ONCE {
            calls.join_next().await.unwrap().unwrap();
        }
        let command = if is_new { grid::register(number) } else { Command::Get };
        let (node, request) = (Arc::clone(node), grid::request(number, &command));
        calls.spawn(async move { grid::accepted(&node, request).await });
    }
    calls.join_all().await;
}

async fn tick(name: &str, node: &actors::shell::Node) {
    let begun = Instant::now();
    node.tick().await;
    println!("  {name:<32} {:>8} us", begun.elapsed().as_micros());
}

fn report(name: &str, before: u64, points: u64) -> u64 {
    let resident = grid::resident_bytes();
    let each = resident.saturating_sub(before) / points;
    println!("  {name:<32} {:>8} MB in RAM, {each} bytes a point more than before", resident / 1_000_000);
    resident
}
