//! The embedded store: a directory of this machine, durable when it answers.
//!
//! Rows are in a file of redb, in front of which is a log. redb rewrites pages for whatever it commits and flushes the
//! disk twice, so it is given rows rarely and many at once: a checkpoint. Commits go to the log. One thread
//! owns it: it takes every commit that waits, checks each against the state that the earlier ones of the group
//! leave, accepts or refuses each on its own, and makes the group durable with one write and one flush before any of them
//! is answered. What the log holds since the checkpoint is in memory as well (the recent rows), on top of the
//! file. When there is enough of it, it is frozen, a second thread writes it to the file and frees that part of
//! the log.
//!
//! Reads go past both threads, each on the newest durable snapshot: a few rows at once on the thread that asks, where they
//! take a microsecond each and a change of threads would take ten times that; anything longer on tokio's threads for
//! blocking work.
//!
//! Every value in the file carries a checksum of ours over key and value, checked whenever it is read; every
//! record of the log has one, checked when the store is opened.

mod base;
mod base_write;
mod checkpoint;
mod committer;
mod directory;
mod failure;
mod format;
mod group;
mod log;
mod merge;
mod open;
mod options;
mod reader;
mod recent;
mod replayed;
mod sealed;
#[cfg(test)]
mod tests;
mod view;

use std::collections::VecDeque;
use std::path::Path;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use redb::Database;
use tokio::sync::{Semaphore, oneshot, watch};

use crate::commit::{Commit, CommitOutcome};
use crate::error::StoreError;
use crate::limits;
use crate::read::{Read, ReadAnswer};
use crate::store::{BoxFuture, Store};

use checkpoint::{Checkpointer, FileWriter};
use committer::{Committer, Job};
use directory::Directory;
pub use failure::OpenError;
use log::{Log, LogDirectory, LogFiles};
pub use options::{EmbeddedOptions, IntegrityCheck};
use reader::Shared;
use replayed::read_log;

/// A store in a directory of this machine, for one process at a time.
///
/// It is used from within a tokio runtime. [`close`](Store::close) it when done: a store that is only dropped closes as well, but blocks the thread
/// that drops it until the commits in flight are durable, and tells no error.
#[derive(Debug)]
pub struct EmbeddedStore {
    shared: Arc<Shared>,
    /// The queue's bound: one permit per byte waiting. Closed with the store.
    queue_bytes: Arc<Semaphore>,
    jobs: Mutex<Option<Sender<Job>>>,
    /// What came of closing, once it is done.
    closed: watch::Receiver<Option<Result<(), StoreError>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// A crash leaves a log of two checkpoints at most. A longer one, or one of many segments, means that the store crashes
/// again and again, and never gets as far as its next checkpoint.
const MOST_REPLAYED_CHECKPOINTS: usize = 3;
const MOST_REPLAYED_SEGMENTS: u64 = 8;

impl EmbeddedStore {
    /// Whether there is a store in a directory. Opening it would create one where there is none.
    pub fn exists(directory: impl AsRef<Path>) -> bool {
        directory::holds_data(directory.as_ref())
    }

    /// Opens the store of a directory, or creates directory and store where there is none.
    ///
    /// After a crash a file of moderate size is verified first, see [`IntegrityCheck`]. Blocks while it does.
    pub fn open(directory: impl AsRef<Path>, options: EmbeddedOptions) -> Result<EmbeddedStore, OpenError> {
        let directory = Directory::lock(directory.as_ref())?;
        let files: Arc<dyn LogFiles> = Arc::new(LogDirectory::new(directory.path()));
        let database = open::open(&directory, &files, &options)?;
        directory.mark_open()?;
        EmbeddedStore::start(database, files, Some(directory), &options)
    }

