//! Faults on demand: by number, by seed, or a standstill until told otherwise.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::store::BoxFuture;

/// What may befall a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Refused as a conflict on its first expectation although that holds. Nothing is written. A commit that
    /// expects nothing is not affected.
    Conflict,
    /// Answered as unknown; it was accepted or refused as its expectations say.
    UnknownApplied,
    /// Answered as unknown; it never happens.
    UnknownNotApplied,
    /// Answered as unknown; it arrives at
    /// [`MemoryStore::release_late`](crate::MemoryStore::release_late), if that is called.
    UnknownLate,
    /// Answered with an error; it never happens.
    Unavailable,
}

/// How many of a thousand commits each fault befalls. The sum is at most 1,000; what exceeds it never occurs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FaultRates {
    /// [`Fault::Conflict`]
    pub conflict_per_mille: u32,
    /// [`Fault::UnknownApplied`]
    pub unknown_applied_per_mille: u32,
    /// [`Fault::UnknownNotApplied`]
    pub unknown_not_applied_per_mille: u32,
    /// [`Fault::UnknownLate`]
    pub unknown_late_per_mille: u32,
    /// [`Fault::Unavailable`]
    pub unavailable_per_mille: u32,
}

/// A function whose future is awaited before a call proceeds, for latency by the clock of a simulation.
type Pace = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// The faults of one handle to a [`MemoryStore`](crate::MemoryStore). Clones steer the same handle.
#[derive(Clone)]
pub struct Faults {
    plan: Arc<Mutex<Plan>>,
    frozen: watch::Sender<bool>,
    pace: Option<Pace>,
}

#[derive(Debug, Default)]
struct Plan {
    /// Commits seen so far; the first has number 1.
    commits: u64,
    by_number: BTreeMap<u64, Fault>,
    by_seed: Option<(u64, FaultRates)>,
}

impl Faults {
    /// No faults, until some are asked for.
    pub fn none() -> Faults {
        Faults { plan: Arc::default(), frozen: watch::Sender::new(false), pace: None }
    }

    /// Faults drawn for every commit from a seed: the same seed gives the same faults to the same numbers.
    pub fn seeded(seed: u64, rates: FaultRates) -> Faults {
        let faults = Faults::none();
        faults.plan().by_seed = Some((seed, rates));
        faults
    }

    /// The same faults, and every call waits for the future of `pace` before it reaches the store.
    pub fn with_pace(mut self, pace: impl Fn() -> BoxFuture<'static, ()> + Send + Sync + 'static) -> Faults {
        self.pace = Some(Arc::new(pace));
        self
    }

    /// Plans a fault for the commit with this number; the first commit of the handle has number 1. Goes
    /// before a seeded fault.
    pub fn at(&self, number: u64, fault: Fault) {
        self.plan().by_number.insert(number, fault);
    }

    /// Plans a fault for the next commit.
    pub fn next(&self, fault: Fault) {
        let mut plan = self.plan();
        let number = plan.commits.saturating_add(1);
        plan.by_number.insert(number, fault);
    }

    /// How many commits this handle has seen, those with faults included.
    pub fn commits(&self) -> u64 {
        self.plan().commits
    }

    /// Holds every call of the handle, and every answer on its way back, until [`thaw`](Faults::thaw).
    pub fn freeze(&self) {
        self.frozen.send_replace(true);
    }

    /// Ends a standstill.
    pub fn thaw(&self) {
        self.frozen.send_replace(false);
    }

    /// Counts a commit and gives its fault.
    pub(super) fn draw(&self) -> Option<Fault> {
        let mut plan = self.plan();
        plan.commits = plan.commits.saturating_add(1);
        let number = plan.commits;
        let planned = plan.by_number.remove(&number);
        planned.or_else(|| {
            let (seed, rates) = plan.by_seed.as_ref()?;
            rates.pick(scramble(seed ^ scramble(number)) % 1_000)
        })
    }

    pub(super) async fn wait_before(&self) {
        if let Some(pace) = &self.pace {
            pace().await;
        }
        self.wait_after().await;
    }

    pub(super) async fn wait_after(&self) {
        // The sender is here, so the wait ends by a thaw and never by an error.
        let _ = self.frozen.subscribe().wait_for(|frozen| !frozen).await;
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Faults {
    fn default() -> Faults {
        Faults::none()
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let frozen = *self.frozen.borrow();
        formatter.debug_struct("Faults").field("plan", &self.plan()).field("frozen", &frozen).finish()
    }
}

impl FaultRates {
    /// The fault for a draw from 0 to 999.
    fn pick(&self, draw: u64) -> Option<Fault> {
        let faults = [
            (self.conflict_per_mille, Fault::Conflict),
            (self.unknown_applied_per_mille, Fault::UnknownApplied),
            (self.unknown_not_applied_per_mille, Fault::UnknownNotApplied),
            (self.unknown_late_per_mille, Fault::UnknownLate),
            (self.unavailable_per_mille, Fault::Unavailable),
        ];
        let mut bound = 0u64;
        faults.into_iter().find_map(|(per_mille, fault)| {
            bound = bound.saturating_add(u64::from(per_mille));
            (draw < bound).then_some(fault)
        })
    }
}

/// The finalizer of SplitMix64: neighbouring numbers give unrelated ones.
pub(crate) fn scramble(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
