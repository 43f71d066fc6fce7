//! The pace of a node: how many requests it takes in at once, found by how long they take.
//!
//! Bounds of queues keep memory flat, but a full queue of thousands makes everybody wait for seconds. So the node looks at
//! the time between admission and answer: above what is aimed at it lets fewer in, below it more.
//!
//! What is aimed at depends on whether waiting helps. As long as the node could take everybody in, whoever waits gets an
//! answer: a burst, an import with many requests under way, clients that wait for their answers before they ask again.
//! They may wait long. Once somebody had to be turned away a longer queue serves nobody any more, since it never gets
//! shorter. From then on the node aims at little more than what a request takes that finds nobody before it: what it takes
//! it answers about as fast as without overload, the rest is told at once to come again. That ends when for some time
//! nobody had to be turned away.
//!
//! A store that is slow by itself is no overload: what is aimed at is a few times as long as it takes with little to do.
//!
//! Who is turned away costs something as well. Where that and what is taken leave the threads no pause, requests wait where the
//! node can't see it, in their connections; then still fewer are let in.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cluster::Clock;

use super::request::Class;

/// How busy the threads are on which a node runs.
pub trait Threads: fmt::Debug + Send + Sync {
    /// For how long they had something to do since they began, on average.
    fn busy(&self) -> Duration;
}

#[derive(Debug)]
pub(crate) struct Pace {
    clock: Arc<dyn Clock>,
    /// What is aimed at while nobody is turned away, however fast the store is.
    wait_ms: u64,
    threads: Option<Arc<dyn Threads>>,
    limit: AtomicUsize,
    open: AtomicUsize,
    course: Mutex<Course>,
}

/// A request under way; given back when dropped.
#[derive(Debug)]
pub(crate) struct Runner {
    pace: Arc<Pace>,
    since_ms: u64,
    /// It found little to do.
    is_alone: bool,
}

/// What is known of how long requests take.
#[derive(Debug, Default)]
struct Course {
    /// How long requests take that find little to do, in microseconds.
    alone_us: Option<u64>,
    /// Until when it counts as overloaded.
    overloaded_until_ms: Option<u64>,
    window: Window,
}

/// What was seen since the limit was set last.
#[derive(Debug, Default)]
struct Window {
    begun_ms: u64,
    /// Of requests that came in since.
    answers: u64,
    total_ms: u64,
    most_open: usize,
    /// There was no room for somebody.
    was_full: bool,
    /// For how long the threads had been busy when it began.
    busy_before: Duration,
    /// They had hardly a pause since.
    is_saturated: bool,
}

/// The limit is looked at so often, if that many were answered meanwhile.
const WINDOW_MS: u64 = 100;
const LEAST_ANSWERS: u64 = 16;
/// So many are let in at first, and again after an overload.
const FIRST: usize = 1_024;
const MOST: usize = 65_536;
/// So many are always let in, with and without overload: fewer could not keep a store busy.
const LEAST: usize = 256;
const LEAST_OVERLOADED: usize = 16;
/// And so many even if the threads have no pause.
const LEAST_SATURATED: usize = 2;
/// What is aimed at is so many times as long as it takes with little to do, at most so many times what is wished for, and
/// under overload at least this part of it.
const TIMES_ALONE: u64 = 5;
const TIMES_ALONE_OVERLOADED: u64 = 2;
const TIMES_WAIT: u64 = 5;
const OVERLOADED_PART: u64 = 20;
/// So few before it count as little to do.
const FEW: usize = 8;
/// A request that finds little to do counts for this part of what is known of them.
const ALONE_PART: u64 = 64;
/// An overload lasts until nobody was turned away for so long.
const OVERLOAD_MS: u64 = 1_000;
/// It shrinks to no less than this in one step while there is no overload, in percent, and grows to no more than that.
const SHRINKS_TO: u64 = 70;
const GROWS_TO: u64 = 150;
/// Threads that are busy for this part of the time have no pause, in percent. Then it shrinks to this, and grows slowly as long as
/// there is an overload.
const SATURATED: u64 = 85;
const SATURATED_TO: u64 = 80;
const OVERLOADED_GROWS_TO: u64 = 115;
/// Bulk work takes at most this part.
const BULK_PART: usize = 2;

