//! The store of a run: one ordered map that all nodes share, reached over the network, with faults from the seed.
//!
//! Every commit that takes effect passes the [`Heads`] on its way, whoever sent it and however late.

mod heads;

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

pub use heads::Heads;
use storage::{
    Commit, CommitOutcome, MemoryStore, Page, Read, ReadAnswer, Scan, Store, StoreError, StoreExt,
};

use crate::dice::Dice;
use crate::network::{Network, Place};
use crate::trace::Trace;

/// How many of a thousand calls each fault befalls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreFaults {
    /// Commits refused although their expectations hold.
    pub conflict_per_mille: u32,
    /// Commits that happen and are answered as unknown.
    pub unknown_applied_per_mille: u32,
    /// Commits that never happen and are answered as unknown.
    pub unknown_not_applied_per_mille: u32,
    /// Commits answered as unknown that arrive up to `late_ms` later.
    pub unknown_late_per_mille: u32,
    /// How late at most.
    pub late_ms: u64,
    /// Calls answered with an error.
    pub unavailable_per_mille: u32,
}

/// What was seen at the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreCounts {
    /// Commits that took effect.
    pub commits: u64,
    /// Commits of a shard refused because somebody else had claimed it.
    pub fenced: u64,
    /// Commits answered as unknown.
    pub unknown: u64,
    /// Commits that arrived after they had been answered as unknown.
    pub late: u64,
    /// Commits refused without reason.
    pub false_conflicts: u64,
    /// Calls answered as unavailable.
    pub unavailable: u64,
}

/// The store of a run.
#[derive(Debug)]
pub struct Depot {
    store: MemoryStore,
    trace: Arc<Trace>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    dice: Dice,
    faults: StoreFaults,
    is_out: bool,
    heads: Heads,
    counts: StoreCounts,
}

/// What befalls a call.
enum Fate {
    Fair,
    Conflict,
    UnknownApplied,
    UnknownNotApplied,
    UnknownLate,
    Unavailable,
}

impl Depot {
    /// An empty store without faults.
    #[must_use]
    pub fn new(dice: Dice, trace: Arc<Trace>) -> Depot {
        let faults = StoreFaults::default();
        let (heads, counts) = (Heads::default(), StoreCounts::default());
        let state = Mutex::new(State { dice, faults, is_out: false, heads, counts });
        Depot { store: MemoryStore::new(), trace, state }
    }

    /// Changes the faults.
    pub fn set_faults(&self, faults: StoreFaults) {
        self.state().faults = faults;
    }

    /// The store is away for everybody, or back.
    pub fn set_out(&self, is_out: bool) {
        self.state().is_out = is_out;
    }

    /// What was seen so far.
    pub fn counts(&self) -> StoreCounts {
        self.state().counts
    }

    /// How often a shard passed from one node to another.
    pub fn takeovers(&self) -> u64 {
        self.state().heads.takeovers()
    }

    /// What is wrong with the heads of shards, if anything.
    pub fn offence(&self) -> Option<String> {
        self.state().heads.offence().map(str::to_owned)
    }

    /// All rows of a range as they are now.
    ///
    /// # Errors
    /// [`StoreError`] where the store is damaged.
    pub fn rows(&self, scan: Scan) -> Result<Vec<storage::Row>, StoreError> {
        let mut rows = Vec::new();
        let mut next = Some(scan);
        while let Some(scan) = next {
            let page: Page = at_once(self.store.scan(scan.clone()))?;
            next = scan.after(&page);
            rows.extend(page.rows);
        }
        Ok(rows)
    }

    /// Answers reads that arrived.
    pub(crate) fn read(&self, reads: Vec<Read>) -> Result<Vec<ReadAnswer>, StoreError> {
        let mut state = self.state();
        let per_mille = state.faults.unavailable_per_mille;
        if state.is_out || state.dice.chance(per_mille) {
            return Err(state.unavailable());
        }
        drop(state);
        at_once(self.store.read(reads))
    }

    /// Takes a commit that arrived from `place`.
    pub(crate) fn commit(
        self: &Arc<Self>,
        network: &Network,
        place: Place,
        commit: Commit,
    ) -> Result<CommitOutcome, StoreError> {
        let fate = self.state().draw(&commit);
        match fate {
            Fate::Fair => self.apply(place, commit),
            Fate::Conflict => {
                let refused = commit.expectations.into_iter().next();
                let key = refused.map(|refused| refused.key).ok_or(StoreError::Closed)?;
                self.state().counts.false_conflicts += 1;
                Ok(CommitOutcome::Conflict { key })
            }
            Fate::UnknownApplied => self.apply(place, commit).map(|_| self.unknown()),
            Fate::UnknownNotApplied => Ok(self.unknown()),
            Fate::UnknownLate => {
                let mut state = self.state();
                let late_ms = state.faults.late_ms;
                let delay_ms = state.dice.between(1, late_ms);
                drop(state);
                let depot = Arc::clone(self);
                let arrive = move || {
                    if let Ok(CommitOutcome::Committed) = depot.apply(place, commit) {
                        depot.trace.note(format_args!("a late commit of {place} took effect"));
                        depot.state().counts.late += 1;
                    }
                };
                network.later(delay_ms, Place::Store, Box::new(arrive));
                Ok(self.unknown())
            }
            Fate::Unavailable => Err(self.state().unavailable()),
        }
    }

    fn apply(&self, place: Place, commit: Commit) -> Result<CommitOutcome, StoreError> {
        let written = heads::written(&commit);
        let outcome = at_once(self.store.commit(commit))?;
        let mut state = self.state();
        match &outcome {
            CommitOutcome::Committed => {
                state.counts.commits += 1;
                for head in written {
                    self.trace.note(format_args!("{place} commits {}", heads::describe(&head)));
                    state.heads.advance(head);
                }
            }
            CommitOutcome::Conflict { .. } => {
                for (shard, head) in written {
                    if state.heads.is_fenced(shard, &head) {
                        self.trace.note(format_args!("{place} is fenced in shard {shard}"));
                        state.counts.fenced += 1;
                    }
                }
            }
            CommitOutcome::Unknown => {}
        }
        Ok(outcome)
    }

    fn unknown(&self) -> CommitOutcome {
        self.state().counts.unknown += 1;
        CommitOutcome::Unknown
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn draw(&mut self, commit: &Commit) -> Fate {
        if self.is_out {
            return Fate::Unavailable;
        }
        let faults = self.faults;
        // Only a commit that expects something can be refused for it.
        if !commit.expectations.is_empty() && self.dice.chance(faults.conflict_per_mille) {
            return Fate::Conflict;
        }
        let fates = [
            (faults.unknown_applied_per_mille, Fate::UnknownApplied),
            (faults.unknown_not_applied_per_mille, Fate::UnknownNotApplied),
            (faults.unknown_late_per_mille, Fate::UnknownLate),
            (faults.unavailable_per_mille, Fate::Unavailable),
        ];
        let drawn =
            fates.into_iter().find_map(|(per_mille, fate)| self.dice.chance(per_mille).then_some(fate));
        drawn.unwrap_or(Fate::Fair)
    }

    fn unavailable(&mut self) -> StoreError {
        self.counts.unavailable += 1;
        StoreError::Unavailable { reason: "the simulated store is away; try again".to_owned() }
    }
}

/// The result of a future that has nothing to wait for.
fn at_once<T>(future: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Err(StoreError::Unavailable { reason: "the store in memory waits".to_owned() }),
    }
}
