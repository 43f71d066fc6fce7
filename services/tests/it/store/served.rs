//! A store server of one test, and clients of it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use services::store::{RemoteOptions, RemoteStore, ServerOptions, StoreKind, StoreServer};
use storage::Store;
use tonic::codegen::http::uri::Authority;

/// Serves a store on a free port of this machine.
pub(super) async fn serve(store: Arc<dyn Store>) -> StoreServer {
    serve_at(store, SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await
}

/// Serves a store where it is said.
pub(super) async fn serve_at(store: Arc<dyn Store>, listen: SocketAddr) -> StoreServer {
    StoreServer::start(store, StoreKind::Memory, &ServerOptions::new(listen)).await.unwrap()
}

/// A client of a store server.
pub(super) async fn connect(address: SocketAddr) -> Arc<dyn Store> {
    Arc::new(RemoteStore::connect(authority(address), RemoteOptions::default()).await.unwrap())
}

/// The address as a client is told it.
pub(super) fn authority(address: SocketAddr) -> Authority {
    address.to_string().parse().unwrap()
}
