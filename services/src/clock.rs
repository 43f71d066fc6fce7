//! The clock of a node: the only place that reads the time of this machine.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use cluster::Clock;
use uuid::{NoContext, Timestamp, Uuid};

/// The clocks of the machine that the node runs on.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// A clock whose monotonic time counts from now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the clock of the node")]
    pub fn new() -> Self {
        Self { started: Instant::now() }
    }
}

impl SystemClock {
    /// An id that no other call gives: the time, and chance.
    #[must_use]
    pub fn fresh_id(&self) -> u128 {
        let wall_ms = u64::try_from(self.wall_ms()).unwrap_or_default();
        let (seconds, rest) = (wall_ms.wrapping_div(1000), wall_ms.wrapping_rem(1000));
        let nanos = u32::try_from(rest.saturating_mul(1_000_000)).unwrap_or_default();
        Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, nanos)).as_u128()
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock of the node")]
    fn wall_ms(&self) -> i64 {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
        // A machine that believes itself before 1970 gets 1970; shard time never goes back whatever it says.
        elapsed.ok().and_then(|elapsed| i64::try_from(elapsed.as_millis()).ok()).unwrap_or_default()
    }

    fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
