use std::collections::VecDeque;

use cluster::ManualClock;

use super::*;

/// What serves requests: takes `alone_ms` for each, and can't answer more than so many in a millisecond.
struct Server {
    alone_ms: u64,
    per_ms: usize,
}

/// Clients, the pace and a server between them.
struct Scene {
    clock: Arc<ManualClock>,
    pace: Arc<Pace>,
    server: Server,
    now_ms: u64,
    queue: VecDeque<(u64, Runner)>,
}

/// What became of requests over some time.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    longest_ms: u64,
    answered: usize,
    refused: usize,
}

impl Scene {
    fn new(alone_ms: u64, per_ms: usize) -> Scene {
        let clock = Arc::new(ManualClock::at(0));
        let pace = Pace::new(Duration::from_millis(100), clock.clone(), None);
        Scene { clock, pace, server: Server { alone_ms, per_ms }, now_ms: 0, queue: VecDeque::new() }
    }

    /// Lets clients come for so long, as many in each millisecond as is said for so many under way.
    fn run(&mut self, class: Class, millis: u64, coming: impl Fn(usize) -> usize) -> Seen {
        let mut seen = Seen::default();
        for _ in 0..millis {
            self.clock.advance(1);
            self.now_ms += 1;
            for _ in 0..coming(self.queue.len()) {
                match self.pace.enter(class) {
                    Some(runner) => self.queue.push_back((self.now_ms, runner)),
                    None => seen.refused += 1,
                }
            }
            for _ in 0..self.server.per_ms {
                let is_done = |(since_ms, _): &&(u64, Runner)| self.now_ms - since_ms >= self.server.alone_ms;
                if self.queue.front().filter(is_done).is_none() {
                    break;
                }
                let (since_ms, runner) = self.queue.pop_front().unwrap();
                runner.answered();
                seen.longest_ms = seen.longest_ms.max(self.now_ms - since_ms);
                seen.answered += 1;
            }
        }
        seen
    }
}

#[test]
fn what_is_taken_under_overload_is_answered_about_as_fast_as_ever_and_the_server_stays_busy() {
    let mut scene = Scene::new(5, 10);
    let seen = scene.run(Class::Interactive, 1_000, |_| 5);
    assert_eq!((seen.longest_ms, seen.refused), (5, 0), "without overload all is taken");
    let begun = scene.run(Class::Interactive, 1_000, |_| 50);
    assert!(begun.longest_ms <= 110, "{begun:?}");
    let seen = scene.run(Class::Interactive, 1_000, |_| 50);
    assert!(seen.longest_ms <= 30 && seen.answered >= 9_900, "{seen:?}");
    scene.run(Class::Interactive, 1_100, |_| 5);
    let seen = scene.run(Class::Interactive, 1_000, |_| 5);
    assert_eq!((seen.longest_ms, seen.refused), (5, 0), "after the overload");
    let seen = scene.run(Class::Interactive, 1, |_| 600);
    assert_eq!(seen.refused, 0, "a burst is taken again");
}

#[test]
fn a_node_that_starts_under_overload_finds_its_pace() {
    let mut scene = Scene::new(5, 10);
    scene.run(Class::Interactive, 1_000, |_| 50);
    let seen = scene.run(Class::Interactive, 1_000, |_| 50);
    assert!(seen.longest_ms <= 30 && seen.answered >= 9_900, "{seen:?}");
}

#[test]
fn clients_that_wait_for_their_answers_are_not_turned_away() {
    for class in [Class::Interactive, Class::Bulk] {
        let mut scene = Scene::new(5, 10);
        let seen = scene.run(class, 3_000, |under_way| 500 - under_way);
        assert_eq!((seen.longest_ms, seen.refused), (54, 0), "{class:?}");
    }
}

