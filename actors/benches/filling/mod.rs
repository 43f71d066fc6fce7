//! Filling a store with a grid that sleeps, as fast as the store takes it.
//!
//! A node on a store in memory registers some points and stores a month of values for each. What it wrote is a pattern: all
//! other points get the rows of one of these under their own names. So the rows are what a node leaves behind, byte for
//! byte but for the ids and the values. They are written shard by shard, in chance order inside a few shards: what arrives in the
//! order of keys leaves the pages of the tree half empty, which no real store does.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use actors::entity::Kinds;
use actors::entity::listing::{self, Listing};
use actors::shell::Machines as _;
use bytes::Bytes;
use cluster::{ManualClock, ShardCount};
use storage::{
    Commit, CommitOutcome, EmbeddedOptions, EmbeddedStore, Key, KeyWriter, MemoryStore, Row, Scan, Store,
    StoreExt as _,
};
use tokio::task::JoinSet;

use crate::grid;

/// So many points are carried out by a node; the others follow their patterns.
const PATTERNS: u64 = 1_000;
const SHARDS_AT_ONCE: usize = 4;
/// As the store counts them, which is more than is written.
const COMMIT_BYTES: usize = 8_000_000;
const GROUP_BYTES: usize = 128_000_000;
const COMMITS_UNDER_WAY: usize = 32;
/// Entries of the listing that lie together.
const LISTED_AT_ONCE: u64 = 200_000;
/// The node that makes the patterns writes all values at this time: 2024-10-02T00:00Z.
const FILLED_MS: i64 = 1_727_827_200_000;

/// The rows of one point.
struct Pattern {
    id: String,
    /// The letter of the section, what follows the point's name, the value.
    rows: Vec<(u8, Bytes, Bytes)>,
}

/// How a point is named.
struct Name {
    id: String,
    shard: [u8; 2],
    entity: Bytes,
}

/// What writes.
struct Filler {
    store: Arc<dyn Store>,
    random: grid::Random,
    commits: JoinSet<()>,
    rows: usize,
    bytes: usize,
}

/// Creates a store with so many points.
pub(crate) async fn fill(path: &Path, points: u64) {
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
    let patterns = patterns(points.min(PATTERNS)).await;
    let count = ShardCount::new(grid::SHARDS).unwrap();
    let mut numbers = vec![Vec::new(); usize::from(grid::SHARDS)];
    (0..points).for_each(|number| numbers[Kinds.shard_of(&grid::entity(number), count).index()].push(number));
    let random = grid::Random(7);
    let mut filler = Filler { store: Arc::clone(&store), random, commits: JoinSet::new(), rows: 0, bytes: 0 };
    for (chunk, shards) in numbers.chunks(SHARDS_AT_ONCE).enumerate() {
        let mut rows = Vec::new();
        for number in shards.iter().flatten() {
            let pattern = &patterns[usize::try_from(number % patterns.len() as u64).unwrap()];
            rows.extend(pattern.under(&Name::new(*number)));
        }
        filler.write(rows).await;
        if chunk % 16 == 15 {
            println!(
                "{:>5} shards, {} rows, {:?}",
                (chunk + 1) * SHARDS_AT_ONCE,
                filler.rows,
                begun.elapsed()
            );
        }
    }
    for first in (0..points).step_by(usize::try_from(LISTED_AT_ONCE).unwrap()) {
        let listed = (first..points.min(first + LISTED_AT_ONCE))
            .map(|number| Row { key: listed(number), value: Bytes::new() });
        filler.write(listed.collect()).await;
    }
    filler.commits.join_all().await;
    store.close().await.unwrap();
    let file: u64 =
        std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum();
    println!(
        "{points} points: {} rows of {} bytes on average, keys included; a file of {} MB; filled in {:?}",
        filler.rows,
        filler.bytes / filler.rows.max(1),
        file / 1_000_000,
        begun.elapsed()
    );
}

