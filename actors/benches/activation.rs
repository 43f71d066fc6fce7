//! What it costs to wake a metering point that sleeps with a month of values at rest: one by one as clients ask, and many
//! at once in the order of keys, as batch work comes.
//!
//! `KVARTER_BENCH_POINTS` says how many points (20,000 unless stated otherwise), `KVARTER_BENCH_DIR` where their stores lie.
#![expect(clippy::unwrap_used, reason = "a bench that meets an error has failed")]
#![expect(clippy::indexing_slicing, reason = "a bench that reaches beyond has failed")]
#![expect(clippy::panic, reason = "a bench that meets the unexpected has failed")]
#![expect(clippy::disallowed_methods, reason = "a bench measures by the clock")]

mod grid;

use std::sync::Arc;
use std::time::{Duration, Instant};

use actors::entity::Kinds;
use actors::shell::{Class, Machines as _, Node, Request};
use cluster::ShardCount;
use domain::entity::metering_point::Command;
use storage::{EmbeddedOptions, EmbeddedStore, MemoryStore, Store};
use tokio::task::JoinSet;

/// Batch work gives a shard so many commands at a time.
const BATCH: usize = 256;
/// So many shards are walked at once.
const SHARDS_AT_ONCE: usize = 4;
const ONE_BY_ONE: u64 = 2_000;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let points = grid::setting("KVARTER_BENCH_POINTS", 20_000);
    let directory = grid::directory();
    runtime.block_on(async {
        let embedded = EmbeddedStore::open(directory.path(), EmbeddedOptions::default()).unwrap();
        let stores: [(&str, Arc<dyn Store>); 2] =
            [("memory", Arc::new(MemoryStore::new())), ("embedded", Arc::new(embedded))];
        for (name, store) in stores {
            let node = Arc::new(grid::start(&store, grid::MachineClock::new(), 1, |_| {}).await);
            grid::build(&node, 0..points).await;
            node.drain().await;
            one_by_one(name, &store, points).await;
            in_key_order(name, &store, points).await;
            store.close().await.unwrap();
        }
    });
}

/// Each point is asked twice, one question after the other: the difference is the activation.
async fn one_by_one(name: &str, store: &Arc<dyn Store>, points: u64) {
    let node = grid::start(store, grid::MachineClock::new(), 2, |_| {}).await;
    let (mut asleep, mut awake) = (Vec::new(), Vec::new());
    let mut random = grid::Random(3);
    for _ in 0..ONE_BY_ONE.min(points) {
        let request = grid::request(random.next() % points, &Command::Get);
        for times in [&mut asleep, &mut awake] {
            let begun = Instant::now();
            grid::accepted(&node, request.clone()).await;
            times.push(begun.elapsed());
        }
    }
    println!("{name}: one by one        p50 us    p99 us");
    for (state, times) in [("asleep", &mut asleep), ("awake", &mut awake)] {
        let (p50, p99) = (grid::per_mille(times, 500), grid::per_mille(times, 990));
        println!("  {state:<20} {:>8} {:>9}", p50.as_micros(), p99.as_micros());
    }
    node.drain().await;
}

/// Every point is asked in the order of keys, a few shards at a time; then once more while all are awake.
async fn in_key_order(name: &str, store: &Arc<dyn Store>, points: u64) {
    let node = Arc::new(grid::start(store, grid::MachineClock::new(), 3, |_| {}).await);
    let count = ShardCount::new(grid::SHARDS).unwrap();
    let mut shards = vec![Vec::new(); usize::from(grid::SHARDS)];
    for number in 0..points {
        let request = Request { class: Class::Bulk, ..grid::request(number, &Command::Get) };
        shards[Kinds.shard_of(&request.entity, count).index()].push(request);
    }
    println!("{name}: in key order   ns of processor    ns      per point");
    for state in ["asleep", "awake"] {
        let (begun, used) = (Instant::now(), grid::processor_time());
        let mut walks = JoinSet::new();
        for shard in shards.clone() {
            if walks.len() >= SHARDS_AT_ONCE {
                walks.join_next().await.unwrap().unwrap();
            }
            walks.spawn(walk(Arc::clone(&node), shard));
        }
        walks.join_all().await;
        let per_point = |time: Duration| time.as_nanos() / u128::from(points);
        println!(
            "  {state:<20} {:>13} {:>8}",
            per_point(grid::processor_time() - used),
            per_point(begun.elapsed())
        );
    }
    node.drain().await;
}

async fn walk(node: Arc<Node>, requests: Vec<Request>) {
    for batch in requests.chunks(BATCH) {
        let mut calls = JoinSet::new();
        for request in batch.iter().cloned() {
            let node = Arc::clone(&node);
            calls.spawn(async move { grid::accepted(&node, request).await });
        }
        calls.join_all().await;
    }
}
