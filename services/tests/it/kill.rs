//! A node process killed with -9 while a month is billed: after each restart the work goes on, and the invoices are the
//! same, byte for byte.
//!
//! The process is this test program itself, started again to serve a directory. Nine lives end after so many answers,
//! with requests under way; one ends between a commit that has messages to deliver and their delivery.
#![expect(clippy::unwrap_used, reason = "a test that meets an error has failed")]
#![expect(clippy::panic, reason = "a test that meets the unexpected has failed")]

pub(crate) mod bill;
mod mortal;
pub(crate) mod victim;

use std::collections::BTreeMap;
use std::sync::Arc;

use storage::{EmbeddedOptions, EmbeddedStore, Store};

use super::grpc::world::{options, run};
use mortal::Mortal;
use services::node::RunningNode;
use services::store::{Opened, StoreAddress, StoreKind};
use victim::{DIRECTORY, Death, OUTBOX_COMMITS, Victim};

/// Answers until the process is killed, spread over the story by a fixed random draw.
const DEATHS: [u32; 9] = [2, 5, 9, 12, 17, 21, 26, 33, 41];

#[test]
fn whenever_the_node_is_killed_the_invoices_are_the_same() {
    run(async {
        let expected = Box::pin(billed(Death::Never)).await;
        assert_eq!(expected.len(), bill::CUSTOMERS.len());
        for answers in DEATHS {
            let invoices = Box::pin(billed(Death::AfterAnswers(answers))).await;
            assert!(invoices == expected, "killed after {answers} answers: the invoices differ");
        }
        let invoices = Box::pin(billed(Death::BeforeDelivery(7))).await;
        assert!(invoices == expected, "killed between a commit and its delivery: the invoices differ");
    });
}

/// The invoices of the month by number, in the universal JSON form.
async fn billed(death: Death) -> BTreeMap<String, Vec<u8>> {
    let directory = tempfile::tempdir().unwrap();
    let victim = Victim::new(directory.path(), death);
    let invoices = Box::pin(bill::month(&victim)).await;
    let deaths = victim.deaths();
    assert_eq!(deaths, u32::from(death != Death::Never), "{death:?}");
    victim.end();
    invoices
}

/// Serves a directory until it is killed; does nothing as a test.
#[test]
fn child_that_serves() {
    let Ok(directory) = std::env::var(DIRECTORY) else { return };
    let fatal = std::env::var(OUTBOX_COMMITS).ok().map(|commits| commits.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let store: Arc<dyn Store> =
            Arc::new(EmbeddedStore::open(directory, EmbeddedOptions::default()).unwrap());
        let store = match fatal {
            Some(commits) => Arc::new(Mortal::new(store, commits)),
            None => store,
        };
        let opened = Opened { store, exclusive: true, kind: StoreKind::Embedded };
        let node = RunningNode::start_on(opened, &options(StoreAddress::Memory)).await.unwrap();
        println!("\n{}{}", victim::ADDRESS, node.address());
        std::future::pending::<()>().await;
    });
}