/// What a node wrote for the first points.
async fn patterns(points: u64) -> Vec<Pattern> {
    let memory: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let node = Arc::new(grid::start(&memory, Arc::new(ManualClock::at(FILLED_MS)), 2, |_| {}).await);
    grid::build(&node, 0..points).await;
    node.drain().await;
    let mut rows = BTreeMap::new();
    let mut next = Some(Scan::prefix(b"s/".as_slice()));
    while let Some(scan) = next {
        let page = memory.scan(scan.clone()).await.unwrap();
        next = scan.after(&page);
        rows.extend(page.rows.into_iter().map(|row| (row.key, row.value)));
    }
    let mut patterns = Vec::new();
    for number in 0..points {
        let name = Name::new(number);
        let mut pattern = Pattern { id: name.id.clone(), rows: Vec::new() };
        for letter in b'a'..=b'z' {
            let begin = name.key(letter, &[]);
            let own = rows
                .range(begin.clone()..)
                .take_while(|(key, _)| key.as_bytes().starts_with(begin.as_bytes()));
            let suffix = |key: &Key| Bytes::copy_from_slice(&key.as_bytes()[begin.len()..]);
            pattern.rows.extend(own.map(|(key, value)| (letter, suffix(key), value.clone())));
        }
        // Values come in documents, of which a point logs nothing: the days are the record.
        pattern.rows.retain(|(letter, suffix, _)| *letter != b'g' || **suffix == 1_u64.to_be_bytes());
        let again: Vec<Row> = pattern.under(&name).collect();
        assert!(
            again.len() == 32 && again.iter().all(|row| rows.get(&row.key) == Some(&row.value)),
            "{}",
            again.len()
        );
        assert_eq!(
            memory.get(listed(number)).await.unwrap(),
            Some(Bytes::new()),
            "the listing has the point"
        );
        patterns.push(pattern);
    }
    patterns
}

impl Pattern {
    /// The rows under the name of another point.
    fn under<'a>(&'a self, name: &'a Name) -> impl Iterator<Item = Row> + 'a {
        self.rows.iter().map(|(letter, suffix, value)| {
            // Days do not name their point.
            let value = if *letter == b'd' { value.clone() } else { renamed(value, &self.id, &name.id) };
            Row { key: name.key(*letter, suffix), value }
        })
    }
}

impl Name {
    fn new(number: u64) -> Name {
        let entity = grid::entity(number);
        let count = ShardCount::new(grid::SHARDS).unwrap();
        let shard = Kinds.shard_of(&entity, count).number().to_be_bytes();
        Name { id: grid::point(number).to_string(), shard, entity: entity.to_bytes() }
    }

    /// The key of a row in a section.
    fn key(&self, letter: u8, suffix: &[u8]) -> Key {
        Key::from([b"s/".as_slice(), &self.shard, &[letter], &self.entity, suffix].concat())
    }
}

/// The key under which a point is listed.
fn listed(number: u64) -> Key {
    let entity = grid::entity(number);
    let index = KeyWriter::new().literal(b"idx/").text(entity.tenant().as_str());
    let order = index.tag(Listing::MeteringPoints.number()).bytes(&listing::by_point(grid::point(number)));
    order.tag(entity.kind().number()).bytes(entity.key()).finish()
}

/// A value in which one id stands for another of the same length.
fn renamed(value: &Bytes, from: &str, to: &str) -> Bytes {
    let mut bytes = value.to_vec();
    let places: Vec<usize> =
        (0..bytes.len()).filter(|place| bytes[*place..].starts_with(from.as_bytes())).collect();
    for place in places {
        bytes[place..place + to.len()].copy_from_slice(to.as_bytes());
    }
    bytes.into()
}

impl Filler {
    /// Writes these rows, in chance order.
    async fn write(&mut self, mut rows: Vec<Row>) {
        for left in (1..rows.len()).rev() {
            rows.swap(left, usize::try_from(self.random.next() % (left as u64 + 1)).unwrap());
        }
        let (mut commit, mut size_bytes) = (Commit::new(), 0);
        for row in rows {
            self.rows += 1;
            self.bytes += row.key.len() + row.value.len();
            size_bytes += 3 * row.key.len() + row.value.len();
            commit = commit.put(row.key, row.value);
            if size_bytes > COMMIT_BYTES {
                self.carry_out(std::mem::take(&mut commit)).await;
                size_bytes = 0;
            }
        }
        self.carry_out(commit).await;
    }

    async fn carry_out(&mut self, commit: Commit) {
        if self.commits.len() >= COMMITS_UNDER_WAY {
            self.commits.join_next().await.unwrap().unwrap();
        }
        let store = Arc::clone(&self.store);
        self.commits
            .spawn(async move { assert_eq!(store.commit(commit).await.unwrap(), CommitOutcome::Committed) });
    }
}
