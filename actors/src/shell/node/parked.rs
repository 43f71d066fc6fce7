//! Parked entities: they are taken back, what waits for them is taken out of the way, and what was decided is told.

use std::time::Duration;

use cluster::{Peer, ShardId};
use storage::{Scan, StoreError, StoreExt};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::Node;
use super::errand::Errand;
use crate::shell::entity_id::EntityId;
use crate::shell::keys;
use crate::shell::peers::{BoxFuture, Peers};
use crate::shell::request::CallError;
use crate::shell::resolved::{Remedy, Resolved, Ruling, Verdict};
use crate::shell::routes::{Lane, Route};
use crate::shell::shard_actor::{Resolve, ShardMessage};

/// A ruling on its way.
struct Ruled {
    ruling: Ruling,
}

impl Node {
    /// Takes a parked entity back, wherever its shard runs; false if it was not parked. It answers when that is durable.
    ///
    /// Errors: as those of [`call`](Node::call); [`CallError::OutcomeUnknown`] leaves open whether it was taken back.
    pub async fn unpark(&self, entity: &EntityId) -> Result<bool, CallError> {
        self.unpark_by(entity, Verdict::default()).await
    }

    /// As [`unpark`](Node::unpark), on record with who decided it. What waits for the entity is tried again.
    pub async fn unpark_by(&self, entity: &EntityId, verdict: Verdict) -> Result<bool, CallError> {
        self.rule(Ruling { entity: entity.clone(), remedy: Remedy::Unpark, verdict }).await
    }

    /// Takes what waits for a parked entity out of the way, wherever its shard runs, on record and without effect; false if
    /// it is not parked. From a sender: the oldest of its messages that wait. Else all messages, those that come until the
    /// entity is taken back, and all timers that are due.
    ///
    /// It answers when that is begun; [`resolved`](Node::resolved) tells when it was done. A message that
    /// moved money leaves it on its way: whoever diverts it has to book it.
    ///
    /// Errors: as those of [`unpark`](Node::unpark).
    pub async fn divert(
        &self,
        entity: &EntityId,
        from: Option<EntityId>,
        verdict: Verdict,
    ) -> Result<bool, CallError> {
        let remedy = from.map_or(Remedy::DivertAll, Remedy::DivertFirst);
        self.rule(Ruling { entity: entity.clone(), remedy, verdict }).await
    }

    /// Carries out what another node was asked about a parked entity: only for a shard that runs here; false if it is not
    /// parked.
    ///
    /// Errors: its shard does not run here, or it is not known whether it was done.
    pub async fn rule_here(&self, ruling: Ruling) -> Result<bool, CallError> {
        let shard = self.shard_of(&ruling.entity);
        let Route::Here(lane) = self.routes.get(shard) else { return Err(self.routes.not_owner(shard)) };
        self.resolve(shard, lane, ruling, self.shared.options.patience).await
    }

    /// Up to `limit_rows` things that were decided about an entity while it was parked.
    ///
    /// A row of a release this one does not know is an error.
    pub async fn resolved(&self, entity: &EntityId, limit_rows: usize) -> Result<Vec<Resolved>, StoreError> {
        let range = keys::resolved_range(self.shard_of(entity), entity);
        let page = self.shared.store.scan(Scan::new(range).rows(limit_rows)).await?;
        let read = |row: storage::Row| {
            Resolved::from_bytes(&row.value)
                .map_err(|error| StoreError::Corrupt { what: format!("row {}: {error}", row.key) })
        };
        page.rows.into_iter().map(read).collect()
    }

    async fn rule(&self, ruling: Ruling) -> Result<bool, CallError> {
        let shard = self.shard_of(&ruling.entity);
        self.run(shard, self.shared.options.patience, &Ruled { ruling }).await
    }

    /// Gives a ruling to a shard that runs here.
    async fn resolve(
        &self,
        shard: ShardId,
        lane: Lane,
        ruling: Ruling,
        left: Duration,
    ) -> Result<bool, CallError> {
        let (answer, is_parked) = oneshot::channel();
        let resolve = Resolve { ruling, answer };
        if lane.actor.cast(ShardMessage::Resolve(Box::new(resolve))).is_err() {
            return Err(self.routes.not_owner(shard));
        }
        match timeout(left, is_parked).await {
            Ok(Ok(is_parked)) => Ok(is_parked),
            Ok(Err(_)) | Err(_) => Err(CallError::OutcomeUnknown),
        }
    }
}

impl Errand for Ruled {
    type Answer = bool;

    fn is_repeatable(&self) -> bool {
        // The second time it may find the entity in service, or another message in front.
        false
    }

    async fn here(&self, node: &Node, shard: ShardId, lane: Lane, left: Duration) -> Result<bool, CallError> {
        node.resolve(shard, lane, self.ruling.clone(), left).await
    }

    fn there(&self, peers: &dyn Peers, to: &Peer, left: Duration) -> BoxFuture<Result<bool, CallError>> {
        peers.rule(to, self.ruling.clone(), left)
    }
}
