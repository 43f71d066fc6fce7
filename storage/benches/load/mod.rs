//! The commits that benches of stores measure: every shard has one in flight, of its head, expected and advanced, and eight
//! rows of 100 bytes under random ids.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use storage::{Commit, CommitOutcome, Key, KeyWriter, Store, StoreExt as _};
use tokio::task::JoinSet;

pub(crate) const SHARDS: [u32; 5] = [1, 16, 64, 256, 1_024];
pub(crate) const IDS: u64 = 100_000;
const ROWS_PER_COMMIT: u64 = 8;
const ROW_BYTES: usize = 100;

pub(crate) struct Measured {
    pub(crate) per_second: u128,
    pub(crate) p50_us: u128,
    pub(crate) p99_us: u128,
}

impl Measured {
    pub(crate) fn new(mut times: Vec<Duration>, elapsed: Duration) -> Measured {
        times.sort_unstable();
        let at = |per_mille: usize| times.get(times.len() * per_mille / 1_000).unwrap().as_micros();
        let per_second = times.len() as u128 * 1_000_000 / elapsed.as_micros();
        Measured { per_second, p50_us: at(500), p99_us: at(990) }
    }
}

/// Commits from every shard, each after the answer to its last, for the given time.
pub(crate) async fn commits(store: &Arc<dyn Store>, shards: u32, time: Duration) -> Measured {
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

pub(crate) fn row_key(shard: u32, id: u64) -> Key {
    KeyWriter::new().literal(b"s/").u32(shard).tag(b'r').u64(id).finish()
}

/// A sequence that is the same in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
}
