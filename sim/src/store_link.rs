//! A node's handle to the store: requests and answers are letters. What was sent arrives even if the node dies meanwhile.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use storage::{BoxFuture, Commit, CommitOutcome, Read, ReadAnswer, Store, StoreError};
use tokio::sync::oneshot;

use crate::depot::Depot;
use crate::network::{Address, Network, Place};

/// One start of a node as a client of the store.
pub struct StoreLink {
    /// Where the node runs.
    pub place: Place,
    /// Which start of it this is.
    pub start: u64,
    /// The way.
    pub network: Arc<Network>,
    /// The store.
    pub depot: Arc<Depot>,
}

/// How long the client library waits before it says that it does not know.
const PATIENCE: Duration = Duration::from_secs(3);

impl StoreLink {
    /// Has `serve` done at the store and waits for what it gives; `None` if no answer came in time.
    async fn ask<T: Send + 'static>(
        &self,
        serve: impl FnOnce(&Arc<Depot>, &Network) -> T + Send + 'static,
    ) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        let (network, depot) = (Arc::clone(&self.network), Arc::clone(&self.depot));
        let (place, start) = (self.place, self.start);
        let arrive = move || {
            let served = serve(&depot, &network);
            let back = move || drop(answer.send(served));
            network.send(Place::Store, Address::start(place, start), Box::new(back), None);
        };
        self.network.send(self.place, Address::of(Place::Store), Box::new(arrive), None);
        tokio::time::timeout(PATIENCE, or_never(answered)).await.ok()
    }
}

/// The value, or nothing for ever: whoever loses a letter does not tell.
pub(crate) async fn or_never<T>(answered: oneshot::Receiver<T>) -> T {
    match answered.await {
        Ok(value) => value,
        Err(_) => std::future::pending().await,
    }
}

impl Store for StoreLink {
    fn read(&self, reads: Vec<Read>) -> BoxFuture<'_, Result<Vec<ReadAnswer>, StoreError>> {
        Box::pin(async move {
            let timed_out =
                || Err(StoreError::Unavailable { reason: "the store does not answer".to_owned() });
            self.ask(move |depot, _| depot.read(reads)).await.unwrap_or_else(timed_out)
        })
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<CommitOutcome, StoreError>> {
        Box::pin(async move {
            let place = self.place;
            let served = self.ask(move |depot, network| depot.commit(network, place, commit)).await;
            served.unwrap_or(Ok(CommitOutcome::Unknown))
        })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }
}

impl fmt::Debug for StoreLink {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the store as seen from {} in its start {}", self.place, self.start)
    }
}
