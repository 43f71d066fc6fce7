//! What every command takes that asks a node: which one, for whom, and how its answer is printed.

use clap::Args;

use super::client::{Client, Connection};
use super::failure::Failure;
use super::sheet::Output;

/// Which node is asked, and how its answer is printed.
#[derive(Args, Clone, Debug)]
pub(super) struct Asking {
    /// Which node, and whose data.
    #[command(flatten)]
    pub(super) connection: Connection,
    /// How to print the answer
    #[arg(long, value_enum, value_name = "FORM", default_value_t, global = true)]
    pub(super) output: Output,
}

impl Asking {
    /// Connects to the node.
    pub(super) async fn client(&self) -> Result<Client, Failure> {
        Client::connect(&self.connection).await
    }
}
