//! A store server that is killed with -9 while two clients commit: nothing acknowledged is lost, nothing happens twice, and
//! of two clients that both believe they own a shard only one goes on.
//!
//! Each client has shards of its own and contends for others with the other client. Both run through every kill and find
//! the server again by themselves. `KVARTER_KILLS` sets the number of kills.

#![expect(clippy::panic, reason = "a test that meets the unexpected has failed")]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use cluster::{
    Advance, BackOff, BatchId, Epoch, Head, Incarnation, Settlement, ShardId, head_key, read_head, settle,
    shard_key,
};
use storage::{
    EmbeddedOptions, EmbeddedStore, Key, KeyRange, Scan, Store, StoreError, StoreExt, integer_from_bytes,
};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::process::StoreProcess;
use super::served::connect;
use crate::grpc::world::run;

const KILLS: u64 = 6;
const CLIENTS: u64 = 2;
const OWN_SHARDS: u16 = 3;
const CONTENDED_SHARDS: u16 = 2;
/// After how many batches a client begins a contended shard anew, as after a takeover.
const BATCHES_PER_EPOCH: u64 = 20;

/// What the clients were told is durable: who wrote which sequence of which shard, under which epoch.
type Acknowledged = BTreeMap<(ShardId, u64), (Epoch, Incarnation)>;

#[derive(Default)]
struct Watch {
    acknowledged: watch::Sender<u64>,
    fenced: AtomicU64,
    end: AtomicBool,
}

