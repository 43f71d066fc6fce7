//! How many requests a node serves at once. Whoever comes beyond is told at once to come again, and nothing of its request
//! is read; so is whoever comes while the node stops. Nobody keeps a place by doing nothing.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError, watch};
use tonic::service::Interceptor;
use tonic::{Request, Status};

use super::status;
use crate::metrics::{Full, Refusals};

const RETRY_AFTER: Duration = Duration::from_millis(100);

/// The door of a node: a bound on the requests served at once, over all connections.
#[derive(Clone, Debug)]
pub struct Admission {
    places: Arc<Semaphore>,
    open: watch::Sender<bool>,
    patience: Duration,
    refusals: Refusals,
}

/// A place among the requests served at once, given back when it is dropped.
#[derive(Clone, Debug)]
pub(super) struct Permit {
    _place: Arc<OwnedSemaphorePermit>,
    open: watch::Receiver<bool>,
    patience: Duration,
}

impl Admission {
    /// A door for so many requests at once, whose streams may stand still for so long.
    #[must_use]
    pub fn new(places: usize, patience: Duration) -> Self {
        let places = Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS)));
        Self { places, open: watch::Sender::new(true), patience, refusals: Refusals::default() }
    }

    /// The same door, which counts whom it turns away because all places are taken.
    #[must_use]
    pub fn counting(self, refusals: Refusals) -> Self {
        Self { refusals, ..self }
    }

    /// Lets nobody in any more, and tells streams to come to an end.
    pub fn close(&self) {
        self.places.close();
        self.open.send_replace(false);
    }
}

impl Permit {
    /// How long a stream may stand still.
    pub(super) fn patience(&self) -> Duration {
        self.patience
    }

    /// Waits until the door is closed.
    pub(super) async fn closed(&mut self) {
        // A door that is gone is closed.
        let _ = self.open.wait_for(|open| !open).await;
    }
}

impl Interceptor for Admission {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|error| match error {
            TryAcquireError::NoPermits => {
                self.refusals.count(Full::Server);
                status::full("the node", RETRY_AFTER)
            }
            TryAcquireError::Closed => status::draining(),
        })?;
        let (open, patience) = (self.open.subscribe(), self.patience);
        let permit = Permit { _place: Arc::new(place), open, patience };
        request.extensions_mut().insert(permit);
        Ok(request)
    }
}
