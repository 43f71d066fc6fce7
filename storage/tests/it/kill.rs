//! A process that commits is killed, again and again, at moments it does not choose; each time the store is
//! opened and audited.
//!
//! The test runs itself as the child. Killing a process proves what the process may lose, not what a power
//! cut may; that is tried on a simulated disk inside the crate. `KVARTER_KILLS` sets the number of kills,
//! `KVARTER_KILL_SEED` the moments.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use storage::{
    Commit, CommitOutcome, EmbeddedOptions, EmbeddedStore, KeyRange, Row, Scan, Store, StoreExt,
    integer_from_bytes,
};
use tempfile::TempDir;

/// Tells the child where to work; without it the child's test has nothing to do.
const DIRECTORY: &str = "KVARTER_KILL_DIRECTORY";
const CHECKPOINT: &str = "KVARTER_KILL_CHECKPOINT_BYTES";
const KILLS: u64 = 20;
const SHARDS: usize = 4;
/// A checkpoint every few groups, so that kills fall between all of its steps, and the usual one, so that a log is
/// left.
const CHECKPOINT_BYTES: [usize; 2] = [20_000, 64_000_000];
/// Rows written by each commit and removed by the one after the next.
const ROWS: usize = 5;
const KEPT_BATCHES: u64 = 2;

#[test]
fn what_was_acknowledged_survives_kills() {
    let kills = number("KVARTER_KILLS").unwrap_or(KILLS);
    for checkpoint_bytes in CHECKPOINT_BYTES {
        survive(kills, checkpoint_bytes);
    }
}

fn survive(kills: u64, checkpoint_bytes: usize) {
    let mut random = number("KVARTER_KILL_SEED").unwrap_or(1);
    let directory = TempDir::new().unwrap();
    let mut heads = [0; SHARDS];
    for kill in 0..kills {
        // Some kills before the first answer, others after hundreds.
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let answers = (random >> 33) % 120;
        let acknowledged = kill_after(directory.path(), checkpoint_bytes, answers, heads);
        heads = audit(directory.path(), checkpoint_bytes, acknowledged, kill);
    }
    assert!(heads.iter().sum::<u64>() > kills, "hardly a commit was made: {heads:?}");
}

/// The child: commits from every shard until it is killed, telling each number when it is acknowledged.
#[test]
fn child_that_commits() {
    let Some(directory) = std::env::var_os(DIRECTORY) else { return };
    let checkpoint_bytes = usize::try_from(number(CHECKPOINT).unwrap()).unwrap();
    let store = Arc::new(open(directory.as_ref(), checkpoint_bytes));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let running: Vec<_> =
            (0..SHARDS).map(|shard| tokio::spawn(commit_for_ever(store.clone(), shard))).collect();
        for shard in running {
            shard.await.unwrap();
        }
    });
}

async fn commit_for_ever(store: Arc<EmbeddedStore>, shard: usize) {
    let head = format!("{shard}/head");
    let last = store.get((&*head).into()).await.unwrap();
    let mut sequence: u64 = last.map_or(0, |head| std::str::from_utf8(&head).unwrap().parse().unwrap());
    loop {
        let commit = match sequence {
            0 => Commit::new().expect_absent(&*head),
            _ => Commit::new().expect_value(&*head, sequence.to_string()),
        };
        sequence += 1;
        let commit = (0..ROWS).fold(commit.put(&*head, sequence.to_string()), |commit, row| {
            commit.put(&*row_key(shard, sequence, row), format!("{sequence}/{row}"))
        });
        let oldest = sequence.saturating_sub(KEPT_BATCHES);
        let commit = commit
            .delete_range(KeyRange::new(&*format!("{shard}/row/"), &*row_key(shard, oldest + 1, 0)))
            .add(&*format!("{shard}/count"), 1)
            .add("all", 1);
        assert_eq!(store.commit(commit).await, Ok(CommitOutcome::Committed));
        println!("\nacknowledged {shard} {sequence}");
    }
}

fn row_key(shard: usize, sequence: u64, row: usize) -> String {
    format!("{shard}/row/{sequence:010}/{row}")
}

/// Starts the child, kills it after so many answers, and gives the last number each shard was told: what
/// it had said before it died counts, even if it was read afterwards.
fn kill_after(
    directory: &Path,
    checkpoint_bytes: usize,
    answers: u64,
    mut acknowledged: [u64; SHARDS],
) -> [u64; SHARDS] {
    let mut child = start_child(directory, checkpoint_bytes);
    let mut seen = 0;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let mut words = line.split(' ');
        if words.next() == Some("acknowledged") {
            let shard: usize = words.next().unwrap().parse().unwrap();
            // The very last line may be cut off in the middle of its number, which then is too small.
            let sequence = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
            acknowledged[shard] = acknowledged[shard].max(sequence);
            seen += 1;
        }
        if seen >= answers {
            // Killed already, from the second time on.
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    acknowledged
}

fn start_child(directory: &Path, checkpoint_bytes: usize) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["kill::child_that_commits", "--exact", "--nocapture", "--test-threads=1"]);
    command.env(DIRECTORY, directory).env(CHECKPOINT, checkpoint_bytes.to_string());
    command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap()
}

/// Opens the store as after any crash, with the whole file verified, and gives the heads found.
fn audit(directory: &Path, checkpoint_bytes: usize, acknowledged: [u64; SHARDS], kill: u64) -> [u64; SHARDS] {
    let store = open(directory, checkpoint_bytes);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let heads: [u64; SHARDS] = std::array::from_fn(|shard| {
        let rows = runtime.block_on(store.scan(Scan::prefix(&*format!("{shard}/")))).unwrap().rows;
        let head = audit_shard(shard, &rows);
        // One commit may have been in flight.
        let known = acknowledged[shard];
        assert!((known..=known + 1).contains(&head), "kill {kill}, shard {shard}: {known} became {head}");
        head
    });
    let all = runtime.block_on(store.get("all".into())).unwrap();
    assert_eq!(integer_from_bytes(all.as_deref()), i128::from(heads.iter().sum::<u64>()), "kill {kill}");
    runtime.block_on(store.close()).unwrap();
    heads
}

/// The rows of a shard are exactly those that its head implies.
fn audit_shard(shard: usize, rows: &[Row]) -> u64 {
    let value = |name: &str| {
        let key = format!("{shard}/{name}");
        rows.iter().find(|row| row.key.as_bytes() == key.as_bytes()).map(|row| row.value.clone())
    };
    let head: u64 = value("head").map_or(0, |head| std::str::from_utf8(&head).unwrap().parse().unwrap());
    assert_eq!(integer_from_bytes(value("count").as_deref()), i128::from(head));
    let batches = (head + 1).saturating_sub(KEPT_BATCHES).max(1)..=head;
    let expected: Vec<(String, String)> = batches
        .flat_map(|sequence| {
            (0..ROWS).map(move |row| (row_key(shard, sequence, row), format!("{sequence}/{row}")))
        })
        .collect();
    let prefix = KeyRange::prefix(&*format!("{shard}/row/"));
    let found: Vec<(String, String)> = rows
        .iter()
        .filter(|row| prefix.contains(&row.key))
        .map(|row| (row.key.to_string(), String::from_utf8(row.value.to_vec()).unwrap()))
        .collect();
    assert_eq!(found, expected, "shard {shard}");
    head
}

fn open(directory: &Path, checkpoint_bytes: usize) -> EmbeddedStore {
    let options = EmbeddedOptions { checkpoint_bytes, ..EmbeddedOptions::default() };
    EmbeddedStore::open(directory, options).unwrap()
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap())
}
