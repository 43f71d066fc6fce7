//! Which shards run on this node and how to reach them, and who runs the others.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use cluster::{Epoch, Incarnation, Map, Peer, ShardCount, ShardId};
use ractor::{ActorId, ActorRef};
use tokio::sync::Notify;

use super::parcel::{Links, Parcel};
use super::peers::Peers;
use super::permit::{Gauge, Limit};
use super::recover::StartError;
use super::request::CallError;
use super::shard_actor::ShardMessage;
use super::watched::{Watched, Watcher};

/// One route per shard, and the table behind them.
pub(crate) struct Routes {
    me: Incarnation,
    routes: Vec<Watched<Route>>,
    limit: Limit,
    map: RwLock<Arc<Map>>,
    pub(crate) peers: Arc<dyn Peers>,
    /// Counts the changes of routes, so that whoever waits for all of them notices.
    changes: Watched<u64>,
    /// Wakes the steward: a shard has left, or somebody wants something of it.
    pub(crate) wake: Notify,
}

/// Where a shard is, seen from this node.
#[derive(Clone)]
pub(crate) enum Route {
    /// It runs here.
    Here(Lane),
    /// It is being claimed; why that has not worked so far.
    Claiming { trouble: Option<Arc<StartError>> },
    /// It does not run here; the epoch of whoever fenced it here.
    Elsewhere { fenced_by: Option<Epoch> },
}

/// The way to a shard that runs here.
#[derive(Clone)]
pub(crate) struct Lane {
    pub(crate) actor: ActorRef<ShardMessage>,
    pub(crate) gauge: Arc<Gauge>,
    /// How much it has done, in entries; the weight by which shards are spread.
    pub(crate) work: Arc<AtomicU64>,
}

/// Whom to ask for a shard.
pub(crate) enum Way {
    /// Its actor.
    Here(Lane),
    /// Its owner.
    There(Peer),
    /// Nobody at the moment: it has no owner, or this node has just lost it or not yet begun it.
    Nowhere,
}

impl Routes {
    pub(crate) fn new(
        me: Incarnation,
        count: ShardCount,
        limit: Limit,
        map: Arc<Map>,
        peers: Arc<dyn Peers>,
    ) -> Routes {
        let routes = count.shards().map(|_| Watched::new(Route::Elsewhere { fenced_by: None })).collect();
        Routes {
            me,
            routes,
            limit,
            map: RwLock::new(map),
            peers,
            changes: Watched::new(0),
            wake: Notify::new(),
        }
    }

    pub(crate) fn get(&self, shard: ShardId) -> Route {
        match self.routes.get(shard.index()) {
            None => Route::Elsewhere { fenced_by: None },
            Some(route) => route.borrow().clone(),
        }
    }

    /// Whom to ask.
    pub(crate) fn way(&self, shard: ShardId) -> Way {
        match self.get(shard) {
            Route::Here(lane) => Way::Here(lane),
            Route::Claiming { .. } | Route::Elsewhere { .. } => match self.map().owner(shard) {
                Some(peer) if peer.incarnation != self.me => Way::There(peer),
                _ => Way::Nowhere,
            },
        }
    }

    /// What to say about a shard that does not run here.
    pub(crate) fn not_owner(&self, shard: ShardId) -> CallError {
        let epoch = match self.get(shard) {
            Route::Elsewhere { fenced_by } => fenced_by,
            Route::Here(_) | Route::Claiming { .. } => None,
        };
        let owner = self.map().owner(shard).filter(|peer| peer.incarnation != self.me);
        CallError::NotOwner { shard, owner, epoch }
    }

