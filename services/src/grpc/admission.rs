//! How many requests a node serves at once, and how many streams that only give. Whoever comes beyond is told at once to come again, and nothing of its request
//! is read; so is whoever comes while the node stops. Nobody keeps a place by doing nothing.

use std::sync::Arc;
use std::time::Duration;

use actors::shell::{Bound, Node};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError, watch};
use tonic::Status;

use super::status;
use crate::metrics::{Full, Refusals};

const RETRY_AFTER: Duration = Duration::from_millis(100);

/// A door of a node: a bound on the requests served at once, over all connections.
#[derive(Clone)]
pub struct Admission {
    places: Arc<Semaphore>,
    open: watch::Sender<bool>,
    patience: Duration,
    /// What is full where there is no place.
    bound: Full,
    refusals: Refusals,
    overload: Option<Overload>,
}

/// What keeps requests out before they are read.
#[derive(Clone)]
struct Overload {
    node: Arc<Node>,
    /// What they are told: it is the same for all, and there are many of them.
    told: Status,
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
        Self {
            places,
            open: watch::Sender::new(true),
            patience,
            bound: Full::Server,
            refusals: Refusals::default(),
            overload: None,
        }
    }

    /// The same door, which counts whom it turns away because all places are taken.
    #[must_use]
    pub fn counting(self, refusals: Refusals) -> Self {
        Self { refusals, ..self }
    }

    /// The same door, in front of what the entities of a node are asked: while the node is overloaded nobody comes in, and no
    /// effort is made for them. Reading and deciding to refuse takes as much of a processor as a part of what is accepted.
    #[must_use]
    pub fn before(&self, node: &Arc<Node>) -> Self {
        let told = status::full(&Bound::Node.to_string(), RETRY_AFTER);
        Self { overload: Some(Overload { node: Arc::clone(node), told }), ..self.clone() }
    }

    /// A door of its own, closed with this one, for so many streams at once that only give: they stay as long as their client
    /// wants, and must not take the places of those who come and go.
    #[must_use]
    pub fn of_streams(&self, places: usize) -> Self {
        let places = Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS)));
        Self { places, bound: Full::Streams, ..self.clone() }
    }

    /// Lets nobody in any more, and tells streams to come to an end.
    pub fn close(&self) {
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

impl Admission {
    /// Lets a request in, or says why not.
    pub(super) fn admit(&self) -> Result<Permit, Status> {
        if let Some(Overload { node, told }) = &self.overload
            && node.turns_away()
        {
            self.refusals.count(Full::Shell(Bound::Node));
            return Err(told.clone());
        }
        if !*self.open.borrow() {
            return Err(status::draining());
        }
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|error| self.closed_to(error))?;
        Ok(Permit { _place: Arc::new(place), open: self.open.subscribe(), patience: self.patience })
    }

    fn closed_to(&self, error: TryAcquireError) -> Status {
        match error {
            TryAcquireError::NoPermits if self.bound == Full::Streams => {
                self.refusals.count(self.bound);
                status::full("streams", RETRY_AFTER)
            }
            TryAcquireError::NoPermits => {
                self.refusals.count(self.bound);
                if let Some(overload) = &self.overload {
                    overload.node.turned_away();
                }
                status::full("the node", RETRY_AFTER)
            }
            TryAcquireError::Closed => status::draining(),
        }
    }
}
