//! The pace of a node: how many requests it takes in at once, found by how long they take.
//!
//! Bounds of queues keep memory flat, but a full queue of thousands makes everybody wait for seconds. So the node looks at
//! the time between admission and answer: above what is aimed at it lets fewer in, below it more. What it takes it
//! answers about as fast as ever; the rest is told at once to come again.
//!
//! A store that is slow by itself is no overload: what is aimed at is a few times as long as it takes with little to do,
//! as far as that was seen, and never less than what the node is told nor more than a few times that.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cluster::Clock;

use super::request::Class;

#[derive(Debug)]
pub(crate) struct Pace {
    clock: Arc<dyn Clock>,
    /// What is aimed at, however fast the store is.
    wait_ms: u64,
    limit: AtomicUsize,
    open: AtomicUsize,
    window: Mutex<Window>,
}

/// A request under way; given back when dropped.
#[derive(Debug)]
pub(crate) struct Runner {
    pace: Arc<Pace>,
    since_ms: u64,
}

/// What was seen since the limit was set last.
#[derive(Debug, Default)]
struct Window {
    begun_ms: u64,
    /// How long requests take with little to do, in microseconds: the least that was seen, and a little of all since.
    alone_us: Option<u64>,
    answers: u64,
    total_ms: u64,
    most_open: usize,
    /// Somebody was turned away.
    was_full: bool,
}

/// The limit is looked at so often, if that many were answered meanwhile.
const WINDOW_MS: u64 = 100;
const LEAST_ANSWERS: u64 = 16;
/// So many are always let in: fewer could not keep a store busy, however slow it is.
const LEAST: usize = 256;
const FIRST: usize = 4_096;
const MOST: usize = 65_536;
/// What is aimed at is so many times as long as it takes with little to do, and at most so many times what is wished for.
const TIMES_ALONE: u64 = 4;
const TIMES_WAIT: u64 = 5;
/// What was seen with little to do is forgotten in about so many windows.
const FORGOTTEN_IN: u64 = 4_096;
/// It shrinks to no less than this part in one step, and at least to that, in percent.
const SHRINKS_TO_AT_LEAST: u64 = 70;
const SHRINKS_TO_AT_MOST: u64 = 95;
/// It grows by this part and a little.
const GROWS_BY_PART: usize = 8;
const GROWS_BY: usize = 8;
/// Bulk work takes at most this part.
const BULK_PART: usize = 2;

impl Pace {
    /// `wait`: how long requests may take on average, however fast the store is.
    pub(crate) fn new(wait: Duration, clock: Arc<dyn Clock>) -> Arc<Pace> {
        let window = Window { begun_ms: clock.monotonic_ms(), ..Window::default() };
        Arc::new(Pace {
            wait_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1),
            clock,
            limit: AtomicUsize::new(FIRST),
            open: AtomicUsize::new(0),
            window: Mutex::new(window),
        })
    }

    /// Lets a request in; `None` if it has to come again later.
    pub(crate) fn enter(self: &Arc<Pace>, class: Class) -> Option<Runner> {
        let limit = self.limit.load(Ordering::Acquire);
        let room = match class {
            Class::Interactive => limit,
            Class::Bulk => limit.div_ceil(BULK_PART),
        };
        let before = self.open.fetch_add(1, Ordering::AcqRel);
        let runner = Runner { pace: Arc::clone(self), since_ms: self.clock.monotonic_ms() };
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        window.most_open = window.most_open.max(before.saturating_add(1).min(room));
        window.was_full |= before >= room;
        drop(window);
        (before < room).then_some(runner)
    }

    /// How many are let in at the moment.
    pub(crate) fn limit(&self) -> usize {
        self.limit.load(Ordering::Acquire)
    }

    fn answered(&self, since_ms: u64) {
        let now_ms = self.clock.monotonic_ms();
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        window.answers = window.answers.saturating_add(1);
        window.total_ms = window.total_ms.saturating_add(now_ms.saturating_sub(since_ms));
        let is_over = now_ms.saturating_sub(window.begun_ms) >= WINDOW_MS && window.answers >= LEAST_ANSWERS;
        if is_over {
            let alone_us = window.alone_us();
            let most_ms = self.wait_ms.saturating_mul(TIMES_WAIT);
            let aim_ms = (alone_us / 1_000).saturating_mul(TIMES_ALONE).clamp(self.wait_ms, most_ms);
            self.limit.store(window.next_limit(aim_ms, self.limit()), Ordering::Release);
            *window = Window {
                begun_ms: now_ms,
                alone_us: Some(alone_us),
                most_open: self.open.load(Ordering::Acquire),
                ..Window::default()
            };
        }
    }
}

