//! How long a node needs to start and to answer where a grid sleeps in its embedded store: metering points with a month
//! of values at rest each.
//!
//! The store is filled shard by shard in the order of keys, with what a node on a store in memory wrote for the same
//! commands. `KVARTER_BENCH_POINTS` says how many points (34,000 unless stated otherwise; a nation has 3,400,000 and
//! needs room for about 40 GB), `KVARTER_BENCH_DIR` where. `KVARTER_BENCH_STORE` names the directory of a store that is
//! kept: filled if it is not there, and only started on if it is.
#![expect(clippy::unwrap_used, reason = "a bench that meets an error has failed")]
#![expect(clippy::indexing_slicing, reason = "a bench that reaches beyond has failed")]
#![expect(clippy::panic, reason = "a bench that meets the unexpected has failed")]
#![expect(clippy::disallowed_methods, reason = "a bench measures by the clock")]

mod grid;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actors::entity::Kinds;
use actors::shell::Machines as _;
use cluster::{ManualClock, ShardCount, ShardId};
use domain::entity::metering_point::Command;
use storage::{
    Commit, CommitOutcome, EmbeddedOptions, EmbeddedStore, IntegrityCheck, MemoryStore, Row, Scan, Store,
    StoreExt,
};
use tokio::task::JoinSet;

const SHARDS_AT_ONCE: usize = 8;
const COMMIT_BYTES: usize = 8_000_000;
/// So much is made durable at once.
const GROUP_BYTES: usize = 64_000_000;
/// The node that fills writes all values at this time: 2024-10-02T00:00Z.
const FILLED_MS: i64 = 1_727_827_200_000;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let points = grid::setting("KVARTER_BENCH_POINTS", 34_000);
    if let Some(path) = std::env::args().skip_while(|argument| argument != "crash").nth(1) {
        return runtime.block_on(crash(Path::new(&path)));
    }
    let kept = std::env::var_os("KVARTER_BENCH_STORE").map(PathBuf::from);
    let directory = grid::directory();
    let path = kept.unwrap_or_else(|| directory.path().join("store"));
    if !path.exists() {
        runtime.block_on(fill(&path, points));
    }
    println!("{:<44} {:>9} {:>9} {:>9} {:>9}", "start", "open ms", "node ms", "answer ms", "RSS MB");
    runtime.block_on(measure(&path, points, "after a stop", IntegrityCheck::AfterCrash));
    runtime.block_on(measure(&path, points, "after a stop, again", IntegrityCheck::AfterCrash));
    for (name, check) in [
        ("after a crash", IntegrityCheck::AfterCrash),
        ("after a crash, without verifying the file", IntegrityCheck::Never),
    ] {
        let crashed = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["crash".as_ref(), path.as_os_str()])
            .status();
        assert!(!crashed.unwrap().success(), "the process was to die");
        runtime.block_on(measure(&path, points, name, check));
    }
}

/// Opens the store, starts a node on it and asks it for one point; then ends in order.
async fn measure(path: &Path, points: u64, name: &str, check: IntegrityCheck) {
    let begun = Instant::now();
    let (store, opened) = open(path, check);
    let clock = grid::MachineClock::new();
    let node = grid::start(&store, clock, u128::from(grid::Random(milliseconds()).next()), |_| {}).await;
    let started = begun.elapsed();
    let number = points / 2;
    grid::accepted(&node, grid::request(number, &Command::Get)).await;
    let answered = begun.elapsed();
    let megabytes = grid::resident_bytes() / 1_000_000;
    println!(
        "{name:<44} {:>9} {:>9} {:>9} {megabytes:>9}",
        opened.as_millis(),
        started.as_millis(),
        answered.as_millis()
    );
    node.drain().await;
    drop(node);
    store.close().await.unwrap();
}

/// Dies while a node runs that has written.
async fn crash(path: &Path) {
    let (store, _) = open(path, IntegrityCheck::Never);
    let now_ms = milliseconds();
    let node = grid::start(&store, grid::MachineClock::new(), u128::from(now_ms), |_| {}).await;
    let newcomer = (1 << 40) + now_ms % 1_000_000;
    grid::accepted(&node, grid::request(newcomer, &grid::register(newcomer))).await;
    std::process::abort();
}

