//! The timers of a shard: which are due, which are already being carried out.
//!
//! They live in the store in the order they fall due; memory holds only those a sweep has handed out. A sweep that
//! began before a timer was done must not hand it out again.

use std::collections::BTreeSet;

use bytes::Bytes;

use super::keys::TimerId;

#[derive(Debug)]
pub(crate) struct Timers {
    /// No timer on record is due before this, but for those handed out.
    next_due_ms: i64,
    handed_out: BTreeSet<TimerId>,
    /// Cancelled by decisions that are not durable yet: a sweep may still find them.
    cancelled: BTreeSet<TimerId>,
    sweep: Option<Sweep>,
}

/// A look into the store that is on its way.
#[derive(Debug)]
struct Sweep {
    until_ms: i64,
    /// Timers done since it began, which it may still find.
    done_meanwhile: BTreeSet<TimerId>,
    /// The earliest timer set since it began, which it may not find.
    set_meanwhile_ms: i64,
}

impl Timers {
    /// How many timers a sweep looks at.
    pub(crate) const SWEEP_ROWS: usize = 1_024;

    /// Nothing is known yet: the first sweep looks.
    pub(crate) fn new() -> Timers {
        Timers { next_due_ms: i64::MIN, handed_out: BTreeSet::new(), cancelled: BTreeSet::new(), sweep: None }
    }

    /// Whether to look at the first timers in the store; what is there is told to [`found`](Timers::found).
    pub(crate) fn begin_sweep(&mut self, shard_time_ms: i64) -> bool {
        if self.sweep.is_some() || self.next_due_ms > shard_time_ms {
            return false;
        }
        let done_meanwhile = BTreeSet::new();
        self.sweep = Some(Sweep { until_ms: shard_time_ms, done_meanwhile, set_meanwhile_ms: i64::MAX });
        true
    }

    /// A timer is on record.
    pub(crate) fn set(&mut self, due_ms: i64) {
        self.next_due_ms = self.next_due_ms.min(due_ms);
        if let Some(sweep) = &mut self.sweep {
            sweep.set_meanwhile_ms = sweep.set_meanwhile_ms.min(due_ms);
        }
    }

    /// A timer was cancelled, which is not durable yet; told as [`done`](Timers::done) when it is.
    pub(crate) fn cancel(&mut self, timer: &TimerId) {
        self.cancelled.insert(timer.clone());
    }

    /// Whether a timer was cancelled and that is not durable yet.
    pub(crate) fn is_cancelled(&self, timer: &TimerId) -> bool {
        self.cancelled.contains(timer)
    }

    /// A timer is not on record any more.
    pub(crate) fn done(&mut self, timer: &TimerId) {
        self.handed_out.remove(timer);
        self.cancelled.remove(timer);
        if let Some(sweep) = &mut self.sweep {
            sweep.done_meanwhile.insert(timer.clone());
        }
    }

    /// The sweep found out nothing: the next one looks again.
    pub(crate) fn sweep_failed(&mut self) {
        self.sweep = None;
    }

    /// What the sweep found, in the order due; `all` if there is nothing behind it. Gives those to carry out now.
    pub(crate) fn found(&mut self, found: Vec<(TimerId, Bytes)>, all: bool) -> Vec<(TimerId, Bytes)> {
        let Some(sweep) = self.sweep.take() else { return Vec::new() };
        let later = found.iter().map(|(timer, _)| timer.due_ms).find(|due_ms| *due_ms > sweep.until_ms);
        let last = found.last().map_or(i64::MAX, |(timer, _)| timer.due_ms);
        self.next_due_ms = later.unwrap_or(if all { i64::MAX } else { last }).min(sweep.set_meanwhile_ms);
        let mut due = found;
        due.retain(|(timer, _)| {
            timer.due_ms <= sweep.until_ms
                && !sweep.done_meanwhile.contains(timer)
                && !self.cancelled.contains(timer)
                && self.handed_out.insert(timer.clone())
        });
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::entity_id::{EntityId, KindTag, Tenant};

    fn timer(due_ms: i64) -> (TimerId, Bytes) {
        let entity = EntityId::new(Tenant::parse("nl").unwrap(), KindTag::new(1).unwrap(), "k").unwrap();
        (TimerId { due_ms, entity, key: Bytes::new() }, Bytes::new())
    }

    fn due(found: Vec<(TimerId, Bytes)>) -> Vec<i64> {
        found.into_iter().map(|(timer, _)| timer.due_ms).collect()
    }

    #[test]
    fn a_due_timer_is_handed_out_once() {
        let mut timers = Timers::new();
        assert!(timers.begin_sweep(10));
        assert!(!timers.begin_sweep(10), "one sweep at a time");
        assert_eq!(due(timers.found(vec![timer(5), timer(10), timer(11)], true)), [5, 10]);
        assert!(!timers.begin_sweep(10), "the next is due at 11");
        assert!(timers.begin_sweep(11));
        assert_eq!(due(timers.found(vec![timer(5), timer(10), timer(11)], true)), [11]);
        assert!(!timers.begin_sweep(1_000), "nothing is left");
    }

    #[test]
    fn what_changes_during_a_sweep_is_neither_doubled_nor_lost() {
        let mut timers = Timers::new();
        timers.begin_sweep(10);
        timers.found(vec![timer(5)], true);
        timers.set(6);
        assert!(timers.begin_sweep(10));
        timers.done(&timer(5).0);
        timers.set(7);
        assert_eq!(due(timers.found(vec![timer(5), timer(6)], true)), [6]);
        assert!(timers.begin_sweep(10), "7 was set meanwhile");
        assert_eq!(due(timers.found(vec![timer(6), timer(7)], true)), [7]);
    }

    #[test]
    fn a_cancelled_timer_is_not_handed_out_although_it_is_still_on_record() {
        let mut timers = Timers::new();
        timers.cancel(&timer(5).0);
        assert!(timers.begin_sweep(10));
        assert_eq!(due(timers.found(vec![timer(5), timer(6)], true)), [6]);
        timers.done(&timer(5).0);
        timers.set(5);
        assert!(timers.begin_sweep(10), "it was set again");
        assert_eq!(due(timers.found(vec![timer(5)], true)), [5]);
    }

    #[test]
    fn a_full_sweep_goes_on_where_it_ended() {
        let mut timers = Timers::new();
        timers.begin_sweep(10);
        assert_eq!(due(timers.found(vec![timer(1), timer(2)], false)), [1, 2]);
        timers.done(&timer(1).0);
        timers.done(&timer(2).0);
        assert!(timers.begin_sweep(10));
        assert_eq!(due(timers.found(vec![timer(3)], true)), [3]);
    }
}
