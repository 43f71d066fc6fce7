//! The store as one process sees it: slow, at times away or in doubt, and every commit seen by the auditor.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use storage::{BoxFuture, Commit, CommitOutcome, Fault, MemoryStore, Read, ReadAnswer, Store, StoreError};

use super::Audit;

/// Chance from a seed, and whether faults happen by it.
#[derive(Debug)]
pub(crate) struct Chance {
    state: AtomicU64,
    pub(crate) faults: AtomicBool,
    /// Reads are answered, and every commit is refused.
    pub(crate) read_only: AtomicBool,
}

impl Chance {
    pub(crate) fn new(seed: u64) -> Chance {
        Chance {
            state: AtomicU64::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)),
            faults: AtomicBool::new(false),
            read_only: AtomicBool::new(false),
        }
    }

    /// A number below `bound` (SplitMix64).
    pub(crate) fn draw(&self, bound: u64) -> u64 {
        let mixed = self.state.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::AcqRel);
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// One commit in five is in trouble.
    fn fault(&self) -> Option<Fault> {
        let faults = [
            Fault::Conflict,
            Fault::UnknownApplied,
            Fault::UnknownNotApplied,
            Fault::UnknownLate,
            Fault::Unavailable,
        ];
        if self.read_only.load(Ordering::Acquire) {
            return Some(Fault::Unavailable);
        }
        let drawn = self.faults.load(Ordering::Acquire).then(|| self.draw(25))?;
        faults.get(usize::try_from(drawn).unwrap()).copied()
    }
}

#[derive(Debug)]
pub(crate) struct WatchedStore {
    pub(crate) store: MemoryStore,
    chance: Arc<Chance>,
    audit: Arc<Mutex<Audit>>,
}

impl WatchedStore {
    pub(crate) fn new(store: MemoryStore, chance: Arc<Chance>, audit: Arc<Mutex<Audit>>) -> WatchedStore {
        WatchedStore { store, chance, audit }
    }

    pub(crate) fn audit(&self) -> &Mutex<Audit> {
        &self.audit
    }
}

impl Store for WatchedStore {
    fn read(&self, reads: Vec<Read>) -> BoxFuture<'_, Result<Vec<ReadAnswer>, StoreError>> {
        self.store.read(reads)
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<CommitOutcome, StoreError>> {
        Box::pin(async move {
            if let Some(fault) = self.chance.fault() {
                self.store.faults().next(fault);
            }
            let outcome = self.store.commit(commit).await;
            Audit::look(&self.audit, &self.store).await;
            outcome
        })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.store.close()
    }
}
