//! A store that was put back from a backup begins a new life.

use std::path::PathBuf;
use std::sync::Arc;

use cluster::begin_generation;

use super::address::StoreAddress;
use super::open::{OpenError, open};

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
    /// It is empty or an incomplete copy, or it can't be written.
    #[error(transparent)]
    Generation(#[from] cluster::RestoreError),
    /// The generation was begun, and the store did not close.
    #[error(transparent)]
    Close(#[from] storage::StoreError),
}

/// Begins a new generation of the data of a store on which no node runs, and forgets the nodes it remembers. Gives the
/// generation.
///
/// # Errors
/// [`RestoredError`].
pub async fn restored(address: &StoreAddress) -> Result<u64, RestoredError> {
    if let StoreAddress::Directory(path) = address
        && !path.join(STORE_FILE).exists()
    {
        return Err(RestoredError::NoStore(path.clone()));
    }
    let store = open(address).await?.store;
    let begun = begin_generation(Arc::clone(&store)).await;
    // The first error is the one to tell.
    let closed = store.close().await;
    let charter = begun?;
    closed?;
    Ok(charter.generation)
}
