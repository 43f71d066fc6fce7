//! Panics of the cluster: actors catch them and go on, so a run has to listen for them.

use std::cell::RefCell;
use std::panic::PanicHookInfo;
use std::sync::Once;

thread_local! {
    /// What was heard on this thread; `None` while nobody listens.
    static HEARD: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// Listens to this thread from now on: its panics are kept, not printed.
pub fn listen() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !keep(info) {
                before(info);
            }
        }));
    });
    HEARD.with_borrow_mut(|heard| *heard = Some(Vec::new()));
}

/// What was heard so far.
#[must_use]
pub fn first() -> Option<String> {
    HEARD.with_borrow(|heard| heard.as_ref()?.first().cloned())
}

/// Stops listening.
pub fn stop() {
    HEARD.with_borrow_mut(|heard| *heard = None);
}

fn keep(info: &PanicHookInfo<'_>) -> bool {
    HEARD.with_borrow_mut(|heard| match heard {
        None => false,
        Some(heard) => {
            heard.push(info.to_string());
            true
        }
    })
}
