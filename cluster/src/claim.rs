//! Claiming a shard: one commit that bumps the epoch in its head and so fences whoever owned it before.

use std::time::Duration;

use storage::{Commit, CommitOutcome, Read, ReadAnswer, Store, StoreError};

use crate::head::{BatchId, Head, Incarnation, head_key};
use crate::rows::placement_key;
use crate::settle::{Advance, BackOff, SettleError};
use crate::shard::ShardId;
use crate::table::Table;

/// Why a shard was not claimed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// The table of shards gives it to another node, or to nobody.
    #[error("shard {shard} is not this node's to claim")]
    NotMine {
        /// The shard.
        shard: ShardId,
        /// Whose it is.
        owner: Option<Incarnation>,
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

/// Claims a shard that the table gives to `me`: from here on every commit of a former owner is refused. To be called at
/// every start of a journal, before anything of the shard is read. `batch` must be an id never used before.
///
/// Table and head are read in one snapshot and expected together, so that a node which the table does not name any
/// more can't claim, however late its commit arrives. Waits, asking again, while the store is away.
pub async fn claim(
    store: &dyn Store,
    shard: ShardId,
    me: Incarnation,
    batch: BatchId,
    back_off: BackOff,
) -> Result<Head, ClaimError> {
    let failed = |error: SettleError| ClaimError::Store { shard, error };
    let mut pause = Duration::ZERO;
    loop {
        match try_claim(store, shard, me, batch).await {
            Ok(Try::Claimed(head)) => return Ok(head),
            Ok(Try::NotMine(owner)) => return Err(ClaimError::NotMine { shard, owner }),
            Ok(Try::Again) | Err(SettleError::Store(StoreError::Unavailable { .. })) => {}
            Err(error) => return Err(failed(error)),
        }
        pause = back_off.after(pause);
        tokio::time::sleep(pause).await;
    }
}

/// How one attempt ended.
enum Try {
    /// The shard has this head now.
    Claimed(Head),
    /// It is another's.
    NotMine(Option<Incarnation>),
    /// The owner committed in between, the table changed, or nobody knows.
    Again,
}

/// Reads, and commits if it is ours. An earlier attempt that happened shows its batch in the head; one that did not
/// expects rows that are either still there, and then this attempt is the same, or never come again.
async fn try_claim(
    store: &dyn Store,
    shard: ShardId,
    me: Incarnation,
    batch: BatchId,
) -> Result<Try, SettleError> {
    let reads = vec![Read::Get(placement_key()), Read::Get(head_key(shard))];
    let values = store.read(reads).await?.into_iter().map(ReadAnswer::into_value);
    let values: Vec<_> = values.collect::<Result<_, _>>()?;
    let (placement, head) = match <[_; 2]>::try_from(values) {
        Ok([placement, head]) => (placement, head),
        Err(_) => return Err(StoreError::Corrupt { what: "two reads have two answers".to_owned() }.into()),
    };
    let from = head.map(|bytes| Head::from_bytes(shard, &bytes)).transpose()?;
    let table = placement.as_deref().map(Table::from_bytes).transpose().map_err(StoreError::from)?;
    let owner = table.and_then(|table| table.owner(shard));
    let (Some(placement), true) = (placement, owner == Some(me)) else {
        return Ok(Try::NotMine(owner));
    };
    if let Some(head) = from.filter(|head| head.batch == batch) {
        return Ok(Try::Claimed(head));
    }
    let advance = Advance { shard, from, to: Head::claimed(from.as_ref(), batch) };
    let commit: Commit = advance.commit().expect_value(placement_key(), placement);
    match store.commit(commit).await? {
        CommitOutcome::Committed => Ok(Try::Claimed(advance.to)),
        CommitOutcome::Conflict { .. } | CommitOutcome::Unknown => Ok(Try::Again),
    }
}
