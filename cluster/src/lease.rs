//! How a node stands: what it may do, judged by its own clock from its last renewal.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::Clock;

/// What a node may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Everything.
    Admitting,
    /// It has not renewed for two thirds of its lease: it admits nothing new until it does, since others may soon take it
    /// for dead.
    Hesitant,
    /// It was declared dead, or left: it stops every shard at once and never acts again under this incarnation.
    Expelled,
}

/// The standing of a node at any moment, also while its member is at work: to be asked before a request is admitted.
#[derive(Debug)]
pub struct Lease {
    clock: Arc<dyn Clock>,
    hesitant_after_ms: u64,
    /// When the last renewal that succeeded began.
    renewed_ms: AtomicU64,
    ended: AtomicBool,
}

impl Lease {
    pub(crate) fn new(clock: Arc<dyn Clock>, lease: Duration, renewed_ms: u64) -> Lease {
        let lease_ms = u64::try_from(lease.as_millis()).unwrap_or(u64::MAX);
        Lease {
            clock,
            hesitant_after_ms: lease_ms.saturating_mul(2) / 3,
            renewed_ms: AtomicU64::new(renewed_ms),
            ended: AtomicBool::new(false),
        }
    }

    /// How the node stands now.
    pub fn standing(&self) -> Standing {
        if self.ended.load(Ordering::Acquire) {
            return Standing::Expelled;
        }
        let age_ms = self.clock.monotonic_ms().saturating_sub(self.renewed_ms.load(Ordering::Acquire));
        if age_ms >= self.hesitant_after_ms { Standing::Hesitant } else { Standing::Admitting }
    }

    pub(crate) fn renewed(&self, began_ms: u64) {
        self.renewed_ms.fetch_max(began_ms, Ordering::AcqRel);
    }

    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn a_node_hesitates_after_two_thirds_of_its_lease() {
        let clock = Arc::new(ManualClock::at(0));
        let lease = Lease::new(Arc::clone(&clock) as Arc<dyn Clock>, Duration::from_secs(3), 0);
        clock.advance(1_999);
        assert_eq!(lease.standing(), Standing::Admitting);
        clock.advance(1);
        assert_eq!(lease.standing(), Standing::Hesitant);
        lease.renewed(1_500);
        assert_eq!(lease.standing(), Standing::Admitting);
        // The age counts from the begin of the latest renewal, whatever is told in which order.
        lease.renewed(1_000);
        clock.advance(1_499);
        assert_eq!(lease.standing(), Standing::Admitting);
        clock.advance(1);
        assert_eq!(lease.standing(), Standing::Hesitant);
        lease.end();
        lease.renewed(3_500);
        assert_eq!(lease.standing(), Standing::Expelled);
    }
}
