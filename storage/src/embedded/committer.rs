//! The one thread that commits: it gathers what waits, has it made durable as one group and answers.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::checkpoint::{Checkpointer, Task};
use super::directory::Directory;
use super::failure::io_error;
use super::group::{Group, Judgement};
use super::log::{Log, LogFiles};
use super::reader::Shared;
use super::recent::Recent;
use super::view::{Snapshot, View};
use crate::commit::{Commit, CommitOutcome};
use crate::error::StoreError;

/// What a waiting commit counts at least, so that many small ones have a bound as well.
const LEAST_JOB_BYTES: usize = 1_000;

/// The longest delay of a group for the sake of a checkpoint that is under way.
const MOST_DELAY: Duration = Duration::from_millis(20);

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
    /// What readers see.
    pub(super) shared: Arc<Shared>,
    /// Commits that nobody has looked at.
    pub(super) waiting: Receiver<Job>,
    /// Commits taken from there, not settled yet.
    pub(super) gathered: VecDeque<Job>,
    /// The size of a group.
    pub(super) group_bytes: usize,
    /// The size of recent rows at which they are written to the file.
    pub(super) checkpoint_bytes: usize,
    /// Whether the file has to take in what was read from the log, before the log may grow.
    pub(super) begins_with_checkpoint: bool,
    /// Where groups are made durable.
    pub(super) log: Log,
    /// Its files.
    pub(super) files: Arc<dyn LogFiles>,
    /// Who writes to the file.
    pub(super) checkpointer: Checkpointer,
    /// Where to note that the store was closed in order.
    pub(super) directory: Option<Directory>,
}

/// Why a group has no outcomes.
#[derive(Debug)]
enum GroupFailure {
    /// Nothing of it was written and nothing will be.
    NotApplied(StoreError),
    /// It failed while it was made durable: all of what was accepted is there or nothing.
    InDoubt {
        /// What the first commits would have been answered. The others were not looked at.
        outcomes: Vec<CommitOutcome>,
        /// What failed.
        cause: StoreError,
    },
}

impl From<StoreError> for GroupFailure {
    fn from(error: StoreError) -> GroupFailure {
        GroupFailure::NotApplied(error)
    }
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
    /// Works until the store is closed or dropped and nothing waits, then closes the file.
    pub(super) fn run(mut self) -> Result<(), StoreError> {
        if self.begins_with_checkpoint
            && let Err(cause) = self.freeze().and_then(|()| self.checkpointer.wait())
        {
            self.shared.refuse_commits(&cause);
        }
        while self.gather() {
            self.settle();
        }
        self.close()
    }

    /// Everything that waits already, up to the size of a group, and at least one; `false` once there will be none.
    /// It never waits for more: what arrives while a group is made durable is the next one.
    fn gather(&mut self) -> bool {
        if self.gathered.is_empty() {
            let Ok(first) = self.waiting.recv() else { return false };
            self.gathered.push_back(first);
        }
        let sizes = self.gathered.iter().map(|job| job.commit.size_bytes());
        let mut size_bytes = sizes.fold(0, usize::saturating_add);
        while size_bytes < self.group_bytes {
            let Ok(job) = self.waiting.try_recv() else { break };
            size_bytes = size_bytes.saturating_add(job.commit.size_bytes());
            self.gathered.push_back(job);
        }
        true
    }

    fn settle(&mut self) {
        if let Err(refusal) = self.shared.check_writable() {
            return self.refuse(&refusal);
        }
        match catch_unwind(AssertUnwindSafe(|| self.commit_group())) {
            Ok(Ok(outcomes)) => {
                self.gathered
                    .drain(..outcomes.len())
                    .zip(outcomes)
                    .for_each(|(job, outcome)| job.answer(Ok(outcome)));
            }
            Ok(Err(GroupFailure::NotApplied(cause))) => {
                self.shared.refuse_commits(&cause);
                self.refuse(&cause);
            }
            Ok(Err(GroupFailure::InDoubt { outcomes, cause })) => {
                let refusal = self.shared.refuse_commits(&cause);
                for (job, outcome) in self.gathered.drain(..outcomes.len()).zip(outcomes) {
                    // A commit that was refused was not written, but what it was refused for is in doubt.
                    job.answer(match outcome {
                        CommitOutcome::Conflict { .. } => Err(refusal.clone()),
                        CommitOutcome::Committed | CommitOutcome::Unknown => Ok(CommitOutcome::Unknown),
                    });
                }
                self.refuse(&refusal);
            }
            Err(_) => {
                let reason = "the storage engine panicked".to_owned();
                self.shared.refuse_commits(&StoreError::Unavailable { reason });
                self.gathered.drain(..).for_each(|job| job.answer(Ok(CommitOutcome::Unknown)));
            }
        }
    }