    /// The table as this node knows it.
    pub(crate) fn map(&self) -> Arc<Map> {
        Arc::clone(&self.map.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the table by one that is not older; gives the former.
    pub(crate) fn set_map(&self, map: Arc<Map>) -> Arc<Map> {
        let mut place = self.map.write().unwrap_or_else(PoisonError::into_inner);
        if map.version() < place.version() {
            return Arc::clone(&place);
        }
        let former = std::mem::replace(&mut *place, Arc::clone(&map));
        drop(place);
        for (shard, route) in (0_u16..).map(ShardId::new).zip(&self.routes) {
            if map.table().owner(shard) != former.table().owner(shard) {
                // Whoever waits for the shard looks again.
                route.send_modify(|_| {});
            }
        }
        former
    }

    /// Whether there is another node that takes shards.
    pub(crate) fn has_successor(&self) -> bool {
        let map = self.map();
        let takes = |peer: &Peer| peer.incarnation != self.me && !map.table().is_draining(peer.incarnation);
        map.peers().iter().any(takes)
    }

    /// Whether nobody owns the shard and no node takes it, since all of them drain.
    pub(crate) fn is_forsaken(&self, shard: ShardId) -> bool {
        let map = self.map();
        let drains = |peer: &Peer| map.table().is_draining(peer.incarnation);
        map.table().owner(shard).is_none() && map.peers().iter().all(drains)
    }

    /// Asks all other nodes to look at the table.
    pub(crate) fn nudge_peers(&self) {
        let map = self.map();
        map.peers().iter().filter(|peer| peer.incarnation != self.me).for_each(|peer| self.peers.nudge(peer));
    }

    /// A claim of the shard has begun.
    pub(crate) fn claim(&self, shard: ShardId) {
        if !matches!(self.get(shard), Route::Claiming { .. }) {
            self.set(shard, Route::Claiming { trouble: None });
        }
    }

    /// A claim of the shard has not worked; it is tried again.
    pub(crate) fn trouble(&self, shard: ShardId, error: StartError) {
        self.set(shard, Route::Claiming { trouble: Some(Arc::new(error)) });
    }

    /// The shard runs here from now on.
    pub(crate) fn arrive(&self, shard: ShardId, actor: ActorRef<ShardMessage>, work: Arc<AtomicU64>) {
        self.set(shard, Route::Here(Lane { actor, gauge: Gauge::new(self.limit), work }));
    }

    /// The shard does not run here any more.
    pub(crate) fn leave(&self, shard: ShardId, fenced_by: Option<Epoch>) {
        self.set(shard, Route::Elsewhere { fenced_by });
        self.wake.notify_one();
    }

    /// The shards that run here, in rising order.
    pub(crate) fn here(&self) -> Vec<(ShardId, ActorRef<ShardMessage>)> {
        let here = |(shard, route)| match route {
            Route::Here(lane) => Some((shard, lane.actor)),
            _ => None,
        };
        self.all().filter_map(here).collect()
    }

    /// The shards that are being claimed, and what keeps them from it.
    pub(crate) fn claiming(&self) -> Vec<(ShardId, Option<Arc<StartError>>)> {
        let claiming = |(shard, route)| match route {
            Route::Claiming { trouble } => Some((shard, trouble)),
            _ => None,
        };
        self.all().filter_map(claiming).collect()
    }

    /// How much each shard here has done since it came.
    pub(crate) fn work(&self) -> BTreeMap<ShardId, u64> {
        let work = |(shard, route)| match route {
            Route::Here(lane) => Some((shard, lane.work.load(Ordering::Relaxed))),
            _ => None,
        };
        self.all().filter_map(work).collect()
    }

    /// Every shard, in rising order.
    pub(crate) fn all(&self) -> impl Iterator<Item = (ShardId, Route)> + '_ {
        let shards = (0_u16..).map(ShardId::new).zip(&self.routes);
        shards.map(|(shard, _)| (shard, self.get(shard)))
    }

    /// The shard of an actor.
    pub(crate) fn shard_of(&self, actor: ActorId) -> Option<ShardId> {
        self.here().into_iter().find(|(_, found)| found.get_id() == actor).map(|(shard, _)| shard)
    }

    /// Notices from now on when there is another way to a shard.
    pub(crate) fn changes_of(&self, shard: ShardId) -> Option<Watcher<Route>> {
        self.routes.get(shard.index()).map(Watched::subscribe)
    }

    /// Notices every change of a route from now on.
    pub(crate) fn changes(&self) -> Watcher<u64> {
        self.changes.subscribe()
    }

    fn set(&self, shard: ShardId, route: Route) {
        if let Some(found) = self.routes.get(shard.index()) {
            found.send_replace(route);
            self.changes.send_modify(|changes| *changes = changes.wrapping_add(1));
        }
    }
}

impl Links for Routes {
    fn send(&self, to: ShardId, parcel: Parcel) -> bool {
        match self.way(to) {
            // A shard that has just stopped loses it; the sender tries again.
            Way::Here(lane) => lane.actor.cast(ShardMessage::Parcel(Box::new(parcel))).is_ok(),
            Way::There(peer) => {
                self.peers.send(&peer, to, parcel);
                true
            }
            Way::Nowhere => false,
        }
    }
}