#[test]
fn what_was_acknowledged_survives_and_only_one_owner_commits() {
    run(async {
        let directory = TempDir::new().unwrap();
        let mut server = StoreProcess::start(directory.path());
        let watch = Arc::new(Watch::default());
        let mut writing = JoinSet::new();
        for client in 1..=CLIENTS {
            writing.spawn(commit_until_the_end(
                server.address,
                Incarnation::new(client.into()),
                Arc::clone(&watch),
            ));
        }
        let kills = std::env::var("KVARTER_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
        for kill in 1..=kills {
            // Some kills early, some late, by a draw that is the same every time.
            let mut acknowledged = watch.acknowledged.subscribe();
            let batches = *acknowledged.borrow() + kill.wrapping_mul(7_919) % 90;
            acknowledged.wait_for(|now| *now > batches).await.unwrap();
            tokio::task::block_in_place(|| server.kill_and_start());
        }
        watch.end.store(true, Ordering::SeqCst);
        let mut acknowledged = Acknowledged::new();
        while let Some(of_one) = writing.join_next().await {
            acknowledged.extend(of_one.unwrap());
        }
        drop(server);
        assert!(watch.fenced.load(Ordering::SeqCst) > 0, "nobody was ever fenced");
        audit(directory.path(), &acknowledged).await;
    });
}

/// One client: a task per shard, all on one connection to the server.
async fn commit_until_the_end(address: SocketAddr, me: Incarnation, watch: Arc<Watch>) -> Acknowledged {
    let store = connect(address).await;
    let mut shards = JoinSet::new();
    let number = u16::try_from(me.number()).unwrap();
    let own = (0..OWN_SHARDS).map(|shard| ShardId::new(100 * number + shard));
    for shard in own.chain((0..CONTENDED_SHARDS).map(ShardId::new)) {
        let writer = Writer { store: Arc::clone(&store), shard, me, batches: 0, told: Acknowledged::new() };
        shards.spawn(writer.write(Arc::clone(&watch)));
    }
    let mut told = Acknowledged::new();
    while let Some(of_one) = shards.join_next().await {
        told.extend(of_one.unwrap());
    }
    told
}

struct Writer {
    store: Arc<dyn Store>,
    shard: ShardId,
    me: Incarnation,
    batches: u64,
    told: Acknowledged,
}

impl Writer {
    /// Claims the shard and commits to it, again and again, whoever else does.
    async fn write(mut self, watch: Arc<Watch>) -> Acknowledged {
        while !watch.end.load(Ordering::SeqCst) {
            let found = self.head().await;
            let mut head = found;
            for batch in 0..=BATCHES_PER_EPOCH {
                let id = self.next_batch();
                let to = match head {
                    Some(head) if batch > 0 => head.advanced(id, 0),
                    head => Head::claimed(head.as_ref(), id),
                };
                if !self.commit(head, to).await {
                    watch.fenced.fetch_add(1, Ordering::SeqCst);
                    break;
                }
                watch.acknowledged.send_modify(|count| *count += 1);
                self.told.insert((self.shard, to.sequence), (to.epoch, self.me));
                head = Some(to);
            }
        }
        self.told
    }

    /// Whether the batch is durable; `false` where the shard has another owner.
    async fn commit(&self, from: Option<Head>, to: Head) -> bool {
        let advance = Advance { shard: self.shard, from, to };
        let commit = advance.commit().put(self.row(to.sequence), to.to_bytes()).add(self.count(), 1);
        match settle(&*self.store, &advance, commit, BackOff::default()).await {
            Settlement::Committed => true,
            Settlement::Fenced { .. } => false,
            Settlement::Failed(error) => panic!("{error}"),
        }
    }

    async fn head(&self) -> Option<Head> {
        loop {
            match read_head(&*self.store, self.shard).await {
                Ok(head) => return head,
                Err(cluster::SettleError::Store(StoreError::Unavailable { .. })) => {
                    tokio::task::yield_now().await;
                }
                Err(error) => panic!("{error}"),
            }
        }
    }

    fn next_batch(&mut self) -> BatchId {
        self.batches += 1;
        BatchId { incarnation: self.me, number: u64::from(self.shard.number()) << 32 | self.batches }
    }

    fn row(&self, sequence: u64) -> Key {
        shard_key(self.shard, b'r').u64(sequence).finish()
    }

    fn count(&self) -> Key {
        shard_key(self.shard, b'n').finish()
    }
}

/// Every batch that a shard's head counts is there once, what was acknowledged among them, and each epoch is of one client.
async fn audit(directory: &Path, acknowledged: &Acknowledged) {
    let store = EmbeddedStore::open(directory, EmbeddedOptions::default()).unwrap();
    let mut seen = 0;
    for number in (0..CONTENDED_SHARDS)
        .chain((1..=2).flat_map(|client| (0..OWN_SHARDS).map(move |own| 100 * client + own)))
    {
        let shard = ShardId::new(number);
        let head = Head::from_bytes(shard, &store.get(head_key(shard)).await.unwrap().unwrap()).unwrap();
        let rows = rows(&store, shard).await;
        let sequences: Vec<u64> = rows.iter().map(|row| row.sequence).collect();
        assert_eq!(sequences, (1..=head.sequence).collect::<Vec<_>>(), "shard {shard}");
        let count = store.get(shard_key(shard, b'n').finish()).await.unwrap();
        assert_eq!(integer_from_bytes(count.as_deref()), i128::from(head.sequence), "shard {shard}");
        for (before, after) in rows.iter().zip(rows.iter().skip(1)) {
            let is_same_owner = before.batch.incarnation == after.batch.incarnation;
            assert!(
                before.epoch < after.epoch || (before.epoch == after.epoch && is_same_owner),
                "shard {shard}"
            );
        }
        for row in &rows {
            if let Some((epoch, client)) = acknowledged.get(&(shard, row.sequence)) {
                assert_eq!((row.epoch, row.batch.incarnation), (*epoch, *client), "shard {shard}");
                seen += 1;
            }
        }
    }
    assert_eq!(seen, acknowledged.len(), "what was acknowledged is gone");
    store.close().await.unwrap();
}

async fn rows(store: &EmbeddedStore, shard: ShardId) -> Vec<Head> {
    let (mut rows, mut next) =
        (Vec::new(), Some(Scan::new(KeyRange::prefix(shard_key(shard, b'r').finish()))));
    while let Some(scan) = next {
        let page = store.scan(scan.clone()).await.unwrap();
        next = scan.after(&page);
        rows.extend(page.rows.iter().map(|row| Head::from_bytes(shard, &row.value).unwrap()));
    }
    rows
}
