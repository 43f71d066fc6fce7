//! Letting go: of single shards, and of the cluster.

use std::collections::BTreeSet;
use std::sync::Arc;

use storage::{Commit, StoreError};

use super::Member;
use crate::look::View;
use crate::map::Map;
use crate::patience::{Answer, Patience};
use crate::proposal::propose;
use crate::rows::placement_key;
use crate::shard::ShardId;
use crate::table::Table;

impl Member {
    /// Gives up shards that this node has stopped: each goes to its next owner, or to nobody. Those it does not own any more
    /// are left as they are. Afterwards the peers should be nudged.
    ///
    /// An error means that it is not known whether they were given up; it can be tried again.
    pub async fn release(&mut self, shards: &[ShardId]) -> Result<Arc<Map>, StoreError> {
        let me = self.options.incarnation;
        let mut patience = Patience::new(self.options.back_off);
        loop {
            let mut answer = Answer::Doubt;
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
                answer = self.change(&view, table, commit).await?;
            }
            if answer == Answer::Done {
                return Ok(self.map());
            }
            patience.pause(answer).await?;
        }
    }

    /// Leaves the cluster: what the node still owns goes to those who stay, its row is removed. It must have stopped its
    /// shards. Afterwards its standing is [`Standing::Expelled`](crate::Standing::Expelled).
    ///
    /// An error means that it may still be in the table; others will bury it after its lease.
    pub async fn leave(&mut self) -> Result<(), StoreError> {
        let gone = BTreeSet::from([self.options.incarnation]);
        let mut patience = Patience::new(self.options.back_off);
        loop {
            let mut answer = Answer::Doubt;
            if let Some(view) = self.look_to_leave().await? {
                let balance = (&self.loads, self.options.moves_at_once);
                let here = view.nodes.contains_key(&self.options.incarnation);
                answer = match propose(&view, &gone, None, balance).filter(|_| here) {
                    Some(proposal) => self.change(&view, proposal.table, proposal.commit).await?,
                    None => {
                        self.map = Arc::new(view.map());
                        Answer::Done
                    }
                };
            }
            if answer == Answer::Done {
                self.lease.end();
                return Ok(());
            }
            patience.pause(answer).await?;
        }
    }

    /// A look; `None` if the store can't be asked just now.
    async fn look_to_leave(&self) -> Result<Option<View>, StoreError> {
        match self.calls.look(Some(self.charter.shard_count), false).await {
            Ok(view) => Ok(Some(view)),
            Err(StoreError::Unavailable { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Changes the table of a look.
    async fn change(&mut self, view: &View, table: Table, commit: Commit) -> Result<Answer, StoreError> {
        let answer = Answer::of(self.calls.commit(commit).await)?;
        if answer == Answer::Done {
            let gone = view.nodes.keys().copied().filter(|node| !table.has(*node)).collect();
            self.map = Arc::new(view.map_with(table, &gone));
        }
        Ok(answer)
    }
}
