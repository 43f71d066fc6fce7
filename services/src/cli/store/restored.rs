//! `kvarter store restored`: what was put back from a backup begins a new life.

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::sheet::remark;
use crate::store::{self, RestoredError, StoreAddress};

/// Say that a store was restored from a backup
#[derive(Args, Clone, Debug)]
#[command(
    long_about = "Begins a new generation of the data, so that what nodes had sent one another before the restore is not taken \
                  for something sent after it, and forgets the nodes that the backup remembers. Do it after every restore, \
                  before a node runs on it. Doing it twice does no harm. While a node runs on the store it is refused: where \
                  several can use it (fdb:, grpc:), the nodes it lists are watched for their lease first.",
    after_help = "Examples:\n  kvarter store restored dir:./data\n  kvarter store restored fdb:/etc/foundationdb/fdb.cluster\n\n\
                  Exit codes: 0 done; 1 a node runs on the store, it can't be used, or nothing was restored to it; \
                  2 the command is wrong."
)]
pub(super) struct RestoredArguments {
    /// The store: dir:PATH, fdb:CLUSTER_FILE
    store: StoreAddress,
}

/// Begins a new generation.
pub(super) fn run(arguments: &RestoredArguments) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Node(format!("no threads to run on: {error}")))?;
    let generation = runtime.block_on(store::restored(&arguments.store)).map_err(|error| match error {
        RestoredError::NoStore(_) => Failure::Usage(error.to_string()),
        RestoredError::InUse { .. } => Failure::Node(error.to_string()),
        error => Failure::Node(format!("{}: {error}", arguments.store)),
    })?;
    remark(&format!("generation {generation} begins"));
    Ok(())
}
