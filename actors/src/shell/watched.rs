//! A value that others wait to see changed. They are woken in the order in which they began to wait, so that the same events
//! in the same order lead to the same run; tokio's own `watch` wakes them at random.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use tokio::sync::Notify;

/// The value, in the hands of whoever changes it.
#[derive(Debug)]
pub(crate) struct Watched<T> {
    place: Arc<Place<T>>,
}

/// Somebody who waits for changes.
#[derive(Debug)]
pub(crate) struct Watcher<T> {
    place: Arc<Place<T>>,
    /// The last change it knows of.
    seen: u64,
}

/// Nobody can change the value any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gone;

#[derive(Debug)]
struct Place<T> {
    value: RwLock<T>,
    changes: AtomicU64,
    is_gone: AtomicBool,
    wake: Notify,
}

impl<T> Watched<T> {
    pub(crate) fn new(value: T) -> Watched<T> {
        let (changes, is_gone) = (AtomicU64::new(0), AtomicBool::new(false));
        let place = Place { value: RwLock::new(value), changes, is_gone, wake: Notify::new() };
        Watched { place: Arc::new(place) }
    }

    /// A look at the value.
    pub(crate) fn borrow(&self) -> RwLockReadGuard<'_, T> {
        self.place.value.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the value and wakes whoever waits.
    pub(crate) fn send_modify(&self, change: impl FnOnce(&mut T)) {
        change(&mut self.place.value.write().unwrap_or_else(PoisonError::into_inner));
        self.place.changes.fetch_add(1, Ordering::AcqRel);
        self.place.wake.notify_waiters();
    }

    /// Replaces the value and wakes whoever waits.
    pub(crate) fn send_replace(&self, value: T) -> T {
        let mut value = value;
        self.send_modify(|place| std::mem::swap(place, &mut value));
        value
    }

    /// Somebody who waits for what changes from now on.
    pub(crate) fn subscribe(&self) -> Watcher<T> {
        let seen = self.place.changes.load(Ordering::Acquire);
        Watcher { place: Arc::clone(&self.place), seen }
    }
}

impl<T> Drop for Watched<T> {
    fn drop(&mut self) {
        self.place.is_gone.store(true, Ordering::Release);
        self.place.wake.notify_waiters();
    }
}

impl<T> Watcher<T> {
    /// What changed so far does not count.
    pub(crate) fn mark_unchanged(&mut self) {
        self.seen = self.place.changes.load(Ordering::Acquire);
    }

    /// Waits until something changes that it does not know of.
    pub(crate) async fn changed(&mut self) -> Result<(), Gone> {
        loop {
            // Begun before the look, so that no change in between is missed.
            let woken = self.place.wake.notified();
            let changes = self.place.changes.load(Ordering::Acquire);
            if changes != self.seen {
                self.seen = changes;
                return Ok(());
            }
            if self.place.is_gone.load(Ordering::Acquire) {
                return Err(Gone);
            }
            woken.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[tokio::test]
    async fn whoever_waited_first_is_woken_first() {
        let watched = Watched::new(0);
        let woken = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..100 {
            let (mut watcher, woken) = (watched.subscribe(), Arc::clone(&woken));
            tasks.spawn(async move {
                watcher.changed().await.unwrap();
                woken.lock().unwrap().push(number);
            });
        }
        // A runtime looks at no more than some sixty tasks between two turns of this one.
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        assert_eq!(watched.send_replace(7), 0);
        assert_eq!(*watched.borrow(), 7);
        while tasks.join_next().await.is_some() {}
        assert_eq!(*woken.lock().unwrap(), (0..100).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn what_changed_before_is_seen_unless_it_was_marked_and_the_end_is_told() {
        let watched = Watched::new(());
        let mut watcher = watched.subscribe();
        watched.send_modify(|()| {});
        assert_eq!(watcher.changed().await, Ok(()));
        watched.send_modify(|()| {});
        watcher.mark_unchanged();
        drop(watched);
        assert_eq!(watcher.changed().await, Err(Gone));
    }
}