fn open(path: &Path, integrity_check: IntegrityCheck) -> (Arc<dyn Store>, Duration) {
    let begun = Instant::now();
    let options = EmbeddedOptions { integrity_check, ..EmbeddedOptions::default() };
    (Arc::new(EmbeddedStore::open(path, options).unwrap()), begun.elapsed())
}

async fn fill(path: &Path, points: u64) {
    let begun = Instant::now();
    let options = EmbeddedOptions {
        cache_bytes: 1_000_000_000,
        queue_bytes: 2 * GROUP_BYTES,
        group_bytes: GROUP_BYTES,
        ..EmbeddedOptions::default()
    };
    let store: Arc<dyn Store> = Arc::new(EmbeddedStore::open(path, options).unwrap());
    // The first node writes what a store begins with.
    grid::start(&store, grid::MachineClock::new(), 1, |_| {}).await.drain().await;
    let count = ShardCount::new(grid::SHARDS).unwrap();
    let mut numbers = vec![Vec::new(); usize::from(grid::SHARDS)];
    (0..points).for_each(|number| numbers[Kinds.shard_of(&grid::entity(number), count).index()].push(number));
    let shards: Vec<ShardId> = count.shards().collect();
    let (mut rows, mut bytes) = (0_usize, 0_usize);
    for shards in shards.chunks(SHARDS_AT_ONCE) {
        let memory: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let node = Arc::new(grid::start(&memory, Arc::new(ManualClock::at(FILLED_MS)), 2, |_| {}).await);
        grid::build(&node, shards.iter().flat_map(|shard| numbers[shard.index()].iter().copied())).await;
        node.drain().await;
        let of_shard = |shard: &ShardId| [b"s/".as_slice(), &shard.number().to_be_bytes()].concat();
        let prefixes = shards.iter().map(of_shard).chain([b"idx/".to_vec()]);
        for prefix in prefixes {
            let copied = copy(&*memory, &store, prefix).await;
            (rows, bytes) = (rows + copied.0, bytes + copied.1);
        }
        println!("{:>5} shards, {rows} rows, {:?}", shards.last().unwrap().number() + 1, begun.elapsed());
    }
    store.close().await.unwrap();
    let file: u64 =
        std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum();
    println!(
        "{points} points: {rows} rows of {} bytes on average, keys included; a file of {} MB; filled in {:?}",
        bytes / rows.max(1),
        file / 1_000_000,
        begun.elapsed()
    );
}

/// Copies every row but heads and logs, in chance order; how many, and how many bytes. Values come in documents, of which
/// a point logs nothing: the days are the record.
async fn copy(from: &dyn Store, to: &Arc<dyn Store>, prefix: Vec<u8>) -> (usize, usize) {
    let mut rows = Vec::new();
    let mut next = Some(Scan::prefix(prefix));
    while let Some(scan) = next {
        let page = from.scan(scan.clone()).await.unwrap();
        next = scan.after(&page);
        let is_left_out = |row: &Row| matches!(row.key.as_bytes(), [b's', b'/', _, _, b'h' | b'g', ..]);
        rows.extend(page.rows.into_iter().filter(|row| !is_left_out(row)));
    }
    // What arrives in the order of keys leaves the pages of the tree half empty, which no real store does.
    let mut random = grid::Random(7);
    for left in (1..rows.len()).rev() {
        rows.swap(left, usize::try_from(random.next() % (left as u64 + 1)).unwrap());
    }
    let (count, mut bytes) = (rows.len(), 0);
    let (mut commit, mut commits) = (Commit::new(), JoinSet::new());
    let carry_out = |commit: Commit| {
        let to = Arc::clone(to);
        async move { assert_eq!(to.commit(commit).await.unwrap(), CommitOutcome::Committed) }
    };
    for row in rows {
        bytes += row.key.len() + row.value.len();
        commit = commit.put(row.key, row.value);
        if commit.size_bytes() > COMMIT_BYTES {
            commits.spawn(carry_out(std::mem::take(&mut commit)));
        }
    }
    commits.spawn(carry_out(commit));
    commits.join_all().await;
    (count, bytes)
}

fn milliseconds() -> u64 {
    let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    u64::try_from(elapsed.as_millis()).unwrap()
}
