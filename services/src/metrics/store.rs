//! A store whose reads and commits are timed.

use std::fmt;
use std::sync::Arc;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Histogram, Meter, UpDownCounter};
use storage::{BoxFuture, Commit, CommitOutcome, Read, ReadAnswer, Store, StoreError};
use tokio::time::Instant;

/// How long what a store does may take, in seconds: from a look into a cache to a cluster in trouble.
const BOUNDS_S: [f64; 16] =
    [0.00001, 0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The instruments of a store.
#[derive(Clone, Debug)]
pub(super) struct Instruments {
    commits: Histogram<f64>,
    reads: Histogram<f64>,
    open_commits: UpDownCounter<i64>,
}

/// A store that does what another does and counts it.
pub struct Measured {
    store: Arc<dyn Store>,
    instruments: Instruments,
}

/// A commit on its way. Whoever stops waiting for it ends it too.
struct Open<'a>(&'a UpDownCounter<i64>);

impl Instruments {
    pub(super) fn new(meter: &Meter) -> Self {
        let duration = |name, description| {
            let histogram = meter.f64_histogram(name).with_unit("s").with_description(description);
            histogram.with_boundaries(BOUNDS_S.to_vec()).build()
        };
        let open = meter.i64_up_down_counter("kvarter.store.open_commits").with_unit("{commit}");
        let open = open.with_description("Commits that wait for an answer of the store");
        Self {
            commits: duration("kvarter.store.commit.duration", "Commits by how they ended"),
            reads: duration("kvarter.store.read.duration", "Reads by how they ended"),
            open_commits: open.build(),
        }
    }
}

impl Measured {
    pub(super) fn new(store: Arc<dyn Store>, instruments: Instruments) -> Self {
        Self { store, instruments }
    }
}

impl fmt::Debug for Measured {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.store.fmt(formatter)
    }
}

impl Store for Measured {
    fn read(&self, reads: Vec<Read>) -> BoxFuture<'_, Result<Vec<ReadAnswer>, StoreError>> {
        Box::pin(async move {
            let began = Instant::now();
            let answered = self.store.read(reads).await;
            let outcome = answered.as_ref().map_or_else(trouble, |_| "read");
            self.instruments.reads.record(began.elapsed().as_secs_f64(), &[labelled(outcome)]);
            answered
        })
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<CommitOutcome, StoreError>> {
        Box::pin(async move {
            let began = Instant::now();
            let open = Open::new(&self.instruments.open_commits);
            let ended = self.store.commit(commit).await;
            drop(open);
            let outcome = match &ended {
                Ok(CommitOutcome::Committed) => "committed",
                Ok(CommitOutcome::Conflict { .. }) => "conflict",
                Ok(CommitOutcome::Unknown) => "unknown",
                Err(error) => trouble(error),
            };
            self.instruments.commits.record(began.elapsed().as_secs_f64(), &[labelled(outcome)]);
            ended
        })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.store.close()
    }
}

impl<'a> Open<'a> {
    fn new(commits: &'a UpDownCounter<i64>) -> Self {
        commits.add(1, &[]);
        Self(commits)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.add(-1, &[]);
    }
}

fn labelled(outcome: &'static str) -> KeyValue {
    KeyValue::new("kvarter.outcome", outcome)
}

fn trouble(error: &StoreError) -> &'static str {
    match error {
        StoreError::Limit(_) => "limit",
        StoreError::Corrupt { .. } => "corrupt",
        StoreError::Unavailable { .. } => "unavailable",
        StoreError::Closed => "closed",
    }
}
