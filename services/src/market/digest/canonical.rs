//! The canonical encoding under the hashes.

use domain::instant::{Instant, Period};
use sha2::{Digest as _, Sha256};

use super::Digest;

/// Fields in a fixed order, hashed as they are written.
pub(super) struct Canonical(Sha256);

impl Canonical {
    pub(super) fn new() -> Self {
        Self(Sha256::new())
    }

    pub(super) fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }

    pub(super) fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.update(text.as_bytes());
    }

    pub(super) fn optional_text(&mut self, text: Option<&str>) {
        self.optional(text, |canonical, text| canonical.text(text));
    }

    pub(super) fn number(&mut self, number: i64) {
        self.0.update(number.to_be_bytes());
    }

    pub(super) fn large_number(&mut self, number: i128) {
        self.0.update(number.to_be_bytes());
    }

    pub(super) fn count(&mut self, count: usize) {
        self.0.update((count as u64).to_be_bytes());
    }

    pub(super) fn flag(&mut self, flag: bool) {
        self.0.update([u8::from(flag)]);
    }

    pub(super) fn instant(&mut self, instant: Instant) {
        self.number(instant.millis());
    }

    pub(super) fn period(&mut self, period: Period) {
        self.instant(period.start());
        self.instant(period.end());
    }

    pub(super) fn optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.flag(value.is_some());
        if let Some(value) = value {
            write(self, value);
        }
    }

    /// Something that stands for itself: its hash is written.
    pub(super) fn part(&mut self, write: impl FnOnce(&mut Self)) {
        let mut part = Self::new();
        write(&mut part);
        self.0.update(part.finish().0);
    }
}
