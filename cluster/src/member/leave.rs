//! Letting go: of single shards, and of the cluster.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use storage::{Commit, CommitOutcome, StoreError};

use super::Member;
use crate::look::View;
use crate::map::Map;
use crate::proposal::propose;
use crate::rows::placement_key;
use crate::shard::ShardId;
use crate::table::Table;

/// How often a change is tried against others.
const ATTEMPTS: u32 = 32;

impl Member {
    /// Gives up shards that this node has stopped: each goes to its next owner, or to nobody. Those it does not own any more
    /// are left as they are. Afterwards the peers should be nudged.
    ///
    /// An error means that it is not known whether they were given up; it can be tried again.
    pub async fn release(&mut self, shards: &[ShardId]) -> Result<Arc<Map>, StoreError> {
        let me = self.options.incarnation;
        let mut pause = Duration::ZERO;
        for _ in 0..ATTEMPTS {
            if let Some(view) = self.look_to_leave().await? {
                let mut table = view.table.clone();
                for &shard in shards.iter().filter(|&&shard| view.table.owner(shard) == Some(me)) {
                    let next = table.next(shard).filter(|&next| !table.is_draining(next));
                    table.set_owner(shard, next);
                }
                self.map = Arc::new(view.map());
                if table == view.table {
                    return Ok(self.map());
                }
                let table = table.after(&view.table);
                let commit = view.on_table().put(placement_key(), table.to_bytes());
                if self.changed(&view, table, commit).await? {
                    return Ok(self.map());
                }
            }
            pause = self.options.back_off.after(pause);
            tokio::time::sleep(pause).await;
        }
        Err(gave_up())
    }

    /// Leaves the cluster: what the node still owns goes to those who stay, its row is removed. It must have stopped its
    /// shards. Afterwards its standing is [`Standing::Expelled`](crate::Standing::Expelled).
    ///
    /// An error means that it may still be in the table; others will bury it after its lease.
    pub async fn leave(&mut self) -> Result<(), StoreError> {
        let gone = BTreeSet::from([self.options.incarnation]);
        let mut pause = Duration::ZERO;
        for _ in 0..ATTEMPTS {
            if let Some(view) = self.look_to_leave().await? {
                if !view.nodes.contains_key(&self.options.incarnation) {
                    self.map = Arc::new(view.map());
                    self.lease.end();
                    return Ok(());
                }
                let balance = (&self.loads, self.options.moves_at_once);
                if let Some(proposal) = propose(&view, &gone, None, balance)
                    && self.changed(&view, proposal.table, proposal.commit).await?
                {
                    self.lease.end();
                    return Ok(());
                }
            }
            pause = self.options.back_off.after(pause);
            tokio::time::sleep(pause).await;
        }
        Err(gave_up())
    }

    /// A look; `None` if the store can't be asked just now.
    async fn look_to_leave(&self) -> Result<Option<View>, StoreError> {
        match self.calls.look(Some(self.charter.shard_count), false).await {
            Ok(view) => Ok(Some(view)),
            Err(StoreError::Unavailable { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the commit certainly changed the table; if not, another look tells.
    async fn changed(&mut self, view: &View, table: Table, commit: Commit) -> Result<bool, StoreError> {
        match self.calls.commit(commit).await {
            Ok(CommitOutcome::Committed) => {
                let gone = view.nodes.keys().copied().filter(|node| !table.has(*node)).collect();
                self.map = Arc::new(view.map_with(table, &gone));
                Ok(true)
            }
            Ok(_) | Err(StoreError::Unavailable { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn gave_up() -> StoreError {
    let reason = "the table of shards could not be changed; the store is away or too many change it at once";
    StoreError::Unavailable { reason: reason.to_owned() }
}
