//! The clocks of one simulated machine. They move when the machine is stepped, and only then: a machine that is paused
//! does not see time go by.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use cluster::Clock;

/// 2026-01-01T00:00Z, when every run begins.
pub const START_MS: i64 = 1_767_225_600_000;

/// Wall clock and monotonic clock of one machine.
#[derive(Debug)]
pub struct MachineClock {
    /// Milliseconds of the world at the last step.
    world_ms: AtomicU64,
    /// What the wall clock shows beyond the world's time.
    ahead_ms: AtomicI64,
    /// For how long the monotonic clock has stood still.
    stood_still_ms: AtomicU64,
}

impl MachineClock {
    /// A clock that is so far ahead of the world's.
    #[must_use]
    pub fn ahead(ahead_ms: i64) -> MachineClock {
        let ahead_ms = AtomicI64::new(ahead_ms);
        MachineClock { world_ms: AtomicU64::new(0), ahead_ms, stood_still_ms: AtomicU64::new(0) }
    }

    /// The machine is stepped.
    pub fn set(&self, world_ms: u64) {
        self.world_ms.store(world_ms, Ordering::Relaxed);
    }

    /// The wall clock jumps to so far ahead of the world's.
    pub fn jump(&self, ahead_ms: i64) {
        self.ahead_ms.store(ahead_ms, Ordering::Relaxed);
    }

    /// By how much the wall clock is ahead of the world's time.
    pub fn ahead_ms(&self) -> i64 {
        self.ahead_ms.load(Ordering::Relaxed)
    }

    /// The machine slept for so long: the wall clock goes on, the monotonic clock has missed it.
    pub fn slept(&self, slept_ms: u64) {
        self.stood_still_ms.fetch_add(slept_ms, Ordering::Relaxed);
    }
}

impl Clock for MachineClock {
    fn wall_ms(&self) -> i64 {
        let world_ms = i64::try_from(self.world_ms.load(Ordering::Relaxed)).unwrap_or(i64::MAX);
        START_MS.saturating_add(world_ms).saturating_add(self.ahead_ms.load(Ordering::Relaxed))
    }

    fn monotonic_ms(&self) -> u64 {
        let stood_still_ms = self.stood_still_ms.load(Ordering::Relaxed);
        self.world_ms.load(Ordering::Relaxed).saturating_sub(stood_still_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wall_clock_jumps_and_the_monotonic_clock_stands_still() {
        let clock = MachineClock::ahead(-5);
        clock.set(100);
        assert_eq!((clock.wall_ms(), clock.monotonic_ms()), (START_MS + 95, 100));
        clock.slept(40);
        clock.jump(1_000);
        clock.set(150);
        assert_eq!((clock.wall_ms(), clock.monotonic_ms()), (START_MS + 1_150, 110));
    }
}
