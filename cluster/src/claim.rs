//! Claiming a shard: one commit that bumps the epoch in its head and so fences whoever owned it before.

use storage::Store;

use crate::head::{BatchId, Head};
use crate::settle::{Advance, BackOff, SettleError, Settlement, read_head, settle};
use crate::shard::ShardId;

/// Why a shard was not claimed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// Another node claimed it at the same moment.
    #[error("shard {shard} was claimed by another node at the same moment")]
    Raced {
        /// The shard.
        shard: ShardId,
        /// The head found.
        by: Option<Head>,
    },
    /// The store can't be used.
    #[error("shard {shard} can't be claimed: {error}")]
    Store {
        /// The shard.
        shard: ShardId,
        /// What it said.
        error: SettleError,
    },
}

/// Claims a shard, whoever owns it: from here on every commit of a former owner is refused. To be called at
/// every start of a journal, before anything of the shard is read. `batch` must be an id never used before.
pub async fn claim(
    store: &dyn Store,
    shard: ShardId,
    batch: BatchId,
    back_off: BackOff,
) -> Result<Head, ClaimError> {
    loop {
        let from = read_head(store, shard).await.map_err(|error| ClaimError::Store { shard, error })?;
        let advance = Advance { shard, from, to: Head::claimed(from.as_ref(), batch) };
        match settle(store, &advance, advance.commit(), back_off).await {
            Settlement::Committed => return Ok(advance.to),
            // The owner committed in between; heads never come again, so this attempt can't take effect any more.
            Settlement::Fenced { by: Some(by) } if from.is_some_and(|from| from.epoch == by.epoch) => {}
            Settlement::Fenced { by } => return Err(ClaimError::Raced { shard, by }),
            Settlement::Failed(error) => return Err(ClaimError::Store { shard, error }),
        }
    }
}
