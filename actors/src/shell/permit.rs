//! Permits: what a waiting command takes from the bounds of its shard and its node before a message is sent, since
//! mailboxes have no bound of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::pace::Runner;

/// How much may wait at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// At most so many commands.
    pub commands: usize,
    /// At most so many bytes of commands.
    pub bytes: usize,
}

/// How much waits at one place.
#[derive(Debug)]
pub(crate) struct Gauge {
    limit: Limit,
    commands: AtomicUsize,
    bytes: AtomicUsize,
}

/// A place in a shard's queue and in the node's, given back when dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    _shard: Place,
    _node: Arc<Place>,
    runner: Runner,
}

#[derive(Debug)]
pub(crate) struct Place {
    gauge: Arc<Gauge>,
    bytes: usize,
}

impl Gauge {
    pub(crate) fn new(limit: Limit) -> Arc<Gauge> {
        Arc::new(Gauge { limit, commands: AtomicUsize::new(0), bytes: AtomicUsize::new(0) })
    }

    /// Takes a place; `None` if there is none. What is larger than the bound finds one where nothing waits: it is for the entity
    /// to refuse it for its size, since to come again later would not help.
    pub(crate) fn enter(self: &Arc<Gauge>, bytes: usize) -> Option<Place> {
        // Counted first and checked afterwards, so that two who come at once can't both take the last place.
        let commands = self.commands.fetch_add(1, Ordering::AcqRel);
        let before = self.bytes.fetch_add(bytes, Ordering::AcqRel);
        let place = Place { gauge: Arc::clone(self), bytes };
        let has_bytes = before == 0 || before.saturating_add(bytes) <= self.limit.bytes;
        let fits = commands < self.limit.commands && has_bytes;
        fits.then_some(place)
    }
}

impl Permit {
    pub(crate) fn new(shard: Place, node: Arc<Place>, runner: Runner) -> Permit {
        Permit { _shard: shard, _node: node, runner }
    }

    /// The entity has answered.
    pub(crate) fn answered(&self) {
        self.runner.answered();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.gauge.commands.fetch_sub(1, Ordering::AcqRel);
        self.gauge.bytes.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_dropped() {
        let gauge = Gauge::new(Limit { commands: 2, bytes: 10 });
        let first = gauge.enter(4).unwrap();
        let second = gauge.enter(6).unwrap();
        assert!(gauge.enter(0).is_none(), "no third command");
        drop(second);
        assert!(gauge.enter(7).is_none(), "no eleventh byte");
        drop(first);
        assert!(gauge.enter(10).is_some());
        assert!(gauge.enter(11).is_some(), "alone, whatever its size");
    }
}
