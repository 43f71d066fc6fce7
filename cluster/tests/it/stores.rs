//! Two nodes that believe they own a shard can't both commit, on either store of the `storage` crate.

use std::sync::{Arc, Mutex};

use storage::conformance::Factory;
use storage::{BoxFuture, EmbeddedOptions, EmbeddedStore, FaultRates, Faults, MemoryStore, Store};
use tempfile::TempDir;

/// Stores in memory, with these faults.
struct Memory(Faults);

impl Factory for Memory {
    fn create(&self) -> BoxFuture<'_, Arc<dyn Store>> {
        Box::pin(async { Arc::new(MemoryStore::with_faults(self.0.clone())) as Arc<dyn Store> })
    }

    fn reopen(&self, store: Arc<dyn Store>) -> BoxFuture<'_, Arc<dyn Store>> {
        Box::pin(async { store })
    }
}

/// Stores in a directory that goes away with the test.
struct Embedded(Mutex<TempDir>);

impl Embedded {
    fn open(&self) -> Arc<dyn Store> {
        let directory = self.0.lock().unwrap();
        Arc::new(EmbeddedStore::open(directory.path(), EmbeddedOptions::default()).unwrap())
    }
}

impl Factory for Embedded {
    fn create(&self) -> BoxFuture<'_, Arc<dyn Store>> {
        *self.0.lock().unwrap() = TempDir::new().unwrap();
        Box::pin(async { self.open() })
    }

    fn reopen(&self, store: Arc<dyn Store>) -> BoxFuture<'_, Arc<dyn Store>> {
        Box::pin(async move {
            store.close().await.unwrap();
            self.open()
        })
    }
}

#[test]
fn the_store_in_memory_fences() {
    cluster::conformance::fence(&Memory(Faults::none()));
}

#[test]
fn a_store_with_faults_fences() {
    let rates = FaultRates {
        conflict_per_mille: 50,
        unknown_applied_per_mille: 50,
        unknown_not_applied_per_mille: 50,
        unknown_late_per_mille: 50,
        unavailable_per_mille: 50,
    };
    cluster::conformance::fence(&Memory(Faults::seeded(7, rates)));
}

#[test]
fn the_embedded_store_fences() {
    cluster::conformance::fence(&Embedded(Mutex::new(TempDir::new().unwrap())));
}
