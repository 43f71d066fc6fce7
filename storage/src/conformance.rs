//! What every store has to do, as a suite that any store can be put through.
//!
//! A store's tests give a [`Factory`] and call [`run`]; a store of another crate enables the feature
//! `conformance`. The suite panics where a store does not conform, naming the case.
#![expect(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]

mod closing;
mod commits;
mod concurrency;
mod limits;
mod model;
mod properties;
mod reads;

use std::sync::Arc;

use crate::commit::{Commit, CommitOutcome};
use crate::key::{Key, KeyRange};
use crate::read::{Page, Row, Scan};
use crate::store::{BoxFuture, Store, StoreExt};

/// Makes the stores that the suite tries.
pub trait Factory {
    /// A new and empty store.
    fn create(&self) -> BoxFuture<'_, Arc<dyn Store>>;

    /// Closes `store`, the one created last, and opens what it holds once more.
    fn reopen(&self, store: Arc<dyn Store>) -> BoxFuture<'_, Arc<dyn Store>>;
}

/// How many random histories the suite compares with the model.
pub const HISTORIES: u32 = 64;

type Case = fn(Arc<dyn Store>) -> BoxFuture<'static, ()>;

/// Puts stores of `factory` through every case, each on a store of its own, on a runtime of its own.
pub fn run(factory: &dyn Factory) {
    // A store behind a network needs the runtime's time and network, where there are such.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let groups = [reads::CASES, commits::CASES, limits::CASES, concurrency::CASES, closing::CASES];
    for (name, case) in groups.into_iter().flatten() {
        let _named = OnPanic(name);
        let store = runtime.block_on(factory.create());
        runtime.block_on(async { tokio::spawn(case(Arc::clone(&store))).await.unwrap() });
        runtime.block_on(store.close()).unwrap();
    }
    let _named = OnPanic("reopening");
    runtime.block_on(closing::reopened_store_goes_on(factory));
    let _named = OnPanic("random histories");
    properties::histories_agree_with_the_model(factory, &runtime, HISTORIES);
}

/// Says which case it was when one fails.
struct OnPanic<'a>(&'a str);

impl Drop for OnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = std::io::Write::write_fmt(
                &mut std::io::stderr(),
                format_args!("the store does not conform: {}\n", self.0),
            );
        }
    }
}

async fn committed(store: &dyn Store, commit: Commit) {
    assert_eq!(store.commit(commit).await, Ok(CommitOutcome::Committed));
}

async fn conflicts(store: &dyn Store, commit: Commit, key: &str) {
    let key = Key::from(key);
    assert_eq!(store.commit(commit).await, Ok(CommitOutcome::Conflict { key }));
}

/// The value of a key as text.
async fn text(store: &dyn Store, key: &str) -> Option<String> {
    let value = store.get(key.into()).await.unwrap();
    value.map(|value| String::from_utf8(value.to_vec()).unwrap())
}

/// Every row of the range, read in pages of a few rows.
async fn rows(store: &dyn Store, range: KeyRange) -> Vec<Row> {
    pages(store, Scan::new(range).rows(7)).await.into_iter().flat_map(|page| page.rows).collect()
}

/// The pages of a scan until the range is exhausted.
async fn pages(store: &dyn Store, scan: Scan) -> Vec<Page> {
    let mut pages = Vec::new();
    let mut next = Some(scan);
    while let Some(scan) = next {
        let page = store.scan(scan.clone()).await.unwrap();
        next = scan.after(&page);
        pages.push(page);
    }
    pages
}

/// The keys of rows as text.
fn keys(rows: &[Row]) -> Vec<String> {
    rows.iter().map(|row| row.key.to_string()).collect()
}
