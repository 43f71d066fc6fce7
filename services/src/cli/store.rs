//! `kvarter store`: a store for several processes, copying, and what a restore asks for.

mod restored;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::failure::Failure;
use super::node::log_to_stderr;
use super::progress::Progress;
use super::sheet::{remark, say};
use crate::store::{self, CopyError, ServerOptions, StoreAddress};

/// What `kvarter store` is told.
#[derive(Args, Clone, Debug)]
#[command(
    about = "Serve a store to several nodes of one host or a lab (never for production), copy one, say that one was restored",
    long_about = "Serves the embedded store of a folder to nodes that are started with --store grpc://HOST:PORT, until it is \
                  told to end (SIGTERM, Ctrl-C). It is for trying out a cluster on one host or in a lab, and NEVER FOR \
                  PRODUCTION: it is one process, and while it is away no node can do anything. It may be killed at any \
                  moment: what it acknowledged is there when it starts again, and the nodes find it by themselves. `copy` \
                  copies a store into an empty one; `restored` is said after every restore from a backup.",
    after_help = "Examples:\n  kvarter store --data ./data\n  kvarter node --store grpc://127.0.0.1:7421 --listen \
                  127.0.0.1:7431\n  kvarter store restored dir:./data\n\n\
                  Exit codes: 0 it ended in order; 1 it could not start or end; 2 the command is wrong.",
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
pub struct StoreArguments {
    /// The folder of the store; it is made where it lacks
    #[arg(long, value_name = "DIR", required = true)]
    data: Option<PathBuf>,
    /// Where it listens
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7421")]
    listen: SocketAddr,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Subcommand, Clone, Debug)]
enum Action {
    Copy(CopyArguments),
    Restored(restored::RestoredArguments),
}

/// Copy a store into an empty one while no node runs on either
#[derive(Args, Clone, Debug)]
#[command(
    long_about = "Copies every row of a store into an empty one and reads it again. No node may run on either. What was cut \
                  off is no store: no node starts on it, and the same command begins it anew.",
    after_help = "Examples:\n  kvarter store copy dir:./data fdb:/etc/foundationdb/fdb.cluster\n  kvarter store copy \
                  grpc://127.0.0.1:7421 dir:./copy\n\nExit codes: 0 copied; 1 it was not copied; 2 the command is wrong."
)]
struct CopyArguments {
    /// The store to copy: dir:PATH, fdb:CLUSTER_FILE or grpc://HOST:PORT
    #[arg(value_name = "FROM")]
    from: StoreAddress,
    /// The store to copy it into, empty or new
    #[arg(value_name = "TO")]
    to: StoreAddress,
}

/// Does what `kvarter store` is told.
pub(super) fn run(arguments: &StoreArguments) -> Result<(), Failure> {
    match &arguments.action {
        Some(Action::Copy(arguments)) => copy(arguments),
        Some(Action::Restored(arguments)) => restored::run(arguments),
        None => serve(arguments),
    }
}

fn serve(arguments: &StoreArguments) -> Result<(), Failure> {
    log_to_stderr();
    let data = StoreAddress::Directory(arguments.data.clone().unwrap_or_default());
    let ready = |address| remark(&format!("listening on grpc://{address}"));
    let served = store::serve(&data, &ServerOptions::new(arguments.listen), ready);
    served.map_err(|error| Failure::Node(error.to_string()))
}

fn copy(arguments: &CopyArguments) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Node(format!("no threads to run on: {error}")))?;
    let progress = Progress::begin("copying", 0);
    let told = |copied: &store::Tally| progress.at(copied.rows, 0);
    let copied = runtime.block_on(store::copy(&arguments.from, &arguments.to, told));
    match copied {
        Ok(copied) => {
            progress.end("done");
            say(format!("rows    {}\nbytes   {}\nsha256  {}\n", copied.rows, copied.bytes, copied.sha256()))
        }
        Err(error) => Err(failure(&error)),
    }
}

fn failure(error: &CopyError) -> Failure {
    match error {
        CopyError::Memory => Failure::Usage(error.to_string()),
        error => Failure::Node(error.to_string()),
    }
}
