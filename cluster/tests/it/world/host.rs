//! One process: a member and what a node does with what it learns.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cluster::{
    Advance, BackOff, BatchId, Clock, Head, Incarnation, JoinError, Lease, Loads, Member, MemberOptions,
    NodeName, Settlement, ShardId, Standing, Table, claim, settle,
};
use storage::Store;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::audit::row_key;
use super::{Audit, Halt, LEASE, SHARDS, SimClock, WatchedStore};

/// How a process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Refused(JoinError),
    Expelled,
    Left,
    Killed,
}

pub(crate) struct Host {
    pub(crate) incarnation: Incarnation,
    pub(crate) store: Arc<WatchedStore>,
    pub(crate) clock: Arc<SimClock>,
    pub(crate) halt: Halt,
    pub(crate) nudged: Arc<Notify>,
    shared: Arc<Mutex<Shared>>,
    task: JoinHandle<()>,
}

/// What the process tells the test.
#[derive(Default)]
struct Shared {
    running: BTreeMap<ShardId, Head>,
    lease: Option<Arc<Lease>>,
    end: Option<End>,
}

impl Host {
    pub(crate) fn start(
        name: &str,
        incarnation: Incarnation,
        store: Arc<WatchedStore>,
        exclusive: bool,
        mut others: Vec<Arc<Notify>>,
    ) -> Host {
        let options = MemberOptions {
            incarnation,
            name: NodeName::new(name).unwrap(),
            address: format!("{name}:7420").into(),
            shard_count: SHARDS,
            lease: LEASE,
            exclusive,
            moves_at_once: 3,
            back_off: BackOff { shortest: Duration::from_millis(2), longest: Duration::from_millis(50) },
        };
        let (clock, halt, nudged) = (Arc::new(SimClock::new()), Halt::default(), Arc::new(Notify::new()));
        let shared = Arc::<Mutex<Shared>>::default();
        others.push(Arc::clone(&nudged));
        let process = Process {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            nudged: Arc::clone(&nudged),
            others,
            shared: Arc::clone(&shared),
            batches: 0,
            beats: 0,
        };
        let task = tokio::spawn(halt.clone().run(process.run(options)));
        Host { incarnation, store, clock, halt, nudged, shared, task }
    }

    /// As `kill -9`.
    pub(crate) fn kill(&self, audit: &Mutex<Audit>) {
        self.task.abort();
        let mut shared = self.shared.lock().unwrap();
        shared.end.get_or_insert(End::Killed);
        shared.running.clear();
        audit.lock().unwrap().running.retain(|(node, _), _| *node != self.incarnation);
    }

    pub(crate) fn end(&self) -> Option<End> {
        assert!(!self.task.is_finished() || self.shared.lock().unwrap().end.is_some(), "a process panicked");
        self.shared.lock().unwrap().end.clone()
    }

    pub(crate) fn runs(&self, shard: ShardId) -> bool {
        self.shared.lock().unwrap().running.contains_key(&shard)
    }

    /// How many shards it runs.
    pub(crate) fn running(&self) -> usize {
        self.shared.lock().unwrap().running.len()
    }

    /// How it stands, once it joined.
    pub(crate) fn standing(&self) -> Option<Standing> {
        self.shared.lock().unwrap().lease.as_ref().map(|lease| lease.standing())
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Process {
    store: Arc<WatchedStore>,
    clock: Arc<SimClock>,
    nudged: Arc<Notify>,
    others: Vec<Arc<Notify>>,
    shared: Arc<Mutex<Shared>>,
    batches: u64,
    beats: usize,
}

impl Process {
    async fn run(mut self, options: MemberOptions) {
        let me = options.incarnation;
        let store = Arc::clone(&self.store) as Arc<dyn Store>;
        let end = match Member::join(store, Arc::clone(&self.clock) as Arc<dyn Clock>, options).await {
            Err(error) => End::Refused(error),
            Ok(mut member) => self.beat(me, &mut member).await,
        };
        SHARDS.shards().for_each(|shard| self.set_running(me, shard, None));
        self.shared.lock().unwrap().end = Some(end);
    }

    async fn beat(&mut self, me: Incarnation, member: &mut Member) -> End {
        self.shared.lock().unwrap().lease = Some(member.lease());
        loop {
            let step = member.step(&Loads::new()).await;
            if step.standing == Standing::Expelled {
                return End::Expelled;
            }
            let mut changed = step.changed;
            let table = step.map.table();
            self.run_what_is_mine(me, table).await;
            let moving: Vec<ShardId> =
                table.owned_by(me).filter(|shard| table.next(*shard).is_some()).collect();
            if !moving.is_empty() {
                moving.iter().for_each(|&shard| self.set_running(me, shard, None));
                changed |= member.release(&moving).await.is_ok();
            }
            if table.is_draining(me) && table.owned_by(me).count() == 0 {
                self.store_audit().lock().unwrap().leaving.insert(me);
                if member.leave().await.is_ok() {
                    return End::Left;
                }
            }
            if changed {
                self.others.iter().for_each(|other| other.notify_one());
            }
            let _ = tokio::time::timeout(member.beat(), self.nudged.notified()).await;
        }
    }

    /// Stops what is another's, claims what is not run yet, and commits a batch to one shard after the other.
    async fn run_what_is_mine(&mut self, me: Incarnation, table: &Table) {
        self.beats += 1;
        for shard in SHARDS.shards() {
            if table.owner(shard) != Some(me) {
                self.set_running(me, shard, None);
                continue;
            }
            let running = self.shared.lock().unwrap().running.get(&shard).copied();
            if running.is_some() && !(self.beats + shard.index()).is_multiple_of(6) {
                continue;
            }
            self.batches += 1;
            let batch = BatchId { incarnation: me, number: self.batches };
            let back_off = BackOff { shortest: Duration::from_millis(2), longest: Duration::from_millis(20) };
            let work = async {
                match running {
                    None => claim(&*self.store, shard, me, batch, back_off).await.ok(),
                    Some(head) => {
                        let to = head.advanced(batch, 0);
                        let advance = Advance { shard, from: Some(head), to };
                        let commit = advance.commit().put(row_key(shard, to.sequence), to.to_bytes());
                        let settlement = settle(&*self.store, &advance, commit, back_off).await;
                        (settlement == Settlement::Committed).then_some(to)
                    }
                }
            };
            // In doubt, the shard is claimed anew.
            let head = tokio::time::timeout(LEASE / 4, work).await.unwrap_or_default();
            if let (Some(head), Some(_)) = (head, running) {
                let twice =
                    self.store_audit().lock().unwrap().acknowledged.insert((shard, head.sequence), head);
                assert_eq!(twice, None, "a sequence was acknowledged twice");
            }
            self.set_running(me, shard, head);
        }
    }

    fn set_running(&self, me: Incarnation, shard: ShardId, head: Option<Head>) {
        let mut audit = self.store_audit().lock().unwrap();
        let mut shared = self.shared.lock().unwrap();
        if let Some(head) = head {
            shared.running.insert(shard, head);
            audit.running.insert((me, shard), head);
        } else {
            shared.running.remove(&shard);
            audit.running.remove(&(me, shard));
        }
    }

    fn store_audit(&self) -> &Mutex<Audit> {
        self.store.audit()
    }
}