impl Pace {
    /// `wait`: how long requests may take on average while nobody is turned away, however fast the store is.
    pub(crate) fn new(wait: Duration, clock: Arc<dyn Clock>, threads: Option<Arc<dyn Threads>>) -> Arc<Pace> {
        let busy_before = threads.as_ref().map(|threads| threads.busy()).unwrap_or_default();
        let window = Window { begun_ms: clock.monotonic_ms(), busy_before, ..Window::default() };
        Arc::new(Pace {
            threads,
            wait_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1),
            clock,
            limit: AtomicUsize::new(FIRST),
            open: AtomicUsize::new(0),
            course: Mutex::new(Course { window, ..Course::default() }),
        })
    }

    /// Whether an interactive request that came now would have to come again later. One that is told so counts as turned away,
    /// like one that was read first.
    pub(crate) fn turns_away(&self) -> bool {
        let is_full = self.open.load(Ordering::Acquire) >= self.limit.load(Ordering::Acquire);
        if is_full {
            self.turned_away();
        }
        is_full
    }

    /// Somebody was turned away before it was asked.
    pub(crate) fn turned_away(&self) {
        let now_ms = self.clock.monotonic_ms();
        self.course.lock().unwrap_or_else(PoisonError::into_inner).saw_full(now_ms);
    }

    /// Lets a request in; `None` if it has to come again later.
    pub(crate) fn enter(self: &Arc<Pace>, class: Class) -> Option<Runner> {
        let limit = self.limit.load(Ordering::Acquire);
        let room = match class {
            Class::Interactive => limit,
            Class::Bulk => limit.div_ceil(BULK_PART),
        };
        let before = self.open.fetch_add(1, Ordering::AcqRel);
        let since_ms = self.clock.monotonic_ms();
        let runner = Runner { pace: Arc::clone(self), since_ms, is_alone: before < FEW };
        let mut course = self.course.lock().unwrap_or_else(PoisonError::into_inner);
        course.window.most_open = course.window.most_open.max(before.saturating_add(1).min(room));
        if before < room {
            return Some(runner);
        }
        // Bulk work comes in any number and waits for room; that alone is no overload.
        match class {
            Class::Interactive => course.saw_full(since_ms),
            Class::Bulk => course.window.was_full = true,
        }
        None
    }

    fn answered(&self, runner: &Runner) {
        let now_ms = self.clock.monotonic_ms();
        let took_ms = now_ms.saturating_sub(runner.since_ms);
        let mut course = self.course.lock().unwrap_or_else(PoisonError::into_inner);
        if runner.is_alone {
            course.saw_alone(took_ms.saturating_mul(1_000));
        }
        // What came in before the limit was set says nothing about it.
        if runner.since_ms < course.window.begun_ms {
            return;
        }
        course.window.answers = course.window.answers.saturating_add(1);
        course.window.total_ms = course.window.total_ms.saturating_add(took_ms);
        let is_over = now_ms.saturating_sub(course.window.begun_ms) >= WINDOW_MS
            && course.window.answers >= LEAST_ANSWERS;
        if is_over {
            let busy = self.threads.as_ref().map(|threads| threads.busy()).unwrap_or_default();
            course.window.saw_threads(busy, now_ms);
            let limit = self.limit.load(Ordering::Acquire);
            self.limit.store(course.next_limit(limit, self.wait_ms, now_ms), Ordering::Release);
            let most_open = self.open.load(Ordering::Acquire);
            course.window = Window { begun_ms: now_ms, most_open, busy_before: busy, ..Window::default() };
        }
    }
}

impl Course {
    /// Somebody had to be turned away.
    fn saw_full(&mut self, now_ms: u64) {
        self.window.was_full = true;
        self.overloaded_until_ms = Some(now_ms.saturating_add(OVERLOAD_MS));
    }

    fn saw_alone(&mut self, took_us: u64) {
        let known_us = self.alone_us.unwrap_or(took_us);
        let rest_us = known_us.saturating_mul(ALONE_PART.saturating_sub(1));
        self.alone_us = rest_us.saturating_add(took_us).checked_div(ALONE_PART);
    }

    fn next_limit(&mut self, limit: usize, wait_ms: u64, now_ms: u64) -> usize {
        let is_overloaded = self.overloaded_until_ms.is_some_and(|until_ms| now_ms < until_ms);
        if self.overloaded_until_ms.is_some() && !is_overloaded {
            self.overloaded_until_ms = None;
            return limit.max(FIRST);
        }
        if is_overloaded && self.window.is_saturated {
            return times(limit.min(self.window.most_open), SATURATED_TO).max(LEAST_SATURATED);
        }
        let wait_us = wait_ms.saturating_mul(1_000);
        let (times_alone, shortest_us, shrinks_to, grows_to, least) = match is_overloaded {
            true => {
                let shortest_us = wait_us.checked_div(OVERLOADED_PART).unwrap_or_default();
                let least = LEAST_OVERLOADED.min(limit);
                (TIMES_ALONE_OVERLOADED, shortest_us, 0, OVERLOADED_GROWS_TO, least)
            }
            false => (TIMES_ALONE, wait_us, SHRINKS_TO, GROWS_TO, LEAST),
        };
        let alone_us = self.alone_us.unwrap_or_default().saturating_mul(times_alone);
        let aim_us = alone_us.clamp(shortest_us, wait_us.saturating_mul(TIMES_WAIT));
        let mean_us = self.window.mean_us().max(1);
        // So many are under way on average as are answered in the time that one takes (Little's law).
        let percent = aim_us.saturating_mul(100).checked_div(mean_us).unwrap_or_default();
        let next = match percent {
            // What was not even used does not matter.
            0..100 => times(limit.min(self.window.most_open), percent.max(shrinks_to)),
            _ if self.window.was_full => times(limit, percent.min(grows_to)),
            _ => limit,
        };
        next.clamp(least, MOST)
    }
}

/// So many percent of it, rounded up.
fn times(open: usize, percent: u64) -> usize {
    open.saturating_mul(usize::try_from(percent).unwrap_or(usize::MAX)).div_ceil(100)
}

impl Window {
    fn saw_threads(&mut self, busy: Duration, now_ms: u64) {
        let busy_ms = u64::try_from(busy.saturating_sub(self.busy_before).as_millis()).unwrap_or(u64::MAX);
        let took_ms = now_ms.saturating_sub(self.begun_ms);
        self.is_saturated = busy_ms.saturating_mul(100) >= took_ms.saturating_mul(SATURATED);
    }

    fn mean_us(&self) -> u64 {
        self.total_ms.saturating_mul(1_000).checked_div(self.answers).unwrap_or_default()
    }
}

impl Runner {
    /// It was answered by its entity.
    pub(crate) fn answered(&self) {
        self.pace.answered(self);
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.pace.open.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests;
