//! The one thread that writes: it gathers what waits, has it made durable as one group and answers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::directory::Directory;
use super::failure::store_error;
use super::group::{GroupFailure, commit_group};
use super::reader::Shared;
use crate::commit::{Commit, CommitOutcome};
use crate::error::StoreError;

/// What a waiting commit counts at least, so that many small ones have a bound as well.
const LEAST_JOB_BYTES: usize = 1_000;

/// A commit that waits for its group.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) commit: Commit,
    pub(super) answer: oneshot::Sender<Result<CommitOutcome, StoreError>>,
    /// Its room in the queue, given back with the answer.
    pub(super) permit: OwnedSemaphorePermit,
}

/// The state of the thread.
#[derive(Debug)]
pub(super) struct Committer {
    shared: Arc<Shared>,
    waiting: Receiver<Job>,
    group_bytes: usize,
    directory: Option<Directory>,
}

impl Job {
    /// The room a commit takes in the queue. No commit is larger than the limit, which fits.
    pub(super) fn permits_of(commit: &Commit) -> u32 {
        u32::try_from(commit.size_bytes().max(LEAST_JOB_BYTES)).unwrap_or(u32::MAX)
    }

    fn answer(self, answer: Result<CommitOutcome, StoreError>) {
        // Nobody is left to be told when the caller has given up; the commit stands all the same.
        let _ = self.answer.send(answer);
        drop(self.permit);
    }
}

impl Committer {
    pub(super) fn new(
        shared: Arc<Shared>,
        waiting: Receiver<Job>,
        group_bytes: usize,
        directory: Option<Directory>,
    ) -> Committer {
        Committer { shared, waiting, group_bytes, directory }
    }

    /// Works until the store is closed or dropped and nothing waits, then closes the file.
    pub(super) fn run(self) -> Result<(), StoreError> {
        while let Ok(first) = self.waiting.recv() {
            self.settle(self.gather(first));
        }
        self.close()
    }

    /// Everything that waits already, up to the size of a group. It never waits for more: what arrives while
    /// a group is made durable is the next one.
    fn gather(&self, first: Job) -> Vec<Job> {
        let mut size_bytes = first.commit.size_bytes();
        let mut group = vec![first];
        while size_bytes < self.group_bytes {
            let Ok(job) = self.waiting.try_recv() else { break };
            size_bytes = size_bytes.saturating_add(job.commit.size_bytes());
            group.push(job);
        }
        group
    }

    fn settle(&self, group: Vec<Job>) {
        if let Err(refusal) = self.shared.check_writable() {
            return refuse(group, &refusal);
        }
        let commits = group.iter().map(|job| &job.commit);
        match catch_unwind(AssertUnwindSafe(|| commit_group(&self.shared, commits))) {
            Ok(Ok(outcomes)) => {
                group.into_iter().zip(outcomes).for_each(|(job, outcome)| job.answer(Ok(outcome)));
            }
            Ok(Err(GroupFailure::NotApplied(cause))) => {
                self.shared.refuse_commits(&cause);
                refuse(group, &cause);
            }
            Ok(Err(GroupFailure::InDoubt { outcomes, cause })) => {
                let refusal = self.shared.refuse_commits(&cause);
                for (job, outcome) in group.into_iter().zip(outcomes) {
                    // A commit that was refused was not written, but what it was refused for is in doubt.
                    job.answer(match outcome {
                        CommitOutcome::Conflict { .. } => Err(refusal.clone()),
                        CommitOutcome::Committed | CommitOutcome::Unknown => Ok(CommitOutcome::Unknown),
                    });
                }
            }
            Err(_) => {
                let reason = "the storage engine panicked".to_owned();
                self.shared.refuse_commits(&StoreError::Unavailable { reason });
                group.into_iter().for_each(|job| job.answer(Ok(CommitOutcome::Unknown)));
            }
        }
    }

    /// A store that failed is not noted as closed in order, so that the next start verifies it.
    fn close(self) -> Result<(), StoreError> {
        let Some(database) = self.shared.take() else { return Ok(()) };
        let closed = database.close().map_err(store_error);
        closed.and_then(|()| self.shared.check_writable())?;
        let noted = self.directory.as_ref().map_or(Ok(()), Directory::mark_closed);
        noted.map_err(|error| StoreError::Unavailable { reason: error.to_string() })
    }
}

fn refuse(group: Vec<Job>, cause: &StoreError) {
    group.into_iter().for_each(|job| job.answer(Err(cause.clone())));
}
