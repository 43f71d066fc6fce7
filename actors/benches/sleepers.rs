//! How long a node needs to start and to answer where a grid sleeps in its embedded store: metering points with a month
//! of values at rest each.
//!
//! `KVARTER_BENCH_POINTS` says how many points (34,000 unless stated otherwise; a nation has 3,400,000), `KVARTER_BENCH_DIR`
//! where. `KVARTER_BENCH_STORE` names the directory of a store that is kept: filled if it is not there, and only started
//! on if it is. A start is cold where the system holds nothing of the file in memory.
#![expect(clippy::unwrap_used, reason = "a bench that meets an error has failed")]
#![expect(clippy::indexing_slicing, reason = "a bench that reaches beyond has failed")]
#![expect(clippy::panic, reason = "a bench that meets the unexpected has failed")]
#![expect(clippy::disallowed_methods, reason = "a bench measures by the clock")]

mod filling;
mod grid;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::entity::metering_point::Command;
use storage::{EmbeddedOptions, EmbeddedStore, IntegrityCheck, Store};

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
        runtime.block_on(filling::fill(&path, points));
    }
    println!(
        "{:<44} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "start", "open ms", "node ms", "answer ms", "write ms", "RSS MB"
    );
    for round in 1..=grid::setting("KVARTER_BENCH_ROUNDS", 1) {
        println!("round {round}");
        for (name, is_cold) in [("after a stop, cold", true), ("after a stop", false)] {
            runtime.block_on(measure(&path, points, (name, is_cold), IntegrityCheck::WhenSmall));
        }
        for (name, is_cold, check) in [
            ("after a crash, cold", true, IntegrityCheck::WhenSmall),
            ("after a crash", false, IntegrityCheck::WhenSmall),
            ("after a crash, without verifying the file", false, IntegrityCheck::Never),
        ] {
            let crashed = std::process::Command::new(std::env::current_exe().unwrap())
                .args(["crash".as_ref(), path.as_os_str()])
                .status();
            assert!(!crashed.unwrap().success(), "the process was to die");
            runtime.block_on(measure(&path, points, (name, is_cold), check));
        }
    }
}

/// Opens the store, starts a node on it, asks it for one point and has it register one; then ends in order.
async fn measure(path: &Path, points: u64, (name, is_cold): (&str, bool), check: IntegrityCheck) {
    if is_cold {
        forget(path);
    }
    let begun = Instant::now();
    let (store, opened) = open(path, check);
    let clock = grid::MachineClock::new();
    let node = grid::start(&store, clock, u128::from(grid::Random(milliseconds()).next()), |_| {}).await;
    let started = begun.elapsed();
    let number = points / 2;
    grid::accepted(&node, grid::request(number, &Command::Get)).await;
    let answered = begun.elapsed();
    let newcomer = (1 << 41) + milliseconds() % 1_000_000_000;
    grid::accepted(&node, grid::request(newcomer, &grid::register(newcomer))).await;
    let written = begun.elapsed() - answered;
    let megabytes = grid::resident_bytes() / 1_000_000;
    println!(
        "{name:<44} {:>9} {:>9} {:>9} {:>9} {megabytes:>9}",
        opened.as_millis(),
        started.as_millis(),
        answered.as_millis(),
        written.as_millis()
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

/// Has the system drop what it holds of the files in memory.
fn forget(path: &Path) {
    for entry in std::fs::read_dir(path).unwrap() {
        let file = format!("of={}", entry.unwrap().path().display());
        let arguments = [&file, "oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none"];
        let dropped = std::process::Command::new("dd").args(arguments).status();
        assert!(dropped.unwrap().success(), "dd was to drop {file}");
    }
}

fn milliseconds() -> u64 {
    let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    u64::try_from(elapsed.as_millis()).unwrap()
}
