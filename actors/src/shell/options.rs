//! How a node is set up, and what its shards share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use cluster::{BackOff, BatchId, Clock, Incarnation, NodeName, ShardCount};
use storage::Store;
use tokio::sync::Semaphore;

use super::machine::Machines;
use super::pace::{Pace, Threads};
use super::parcel::Links;
use super::permit::{Gauge, Limit};
use super::request::CallError;
use super::standing::Admittance;

/// How a node is set up.
#[derive(Clone, Debug)]
pub struct NodeOptions {
    /// This start of the node: drawn at random, never used before.
    pub incarnation: Incarnation,
    /// Into how many shards the store is divided; refused if the store says otherwise.
    pub shard_count: ShardCount,
    /// How the node shows itself to others.
    pub membership: Membership,
    /// What may wait.
    pub bounds: Bounds,
    /// How long a request that says nothing itself waits for a shard to have an owner who can be reached.
    pub patience: Duration,
    /// How often shards look for what is due; `None` if somebody calls [`Node::tick`](super::Node::tick).
    pub tick: Option<Duration>,
    /// An entity that was not used for so long is put to sleep.
    pub idle: Duration,
    /// Entities awake at once on the node; beyond, those not in use are put to sleep at once.
    pub active_entities: usize,
    /// Commits on their way to the store at once, of all shards.
    pub commits: usize,
    /// Pauses before asking the store again.
    pub back_off: BackOff,
    /// How busy its threads are; `None` if it need not know.
    pub threads: Option<Arc<dyn Threads>>,
    /// Rules switched off, to see that tests notice.
    pub defects: Defects,
}

/// How a node shows itself to others.
#[derive(Clone, Debug)]
pub struct Membership {
    /// Its name, which stays over restarts. No two nodes have the same at a time.
    pub name: NodeName,
    /// Where the others reach it, as host and port.
    pub address: Arc<str>,
    /// How long the others wait for a sign of life before they take its shards.
    pub lease: Duration,
    /// How many shards change hands at once.
    pub moves_at_once: usize,
}

/// What may wait before a caller is told to come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Requests of one entity.
    pub entity_commands: usize,
    /// Requests of one shard.
    pub shard: Limit,
    /// Requests of the node.
    pub node: Limit,
    /// Messages of a shard not yet taken by their receivers, each kilobyte of them; beyond, its requests are refused.
    pub outbox: usize,
    /// Messages from other entities waiting in one shard, each kilobyte of them; beyond, they are sent again later.
    pub inbox: usize,
    /// Bulk commands begun and not durable in one shard.
    pub bulk: usize,
    /// How long requests may take on average, from admission to answer, while nobody has to be turned away; beyond it fewer
    /// are let in at once. Under overload the node aims at a few times what a request takes that finds little to do.
    pub wait: Duration,
}

/// Rules that can be switched off to prove that a test would notice. Never set where data matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Defects {
    /// Batches don't expect the head.
    pub no_fence: bool,
    /// Answers are given before their batch is durable.
    pub early_answers: bool,
    /// Messages are taken however often they come.
    pub no_deduplication: bool,
    /// A receiver remembers one last sequence for all senders of a shard, not one for each.
    pub deduplication_by_shard: bool,
    /// An entity is read and put to sleep although the journal holds entries of it, and its entries are taken whatever they
    /// follow.
    pub no_sequence_check: bool,
    /// All batches have the same id, so that one in the store can't be told from another's.
    pub no_batch_id: bool,
}

impl NodeOptions {
    /// The usual bounds for a node with this incarnation and count.
    pub fn new(incarnation: Incarnation, shard_count: ShardCount) -> NodeOptions {
        NodeOptions {
            incarnation,
            shard_count,
            membership: Membership::default(),
            bounds: Bounds::default(),
            patience: Duration::from_secs(30),
            tick: Some(Duration::from_secs(1)),
            idle: Duration::from_secs(60),
            active_entities: 100_000,
            commits: 128,
            back_off: BackOff::default(),
            threads: None,
            defects: Defects::default(),
        }
    }
}

impl Default for Membership {
    fn default() -> Membership {
        Membership {
            name: NodeName::default(),
            address: Arc::from(""),
            lease: Duration::from_secs(5),
            moves_at_once: 64,
        }
    }
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            entity_commands: 256,
            shard: Limit { commands: 4_096, bytes: 8 << 20 },
            node: Limit { commands: usize::MAX, bytes: 64 << 20 },
            outbox: 16_384,
            inbox: 8_192,
            bulk: 512,
            wait: Duration::from_millis(100),
        }
    }
}

/// What all shards of a node share.
pub(crate) struct Shared {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) machines: Arc<dyn Machines>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) links: Arc<dyn Links>,
    pub(crate) options: NodeOptions,
    pub(crate) generation: u64,
    pub(crate) admittance: Admittance,
    /// Bounds the commits on their way.
    pub(crate) gate: Arc<Semaphore>,
    pub(crate) gauge: Arc<Gauge>,
    pub(crate) pace: Arc<Pace>,
    pub(crate) active_entities: AtomicUsize,
    batches: AtomicU64,
}

impl Shared {
    pub(crate) fn new(
        (store, machines, clock): (Arc<dyn Store>, Arc<dyn Machines>, Arc<dyn Clock>),
        links: Arc<dyn Links>,
        options: NodeOptions,
        (generation, admittance): (u64, Admittance),
    ) -> Shared {
        let pace = Pace::new(options.bounds.wait, Arc::clone(&clock), options.threads.clone());
        Shared {
            store,
            machines,
            clock,
            links,
            generation,
            admittance,
            gate: Arc::new(Semaphore::new(options.commits.max(1))),
            gauge: Gauge::new(options.bounds.node),
            pace,
            active_entities: AtomicUsize::new(0),
            batches: AtomicU64::new(0),
            options,
        }
    }

    /// Whether requests may be admitted now.
    pub(crate) fn check_admittance(&self) -> Result<(), CallError> {
        self.admittance.check()
    }

    /// An id no other batch has.
    pub(crate) fn next_batch(&self) -> BatchId {
        let number = self.batches.fetch_add(u64::from(!self.options.defects.no_batch_id), Ordering::Relaxed);
        BatchId { incarnation: self.options.incarnation, number }
    }
}
