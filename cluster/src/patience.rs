//! How long a change of the table is tried: often while others are quicker, seldom while the store is in trouble.

use std::time::Duration;

use storage::{CommitOutcome, StoreError};

use crate::settle::BackOff;

/// How a commit was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It happened.
    Done,
    /// Somebody else changed the table in between.
    Raced,
    /// The store is away, or does not say what it did.
    Doubt,
}

/// What is left of it.
#[derive(Debug)]
pub(crate) struct Patience {
    left: u32,
    back_off: BackOff,
    pause: Duration,
}

impl Answer {
    /// What to make of an outcome. Errors: what no repetition mends.
    pub(crate) fn of(outcome: Result<CommitOutcome, StoreError>) -> Result<Answer, StoreError> {
        match outcome {
            Ok(CommitOutcome::Committed) => Ok(Answer::Done),
            Ok(CommitOutcome::Conflict { .. }) => Ok(Answer::Raced),
            Ok(CommitOutcome::Unknown) | Err(StoreError::Unavailable { .. }) => Ok(Answer::Doubt),
            Err(error) => Err(error),
        }
    }
}

impl Patience {
    /// For so many lost races.
    const RACES: u32 = 32;
    /// A doubt counts as so many: the fourth is the last.
    const DOUBT: u32 = 8;

    pub(crate) fn new(back_off: BackOff) -> Patience {
        Patience { left: Patience::RACES, back_off, pause: Duration::ZERO }
    }

    /// Waits before the next attempt, or gives up.
    pub(crate) async fn pause(&mut self, answer: Answer) -> Result<(), StoreError> {
        let cost = if answer == Answer::Doubt { Patience::DOUBT } else { 1 };
        self.left = self.left.saturating_sub(cost);
        if self.left == 0 {
            let reason = "the table of shards could not be changed: the store does not answer, or too many \
                          change it at once; try again";
            return Err(StoreError::Unavailable { reason: reason.to_owned() });
        }
        self.pause = self.back_off.after(self.pause);
        tokio::time::sleep(self.pause).await;
        Ok(())
    }
}
