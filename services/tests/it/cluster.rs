//! Three node processes on a store server, or on FoundationDB, while one after the other is killed (-9), halted for longer
//! than its lease and woken again, or told to end: what was acknowledged is there, nothing happened twice, the books balance,
//! and a month that is billed meanwhile has the invoices it has undisturbed. So it is on a copy of the store.
//!
//! `KVARTER_FAULTS` sets how often a node is disturbed, `KVARTER_FAULT_SEED` which one and how; with `--nocapture` each
//! is told with how long it took until every client went on.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that can't have its answer has failed"
)]

mod audit;
mod faults;
mod load;
mod processes;

use std::rc::Rc;
use std::time::Duration;

use services::store::{StoreAddress, copy};
#[cfg(feature = "foundationdb")]
use storage::foundationdb::testing::TestServer;
use tempfile::TempDir;
use tokio::task::LocalSet;

use super::kill::bill;
use super::store::process::StoreProcess;
use faults::Plan;
use load::Load;
use processes::Processes;

/// How long a fault with all that follows may take: far more than it needs.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn whatever_becomes_of_nodes_nothing_is_lost_and_nothing_doubled() {
    let folder = TempDir::new().unwrap();
    let server = StoreProcess::start(folder.path());
    try_on(&format!("grpc://{}", server.address).parse().unwrap());
}

#[cfg(feature = "foundationdb")]
#[test]
fn on_foundationdb_nothing_is_lost_and_nothing_doubled() {
    let Some(server) = TestServer::start("node processes killed, halted and ended") else { return };
    try_on(&StoreAddress::FoundationDb { cluster_file: server.cluster_file(), prefix: None });
}

fn try_on(store: &StoreAddress) {
    let plan = Plan::from_environment();
    let patience = PATIENCE.saturating_mul(u32::try_from(plan.faults.len() + 4).unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let clients = LocalSet::new();
    let bounded = async { tokio::time::timeout(patience, disturbed(plan, store)).await };
    runtime.block_on(clients.run_until(bounded)).unwrap();
}

async fn disturbed(plan: Plan, store: &StoreAddress) {
    let folder = TempDir::new().unwrap();
    let expected = undisturbed().await;
    let nodes = Rc::new(Processes::three(store));
    nodes.settled().await;
    let load = Load::start(&nodes);
    let biller = nodes.client(0);
    let ((), billed) = tokio::join!(plan.carry_out(&nodes, &load), Box::pin(bill::month(&biller)));
    assert!(billed == expected, "the invoices differ");
    let written = load.end().await;
    // Through the nodes that went through it all, and through one that has never seen any of it, there and on a copy.
    audit::audit(&nodes.client(0), &written, &expected).await;
    nodes.end().await;
    let copied = StoreAddress::Directory(folder.path().join("copy"));
    copy(store, &copied, |_| ()).await.unwrap();
    for store in [store, &copied] {
        let alone = Rc::new(Processes::alone(store));
        audit::audit(&alone.client(0), &written, &expected).await;
        alone.end().await;
    }
}

/// What the month comes to on one node that nothing happens to.
async fn undisturbed() -> bill::Invoices {
    let folder = TempDir::new().unwrap();
    let alone = Rc::new(Processes::alone(&StoreAddress::Directory(folder.path().to_owned())));
    let invoices = Box::pin(bill::month(&alone.client(0))).await;
    assert_eq!(invoices.len(), bill::CUSTOMERS.len());
    alone.end().await;
    invoices
}
