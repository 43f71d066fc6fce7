//! Commits of each store against the number of shards that commit at the same time, and reads beside them.
//!
//! Every shard has one commit in flight: its head, expected and advanced, and eight rows of 100 bytes under
//! random ids. `cargo bench -p storage` prints commits per second and the median and 99th percentile of the
//! time to an answer; with `--features foundationdb` also for that store, on a server of one process that is
//! started where FoundationDB is installed, or on the cluster whose file `KVARTER_BENCH_CLUSTER_FILE` names.
//! `KVARTER_BENCH_STORE` names one store (memory, embedded, foundationdb), `KVARTER_BENCH_DIR` the directory of
//! the embedded one (else a temporary one), `KVARTER_BENCH_SECONDS` the time per row.
#![expect(clippy::unwrap_used, reason = "a bench that meets an error has failed")]
#![expect(clippy::disallowed_methods, reason = "a bench measures by the clock")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use storage::{
    Commit, CommitOutcome, EmbeddedOptions, EmbeddedStore, Key, KeyWriter, MemoryStore, Scan, Store, StoreExt,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const SHARDS: [u32; 5] = [1, 16, 64, 256, 1_024];
const ROWS_PER_COMMIT: u64 = 8;
const ROW_BYTES: usize = 100;
const IDS: u64 = 100_000;

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
    println!("{name}\nshards  commits/s      p50 us      p99 us");
    for shards in SHARDS {
        let measured = runtime.block_on(commits(&store, shards, Duration::from_secs(seconds)));
        println!("{shards:>6} {:>10} {:>11} {:>11}", measured.per_second, measured.p50_us, measured.p99_us);
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

struct Measured {
    per_second: u128,
    p50_us: u128,
    p99_us: u128,
}

impl Measured {
    fn new(mut times: Vec<Duration>, elapsed: Duration) -> Measured {
        times.sort_unstable();
        let at = |per_mille: usize| times.get(times.len() * per_mille / 1_000).unwrap().as_micros();
        let per_second = times.len() as u128 * 1_000_000 / elapsed.as_micros();
        Measured { per_second, p50_us: at(500), p99_us: at(990) }
    }
}

/// Commits from every shard, each after the answer to its last, for the given time.
async fn commits(store: &Arc<dyn Store>, shards: u32, time: Duration) -> Measured {
    let begin = Instant::now();
    let shard = |shard| tokio::spawn(commit_until(Arc::clone(store), shard, begin + time));
    let running: Vec<_> = (0..shards).map(shard).collect();
    let mut times = Vec::new();
    for shard in running {
        times.extend(shard.await.unwrap());
    }
    Measured::new(times, begin.elapsed())
}

async fn commit_until(store: Arc<dyn Store>, shard: u32, end: Instant) -> Vec<Duration> {
    let head = KeyWriter::new().literal(b"s/").u32(shard).tag(b'h').finish();
    let mut seen = store.get(head.clone()).await.unwrap();
    let mut random = Random(u64::from(shard) + 1);
    let mut times = Vec::new();
    while Instant::now() < end {
        let next = Bytes::copy_from_slice(&random.next().to_le_bytes());
        let commit = match seen {
            Some(value) => Commit::new().expect_value(head.clone(), value),
            None => Commit::new().expect_absent(head.clone()),
        };
        let commit = (0..ROWS_PER_COMMIT).fold(commit.put(head.clone(), next.clone()), |commit, _| {
            commit.put(row_key(shard, random.next() % IDS), vec![7; ROW_BYTES])
        });
        let begin = Instant::now();
        assert_eq!(store.commit(commit).await, Ok(CommitOutcome::Committed));
        times.push(begin.elapsed());
        seen = Some(next);
    }
    times
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

fn row_key(shard: u32, id: u64) -> Key {
    KeyWriter::new().literal(b"s/").u32(shard).tag(b'r').u64(id).finish()
}

/// A sequence that is the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
}
