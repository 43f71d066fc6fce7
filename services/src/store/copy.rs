//! Moving data between stores while no node runs on either.
//!
//! The target is marked from the first row to the last, so that what was cut off is never taken for a whole: no node
//! starts on it, and the same command begins it anew. The copy is a new life of the data (its generation is one more), since
//! messages of nodes on the source must not be taken for those of nodes on the copy. What the source says about its nodes
//! and who runs what stays behind.

mod rows;
mod target;

use std::sync::Arc;

use bytes::Bytes;
use cluster::{Charter, CharterError, Level, charter_key, copying_key};
use storage::{EmbeddedStore, Read, ReadAnswer, Store, StoreError};

use super::address::StoreAddress;
use super::idle::running_node;
use super::open::{OpenError, Opened, open};
use crate::clock::SystemClock;
pub use rows::Tally;
use target::Target;

/// Why a store was not copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// What is in memory is gone with its process.
    #[error("a store in memory can't be copied: it is gone with its process")]
    Memory,
    /// Nothing is there.
    #[error("there is no store at {0}")]
    NoSource(StoreAddress),
    /// A store can't be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A node runs on the source.
    #[error("the node {name} at {address} runs on {source_address}; stop every node first")]
    InUse {
        /// The source.
        source_address: StoreAddress,
        /// What the node is called.
        name: String,
        /// Where it is reached.
        address: String,
    },
    /// No node has ever run on the source.
    #[error("{0} is empty: no node has ever run on it")]
    Empty(StoreAddress),
    /// The source is itself a copy that was cut off.
    #[error("{0} is an incomplete copy; copy from where it came from")]
    Incomplete(StoreAddress),
    /// The source holds forms that this release can't read.
    #[error(
        "the store has level {stored}, this release knows levels up to {known}; copy with a newer release"
    )]
    Level {
        /// The level of the source.
        stored: Level,
        /// The highest level known here.
        known: Level,
    },
    /// The charter or the level of the source can't be read.
    #[error(transparent)]
    Charter(#[from] CharterError),
    /// There are rows in the target.
    #[error("{0} is not empty; copy into a new store")]
    NotEmpty(StoreAddress),
    /// Somebody wrote to the target meanwhile.
    #[error(
        "somebody else uses {0}: a node was started on it, or another copy; what was copied is incomplete"
    )]
    Disturbed(StoreAddress),
    /// What was written is not what was read.
    #[error(
        "{address} does not hold what was copied: {found} instead of {expected}; copy again with every node stopped"
    )]
    Different {
        /// The store that differs.
        address: StoreAddress,
        /// What is there.
        found: Tally,
        /// What was copied.
        expected: Tally,
    },
    /// A store failed.
    #[error("{address}: {error}")]
    Store {
        /// Which one.
        address: StoreAddress,
        /// What it says.
        error: StoreError,
    },
}

/// One of the two stores.
struct End<'a> {
    address: &'a StoreAddress,
    opened: Opened,
}

/// Copies every row of `from` into `to` and reads it again. `progress` is told what has been copied so far. It is called on
/// a tokio runtime with time and network.
///
/// # Errors
/// [`CopyError`]. Unless it says otherwise the target is then empty or marked as incomplete.
pub async fn copy(
    from: &StoreAddress,
    to: &StoreAddress,
    progress: impl FnMut(&Tally),
) -> Result<Tally, CopyError> {
    if [from, to].contains(&&StoreAddress::Memory) {
        return Err(CopyError::Memory);
    }
    if let StoreAddress::Directory(path) = from
        && !EmbeddedStore::exists(path)
    {
        return Err(CopyError::NoSource(from.clone()));
    }
    let source = End { address: from, opened: open(from).await? };
    let copied = match open(to).await {
        Ok(opened) => {
            let target = End { address: to, opened };
            let copied = copy_between(&source, &target, progress).await;
            closed(&target, copied).await
        }
        Err(error) => Err(error.into()),
    };
    closed(&source, copied).await
}

impl End<'_> {
    fn store(&self) -> &dyn Store {
        &*self.opened.store
    }

    fn failed(&self, error: StoreError) -> CopyError {
        CopyError::Store { address: self.address.clone(), error }
    }
}

async fn copy_between(
    source: &End<'_>,
    target: &End<'_>,
    progress: impl FnMut(&Tally),
) -> Result<Tally, CopyError> {
    if !source.opened.exclusive
        && let Some(node) = running_node(&source.opened.store).await.map_err(|error| source.failed(error))?
    {
        return Err(CopyError::InUse {
            source_address: source.address.clone(),
            name: node.peer.name.to_string(),
            address: node.peer.address.to_string(),
        });
    }
    let charter = charter_of(source).await?;
    let token = Bytes::copy_from_slice(&SystemClock::new().fresh_id().to_be_bytes());
    let target = Target::begin(target, token).await?;
    let copied = rows::copy(source, &target, progress).await?;
    compare(target.end(), &copied).await?;
    if !source.opened.exclusive {
        // Nothing else proves that nobody wrote to it meanwhile.
        compare(source, &copied).await?;
    }
    target.finish(Charter { generation: charter.generation.saturating_add(1), ..charter }).await?;
    Ok(copied)
}

/// Closes a store after the rest was done; the first error is the one to tell.
async fn closed(end: &End<'_>, copied: Result<Tally, CopyError>) -> Result<Tally, CopyError> {
    let closed = Arc::clone(&end.opened.store).close().await.map_err(|error| end.failed(error));
    let copied = copied?;
    closed.map(|()| copied)
}

/// The charter of a store that can be copied.
async fn charter_of(source: &End<'_>) -> Result<Charter, CopyError> {
    let reads = [charter_key(), copying_key(), Level::key()].map(Read::Get);
    let answers = source.store().read(reads.into()).await.map_err(|error| source.failed(error))?;
    let values: Result<Vec<_>, _> = answers.into_iter().map(ReadAnswer::into_value).collect();
    let mut values = values.map_err(|error| source.failed(error))?.into_iter();
    let charter = values.next().flatten();
    if values.next().flatten().is_some() {
        return Err(CopyError::Incomplete(source.address.clone()));
    }
    let stored = Level::from_row(values.next().flatten().as_deref());
    let (stored, known) = (stored.map_err(|error| source.failed(error.into()))?, Level::KNOWN);
    if stored > known {
        return Err(CopyError::Level { stored, known });
    }
    let charter = charter.ok_or_else(|| CopyError::Empty(source.address.clone()))?;
    Ok(Charter::from_bytes(&charter)?)
}

async fn compare(end: &End<'_>, expected: &Tally) -> Result<(), CopyError> {
    let found = rows::tally(end).await?;
    if found == *expected {
        return Ok(());
    }
    Err(CopyError::Different { address: end.address.clone(), found, expected: expected.clone() })
}