    /// Judges commits in their order, as many as a group takes, and makes those accepted durable. The outcomes are in
    /// the same order and may be told when this returns, not before: a refusal, too, may rest on a commit of the same
    /// group.
    fn commit_group(&mut self) -> Result<Vec<CommitOutcome>, GroupFailure> {
        self.make_room()?;
        let view = self.shared.view()?;
        let recent = Arc::clone(&view.recent);
        let mut group = Group::on(Snapshot::newest(view));
        let mut outcomes = Vec::with_capacity(self.gathered.len());
        for job in &self.gathered {
            match group.judge(&job.commit)? {
                Judgement::Settled(outcome) => outcomes.push(outcome),
                Judgement::TooManyRows if outcomes.is_empty() => return self.commit_to_file(),
                Judgement::TooManyRows => break,
            }
            if group.size_bytes() >= self.group_bytes {
                break;
            }
        }
        let mut changes = group.changes()?;
        if changes.is_empty() {
            return Ok(outcomes);
        }
        match self.log.append(&mut changes) {
            Ok(sequence) => recent.apply(sequence, changes),
            Err(error) => return Err(GroupFailure::InDoubt { outcomes, cause: io_error(&error) }),
        }
        Ok(outcomes)
    }

    /// Writes the first commit past the log, into the file, once the file is the whole state. It was accepted.
    fn commit_to_file(&mut self) -> Result<Vec<CommitOutcome>, GroupFailure> {
        self.freeze()?;
        self.checkpointer.wait()?;
        let Some(commit) = self.gathered.front().map(|job| job.commit.clone()) else { return Ok(Vec::new()) };
        let written = self.checkpointer.begin(Task::Commit(commit)).and_then(|()| self.checkpointer.wait());
        let outcomes = vec![CommitOutcome::Committed];
        match written {
            Ok(()) => Ok(outcomes),
            Err(cause) => Err(GroupFailure::InDoubt { outcomes, cause }),
        }
    }

    /// Begins a checkpoint when it is time. While one is under way and the next is near, each group waits a little: many
    /// short delays instead of one long one when there is no room left.
    fn make_room(&mut self) -> Result<(), StoreError> {
        let (size, limit) = (self.shared.view()?.recent.size_bytes(), self.checkpoint_bytes);
        if size >= limit {
            return self.freeze();
        }
        let beyond_half = size.saturating_mul(2).saturating_sub(limit);
        let per_mille = beyond_half.saturating_mul(1_000).checked_div(limit).unwrap_or(0);
        let delay = MOST_DELAY.saturating_mul(u32::try_from(per_mille).unwrap_or(0)) / 1_000;
        if delay.is_zero() { Ok(()) } else { self.checkpointer.wait_for(delay) }
    }

    /// Begins a checkpoint of the recent rows, if there are any, once the last one is done: so memory and log are
    /// bounded.
    fn freeze(&mut self) -> Result<(), StoreError> {
        self.checkpointer.wait()?;
        let view = self.shared.view()?;
        if view.recent.size_bytes() == 0 {
            return Ok(());
        }
        let checkpoint = self.log.rotate().map_err(|error| io_error(&error))?;
        let recent = Arc::new(Recent::after(checkpoint.sequence));
        let frozen = Arc::clone(&view.recent);
        self.shared.set_view(View {
            recent,
            frozen: Some(Arc::clone(&frozen)),
            base: Arc::clone(&view.base),
        });
        self.checkpointer.begin(Task::Frozen(frozen, checkpoint))
    }

    fn refuse(&mut self, cause: &StoreError) {
        self.gathered.drain(..).for_each(|job| job.answer(Err(cause.clone())));
    }

    /// Leaves all rows in the file and an empty log. A store that failed is not noted as closed in order, so that the
    /// next start verifies it.
    fn close(mut self) -> Result<(), StoreError> {
        let written = self.shared.check_writable().and_then(|()| self.empty_log());
        let closed = self.checkpointer.close();
        written.and(closed).and_then(|()| self.shared.check_writable())?;
        let noted = self.directory.as_ref().map_or(Ok(()), Directory::mark_closed);
        noted.map_err(|error| StoreError::Unavailable { reason: error.to_string() })
    }

    fn empty_log(&mut self) -> Result<(), StoreError> {
        // What was kept to be written over would stay as large as it is.
        self.checkpointer.wait()?;
        self.files.release_spare().map_err(|error| io_error(&error))?;
        self.freeze()?;
        self.checkpointer.wait()?;
        self.files.release_spare().map_err(|error| io_error(&error))
    }
}
