//! Requests of partners in roaming.

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Meter};

/// Counts them.
#[derive(Clone, Debug)]
pub struct PartnerRequests {
    counter: Counter<u64>,
}

/// What became of requests, by the status of HTTP.
const OUTCOMES: [&str; 4] = ["answered", "unauthorized", "refused", "failed"];

impl PartnerRequests {
    pub(super) fn new(meter: &Meter) -> Self {
        let counter = meter.u64_counter("kvarter.partner.requests").with_unit("{request}");
        let counter = counter.with_description("Requests of partners in roaming, by what became of them");
        let requests = Self { counter: counter.build() };
        // A rate needs a zero to begin from.
        OUTCOMES.iter().for_each(|outcome| requests.add(outcome, 0));
        requests
    }

    /// One more that was answered with this status of HTTP.
    pub fn count(&self, status: u16) {
        let [answered, unauthorized, refused, failed] = OUTCOMES;
        self.add(
            match status {
                401 => unauthorized,
                400..500 => refused,
                500.. => failed,
                _ => answered,
            },
            1,
        );
    }

    fn add(&self, outcome: &'static str, requests: u64) {
        self.counter.add(requests, &[KeyValue::new("kvarter.outcome", outcome)]);
    }
}
