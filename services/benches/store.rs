//! What a store server costs: commits of a store used directly and through a server, against the number of shards that
//! commit at the same time.
//!
//! As in the bench of crate storage every shard has one commit in flight: its head, expected and advanced, and eight rows of
//! 100 bytes under random ids. The server runs in this process on a runtime of its own with two threads and is reached
//! over loopback; the shards have a runtime of two threads as well. `cargo bench -p services --bench store` prints commits
//! per second and the median and 99th percentile of the time to an answer. The ways that are compared take turns.
//! `KVARTER_BENCH_SECONDS` is the time per row, `KVARTER_BENCH_DIR` where the files are (else a temporary folder).
#![expect(clippy::unwrap_used, reason = "a bench that meets an error has failed")]
#![expect(clippy::disallowed_methods, reason = "a bench measures by the clock")]

#[path = "../../storage/benches/load/mod.rs"]
mod load;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use load::{SHARDS, commits};
use services::store::{RemoteOptions, RemoteStore, ServerOptions, StoreKind, StoreServer};
use storage::{EmbeddedOptions, EmbeddedStore, MemoryStore, Store};
use tempfile::TempDir;
use tokio::runtime::Runtime;

fn main() {
    let seconds = std::env::var("KVARTER_BENCH_SECONDS").map_or(3, |text| text.parse().unwrap());
    let (serving, committing) = (runtime(), runtime());
    let folder = match std::env::var_os("KVARTER_BENCH_DIR") {
        Some(path) => TempDir::new_in(path).unwrap(),
        None => TempDir::new().unwrap(),
    };
    let embedded = |name: &str| -> Arc<dyn Store> {
        Arc::new(EmbeddedStore::open(folder.path().join(name), EmbeddedOptions::default()).unwrap())
    };
    let memory = || -> Arc<dyn Store> { Arc::new(MemoryStore::new()) };
    let ways = [
        ("memory", memory()),
        ("memory, served", served(&serving, &committing, memory())),
        ("embedded", embedded("direct")),
        ("embedded, served", served(&serving, &committing, embedded("served"))),
    ];
    println!("store             shards  commits/s      p50 us      p99 us");
    for shards in SHARDS {
        for (name, store) in &ways {
            let row = committing.block_on(commits(store, shards, Duration::from_secs(seconds)));
            println!("{name:<17} {shards:>6} {:>10} {:>11} {:>11}", row.per_second, row.p50_us, row.p99_us);
        }
    }
    for (_, store) in ways {
        committing.block_on(store.close()).unwrap();
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// The store behind a server that lives as long as the process.
fn served(serving: &Runtime, committing: &Runtime, store: Arc<dyn Store>) -> Arc<dyn Store> {
    let options = ServerOptions::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let server = serving.block_on(StoreServer::start(store, StoreKind::Memory, &options)).unwrap();
    let address = server.address().to_string().parse().unwrap();
    std::mem::forget(server);
    Arc::new(committing.block_on(RemoteStore::connect(address, RemoteOptions::default())).unwrap())
}
