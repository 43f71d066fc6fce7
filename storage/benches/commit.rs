//! Commits of each store against the number of shards that commit at the same time, and reads beside them.
//!
//! Every shard has one commit in flight: its head, expected and advanced, and eight rows of 100 bytes under
//! random ids. `cargo bench -p storage` prints commits per second, the median and 99th percentile of the time to an
//! answer, and on Linux the processor time per commit, that of the callers and of checkpoints included; with `--features foundationdb` also for that store, on a server of one process that is
//! started where FoundationDB is installed, or on the cluster whose file `KVARTER_BENCH_CLUSTER_FILE` names.
//! `KVARTER_BENCH_STORE` names one store (memory, embedded, foundationdb), `KVARTER_BENCH_DIR` the directory of
//! the embedded one (else a temporary one), `KVARTER_BENCH_SECONDS` the time per row.
#![expect(clippy::unwrap_used, reason = "a bench that meets an error has failed")]
#![expect(clippy::disallowed_methods, reason = "a bench measures by the clock")]

mod load;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use load::{IDS, Measured, Random, SHARDS, commits, row_key};
use storage::{EmbeddedOptions, EmbeddedStore, MemoryStore, Scan, Store, StoreExt};
use tempfile::TempDir;
use tokio::runtime::Runtime;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let only = std::env::var("KVARTER_BENCH_STORE").ok();
    let is_wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    if is_wanted("memory") {
        measure(&runtime, "memory", Arc::new(MemoryStore::new()));
    }
    if is_wanted("embedded") {
        let directory = match std::env::var_os("KVARTER_BENCH_DIR") {
            Some(path) => TempDir::new_in(path).unwrap(),
            None => TempDir::new().unwrap(),
        };
        let store = EmbeddedStore::open(directory.path(), EmbeddedOptions::default()).unwrap();
        measure(&runtime, "embedded", Arc::new(store));
    }
    #[cfg(feature = "foundationdb")]
    if is_wanted("foundationdb") {
        measure_foundationdb(&runtime);
    }
}

#[cfg(feature = "foundationdb")]
fn measure_foundationdb(runtime: &Runtime) {
    use storage::foundationdb::{FoundationDbOptions, FoundationDbStore, testing::TestServer};

    let named = std::env::var_os("KVARTER_BENCH_CLUSTER_FILE");
    let server = if named.is_some() { None } else { TestServer::start("the bench of FoundationDB") };
    let Some(file) = named.map(Into::into).or_else(|| Some(server.as_ref()?.cluster_file())) else { return };
    let options = FoundationDbOptions::new(file).with_prefix("bench");
    let store = runtime.block_on(FoundationDbStore::open(options)).unwrap();
    measure(runtime, "foundationdb", Arc::new(store));
}

fn measure(runtime: &Runtime, name: &str, store: Arc<dyn Store>) {
    let seconds = std::env::var("KVARTER_BENCH_SECONDS").map_or(3, |text| text.parse().unwrap());
    println!("{name}\nshards  commits/s      p50 us      p99 us  processor us");
    for shards in SHARDS {
        let before_us = processor_us();
        let measured = runtime.block_on(commits(&store, shards, Duration::from_secs(seconds)));
        let spent_us = processor_us() - before_us;
        let per_commit_us = u128::from(spent_us) / (measured.per_second * u128::from(seconds));
        let Measured { per_second, p50_us, p99_us } = measured;
        println!("{shards:>6} {per_second:>10} {p50_us:>11} {p99_us:>11} {per_commit_us:>13}");
    }
    println!("reads                     calls/s      p50 us      p99 us");
    runtime.block_on(reads(&store, "beside no commits", seconds));
    let stop = Arc::new(AtomicBool::new(false));
    let (writing, until) = (Arc::clone(&store), Arc::clone(&stop));
    runtime.block_on(async {
        let writer = tokio::spawn(async move {
            while !until.load(Ordering::Relaxed) {
                commits(&writing, 64, Duration::from_millis(500)).await;
            }
        });
        reads(&store, "beside 64 shards", seconds).await;
        stop.store(true, Ordering::Relaxed);
        writer.await.unwrap();
        store.close().await.unwrap();
    });
}

/// The processor time of this process so far; 0 where the system does not tell it like Linux, in hundredths of a second.
fn processor_us() -> u64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let behind_name = text.rsplit(')').next().unwrap_or_default();
    let ticks = behind_name.split_ascii_whitespace().skip(11).take(2);
    ticks.map(|ticks| ticks.parse::<u64>().unwrap() * 10_000).sum()
}

async fn reads(store: &Arc<dyn Store>, beside: &str, seconds: u64) {
    let mut random = Random(7);
    for name in ["get", "scan 500"] {
        let begin = Instant::now();
        let mut times = Vec::new();
        while begin.elapsed() < Duration::from_secs(seconds) {
            let key = row_key(u32::try_from(random.next() % 1_024).unwrap(), random.next() % IDS);
            let asked = Instant::now();
            if name == "get" {
                store.get(key).await.unwrap();
            } else {
                let scan = Scan::new(storage::KeyRange::new(key, "t")).rows(500);
                store.scan(scan).await.unwrap();
            }
            times.push(asked.elapsed());
            tokio::task::yield_now().await;
        }
        let measured = Measured::new(times, begin.elapsed());
        let name = format!("{name} {beside}");
        println!("{name:<26} {:>6} {:>11} {:>11}", measured.per_second, measured.p50_us, measured.p99_us);
    }
}
