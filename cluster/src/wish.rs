//! What an operator wishes: a node emptied, a shard elsewhere. A wish is a change of the table like any other; the
//! nodes see it when they look next.

use std::sync::Arc;

use storage::{Store, StoreError};

use crate::head::Incarnation;
use crate::look::{CALL_LIMIT, Calls};
use crate::patience::{Answer, Patience};
use crate::rows::placement_key;
use crate::settle::BackOff;
use crate::shard::ShardId;
use crate::table::Table;

/// So many shards may be on their way at once by wish.
const MOVES_AT_ONCE: usize = 256;

/// Why a wish is not granted. Nothing was changed, but where the store failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WishError {
    /// No node of the cluster has this incarnation.
    #[error("no node of the cluster has incarnation {incarnation}")]
    UnknownNode {
        /// The one asked for.
        incarnation: Incarnation,
    },
    /// The cluster has fewer shards.
    #[error("there is no shard {shard}; the cluster has {shard_count}")]
    UnknownShard {
        /// The one asked for.
        shard: ShardId,
        /// How many there are.
        shard_count: usize,
    },
    /// The node is to give up its shards and gets no others.
    #[error("node {incarnation} is draining and takes no shards")]
    Draining {
        /// The one asked for.
        incarnation: Incarnation,
    },
    /// The shard is there already and goes nowhere.
    #[error("shard {shard} is on that node already")]
    AlreadyThere {
        /// The shard.
        shard: ShardId,
    },
    /// The shard is on its way to another node.
    #[error("shard {shard} is on its way to node {next}; wait until it is there")]
    Moving {
        /// The shard.
        shard: ShardId,
        /// Where it goes.
        next: Incarnation,
    },
    /// Enough is on its way.
    #[error("{moving} shards are on their way; wait until some are there")]
    TooManyMoves {
        /// How many.
        moving: usize,
    },
    /// The store can't be used, or others changed the table at every attempt; whether the wish was granted is not known.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Says whether a node is to give up its shards. It stays a member without any, which answers and passes on requests, until
/// this is taken back or it leaves. Whether its clock is off stays as it was. Saying it again changes nothing.
pub async fn set_draining(
    store: Arc<dyn Store>,
    incarnation: Incarnation,
    draining: bool,
) -> Result<(), WishError> {
    change(store, |table| {
        if !table.has(incarnation) {
            return Err(WishError::UnknownNode { incarnation });
        }
        table.set_draining(incarnation, draining);
        Ok(())
    })
    .await
}

/// Says whether the wall clock of a node is off, which that node alone can tell. While it is, the node gives up its shards
/// and gets no others, whatever anybody wishes; a wish that it drain is kept besides. Saying it again changes nothing.
pub async fn set_clock_off(
    store: Arc<dyn Store>,
    incarnation: Incarnation,
    off: bool,
) -> Result<(), WishError> {
    change(store, |table| {
        if !table.has(incarnation) {
            return Err(WishError::UnknownNode { incarnation });
        }
        table.set_clock_off(incarnation, off);
        Ok(())
    })
    .await
}

/// Asks that a shard be handed to a node. A shard on its way from that very node stays there instead; one that nobody
/// owns is given at once. Asking again while it is on its way changes nothing.
pub async fn move_shard(store: Arc<dyn Store>, shard: ShardId, to: Incarnation) -> Result<(), WishError> {
    change(store, |table| redirect(table, shard, to)).await
}

fn redirect(table: &mut Table, shard: ShardId, to: Incarnation) -> Result<(), WishError> {
    if !table.has(to) {
        return Err(WishError::UnknownNode { incarnation: to });
    }
    if shard.index() >= table.shard_count() {
        return Err(WishError::UnknownShard { shard, shard_count: table.shard_count() });
    }
    if table.is_draining(to) {
        return Err(WishError::Draining { incarnation: to });
    }
    let moving = table.moving();
    match (table.owner(shard), table.next(shard)) {
        (Some(owner), None) if owner == to => return Err(WishError::AlreadyThere { shard }),
        (Some(owner), Some(_)) if owner == to => table.set_next(shard, None),
        (Some(_), Some(next)) if next == to => {}
        (Some(_), Some(next)) => return Err(WishError::Moving { shard, next }),
        (Some(_), None) if moving >= MOVES_AT_ONCE => return Err(WishError::TooManyMoves { moving }),
        (Some(_), None) => table.set_next(shard, Some(to)),
        (None, _) => table.set_owner(shard, Some(to)),
    }
    Ok(())
}

/// Changes the table by compare-and-set until it is as wished.
async fn change(
    store: Arc<dyn Store>,
    wish: impl Fn(&mut Table) -> Result<(), WishError>,
) -> Result<(), WishError> {
    let calls = Calls { store, limit: CALL_LIMIT };
    let mut patience = Patience::new(BackOff::default());
    loop {
        let view = calls.look(None, false).await?;
        let mut table = view.table.clone();
        wish(&mut table)?;
        if table == view.table {
            return Ok(());
        }
        let table = table.after(&view.table);
        let commit = view.on_table().put(placement_key(), table.to_bytes());
        match Answer::of(calls.commit(commit).await)? {
            Answer::Done => return Ok(()),
            // Whether one in doubt happened the next look tells.
            answer => patience.pause(answer).await?,
        }
    }
}