impl Window {
    fn mean_us(&self) -> u64 {
        self.total_ms.saturating_mul(1_000).checked_div(self.answers).unwrap_or_default()
    }

    fn alone_us(&self) -> u64 {
        let mean_us = self.mean_us();
        match self.alone_us {
            Some(alone_us) if alone_us < mean_us => {
                alone_us.saturating_add(mean_us.saturating_sub(alone_us).div_ceil(FORGOTTEN_IN))
            }
            _ => mean_us,
        }
    }

    fn next_limit(&self, aim_ms: u64, limit: usize) -> usize {
        let mean_ms = self.mean_us() / 1_000;
        let next = if mean_ms > aim_ms {
            let percent = aim_ms.saturating_mul(100).checked_div(mean_ms).unwrap_or_default();
            let percent = percent.clamp(SHRINKS_TO_AT_LEAST, SHRINKS_TO_AT_MOST);
            let percent = usize::try_from(percent).unwrap_or(100);
            // What was not even used does not matter.
            limit.min(self.most_open).saturating_mul(percent).div_ceil(100)
        } else if self.was_full {
            limit.saturating_add(limit.div_ceil(GROWS_BY_PART)).saturating_add(GROWS_BY)
        } else {
            limit
        };
        next.clamp(LEAST, MOST)
    }
}

impl Runner {
    /// It was answered by its entity.
    pub(crate) fn answered(&self) {
        self.pace.answered(self.since_ms);
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.pace.open.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use cluster::ManualClock;

    use super::*;

    /// What serves requests: takes `alone_ms` for each, and can't answer more than so many in a millisecond.
    struct Server {
        alone_ms: u64,
        per_ms: usize,
    }

    /// Offers so many requests a millisecond for two seconds. How long those took that were answered in the last half
    /// second, at most, and how many that were.
    fn offer(class: Class, server: &Server, per_ms: usize) -> (u64, usize) {
        let clock = Arc::new(ManualClock::at(0));
        let pace = Pace::new(Duration::from_millis(100), clock.clone());
        let mut queue = VecDeque::new();
        let (mut longest_ms, mut answered) = (0, 0);
        for now_ms in 0..2_000 {
            clock.advance(1);
            queue.extend((0..per_ms).filter_map(|_| pace.enter(class)).map(|runner| (now_ms, runner)));
            for _ in 0..server.per_ms {
                let is_done = |(since_ms, _): &&(u64, Runner)| now_ms - since_ms >= server.alone_ms;
                if queue.front().filter(is_done).is_none() {
                    break;
                }
                let (since_ms, runner) = queue.pop_front().unwrap();
                runner.answered();
                if now_ms >= 1_500 {
                    longest_ms = longest_ms.max(now_ms - since_ms);
                    answered += 1;
                }
            }
        }
        (longest_ms, answered)
    }

    #[test]
    fn what_is_taken_is_answered_in_time_and_the_server_stays_busy() {
        let server = Server { alone_ms: 5, per_ms: 10 };
        assert_eq!(offer(Class::Interactive, &server, 5), (5, 2_500), "without overload all is taken");
        for class in [Class::Interactive, Class::Bulk] {
            let (longest_ms, answered) = offer(class, &server, 50);
            // It begins with a queue, and so does not know how fast it is with little to do.
            assert!(longest_ms <= 520, "{longest_ms} ms");
            assert!(answered >= 4_900, "{answered} of 5,000");
        }
    }

    #[test]
    fn a_store_that_is_slow_by_itself_is_kept_busy() {
        let server = Server { alone_ms: 200, per_ms: 10 };
        let (longest_ms, answered) = offer(Class::Interactive, &server, 9);
        assert_eq!((longest_ms, answered), (200, 4_500));
    }

    #[test]
    fn bulk_work_leaves_room() {
        let pace = Pace::new(Duration::from_millis(100), Arc::new(ManualClock::at(0)));
        let bulk: Vec<_> = std::iter::from_fn(|| pace.enter(Class::Bulk)).collect();
        assert_eq!(bulk.len(), FIRST / 2);
        let interactive: Vec<_> = std::iter::from_fn(|| pace.enter(Class::Interactive)).collect();
        assert_eq!(interactive.len(), FIRST / 2);
        drop(bulk);
        assert!(pace.enter(Class::Bulk).is_none(), "interactive requests take the half of bulk");
        drop(interactive);
        assert!(pace.enter(Class::Bulk).is_some());
    }
}
