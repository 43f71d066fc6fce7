//! Which shards run on this node, and how to reach them.

use std::sync::{Arc, PoisonError, RwLock};

use cluster::{Epoch, ShardCount, ShardId};
use ractor::{ActorId, ActorRef};

use super::parcel::{Links, Parcel};
use super::permit::{Gauge, Limit};
use super::shard_actor::ShardMessage;

/// One route per shard.
pub(crate) struct Routes {
    routes: Vec<RwLock<Route>>,
    limit: Limit,
}

#[derive(Clone)]
pub(crate) enum Route {
    /// It runs here.
    Here { actor: ActorRef<ShardMessage>, gauge: Arc<Gauge> },
    /// It does not; the epoch of its owner, if known.
    Elsewhere { owner: Option<Epoch> },
}

impl Routes {
    pub(crate) fn new(count: ShardCount, limit: Limit) -> Routes {
        let routes = count.shards().map(|_| RwLock::new(Route::Elsewhere { owner: None })).collect();
        Routes { routes, limit }
    }

    pub(crate) fn get(&self, shard: ShardId) -> Route {
        match self.routes.get(shard.index()) {
            None => Route::Elsewhere { owner: None },
            Some(route) => route.read().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    /// The shard runs here from now on.
    pub(crate) fn arrive(&self, shard: ShardId, actor: ActorRef<ShardMessage>) {
        self.set(shard, Route::Here { actor, gauge: Gauge::new(self.limit) });
    }

    /// The shard does not run here any more.
    pub(crate) fn leave(&self, shard: ShardId, owner: Option<Epoch>) {
        self.set(shard, Route::Elsewhere { owner });
    }

    /// The shards that run here, in rising order.
    pub(crate) fn here(&self) -> Vec<(ShardId, ActorRef<ShardMessage>)> {
        let shards = (0_u16..).map(ShardId::new).zip(&self.routes);
        shards
            .filter_map(|(shard, _)| match self.get(shard) {
                Route::Here { actor, .. } => Some((shard, actor)),
                Route::Elsewhere { .. } => None,
            })
            .collect()
    }

    /// The shard of an actor.
    pub(crate) fn shard_of(&self, actor: ActorId) -> Option<ShardId> {
        self.here().into_iter().find(|(_, found)| found.get_id() == actor).map(|(shard, _)| shard)
    }

    fn set(&self, shard: ShardId, route: Route) {
        if let Some(found) = self.routes.get(shard.index()) {
            *found.write().unwrap_or_else(PoisonError::into_inner) = route;
        }
    }
}

impl Links for Routes {
    fn send(&self, to: ShardId, parcel: Parcel) {
        if let Route::Here { actor, .. } = self.get(to) {
            // A shard that has just stopped loses it; the sender tries again.
            let _ = actor.cast(ShardMessage::Parcel(Box::new(parcel)));
        }
    }
}
