//! The thread that writes to the file, so that commits go on meanwhile.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use redb::Database;

use super::base::Base;
use super::base_write::{write_commit, write_recent};
use super::failure::{OpenError, store_error};
use super::log::{Checkpoint, LogFiles};
use super::reader::Shared;
use super::recent::Recent;
use super::view::View;
use crate::commit::Commit;
use crate::error::StoreError;

/// The thread as the committer sees it. It does one thing at a time.
#[derive(Debug)]
pub(super) struct Checkpointer {
    tasks: Sender<Task>,
    done: Receiver<Result<(), StoreError>>,
    is_busy: bool,
    thread: JoinHandle<Result<(), StoreError>>,
}

/// What is to be written to the file.
#[derive(Debug)]
pub(super) enum Task {
    /// The rows of the view that are frozen. The log goes on as the checkpoint says.
    Frozen(Arc<Recent>, Checkpoint),
    /// A commit that is accepted. There are no recent rows.
    Commit(Commit),
}

/// The thread itself.
#[derive(Debug)]
pub(super) struct FileWriter {
    /// The file.
    pub(super) database: Database,
    /// Whose view changes with it.
    pub(super) shared: Arc<Shared>,
    /// Freed after a checkpoint.
    pub(super) files: Arc<dyn LogFiles>,
}

impl Checkpointer {
    /// Starts the thread.
    pub(super) fn start(writer: FileWriter) -> Result<Checkpointer, OpenError> {
        let (tasks, waiting) = channel();
        let (told, done) = channel();
        let builder = std::thread::Builder::new().name("store-checkpoint".to_owned());
        let thread = builder
            .spawn(move || {
                for task in waiting {
                    // Nobody waits any more when the committer has died; the work is done all the same.
                    let _ = told.send(writer.perform(&task));
                }
                writer.close()
            })
            .map_err(OpenError::Thread)?;
        Ok(Checkpointer { tasks, done, is_busy: false, thread })
    }

    /// Hands a task over, once the last one is done.
    ///
    /// Errors: as of the last one.
    pub(super) fn begin(&mut self, task: Task) -> Result<(), StoreError> {
        self.wait()?;
        self.tasks.send(task).map_err(|_| ended())?;
        self.is_busy = true;
        Ok(())
    }

    /// Waits until nothing is under way.
    ///
    /// Errors: what was under way failed. No commit must be accepted any more.
    pub(super) fn wait(&mut self) -> Result<(), StoreError> {
        if !self.is_busy {
            return Ok(());
        }
        self.is_busy = false;
        self.done.recv().unwrap_or_else(|_| Err(ended()))
    }

    /// The same, but for so long at most.
    pub(super) fn wait_for(&mut self, time: Duration) -> Result<(), StoreError> {
        if !self.is_busy {
            return Ok(());
        }
        let done = self.done.recv_timeout(time);
        self.is_busy = done == Err(RecvTimeoutError::Timeout);
        match done {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Err(RecvTimeoutError::Disconnected) => Err(ended()),
        }
    }

    /// Finishes what is under way and closes the file.
    pub(super) fn close(self) -> Result<(), StoreError> {
        drop(self.tasks);
        self.thread.join().unwrap_or_else(|_| Err(ended()))
    }
}

impl FileWriter {
    fn perform(&self, task: &Task) -> Result<(), StoreError> {
        let performed = catch_unwind(AssertUnwindSafe(|| match task {
            Task::Frozen(frozen, checkpoint) => self.checkpoint(frozen, *checkpoint),
            Task::Commit(commit) => write_commit(&self.database, commit).and_then(|()| self.show_file()),
        }));
        let panicked = || StoreError::Unavailable { reason: "the storage engine panicked".to_owned() };
        let result = performed.unwrap_or_else(|_| Err(panicked()));
        if let Err(cause) = &result {
            self.shared.refuse_commits(cause);
        }
        result
    }

    fn checkpoint(&self, frozen: &Recent, checkpoint: Checkpoint) -> Result<(), StoreError> {
        write_recent(&self.database, frozen, checkpoint)?;
        self.show_file()?;
        release_before(&*self.files, checkpoint);
        Ok(())
    }

    /// From here on readers find in the file what was frozen before.
    fn show_file(&self) -> Result<(), StoreError> {
        let base = Arc::new(Base::open(&self.database)?);
        let recent = Arc::clone(&self.shared.view()?.recent);
        self.shared.set_view(View { recent, frozen: None, base });
        Ok(())
    }

    fn close(self) -> Result<(), StoreError> {
        self.shared.close();
        self.database.close().map_err(store_error)
    }
}

/// Frees the segments whose rows are in the file. One that can't be freed takes room and does no harm.
pub(super) fn release_before(files: &dyn LogFiles, checkpoint: Checkpoint) {
    let numbers = files.numbers().unwrap_or_default();
    for number in numbers.into_iter().filter(|number| *number < checkpoint.segment) {
        if let Err(error) = files.release(number) {
            tracing::warn!(file = %files.path(number).display(), %error, "this part of the log is not needed any more and can't be freed");
        }
    }
}

fn ended() -> StoreError {
    StoreError::Unavailable { reason: "the thread of checkpoints has ended".to_owned() }
}
