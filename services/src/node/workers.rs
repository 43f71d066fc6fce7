//! The threads on which the tasks of a node run.

use std::time::Duration;

use actors::shell::Threads;
use tokio::runtime::{Handle, RuntimeMetrics};

/// The workers of the runtime.
#[derive(Debug)]
pub(super) struct Workers {
    metrics: RuntimeMetrics,
}

impl Workers {
    /// Those of the runtime in which it is called.
    pub(super) fn of_runtime() -> Self {
        Self { metrics: Handle::current().metrics() }
    }
}

impl Threads for Workers {
    fn busy(&self) -> Duration {
        let workers = self.metrics.num_workers();
        let busy: Duration = (0..workers).map(|worker| self.metrics.worker_total_busy_duration(worker)).sum();
        busy.checked_div(u32::try_from(workers).unwrap_or(u32::MAX)).unwrap_or_default()
    }
}
