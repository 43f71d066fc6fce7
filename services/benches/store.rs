//! What a store server costs: commits of a store used directly and through a server, against the number of shards that
//! commit at the same time.
//!
//! As in the bench of crate storage every shard has one commit in flight: its head, expected and advanced, and eight rows of
//! 100 bytes under random ids. The server runs in this process on a runtime of its own with two threads and is reached
//! over loopback; the shards have a runtime of two threads as well. `cargo bench -p services --bench store` prints commits
//! per second and the median and 99th percentile of the time to an answer. The ways that are compared take turns.
//! `KVARTER_BENCH_SECONDS` is the time per row, `KVARTER_BENCH_DIR` where the files are (else a temporary folder).
#![expect(clippy::unwrap_used, reason = "a bench that meets an error has failed")]
#![expect(clippy::disallowed_methods, reason = "a bench measures by the clock")]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use services::store::{RemoteOptions, RemoteStore, ServerOptions, StoreKind, StoreServer};
use storage::{
    Commit, CommitOutcome, EmbeddedOptions, EmbeddedStore, Key, KeyWriter, MemoryStore, Store, StoreExt,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

const SHARDS: [u32; 5] = [1, 16, 64, 256, 1_024];
const ROWS_PER_COMMIT: u64 = 8;
const ROW_BYTES: usize = 100;
const IDS: u64 = 100_000;

fn main() {
    let seconds = std::env::var("KVARTER_BENCH_SECONDS").map_or(3, |text| text.parse().unwrap());
    let (serving, committing) = (runtime(), runtime());
    let folder = match std::env::var_os("KVARTER_BENCH_DIR") {
        Some(path) => TempDir::new_in(path).unwrap(),
        None => TempDir::new().unwrap(),
    };
    let embedded = |name: &str| -> Arc<dyn Store> {
        Arc::new(EmbeddedStore::open(folder.path().join(name), EmbeddedOptions::default()).unwrap())
    };
    let memory = || -> Arc<dyn Store> { Arc::new(MemoryStore::new()) };
    let ways = [
        ("memory", memory()),
        ("memory, served", served(&serving, &committing, memory())),
        ("embedded", embedded("direct")),
        ("embedded, served", served(&serving, &committing, embedded("served"))),
    ];
    println!("store             shards  commits/s      p50 us      p99 us");
    for shards in SHARDS {
        for (name, store) in &ways {
            let row = committing.block_on(commits(store, shards, Duration::from_secs(seconds)));
            println!("{name:<17} {shards:>6} {:>10} {:>11} {:>11}", row.per_second, row.p50_us, row.p99_us);
        }
    }
    for (_, store) in ways {
        committing.block_on(store.close()).unwrap();
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// The store behind a server that lives as long as the process.
fn served(serving: &Runtime, committing: &Runtime, store: Arc<dyn Store>) -> Arc<dyn Store> {
    let options = ServerOptions::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let server = serving.block_on(StoreServer::start(store, StoreKind::Memory, &options)).unwrap();
    let address = server.address().to_string().parse().unwrap();
    std::mem::forget(server);
    Arc::new(committing.block_on(RemoteStore::connect(address, RemoteOptions::default())).unwrap())
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
    let mut running = JoinSet::new();
    for shard in 0..shards {
        running.spawn(commit_until(Arc::clone(store), shard, begin + time));
    }
    let mut times = Vec::new();
    while let Some(of_one) = running.join_next().await {
        times.extend(of_one.unwrap());
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
