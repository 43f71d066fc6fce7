//! How much a partner may still ask for: a bucket that every request takes a drop from, and that fills with time.

use std::time::Duration;

use domain::entity::partners::RequestLimit;
use tokio::time::Instant;

/// A request in millionths, so that what fills in a microsecond is a whole number.
const REQUEST: u64 = 1_000_000;

/// A bucket.
#[derive(Debug)]
pub(super) struct Bucket {
    limit: RequestLimit,
    left: u64,
    at: Instant,
}

impl Bucket {
    /// A full one.
    pub(super) fn new(limit: RequestLimit, now: Instant) -> Self {
        Self { limit, left: u64::from(limit.at_once).saturating_mul(REQUEST), at: now }
    }

    /// Takes a request out.
    ///
    /// # Errors
    /// How long it is until there is one.
    pub(super) fn take(&mut self, limit: RequestLimit, now: Instant) -> Result<(), Duration> {
        self.limit = limit;
        let passed = now.saturating_duration_since(self.at).as_micros();
        let filled = u64::try_from(passed).unwrap_or(u64::MAX).saturating_mul(limit.per_second.into());
        let most = u64::from(limit.at_once).saturating_mul(REQUEST);
        (self.left, self.at) = (self.left.saturating_add(filled).min(most), now);
        match self.left.checked_sub(REQUEST) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                let lacking = REQUEST.saturating_sub(self.left);
                let micros = lacking.checked_div(limit.per_second.into()).unwrap_or(REQUEST);
                Err(Duration::from_micros(micros.saturating_add(1)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_what_it_holds_and_fills_with_time() {
        let limit = RequestLimit { per_second: 2, at_once: 3 };
        let start = Instant::now();
        let mut bucket = Bucket::new(limit, start);
        // After so many milliseconds, whether there is a request, and if not, for how many milliseconds.
        let steps = [
            (0, None),
            (0, None),
            (0, None),
            (0, Some(500)),
            (400, Some(100)),
            (500, None),
            (500, Some(500)),
        ];
        for (after_ms, expected) in steps {
            let taken = bucket.take(limit, start + Duration::from_millis(after_ms));
            assert_eq!(taken.err().map(|wait| wait.as_millis()), expected, "after {after_ms} ms");
        }
        // It never holds more than it may.
        let later = start + Duration::from_secs(3_600);
        assert!((0..3).all(|_| bucket.take(limit, later).is_ok()));
        assert!(bucket.take(limit, later).is_err());
    }
}
