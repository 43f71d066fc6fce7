//! Opening the store that an address names.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use storage::{EmbeddedOptions, EmbeddedStore, MemoryStore, Store};

use super::address::StoreAddress;
use super::client::{ConnectError, RemoteOptions, RemoteStore};

/// A store that was opened.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The store.
    pub store: Arc<dyn Store>,
    /// Whether this process is the only one that can be at it: rows that say otherwise are those of processes that are gone.
    pub exclusive: bool,
    /// Which kind it is.
    pub kind: StoreKind,
}

/// Which kind a store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKind {
    /// In memory.
    Memory,
    /// A file of this machine.
    Embedded,
    /// A FoundationDB cluster.
    FoundationDb,
    /// Behind a store server.
    Server,
}

/// Why a store was not opened. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory is in use, is of another program or a newer format, is damaged or can't be used.
    #[error(transparent)]
    Directory(#[from] storage::OpenError),
    /// The store server can't be used.
    #[error(transparent)]
    Server(#[from] ConnectError),
    /// The FoundationDB cluster can't be used.
    #[cfg(feature = "foundationdb")]
    #[error(transparent)]
    FoundationDb(#[from] storage::FoundationDbOpenError),
    /// A new store would take what others have in the database.
    #[cfg(feature = "foundationdb")]
    #[error(
        "the database is not empty, and a store without a prefix takes all of it; name a prefix: {0}?prefix=NAME"
    )]
    NotEmpty(StoreAddress),
    /// A new store would lie within another.
    #[cfg(feature = "foundationdb")]
    #[error(
        "the database belongs to a store without a prefix, so {0} can't be made in it; leave the prefix away, or use another \
         database"
    )]
    Occupied(StoreAddress),
    /// What is in the database can't be read.
    #[cfg(feature = "foundationdb")]
    #[error(transparent)]
    Unreadable(#[from] storage::StoreError),
    /// This program knows no FoundationDB.
    #[error(
        "{0} can't be opened: this program was built without FoundationDB; build it with `cargo build --release \
         --features foundationdb`"
    )]
    NotBuilt(StoreAddress),
    /// The process can't do it.
    #[error("the store can't be opened: {0}")]
    Process(String),
}

impl StoreKind {
    /// The word for it, as the API gives it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Embedded => "embedded",
            Self::FoundationDb => "foundationdb",
            Self::Server => "server",
        }
    }
}

impl fmt::Display for StoreKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Opens the store at `address`. A directory is made where it lacks, and its file is verified first after a crash, which
/// takes seconds for some gigabytes; whatever is behind a network answers within ten seconds, or is an error. It is called
/// on a tokio runtime with time and network.
///
/// # Errors
/// [`OpenError`]; then nothing was changed.
pub async fn open(address: &StoreAddress) -> Result<Opened, OpenError> {
    match address {
        StoreAddress::Memory => {
            let store = Arc::new(MemoryStore::new());
            Ok(Opened { store, exclusive: true, kind: StoreKind::Memory })
        }
        StoreAddress::Directory(path) => {
            let store = open_directory(path).await?;
            Ok(Opened { store, exclusive: true, kind: StoreKind::Embedded })
        }
        StoreAddress::Server(server) => {
            let store = RemoteStore::connect(server.clone(), RemoteOptions::default()).await?;
            Ok(Opened { store: Arc::new(store), exclusive: false, kind: StoreKind::Server })
        }
        #[cfg(feature = "foundationdb")]
        StoreAddress::FoundationDb { cluster_file, prefix } => {
            let mut options = storage::FoundationDbOptions::new(cluster_file);
            options.prefix.clone_from(prefix);
            let store = storage::FoundationDbStore::open(options.clone()).await?;
            super::founding::check(&store, &options, address).await?;
            let store = Arc::new(store);
            Ok(Opened { store, exclusive: false, kind: StoreKind::FoundationDb })
        }
        #[cfg(not(feature = "foundationdb"))]
        StoreAddress::FoundationDb { .. } => Err(OpenError::NotBuilt(address.clone())),
    }
}

/// A check of the whole file takes a thread.
async fn open_directory(path: &Path) -> Result<Arc<dyn Store>, OpenError> {
    let path = path.to_owned();
    let opening = tokio::task::spawn_blocking(move || EmbeddedStore::open(path, EmbeddedOptions::default()));
    let opened = opening.await.map_err(|error| OpenError::Process(error.to_string()))?;
    Ok(Arc::new(opened?))
}
