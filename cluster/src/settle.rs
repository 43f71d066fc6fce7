//! Settling a commit: asking until it is known whether it happened.

use std::time::Duration;

use storage::{Commit, CommitOutcome, Store, StoreError, StoreExt};

use crate::head::{Head, MalformedHead, head_key};
use crate::shard::ShardId;

/// How a batch ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// It is durable.
    Committed,
    /// Somebody else owns the shard. The batch may have become durable before that, or not.
    Fenced {
        /// The head found; `None` if the row is gone.
        by: Option<Head>,
    },
    /// The store can't be used any more. The batch may be durable or not.
    Failed(SettleError),
}

/// Why nothing more can be learned from the store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettleError {
    /// It said so.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It holds a head that can't be read.
    #[error(transparent)]
    Head(#[from] MalformedHead),
}

/// How long to wait before asking again: doubled from the shortest to the longest pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackOff {
    /// After the first attempt.
    pub shortest: Duration,
    /// Never longer than this.
    pub longest: Duration,
}

/// The step from one head of a shard to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advance {
    /// The shard.
    pub shard: ShardId,
    /// The head that has to be there; `None` for a shard that was never claimed.
    pub from: Option<Head>,
    /// The head that will be there.
    pub to: Head,
}

impl Default for BackOff {
    fn default() -> BackOff {
        BackOff { shortest: Duration::from_millis(2), longest: Duration::from_secs(1) }
    }
}

impl BackOff {
    /// The pause before the attempt that follows `pause`.
    pub fn after(&self, pause: Duration) -> Duration {
        pause.saturating_mul(2).clamp(self.shortest, self.longest)
    }
}

impl Advance {
    /// A commit that takes this step and nothing else. The writes of a batch are added to it.
    pub fn commit(&self) -> Commit {
        let key = head_key(self.shard);
        let commit = match &self.from {
            None => Commit::new().expect_absent(key.clone()),
            Some(head) => Commit::new().expect_value(key.clone(), head.to_bytes()),
        };
        commit.put(key, self.to.to_bytes())
    }
}

/// Commits the batch that takes `advance`, the identical batch again as long as its outcome is unknown or the store is
/// away, until it is durable, fenced, or the store is closed or damaged. Whoever drops the future gives up knowing.
///
/// A conflict is judged by the head: the batch's own id means it happened before, the head it expects means that the
/// refusal was the store's own affair, everything else means fenced.
pub async fn settle(store: &dyn Store, advance: &Advance, commit: Commit, back_off: BackOff) -> Settlement {
    let mut pause = Duration::ZERO;
    loop {
        let found = match store.commit(commit.clone()).await {
            Ok(CommitOutcome::Committed) => return Settlement::Committed,
            Ok(CommitOutcome::Unknown) | Err(StoreError::Unavailable { .. }) => None,
            Ok(CommitOutcome::Conflict { .. }) => judge(store, advance).await,
            Err(error) => Some(Settlement::Failed(error.into())),
        };
        if let Some(settlement) = found {
            return settlement;
        }
        pause = back_off.after(pause);
        tokio::time::sleep(pause).await;
    }
}

/// Reads the head of a shard.
pub async fn read_head(store: &dyn Store, shard: ShardId) -> Result<Option<Head>, SettleError> {
    let stored = store.get(head_key(shard)).await?;
    Ok(stored.map(|bytes| Head::from_bytes(shard, &bytes)).transpose()?)
}

/// What the head says about a refused batch; `None` to try again.
async fn judge(store: &dyn Store, advance: &Advance) -> Option<Settlement> {
    match read_head(store, advance.shard).await {
        Ok(Some(head)) if head.batch == advance.to.batch => Some(Settlement::Committed),
        Ok(head) if head == advance.from => None,
        Ok(by) => Some(Settlement::Fenced { by }),
        Err(SettleError::Store(StoreError::Unavailable { .. })) => None,
        Err(error) => Some(Settlement::Failed(error)),
    }
}
