//! Reading, and what readers, the committer and the thread of checkpoints share.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use super::merge::Stop;
use super::view::{Snapshot, View};
use crate::error::StoreError;
use crate::read::{Read, ReadAnswer};

/// What is seen, and why no more commits are taken if they are not.
#[derive(Debug)]
pub(super) struct Shared {
    /// `None` once the store is closed.
    view: RwLock<Option<Arc<View>>>,
    /// Set once, by a commit that failed for a reason other than its expectations.
    failure: OnceLock<StoreError>,
}

/// So many reads with so many rows in all, found or deleted, are answered on the thread that asks.
const SHORT_READS: usize = 32;
const SHORT_ROWS: usize = 32;
const SHORT_STEPS: usize = 128;

impl Shared {
    pub(super) fn new(view: View) -> Shared {
        Shared { view: RwLock::new(Some(Arc::new(view))), failure: OnceLock::new() }
    }

    /// Answers all reads from one snapshot.
    pub(super) fn read(&self, reads: &[Read]) -> Result<Vec<ReadAnswer>, StoreError> {
        let answers = self.answer(reads, usize::MAX, usize::MAX)?;
        // Without limits of its own a read is never too long.
        answers.ok_or_else(|| crate::read::mismatch("a read ended before its time"))
    }

    /// Answers all reads from one snapshot if they are few and find few rows; `None` if not: a thread of their own
    /// then costs less than they.
    pub(super) fn read_short(&self, reads: &[Read]) -> Result<Option<Vec<ReadAnswer>>, StoreError> {
        if reads.len() > SHORT_READS { Ok(None) } else { self.answer(reads, SHORT_ROWS, SHORT_STEPS) }
    }

    /// What is seen now.
    pub(super) fn view(&self) -> Result<Arc<View>, StoreError> {
        self.view.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or(StoreError::Closed)
    }

    /// From here on this is seen.
    pub(super) fn set_view(&self, view: View) {
        let replaced = self.view.write().unwrap_or_else(PoisonError::into_inner).replace(Arc::new(view));
        // Many rows may go with it: that takes its time, which readers need not wait for.
        drop(replaced);
    }

    /// Nothing is seen any more.
    pub(super) fn close(&self) {
        *self.view.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Whether commits are accepted.
    pub(super) fn check_writable(&self) -> Result<(), StoreError> {
        self.failure.get().map_or(Ok(()), |failure| Err(failure.clone()))
    }

    /// Refuses every further commit: after a failed one the state of the files is not certain until they are
    /// opened again.
    pub(super) fn refuse_commits(&self, cause: &StoreError) -> StoreError {
        let reason =
            format!("no commit is accepted since one failed ({cause}); stop the node and start it again");
        let fail = || {
            // Callers ask again until they are told to stop, so that this is the one place where a person learns of it.
            tracing::error!("{reason}");
            StoreError::Unavailable { reason }
        };
        self.failure.get_or_init(fail).clone()
    }

    /// `None` if more than `room` rows would be found, or more than `steps` looked at for one scan.
    fn answer(
        &self,
        reads: &[Read],
        mut room: usize,
        steps: usize,
    ) -> Result<Option<Vec<ReadAnswer>>, StoreError> {
        let snapshot = Snapshot::newest(self.view()?);
        let answer = |read: &Read| match read {
            Read::Get(key) => Ok(ReadAnswer::Value(snapshot.get(key)?)),
            Read::Scan(scan) => {
                let part = scan.clone().rows(scan.limit_rows.min(room));
                let page = snapshot.scan(&part, steps)?;
                if part.limit_rows < scan.limit_rows && page.more.is_some() {
                    return Err(Stop::Steps);
                }
                room = room.saturating_sub(page.rows.len());
                Ok(ReadAnswer::Page(page))
            }
        };
        match unwind(|| reads.iter().map(answer).collect()) {
            Ok(answers) => Ok(Some(answers)),
            Err(Stop::Steps) => Ok(None),
            Err(Stop::Failed(error)) => Err(error),
        }
    }
}

/// redb may panic on a file that was altered behind its back.
fn unwind<T>(answer: impl FnOnce() -> Result<T, Stop>) -> Result<T, Stop> {
    catch_unwind(AssertUnwindSafe(answer)).unwrap_or_else(|_| {
        Err(Stop::Failed(StoreError::Corrupt { what: "the file does not hold together".to_owned() }))
    })
}
