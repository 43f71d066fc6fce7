//! What happened in a run, in order: hashed as a whole, so that two runs can be compared, and its end kept to be read.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The events of a run.
#[derive(Debug)]
pub struct Trace {
    events: Mutex<Events>,
}

#[derive(Debug)]
struct Events {
    now_ms: u64,
    hash: u64,
    count: u64,
    tail: VecDeque<String>,
    most: usize,
    line: String,
}

/// FNV-1a with 64 bits.
const HASH_BASIS: u64 = 0xCBF2_9CE4_8422_2325;
const HASH_PRIME: u64 = 0x0000_0100_0000_01B3;

impl Trace {
    /// An empty trace that keeps at most so many of its last lines.
    #[must_use]
    pub fn new(most: usize) -> Trace {
        let (tail, line) = (VecDeque::new(), String::new());
        Trace { events: Mutex::new(Events { now_ms: 0, hash: HASH_BASIS, count: 0, tail, most, line }) }
    }

    /// The time of what is noted from now on.
    pub fn set_now(&self, now_ms: u64) {
        self.events().now_ms = now_ms;
    }

    /// Something happened.
    pub fn note(&self, what: fmt::Arguments<'_>) {
        let mut events = self.events();
        let events = &mut *events;
        events.line.clear();
        // Writing to a text does not fail.
        let _ = fmt::write(&mut events.line, format_args!("{:>7} {what}", events.now_ms));
        let bytes = events.line.bytes().chain([b'\n']);
        events.hash = bytes.fold(events.hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(HASH_PRIME));
        events.count = events.count.saturating_add(1);
        if events.tail.len() >= events.most {
            events.tail.pop_front();
        }
        if events.most > 0 {
            events.tail.push_back(events.line.clone());
        }
    }

    /// A number that two runs share if, and for all practical purposes only if, the same happened in both.
    pub fn hash(&self) -> u64 {
        self.events().hash
    }

    /// How many events there were.
    pub fn count(&self) -> u64 {
        self.events().count
    }

    /// The last lines.
    pub fn tail(&self) -> Vec<String> {
        self.events().tail.iter().cloned().collect()
    }

    fn events(&self) -> MutexGuard<'_, Events> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