    fn start(
        database: Database,
        files: Arc<dyn LogFiles>,
        directory: Option<Directory>,
        options: &EmbeddedOptions,
    ) -> Result<EmbeddedStore, OpenError> {
        let path = directory.as_ref().map(Directory::data_path).unwrap_or_default();
        let (view, replayed) = read_log(&path, &database, &*files)?;
        let log = Log::resume(Arc::clone(&files), &replayed)
            .map_err(|error| OpenError::io(&files.path(replayed.segment()), error))?;
        let most_bytes = options.checkpoint_bytes.saturating_mul(MOST_REPLAYED_CHECKPOINTS);
        let begins_with_checkpoint =
            view.recent.size_bytes() >= most_bytes || replayed.segments > MOST_REPLAYED_SEGMENTS;
        let shared = Arc::new(Shared::new(view));
        let writer = FileWriter { database, shared: Arc::clone(&shared), files: Arc::clone(&files) };
        let (jobs, waiting) = std::sync::mpsc::channel();
        let (closing, closed) = watch::channel(None);
        let committer = Committer {
            shared: Arc::clone(&shared),
            waiting,
            gathered: VecDeque::new(),
            group_bytes: options.bounded_group_bytes(),
            checkpoint_bytes: options.checkpoint_bytes,
            begins_with_checkpoint,
            log,
            files,
            checkpointer: Checkpointer::start(writer)?,
            directory,
        };
        let thread = std::thread::Builder::new()
            .name("store-committer".to_owned())
            .spawn(move || {
                closing.send_replace(Some(committer.run()));
            })
            .map_err(OpenError::Thread)?;
        Ok(EmbeddedStore {
            shared,
            queue_bytes: Arc::new(Semaphore::new(options.bounded_queue_bytes())),
            jobs: Mutex::new(Some(jobs)),
            closed,
            thread: Mutex::new(Some(thread)),
        })
    }

    async fn submit(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        limits::check_commit(&commit)?;
        self.shared.check_writable()?;
        let permits = Job::permits_of(&commit);
        let permit = Arc::clone(&self.queue_bytes).acquire_many_owned(permits).await;
        let permit = permit.map_err(|_| StoreError::Closed)?;
        let (answer, answered) = oneshot::channel();
        self.send(Job { commit, answer, permit })?;
        // An answer that never comes means that the committer died with the commit in its hands.
        answered.await.unwrap_or(Ok(CommitOutcome::Unknown))
    }

    fn send(&self, job: Job) -> Result<(), StoreError> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = jobs.as_ref().map(|jobs| jobs.send(job));
        sent.and_then(Result::ok).ok_or(StoreError::Closed)
    }

    /// No new commits from here on; the committer finishes what waits and ends.
    fn begin_closing(&self) {
        self.queue_bytes.close();
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Store for EmbeddedStore {
    fn read(&self, reads: Vec<Read>) -> BoxFuture<'_, Result<Vec<ReadAnswer>, StoreError>> {
        Box::pin(async move {
            limits::check_reads(&reads)?;
            if let Some(answers) = self.shared.read_short(&reads)? {
                return Ok(answers);
            }
            let shared = Arc::clone(&self.shared);
            let reading = tokio::task::spawn_blocking(move || shared.read(&reads));
            let stopped = || StoreError::Unavailable { reason: "the process is stopping".to_owned() };
            reading.await.unwrap_or_else(|_| Err(stopped()))
        })
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<CommitOutcome, StoreError>> {
        Box::pin(self.submit(commit))
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.begin_closing();
        Box::pin(async move {
            let mut closed = self.closed.clone();
            let result = closed.wait_for(Option::is_some).await.map(|result| result.clone());
            // Without a result the committer has panicked while closing.
            let unclosed = StoreError::Unavailable { reason: "the store was not closed cleanly".to_owned() };
            result.ok().flatten().unwrap_or(Err(unclosed))
        })
    }
}

impl Drop for EmbeddedStore {
    fn drop(&mut self) {
        self.begin_closing();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        // A panic of the committer was answered to its callers; there is nobody left to tell.
        let _ = thread.map(JoinHandle::join);
    }
}
