//! Attempts to send an event to a webhook.

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Meter};

/// Counts them.
#[derive(Clone, Debug)]
pub struct Attempts {
    counter: Counter<u64>,
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// The receiver has it.
    Acknowledged,
    /// It answered with another status than 2xx.
    Refused,
    /// It answered that it is gone.
    Gone,
    /// It did not answer in time.
    TimedOut,
    /// It could not be reached, or broke off.
    Unreachable,
}

impl Attempts {
    pub(super) fn new(meter: &Meter) -> Self {
        let counter = meter.u64_counter("kvarter.webhook.attempts").with_unit("{attempt}");
        let counter =
            counter.with_description("Attempts to send an event to a webhook, by what became of them");
        let attempts = Self { counter: counter.build() };
        // A rate needs a zero to begin from.
        Attempt::ALL.iter().for_each(|attempt| attempts.add(*attempt, 0));
        attempts
    }

    /// One more.
    pub fn count(&self, attempt: Attempt) {
        self.add(attempt, 1);
    }

    fn add(&self, attempt: Attempt, attempts: u64) {
        self.counter.add(attempts, &[KeyValue::new("kvarter.outcome", attempt.name())]);
    }
}

impl Attempt {
    const ALL: [Self; 5] = [Self::Acknowledged, Self::Refused, Self::Gone, Self::TimedOut, Self::Unreachable];

    fn name(self) -> &'static str {
        match self {
            Self::Acknowledged => "acknowledged",
            Self::Refused => "refused",
            Self::Gone => "gone",
            Self::TimedOut => "timed_out",
            Self::Unreachable => "unreachable",
        }
    }
}