#[test]
fn bulk_work_alone_may_wait() {
    let mut scene = Scene::new(5, 10);
    scene.run(Class::Bulk, 1_000, |_| 50);
    let seen = scene.run(Class::Bulk, 1_000, |_| 50);
    assert!(seen.longest_ms <= 160 && seen.answered >= 9_900, "{seen:?}");
    assert_eq!(scene.run(Class::Interactive, 1, |_| 500).refused, 0);
}

#[test]
fn a_store_that_is_slow_by_itself_is_kept_busy() {
    let mut scene = Scene::new(200, 10);
    scene.run(Class::Interactive, 2_000, |_| 9);
    let seen = scene.run(Class::Interactive, 1_000, |_| 9);
    assert_eq!(seen, Seen { longest_ms: 200, answered: 9_000, refused: 0 });
}

#[test]
fn bulk_work_leaves_room() {
    let pace = Pace::new(Duration::from_millis(100), Arc::new(ManualClock::at(0)), None);
    let bulk: Vec<_> = std::iter::from_fn(|| pace.enter(Class::Bulk)).collect();
    assert_eq!(bulk.len(), FIRST / 2);
    let interactive: Vec<_> = std::iter::from_fn(|| pace.enter(Class::Interactive)).collect();
    assert_eq!(interactive.len(), FIRST / 2);
    drop(bulk);
    assert!(pace.enter(Class::Bulk).is_none(), "interactive requests take the half of bulk");
    drop(interactive);
    assert!(pace.enter(Class::Bulk).is_some());
}

#[test]
fn whoever_is_told_before_it_comes_in_counts_as_turned_away() {
    let clock = Arc::new(ManualClock::at(0));
    let pace = Pace::new(Duration::from_millis(100), clock.clone(), None);
    assert!(!pace.turns_away(), "nothing is under way");
    let inside: Vec<_> = std::iter::from_fn(|| pace.enter(Class::Interactive)).collect();
    clock.advance(2_000);
    assert!(pace.turns_away());
    clock.advance(200);
    inside.iter().for_each(Runner::answered);
    let open = inside.len();
    drop(inside);
    let inside: Vec<_> = std::iter::from_fn(|| pace.enter(Class::Interactive)).collect();
    assert!(inside.len() < open, "{} of {open}: it is overloaded and lets fewer in", inside.len());
}

/// Threads that had a pause or none, for as long as the clock ran.
#[derive(Debug)]
struct Busy {
    clock: Arc<ManualClock>,
    percent: AtomicUsize,
    /// When they were looked at last, and for how long they had been busy then.
    seen: Mutex<(u64, u64)>,
}

impl Threads for Busy {
    fn busy(&self) -> Duration {
        let (now_ms, mut seen) = (self.clock.monotonic_ms(), self.seen.lock().unwrap());
        let percent = self.percent.load(Ordering::Acquire) as u64;
        *seen = (now_ms, seen.1 + (now_ms - seen.0) * percent / 100);
        Duration::from_millis(seen.1)
    }
}

#[test]
fn where_the_threads_have_no_pause_fewer_are_let_in_until_they_have() {
    let mut scene = Scene::new(5, 10);
    let (percent, seen) = (AtomicUsize::new(100), Mutex::default());
    let busy = Arc::new(Busy { clock: Arc::clone(&scene.clock), percent, seen });
    scene.pace = Pace::new(Duration::from_millis(100), scene.clock.clone(), Some(busy.clone()));
    let waiting = scene.run(Class::Interactive, 2_000, |under_way| 500 - under_way);
    assert_eq!(waiting.refused, 0, "no pause is no overload");
    scene.run(Class::Interactive, 5_000, |_| 50);
    let seen = scene.run(Class::Interactive, 1_000, |_| 50);
    assert!(seen.answered <= 1_000, "{seen:?}");
    busy.percent.store(70, Ordering::Release);
    scene.run(Class::Interactive, 5_000, |_| 50);
    let seen = scene.run(Class::Interactive, 1_000, |_| 50);
    assert!(seen.answered >= 9_900 && seen.longest_ms <= 30, "{seen:?}");
}
