//! Parked entities: they are taken back, what waits for them is taken out of the way, and what was decided is told.

use storage::{Scan, StoreError, StoreExt};
use tokio::sync::oneshot;

use super::Node;
use crate::shell::entity_id::EntityId;
use crate::shell::keys;
use crate::shell::request::CallError;
use crate::shell::resolved::{Resolved, Verdict};
use crate::shell::routes::{Route, Way};
use crate::shell::shard_actor::{Resolve, ShardMessage, What};

impl Node {
    /// Takes a parked entity back, wherever its shard runs; false if it was not parked.
    ///
    /// Errors: the owner of its shard can't be asked.
    pub async fn unpark(&self, entity: &EntityId) -> Result<bool, CallError> {
        let shard = self.shard_of(entity);
        match self.routes.way(shard) {
            Way::Here(_) => self.unpark_here(entity).await,
            Way::There(peer) => self.routes.peers.unpark(&peer, entity.clone()).await,
            Way::Nowhere => Err(self.routes.not_owner(shard)),
        }
    }

    /// Takes an entity of a shard here out of parking; false if it was not parked.
    ///
    /// Errors: its shard does not run here.
    pub async fn unpark_here(&self, entity: &EntityId) -> Result<bool, CallError> {
        self.unpark_by(entity, Verdict::default()).await
    }

    /// Takes an entity of a shard here out of parking, on record; false if it was not parked. What waits for it is tried
    /// again.
    ///
    /// Errors: its shard does not run here.
    pub async fn unpark_by(&self, entity: &EntityId, verdict: Verdict) -> Result<bool, CallError> {
        self.resolve(entity, verdict, What::Unpark).await
    }

    /// Takes what waits for a parked entity of a shard here out of the way, on record and without effect; false if it is
    /// not parked. From a sender: the oldest of its messages that wait. Else all messages, those that come until the entity
    /// is taken back, and all timers that are due.
    ///
    /// It answers when that is begun; [`resolved`](Node::resolved) tells when it was done. A message that
    /// moved money leaves it on its way: whoever diverts it has to book it.
    ///
    /// Errors: its shard does not run here.
    pub async fn divert(
        &self,
        entity: &EntityId,
        from: Option<EntityId>,
        verdict: Verdict,
    ) -> Result<bool, CallError> {
        self.resolve(entity, verdict, from.map_or(What::DivertAll, What::DivertFirst)).await
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

    async fn resolve(&self, entity: &EntityId, verdict: Verdict, what: What) -> Result<bool, CallError> {
        let shard = self.shard_of(entity);
        let Route::Here(lane) = self.routes.get(shard) else { return Err(self.routes.not_owner(shard)) };
        let (answer, is_parked) = oneshot::channel();
        let resolve = Resolve { entity: entity.clone(), verdict, what, answer };
        let _ = lane.actor.cast(ShardMessage::Resolve(Box::new(resolve)));
        is_parked.await.map_err(|_| CallError::OutcomeUnknown)
    }
}
