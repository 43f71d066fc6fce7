//! The service of a store server: every call is one call of the store behind it.

use std::pin::Pin;
use std::sync::Arc;

use proto::storage::storage_service_server::StorageService;
use proto::storage::{
    CommitRequest, CommitResponse, DescribeRequest, DescribeResponse, ReadRequest, ReadResponse,
};
use storage::{MAX_COMMIT_BYTES, MAX_KEY_BYTES, MAX_VALUE_BYTES, Store};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};
use tokio_stream::{Stream, StreamExt as _};
use tonic::service::Interceptor;
use tonic::{Request, Response, Status};

use super::open::StoreKind;
use super::parts::parts_of;
use super::wire::{self, Malformed};

/// Serves a store.
#[derive(Clone, Debug)]
pub(super) struct Storage {
    store: Arc<dyn Store>,
    kind: StoreKind,
}

/// The places for requests that are served at once. Whoever finds none is told so before anything of its request is read.
#[derive(Clone, Debug)]
pub(super) struct Places(Arc<Semaphore>);

/// A place, given back when it is dropped.
#[derive(Clone, Debug)]
struct Place {
    _permit: Arc<OwnedSemaphorePermit>,
}

impl Storage {
    pub(super) fn new(store: Arc<dyn Store>, kind: StoreKind) -> Self {
        Self { store, kind }
    }
}

impl Places {
    pub(super) fn new(count: usize) -> Self {
        Self(Arc::new(Semaphore::new(count.min(Semaphore::MAX_PERMITS))))
    }

    /// Lets nobody in any more.
    pub(super) fn close(&self) {
        self.0.close();
    }
}

impl Interceptor for Places {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let permit = Arc::clone(&self.0).try_acquire_owned().map_err(|error| match error {
            TryAcquireError::NoPermits => Status::resource_exhausted("too many requests at once"),
            TryAcquireError::Closed => Status::unavailable("the store server is stopping"),
        })?;
        request.extensions_mut().insert(Place { _permit: Arc::new(permit) });
        Ok(request)
    }
}

#[tonic::async_trait]
impl StorageService for Storage {
    async fn describe(
        &self,
        _request: Request<DescribeRequest>,
    ) -> Result<Response<DescribeResponse>, Status> {
        Ok(Response::new(description(self.kind)))
    }

    type ReadStream = Pin<Box<dyn Stream<Item = Result<ReadResponse, Status>> + Send>>;

    async fn read(&self, mut request: Request<ReadRequest>) -> Result<Response<Self::ReadStream>, Status> {
        let place = request.extensions_mut().remove::<Place>();
        let reads = wire::reads(request.into_inner()).map_err(malformed)?;
        let parts = parts_of(self.store.read(reads).await);
        // The place is held until the last part is sent.
        let parts = tokio_stream::iter(parts).map(move |part| {
            let _held = &place;
            Ok(part)
        });
        Ok(Response::new(Box::pin(parts)))
    }

    async fn commit(&self, mut request: Request<CommitRequest>) -> Result<Response<CommitResponse>, Status> {
        let _place = request.extensions_mut().remove::<Place>();
        let commit = wire::commit(request.into_inner()).map_err(malformed)?;
        Ok(Response::new(wire::commit_response(self.store.commit(commit).await)))
    }
}

/// What this program serves.
pub(super) fn description(kind: StoreKind) -> DescribeResponse {
    let limit = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
    DescribeResponse {
        form: wire::FORM,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        kind: kind.name().to_owned(),
        most_key_bytes: limit(MAX_KEY_BYTES),
        most_value_bytes: limit(MAX_VALUE_BYTES),
        most_commit_bytes: limit(MAX_COMMIT_BYTES),
    }
}

fn malformed(malformed: Malformed) -> Status {
    Status::invalid_argument(malformed.to_string())
}
