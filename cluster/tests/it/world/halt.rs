//! Halting a process as SIGSTOP does: nothing of it runs, while time, timers and its calls to the store go on without it.

use std::future::{Future, poll_fn};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

#[derive(Clone, Default)]
pub(crate) struct Halt(Arc<Mutex<(bool, Vec<Waker>)>>);

impl Halt {
    pub(crate) fn stop(&self) {
        self.0.lock().unwrap().0 = true;
    }

    pub(crate) fn go_on(&self) {
        let mut state = self.0.lock().unwrap();
        state.0 = false;
        state.1.drain(..).for_each(Waker::wake);
    }

    /// The future, which makes no progress while halted.
    pub(crate) async fn run<F: Future>(self, process: F) -> F::Output {
        let mut process = Box::pin(process);
        poll_fn(|context| {
            let mut state = self.0.lock().unwrap();
            if state.0 {
                state.1.push(context.waker().clone());
                return Poll::Pending;
            }
            drop(state);
            process.as_mut().poll(context)
        })
        .await
    }
}
