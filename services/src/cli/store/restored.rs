//! `kvarter store restored`: what was put back from a backup begins a new life.

use std::fmt;
use std::sync::Arc;

use clap::Args;
use cluster::{Charter, begin_generation};

use crate::cli::failure::Failure;
use crate::cli::sheet::remark;
use crate::store::{StoreAddress, open};

/// The file of an embedded store: without it there is nothing that could have been restored.
const STORE_FILE: &str = "kvarter.redb";

/// Say that a store was restored from a backup
#[derive(Args, Clone, Debug)]
#[command(
    long_about = "Begins a new generation of the data, so that what nodes had sent one another before the restore is not taken \
                  for something sent after it, and forgets the nodes that the backup remembers. Do it after every restore, \
                  before a node runs on it. Doing it twice does no harm.",
    after_help = "Examples:\n  kvarter store restored dir:./data\n  kvarter store restored fdb:/etc/foundationdb/fdb.cluster\n\n\
                  Exit codes: 0 done; 1 the store can't be used, or nothing was restored to it; 2 the command is wrong."
)]
pub(super) struct RestoredArguments {
    /// The store: dir:PATH, fdb:CLUSTER_FILE
    store: StoreAddress,
}

/// Begins a new generation.
pub(super) fn run(arguments: &RestoredArguments) -> Result<(), Failure> {
    let address = &arguments.store;
    if let StoreAddress::Directory(path) = address
        && !path.join(STORE_FILE).exists()
    {
        return Err(Failure::Usage(format!("there is no store in {}", path.display())));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Node(format!("no threads to run on: {error}")))?;
    let charter = runtime.block_on(begin(address))?;
    remark(&format!("generation {} begins", charter.generation));
    Ok(())
}

async fn begin(address: &StoreAddress) -> Result<Charter, Failure> {
    let failed = |error: &dyn fmt::Display| Failure::Node(format!("{address}: {error}"));
    let store = open(address).await.map_err(|error| failed(&error))?.store;
    let begun = begin_generation(Arc::clone(&store)).await;
    // The first error is the one to tell.
    let closed = store.close().await;
    let charter = begun.map_err(|error| failed(&error))?;
    closed.map_err(|error| failed(&error))?;
    Ok(charter)
}
