//! Both stores of this crate go through the suite that every store has to pass.

use std::sync::{Arc, Mutex};

use storage::conformance::{Factory, run};
use storage::{BoxFuture, EmbeddedOptions, EmbeddedStore, Faults, MemoryStore, Store};
use tempfile::TempDir;

#[derive(Default)]
struct Memory {
    last: Mutex<MemoryStore>,
}

impl Factory for Memory {
    fn create(&self) -> BoxFuture<'_, Arc<dyn Store>> {
        let store = MemoryStore::new();
        *self.last.lock().unwrap() = store.handle(Faults::none());
        Box::pin(async move { Arc::new(store) as Arc<dyn Store> })
    }

    fn reopen(&self, store: Arc<dyn Store>) -> BoxFuture<'_, Arc<dyn Store>> {
        let next = self.last.lock().unwrap().handle(Faults::none());
        Box::pin(async move {
            store.close().await.unwrap();
            Arc::new(next) as Arc<dyn Store>
        })
    }
}

struct Embedded {
    directory: Mutex<TempDir>,
    checkpoint_bytes: usize,
}

impl Embedded {
    fn open(&self) -> Arc<dyn Store> {
        let directory = self.directory.lock().unwrap();
        let options =
            EmbeddedOptions { checkpoint_bytes: self.checkpoint_bytes, ..EmbeddedOptions::default() };
        Arc::new(EmbeddedStore::open(directory.path(), options).unwrap())
    }
}

impl Factory for Embedded {
    fn create(&self) -> BoxFuture<'_, Arc<dyn Store>> {
        *self.directory.lock().unwrap() = TempDir::new().unwrap();
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
fn the_store_in_memory_conforms() {
    run(&Memory::default());
}

#[test]
fn the_embedded_store_conforms() {
    let checkpoint_bytes = EmbeddedOptions::default().checkpoint_bytes;
    run(&Embedded { directory: Mutex::new(TempDir::new().unwrap()), checkpoint_bytes });
}

/// Rows are in every layer at once, and move from one to the next between any two calls.
#[test]
fn the_embedded_store_conforms_while_checkpoints_go_on() {
    for checkpoint_bytes in [1, 1_000, 20_000] {
        run(&Embedded { directory: Mutex::new(TempDir::new().unwrap()), checkpoint_bytes });
    }
}
