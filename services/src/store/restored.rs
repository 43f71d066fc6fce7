//! A store that was put back from a backup begins a new life.

use std::path::PathBuf;
use std::sync::Arc;

use cluster::begin_generation;

use super::address::StoreAddress;
use super::idle::running_node;
use super::open::{OpenError, Opened, open};

/// The file of an embedded store: without it there is nothing that could have been put back.
const STORE_FILE: &str = "kvarter.redb";

/// Why a restored store does not begin a new generation.
#[derive(Debug, thiserror::Error)]
pub enum RestoredError {
    /// The directory has no store.
    #[error("there is no store in {}", .0.display())]
    NoStore(PathBuf),
    /// It can't be opened: a node runs on it, or it is damaged.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A node runs on it: it would find its row gone, and end.
    #[error("the node {name} at {address} runs on {store}; stop every node first")]
    InUse {
        /// The store.
        store: StoreAddress,
        /// What the node is called.
        name: String,
        /// Where it is reached.
        address: String,
    },
    /// It is empty or an incomplete copy, or it can't be written.
    #[error(transparent)]
    Generation(#[from] cluster::RestoreError),
    /// Its nodes can't be looked at; or the generation was begun, and the store did not close.
    #[error(transparent)]
    Store(#[from] storage::StoreError),
}

/// Begins a new generation of the data of a store on which no node runs, and forgets the nodes it remembers. Gives the
/// generation. Where several processes can use the store, the nodes it remembers are watched for their lease first.
///
/// # Errors
/// [`RestoredError`].
pub async fn restored(address: &StoreAddress) -> Result<u64, RestoredError> {
    if let StoreAddress::Directory(path) = address
        && !path.join(STORE_FILE).exists()
    {
        return Err(RestoredError::NoStore(path.clone()));
    }
    let opened = open(address).await?;
    let begun = begin(address, &opened).await;
    // The first error is the one to tell.
    let closed = opened.store.close().await;
    let generation = begun?;
    closed?;
    Ok(generation)
}

async fn begin(
    address: &StoreAddress,
    Opened { store, exclusive, .. }: &Opened,
) -> Result<u64, RestoredError> {
    if !exclusive && let Some(node) = running_node(store).await? {
        return Err(RestoredError::InUse {
            store: address.clone(),
            name: node.peer.name.to_string(),
            address: node.peer.address.to_string(),
        });
    }
    Ok(begin_generation(Arc::clone(store)).await?.generation)
}
