//! Questions by letter: one goes out, the answer comes back, either may get lost.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actors::shell::CallError;
use tokio::sync::oneshot;

use crate::door::Tell;
use crate::network::{Address, Network};
use crate::store_link::or_never;

/// Sends a question. `ask` is run where it arrives, and tells the answer, which goes back as a letter. Where nothing runs
/// at the address, the answer is that it can't be reached.
pub fn call<T: Send + 'static>(
    network: &Arc<Network>,
    (from, to): (Address, Address),
    ask: impl FnOnce(Tell<Result<T, CallError>>) + Send + 'static,
) -> oneshot::Receiver<Result<T, CallError>> {
    let (answer, answered) = oneshot::channel();
    let way = Arc::clone(network);
    let reply = move |answered: Result<T, CallError>| {
        let tell = move || drop(answer.send(answered));
        way.send(to.place, from, Box::new(tell), None);
    };
    // Either it is delivered or it is refused; whichever happens takes the reply.
    let delivered = Arc::new(Mutex::new(Some(reply)));
    let refused = Arc::clone(&delivered);
    let take = |reply: &Mutex<Option<_>>| reply.lock().unwrap_or_else(PoisonError::into_inner).take();
    let deliver = move || {
        if let Some(reply) = take(&delivered) {
            ask(Box::new(reply));
        }
    };
    let refuse = move || {
        if let Some(reply) = take(&refused) {
            reply(Err(CallError::Unreachable));
        }
    };
    network.send(from.place, to, Box::new(deliver), Some(Box::new(refuse)));
    answered
}

/// Waits for the answer; who has no patience left does not know.
pub async fn wait<T: Send + 'static>(
    answered: oneshot::Receiver<Result<T, CallError>>,
    patience: Duration,
) -> Result<T, CallError> {
    let waited = tokio::time::timeout(patience, or_never(answered)).await;
    waited.unwrap_or(Err(CallError::OutcomeUnknown))
}
