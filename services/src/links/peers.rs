//! All other nodes.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use actors::shell::{BoxFuture, CallError, EntityId, Parcel, Peers, Reply, Request, Ruling};
use cluster::{Clock, Incarnation, Peer, ShardCount, ShardId};
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::lane::Lane;
use super::network::Network;
use super::options::LinkOptions;
use super::outgoing::{Asked, Item};
use super::wire::answer::Answer;
use super::wire::{call, parcel, ruling};

/// The way to all other nodes over gRPC. Dropping it closes every connection.
pub struct Links {
    nodes: Arc<Nodes>,
    _keeper: JoinSet<()>,
}

/// What every stream needs.
pub(super) struct Surroundings {
    pub(super) options: LinkOptions,
    pub(super) network: Arc<dyn Network>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) offsets: Offsets,
    pub(super) runtime: Handle,
}

/// By how much the clocks of others are ahead, and when that was learnt.
#[derive(Debug, Default)]
pub(super) struct Offsets(Mutex<BTreeMap<Incarnation, (i64, Instant)>>);

struct Nodes {
    surroundings: Arc<Surroundings>,
    links: RwLock<BTreeMap<Incarnation, Arc<Link>>>,
}

/// The way to one node.
struct Link {
    lanes: Vec<Arc<Lane>>,
    used: Mutex<Instant>,
}

/// A node that can't be reached and of which nobody wants anything for so long is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(60);
/// What was learnt of a clock longer ago says nothing any more.
const OFFSET_HOLDS: Duration = Duration::from_secs(10);
/// An answer that took longer says too little about the clock: the error is half of it.
const LONGEST_ROUND: Duration = Duration::from_millis(250);

impl Links {
    /// The way to others from this node. Called on the runtime that is to carry it.
    #[must_use]
    pub fn new(options: LinkOptions, network: Arc<dyn Network>, clock: Arc<dyn Clock>) -> Links {
        let period = options.ping;
        let runtime = Handle::current();
        let surroundings = Surroundings { options, network, clock, offsets: Offsets::default(), runtime };
        let nodes = Arc::new(Nodes { surroundings: Arc::new(surroundings), links: RwLock::default() });
        let mut keeper = JoinSet::new();
        let kept = Arc::downgrade(&nodes);
        keeper.spawn(async move {
            loop {
                tokio::time::sleep(period).await;
                let Some(nodes) = kept.upgrade() else { return };
                nodes.ping();
                nodes.forget();
            }
        });
        Links { nodes, _keeper: keeper }
    }
}

impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Links").field("options", &self.nodes.surroundings.options).finish_non_exhaustive()
    }
}

impl Peers for Links {
    fn call(&self, to: &Peer, request: Request) -> BoxFuture<Result<Reply, CallError>> {
        let lane = self.nodes.lane(to, spread(&request.entity));
        let limit = self.nodes.limit(request.timeout);
        Box::pin(async move {
            let call = call::write(request);
            match lane.ask(limit, |ticket| Item::Call(Box::new(call), ticket)).await? {
                Answer::Reply(reply) => Ok(reply),
                Answer::Error(error) => Err(error),
                Answer::Ruled(_) => Err(CallError::OutcomeUnknown),
            }
        })
    }

    fn send(&self, to: &Peer, shard: ShardId, parcel: Parcel) {
        let lane = self.nodes.lane(to, shard.index());
        // What does not fit or can't go is lost: its sender tries again.
        let _ = lane.post(Item::Parcel(Box::new(parcel::write(shard, parcel))));
    }

    fn nudge(&self, to: &Peer) {
        let _ = self.nodes.lane(to, 0).post(Item::Nudge);
    }

    fn rule(&self, to: &Peer, ruling: Ruling, limit: Duration) -> BoxFuture<Result<bool, CallError>> {
        let lane = self.nodes.lane(to, spread(&ruling.entity));
        let limit = self.nodes.limit(Some(limit));
        Box::pin(async move {
            let ruling = Box::new(ruling::write(ruling));
            match lane.ask(limit, |ticket| Item::Ruling(ruling, ticket)).await? {
                Answer::Ruled(was_parked) => Ok(was_parked),
                Answer::Error(error) => Err(error),
                Answer::Reply(_) => Err(CallError::OutcomeUnknown),
            }
        })
    }

    fn watch_clocks(&self, of: &[Peer]) {
        // The keeper pings whomever there is a link to, which opens it; used again and again, it is never forgotten.
        for peer in of {
            let _ = self.nodes.lane(peer, 0);
        }
    }

    fn clock_offsets_ms(&self) -> Vec<i64> {
        self.nodes.surroundings.offsets.recent()
    }
}

impl Nodes {
    /// One of the lanes to a node: always the same for the same number.
    fn lane(&self, to: &Peer, number: usize) -> Arc<Lane> {
        let link = self.link(to);
        *link.used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        let at = number.checked_rem(link.lanes.len()).unwrap_or_default();
        match link.lanes.get(at) {
            Some(lane) => Arc::clone(lane),
            None => Lane::new(to.clone(), Arc::clone(&self.surroundings)),
        }
    }

    fn link(&self, to: &Peer) -> Arc<Link> {
        let known = self.links.read().unwrap_or_else(PoisonError::into_inner).get(&to.incarnation).cloned();
        known.unwrap_or_else(|| {
            let mut links = self.links.write().unwrap_or_else(PoisonError::into_inner);
            let link = links.entry(to.incarnation).or_insert_with(|| {
                let lane = |_| Lane::new(to.clone(), Arc::clone(&self.surroundings));
                let lanes = (0..self.surroundings.options.lanes.max(1)).map(lane).collect();
                Arc::new(Link { lanes, used: Mutex::new(Instant::now()) })
            });
            Arc::clone(link)
        })
    }

    fn limit(&self, timeout: Option<Duration>) -> Duration {
        let options = &self.surroundings.options;
        timeout.unwrap_or(options.patience).saturating_add(options.margin)
    }

    fn ping(&self) {
        for link in self.links.read().unwrap_or_else(PoisonError::into_inner).values() {
            if let Some(lane) = link.lanes.first() {
                let _ = lane.post(Item::Ping);
            }
        }
    }

    fn forget(&self) {
        let is_wanted = |link: &Link| {
            let used = *link.used.lock().unwrap_or_else(PoisonError::into_inner);
            used.elapsed() < FORGOTTEN_AFTER || link.lanes.iter().any(|lane| lane.is_connected())
        };
        self.links.write().unwrap_or_else(PoisonError::into_inner).retain(|_, link| is_wanted(link));
    }
}

impl Offsets {
    /// What a node said of its clock. The answer is taken to have been given halfway.
    pub(super) fn learn(&self, peer: Incarnation, asked: Asked, wall_ms: i64) {
        let round = asked.at.elapsed();
        if round > LONGEST_ROUND {
            return;
        }
        let half_ms = i64::try_from(round.as_millis()).unwrap_or_default().wrapping_div(2);
        let offset_ms = wall_ms.saturating_sub(asked.wall_ms.saturating_add(half_ms));
        let mut offsets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        offsets.insert(peer, (offset_ms, Instant::now()));
    }

    fn recent(&self) -> Vec<i64> {
        let mut offsets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        offsets.retain(|_, (_, at)| at.elapsed() < OFFSET_HOLDS);
        offsets.values().map(|(offset_ms, _)| *offset_ms).collect()
    }
}

/// A number that is the same for the same entity, so that everything for it goes one way.
fn spread(entity: &EntityId) -> usize {
    ShardCount::STANDARD.shard_of(entity.key()).index()
}
