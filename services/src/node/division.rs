//! Into how many shards a store is divided: as it was founded, else as the node is told, else as is usual.

use std::num::NonZeroU16;
use std::time::Duration;

use cluster::{Charter, ShardCount, charter_key};
use storage::{Store, StoreError, StoreExt as _};

/// The count with which a node goes to the store. One that was told is not compared here: joining refuses another than
/// the store's, and says why a charter can't be read.
pub(super) async fn shard_count(
    store: &dyn Store,
    told: Option<NonZeroU16>,
    patience: Duration,
) -> Result<ShardCount, StoreError> {
    if let Some(told) = told {
        return Ok(ShardCount::new(told.get()).unwrap_or(ShardCount::STANDARD));
    }
    let stored = tokio::time::timeout(patience, store.get(charter_key())).await.map_err(|_| {
        let reason = format!("it has not answered for {} ms", patience.as_millis());
        StoreError::Unavailable { reason }
    })??;
    let charter = stored.and_then(|stored| Charter::from_bytes(&stored).ok());
    Ok(charter.map_or(ShardCount::STANDARD, |charter| charter.shard_count))
}
