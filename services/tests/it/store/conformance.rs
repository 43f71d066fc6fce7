//! A store behind a server goes through the suites that every store has to pass.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use cluster::conformance::fence;
use services::store::StoreServer;
use storage::conformance::{Factory, run};
use storage::{BoxFuture, EmbeddedOptions, EmbeddedStore, MemoryStore, Store};
use tempfile::TempDir;

use super::served::{connect, serve};

/// A server on a store in memory, which goes on while its client is replaced.
#[derive(Default)]
struct Memory {
    server: Mutex<Option<StoreServer>>,
}

impl Factory for Memory {
    fn create(&self) -> BoxFuture<'_, Arc<dyn Store>> {
        Box::pin(async {
            let server = serve(Arc::new(MemoryStore::new())).await;
            let store = connect(server.address()).await;
            *self.server.lock().unwrap() = Some(server);
            store
        })
    }

    fn reopen(&self, store: Arc<dyn Store>) -> BoxFuture<'_, Arc<dyn Store>> {
        let address = self.server.lock().unwrap().as_ref().unwrap().address();
        Box::pin(async move {
            store.close().await.unwrap();
            connect(address).await
        })
    }
}

/// A server on an embedded store, which is stopped and opened again.
#[derive(Default)]
struct Embedded {
    running: Mutex<Option<Running>>,
}

struct Running {
    server: StoreServer,
    embedded: Arc<dyn Store>,
    directory: TempDir,
}

impl Embedded {
    async fn open(&self, directory: TempDir) -> Arc<dyn Store> {
        let embedded: Arc<dyn Store> =
            Arc::new(EmbeddedStore::open(directory.path(), EmbeddedOptions::default()).unwrap());
        let server = serve(Arc::clone(&embedded)).await;
        let address: SocketAddr = server.address();
        *self.running.lock().unwrap() = Some(Running { server, embedded, directory });
        connect(address).await
    }
}

impl Factory for Embedded {
    fn create(&self) -> BoxFuture<'_, Arc<dyn Store>> {
        Box::pin(self.open(TempDir::new().unwrap()))
    }

    fn reopen(&self, store: Arc<dyn Store>) -> BoxFuture<'_, Arc<dyn Store>> {
        let Running { server, embedded, directory } = self.running.lock().unwrap().take().unwrap();
        Box::pin(async move {
            store.close().await.unwrap();
            server.stop().await.unwrap();
            embedded.close().await.unwrap();
            drop(embedded);
            self.open(directory).await
        })
    }
}

#[test]
fn a_served_store_in_memory_conforms() {
    run(&Memory::default());
}

#[test]
fn a_served_embedded_store_conforms() {
    run(&Embedded::default());
}

#[test]
fn a_served_store_in_memory_fences() {
    fence(&Memory::default());
}

#[test]
fn a_served_embedded_store_fences() {
    fence(&Embedded::default());
}
