//! Taking over a shard: claim first, then read what a former owner left.

use std::collections::BTreeMap;

use cluster::{ClaimError, JoinError, ShardId, claim};
use storage::{Key, Scan, Store, StoreError, StoreExt};

use super::entity_id::MalformedKey;
use super::keys;
use super::options::Shared;
use super::records::{MalformedRecord, Outgoing, ParkedRow};
use super::shard::Recovered;

/// Why a node did not start, or a shard on it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// The node can't be part of the cluster on this store.
    #[error(transparent)]
    Join(#[from] JoinError),
    /// A shard could not be claimed.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// What a shard left could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key of the store is not one of this release.
    #[error("key {key} can't be read by this release: {error}")]
    Key {
        /// Which one.
        key: Key,
        /// What is wrong.
        error: MalformedKey,
    },
    /// A row of the store is not one of this release.
    #[error("row {key}: {error}")]
    Record {
        /// Which one.
        key: Key,
        /// What is wrong.
        error: MalformedRecord,
    },
    /// The runtime ended or the machinery itself is broken.
    #[error("the shards could not be started: {reason}")]
    Runtime {
        /// What happened.
        reason: String,
    },
}

/// Claims a shard and reads what waits in it.
pub(crate) async fn recover(shared: &Shared, shard: ShardId) -> Result<Recovered, StartError> {
    let store = &*shared.store;
    let me = shared.options.incarnation;
    let head = claim(store, shard, me, shared.next_batch(), shared.options.back_off).await?;
    let mut parked = BTreeMap::new();
    for row in scan_all(store, Scan::new(keys::parked_range(shard))).await? {
        let entity = keys::read_parked(&row.key).map_err(|error| malformed_key(&row.key, error))?;
        let record = ParkedRow::from_bytes(&row.value).map_err(|error| malformed_record(&row.key, error))?;
        parked.insert(entity, record);
    }
    let mut outbox = Vec::new();
    for row in scan_all(store, Scan::new(keys::outbox_range(shard))).await? {
        let (sender, sequence) =
            keys::read_outbox(&row.key).map_err(|error| malformed_key(&row.key, error))?;
        let outgoing = Outgoing::from_bytes(&row.value).map_err(|error| malformed_record(&row.key, error))?;
        outbox.push((sender, sequence, outgoing));
    }
    Ok(Recovered { head, parked, outbox })
}

/// All rows of a range, page by page: nobody else writes them any more.
async fn scan_all(store: &dyn Store, scan: Scan) -> Result<Vec<storage::Row>, StoreError> {
    let mut rows = Vec::new();
    let mut next = Some(scan);
    while let Some(scan) = next {
        let page = store.scan(scan.clone()).await?;
        next = scan.after(&page);
        rows.extend(page.rows);
    }
    Ok(rows)
}

fn malformed_key(key: &Key, error: MalformedKey) -> StartError {
    StartError::Key { key: key.clone(), error }
}

fn malformed_record(key: &Key, error: MalformedRecord) -> StartError {
    StartError::Record { key: key.clone(), error }
}
