//! Time as an argument: the wall clock for what is written down, the monotonic clock for how long things take.

use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// The clocks of one node.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// Milliseconds since 1970-01-01T00:00Z. May jump in either direction.
    fn wall_ms(&self) -> i64;

    /// Milliseconds since some moment before the node started. Never goes back; may stand still while the machine
    /// sleeps.
    fn monotonic_ms(&self) -> u64;
}

/// A clock that moves when told, for tests and simulations.
#[derive(Debug)]
pub struct ManualClock {
    wall_ms: AtomicI64,
    monotonic_ms: AtomicU64,
}

impl ManualClock {
    /// A clock that shows this time of day.
    pub fn at(wall_ms: i64) -> ManualClock {
        ManualClock { wall_ms: AtomicI64::new(wall_ms), monotonic_ms: AtomicU64::new(0) }
    }

    /// Lets time pass.
    pub fn advance(&self, elapsed_ms: u32) {
        self.wall_ms.fetch_add(i64::from(elapsed_ms), Ordering::AcqRel);
        self.monotonic_ms.fetch_add(u64::from(elapsed_ms), Ordering::AcqRel);
    }

    /// Sets the wall clock alone, as an operator or a time server does.
    pub fn jump(&self, wall_ms: i64) {
        self.wall_ms.store(wall_ms, Ordering::Release);
    }
}

impl Clock for ManualClock {
    fn wall_ms(&self) -> i64 {
        self.wall_ms.load(Ordering::Acquire)
    }

    fn monotonic_ms(&self) -> u64 {
        self.monotonic_ms.load(Ordering::Acquire)
    }
}
