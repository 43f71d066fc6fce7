//! The store server: one process that holds an embedded store and serves it to the nodes of one host or of a lab.
//!
//! It is a single point of failure by its nature and no part of an installation that has to stay up.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use proto::storage::storage_service_server::{SERVICE_NAME, StorageServiceServer};
use storage::{Store, StoreError};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use super::address::StoreAddress;
use super::open::{OpenError, Opened, StoreKind, open};
use super::service::{Places, Storage};
use super::wire::MOST_MESSAGE_BYTES;
use crate::node::Told;

/// How often a connection is asked whether it still lives, and how long it may take to answer.
const KEEP_ALIVE: Duration = Duration::from_secs(10);
const KEEP_ALIVE_ANSWER: Duration = Duration::from_secs(5);
/// What a stream and a connection may have under way: room for the largest commit beside many small ones.
const STREAM_WINDOW_BYTES: u32 = 1 << 20;
const CONNECTION_WINDOW_BYTES: u32 = 16 << 20;

/// How a store server is set up.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// Where it listens; port 0 is any that is free.
    pub listen: SocketAddr,
    /// How many requests it serves at once, over all connections.
    pub requests: usize,
    /// How long a request may take whatever its client says.
    pub patience: Duration,
    /// How long it waits for open requests when it stops.
    pub grace: Duration,
}

/// Why a store server did not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The store can't be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The address can't be listened on.
    #[error("can't listen on {address}: {source}; is another server running there?")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The process can't do it.
    #[error("the store server failed: {0}")]
    Process(String),
    /// The store did not close.
    #[error("the store was not closed: {0}")]
    Store(#[from] StoreError),
}

/// A store server that runs, until [`stop`](StoreServer::stop) ends it in order.
#[derive(Debug)]
pub struct StoreServer {
    address: SocketAddr,
    places: Places,
    health: HealthReporter,
    end: oneshot::Sender<()>,
    grace: Duration,
    served: JoinSet<Result<(), tonic::transport::Error>>,
}

impl ServerOptions {
    /// The usual bounds.
    #[must_use]
    pub fn new(listen: SocketAddr) -> Self {
        let (patience, grace) = (Duration::from_secs(60), Duration::from_secs(10));
        Self { listen, requests: 4_096, patience, grace }
    }
}

impl StoreServer {
    /// Serves a store. It is called on a tokio runtime with time and network.
    ///
    /// # Errors
    /// [`ServeError`]; then nothing runs.
    pub async fn start(
        store: Arc<dyn Store>,
        kind: StoreKind,
        options: &ServerOptions,
    ) -> Result<Self, ServeError> {
        let listen = |source| ServeError::Listen { address: options.listen, source };
        let incoming = TcpIncoming::bind(options.listen).map_err(listen)?.with_nodelay(Some(true));
        let address = incoming.local_addr().map_err(listen)?;
        let places = Places::new(options.requests);
        let (health, health_service) = tonic_health::server::health_reporter();
        health.set_service_status(SERVICE_NAME, ServingStatus::Serving).await;
        let service = StorageServiceServer::new(Storage::new(store, kind))
            .max_decoding_message_size(MOST_MESSAGE_BYTES)
            .max_encoding_message_size(MOST_MESSAGE_BYTES);
        let router = Server::builder()
            .timeout(options.patience)
            .initial_stream_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .max_concurrent_streams(u32::try_from(options.requests).unwrap_or(u32::MAX))
            .http2_keepalive_interval(Some(KEEP_ALIVE))
            .http2_keepalive_timeout(Some(KEEP_ALIVE_ANSWER))
            .add_service(InterceptedService::new(service, places.clone()))
            .add_service(health_service);
        let (end, ended) = oneshot::channel();
        let mut served = JoinSet::new();
        served.spawn(router.serve_with_incoming_shutdown(incoming, async {
            // A server whose handle is gone ends as well.
            let _ = ended.await;
        }));
        Ok(Self { address, places, health, end, grace: options.grace, served })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets nobody in, waits for open requests as long as the options say, ends. The store stays open.
    ///
    /// # Errors
    /// [`ServeError::Process`].
    pub async fn stop(mut self) -> Result<(), ServeError> {
        self.places.close();
        self.health.set_service_status(SERVICE_NAME, ServingStatus::NotServing).await;
        // Where nobody receives it, it has ended already.
        let _ = self.end.send(());
        let failed = |error: &dyn std::error::Error| ServeError::Process(error.to_string());
        match tokio::time::timeout(self.grace, self.served.join_next()).await {
            Ok(Some(Ok(served))) => served.map_err(|error| failed(&error)),
            Ok(Some(Err(error))) => Err(failed(&error)),
            Ok(None) => Ok(()),
            Err(_) => {
                tracing::warn!("requests were still open at the end of the grace period");
                Ok(())
            }
        }
    }
}

/// Runs a store server until the process is told to end (SIGTERM, SIGINT), then stops it in order and closes the store.
/// `ready` is told where it listens.
///
/// # Errors
/// [`ServeError`].
pub fn serve(
    data: &StoreAddress,
    options: &ServerOptions,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), ServeError> {
    let failed = |error: io::Error| ServeError::Process(error.to_string());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(failed)?;
    runtime.block_on(async {
        // Before anything is begun, since a start may take long.
        let mut told = Told::listen().map_err(failed)?;
        let Opened { store, kind, .. } = tokio::select! {
            opened = open(data) => opened?,
            () = told.heard() => return Ok(()),
        };
        let server = match StoreServer::start(Arc::clone(&store), kind, options).await {
            Ok(server) => server,
            Err(error) => {
                // The first error is the one to tell.
                let _ = store.close().await;
                return Err(error);
            }
        };
        ready(server.address());
        told.heard().await;
        tracing::info!("stopping");
        let stopped = server.stop().await;
        let closed = store.close().await;
        stopped?;
        Ok(closed?)
    })
}
