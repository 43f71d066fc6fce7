//! The clock of one machine: simulated time, less what it stood still.

use std::sync::Mutex;

use cluster::Clock;
use tokio::time::Instant;

#[derive(Debug)]
pub(crate) struct SimClock {
    started: Instant,
    stood: Mutex<Stood>,
}

#[derive(Debug, Default)]
struct Stood {
    lost_ms: u64,
    since_ms: Option<u64>,
}

impl SimClock {
    pub(crate) fn new() -> SimClock {
        SimClock { started: Instant::now(), stood: Mutex::default() }
    }

    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap()
    }

    /// From here on it stands still.
    pub(crate) fn stop(&self) {
        let now_ms = self.elapsed_ms();
        self.stood.lock().unwrap().since_ms.get_or_insert(now_ms);
    }

    /// From here on it goes, from where it stood.
    pub(crate) fn go(&self) {
        let now_ms = self.elapsed_ms();
        let mut stood = self.stood.lock().unwrap();
        if let Some(since_ms) = stood.since_ms.take() {
            stood.lost_ms += now_ms - since_ms;
        }
    }
}

impl Clock for SimClock {
    fn wall_ms(&self) -> i64 {
        0
    }

    fn monotonic_ms(&self) -> u64 {
        let stood = self.stood.lock().unwrap();
        stood.since_ms.unwrap_or_else(|| self.elapsed_ms()) - stood.lost_ms
    }
}
