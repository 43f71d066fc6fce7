//! Requests that were refused because something was full.

use actors::shell::{Bound, CallError};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Meter};

/// Counts them, or nothing where nobody asked for numbers.
#[derive(Clone, Debug, Default)]
pub struct Refusals {
    counter: Option<Counter<u64>>,
}

/// What was full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// The requests the server lets in at once.
    Server,
    /// The streams that only give.
    Streams,
    /// A bound of the shell.
    Shell(Bound),
}

impl Refusals {
    pub(super) fn new(meter: &Meter) -> Self {
        let counter = meter.u64_counter("kvarter.request.refusals").with_unit("{request}");
        let counter = counter.with_description("Requests refused because something was full, by what it was");
        let refusals = Self { counter: Some(counter.build()) };
        // A rate needs a zero to begin from.
        Full::ALL.iter().for_each(|full| refusals.add(*full, 0));
        refusals
    }

    /// One more.
    pub fn count(&self, full: Full) {
        self.add(full, 1);
    }

    /// One more, if this is the reason.
    pub fn count_error(&self, error: &CallError) {
        if let CallError::Overloaded { bound, .. } = error {
            self.count(Full::Shell(*bound));
        }
    }

    fn add(&self, full: Full, requests: u64) {
        if let Some(counter) = &self.counter {
            counter.add(requests, &[KeyValue::new("kvarter.bound", full.name())]);
        }
    }
}

impl Full {
    const ALL: [Self; 7] = [
        Self::Server,
        Self::Streams,
        Self::Shell(Bound::Node),
        Self::Shell(Bound::Shard),
        Self::Shell(Bound::Entity),
        Self::Shell(Bound::Outbox),
        Self::Shell(Bound::Link),
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Streams => "streams",
            Self::Shell(Bound::Node) => "node",
            Self::Shell(Bound::Shard) => "shard",
            Self::Shell(Bound::Entity) => "entity",
            Self::Shell(Bound::Outbox) => "outbox",
            Self::Shell(Bound::Link) => "link",
        }
    }
}
