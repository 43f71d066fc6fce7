//! What it costs to wake a metering point that sleeps with a month of values at rest: one by one as clients ask, and many
//! at once in the order of keys, as batch work comes.
//!
//! `KVARTER_BENCH_POINTS` says how many points (20,000 unless stated otherwise), `KVARTER_BENCH_DIR` where their store
//! lies. `KVARTER_BENCH_STORE` names the directory of a store that is kept, filled if it is not there;
//! `KVARTER_BENCH_ONLY` says `single` or `order` where only one of both is wanted.
#![expect(clippy::unwrap_used, reason = "a bench that meets an error has failed")]
#![expect(clippy::indexing_slicing, reason = "a bench that reaches beyond has failed")]
#![expect(clippy::panic, reason = "a bench that meets the unexpected has failed")]
#![expect(clippy::disallowed_methods, reason = "a bench measures by the clock")]

mod filling;
mod grid;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actors::entity::Kinds;
use actors::shell::{Class, Machines as _, Node, Request};
use cluster::ShardCount;
use domain::entity::metering_point::Command;
use storage::{EmbeddedOptions, EmbeddedStore, Store};
use tokio::task::JoinSet;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Batch work gives a shard so many commands at a time.
const BATCH: usize = 256;
/// So many shards are walked at once.
const SHARDS_AT_ONCE: usize = 4;
const ONE_BY_ONE: u64 = 2_000;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let points = grid::setting("KVARTER_BENCH_POINTS", 20_000);
    let kept = std::env::var_os("KVARTER_BENCH_STORE").map(PathBuf::from);
    let directory = grid::directory();
    let path = kept.unwrap_or_else(|| directory.path().join("store"));
    runtime.block_on(async {
        if !path.exists() {
            filling::fill(&path, points).await;
        }
        let store: Arc<dyn Store> = Arc::new(EmbeddedStore::open(&path, EmbeddedOptions::default()).unwrap());
        let wanted = std::env::var("KVARTER_BENCH_ONLY").unwrap_or_default();
        if wanted != "order" {
            one_by_one(&store, points).await;
        }
        if wanted != "single" {
            in_key_order(&store, points).await;
        }
        store.close().await.unwrap();
    });
}

/// Each point is asked twice, one question after the other: the difference is the activation.
async fn one_by_one(store: &Arc<dyn Store>, points: u64) {
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
    println!("one by one              p50 us    p99 us");
    for (state, times) in [("asleep", &mut asleep), ("awake", &mut awake)] {
        let (p50, p99) = (grid::per_mille(times, 500), grid::per_mille(times, 990));
        println!("  {state:<20} {:>8} {:>9}", p50.as_micros(), p99.as_micros());
    }
    node.drain().await;
}

/// Every point is asked in the order of keys, a few shards at a time; then once more while all are awake.
async fn in_key_order(store: &Arc<dyn Store>, points: u64) {
    let node = Arc::new(grid::start(store, grid::MachineClock::new(), 3, |_| {}).await);
    let count = ShardCount::new(grid::SHARDS).unwrap();
    let mut shards = vec![Vec::new(); usize::from(grid::SHARDS)];
    for number in 0..points {
        let request = Request { class: Class::Bulk, ..grid::request(number, &Command::Get) };
        shards[Kinds.shard_of(&request.entity, count).index()].push(request);
    }
    println!("in key order     ns of processor    ns      per point");
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
