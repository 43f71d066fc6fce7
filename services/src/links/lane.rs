//! One of the ways to one node: a stream that is opened when there is something to say, and again when it broke.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use actors::shell::{Bound, CallError};
use cluster::Peer;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::connection::Connection;
use super::outgoing::{Item, Waiting};
use super::peers::Surroundings;
use super::pending::{Passage, Ticket};
use super::wire::answer::Answer;

/// How many things may wait for a stream.
const WAITING: usize = 8_192;
/// When to come again where a bound is reached.
const RETRY_AFTER: Duration = Duration::from_millis(100);
const SHORTEST_PAUSE: Duration = Duration::from_millis(25);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// One way to one node.
pub(super) struct Lane {
    me: Weak<Lane>,
    peer: Peer,
    surroundings: Arc<Surroundings>,
    places: Arc<Semaphore>,
    room: Arc<Semaphore>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The stream on which new things go, with its number.
    open: Option<(u64, mpsc::Sender<Waiting>)>,
    is_connected: bool,
    connected_at: Option<Instant>,
    opened: u64,
    /// After a stream that could not be opened: not before then.
    not_before: Option<Instant>,
    pause: Duration,
    /// Whether it was said already that the node refuses to talk.
    has_complained: bool,
    /// The stream, and those before it that still wait for answers.
    streams: JoinSet<()>,
}

impl Lane {
    pub(super) fn new(peer: Peer, surroundings: Arc<Surroundings>) -> Arc<Lane> {
        let options = &surroundings.options;
        let places = Arc::new(Semaphore::new(options.open_calls));
        let room = Arc::new(Semaphore::new(options.waiting_bytes));
        Arc::new_cyclic(|me| Lane {
            me: Weak::clone(me),
            peer,
            places,
            room,
            state: Mutex::default(),
            surroundings,
        })
    }

    /// Asks something and waits for the answer, for so long.
    pub(super) async fn ask(
        &self,
        limit: Duration,
        item: impl FnOnce(Ticket) -> Item,
    ) -> Result<Answer, CallError> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| full())?;
        let (answer, answered) = tokio::sync::oneshot::channel();
        let passage = Arc::new(Passage::default());
        self.post(item(Ticket { answer, passage: Arc::clone(&passage), _place: place }))?;
        match tokio::time::timeout(limit, answered).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) if passage.give_up() => Err(CallError::Unreachable),
            Err(_) if passage.give_up() => Err(CallError::DeadlineExceeded),
            _ => Err(CallError::OutcomeUnknown),
        }
    }

    /// Puts something where it goes out as soon as it can. Never waits.
    ///
    /// Errors: too much waits already, or the last attempt to reach the node failed just now.
    pub(super) fn post(&self, item: Item) -> Result<(), CallError> {
        let size_bytes = u32::try_from(item.size_bytes()).map_err(|_| full())?;
        let room = match size_bytes {
            0 => None,
            _ => Some(Arc::clone(&self.room).try_acquire_many_owned(size_bytes).map_err(|_| full())?),
        };
        let waiting = self.sender().ok_or(CallError::Unreachable)?;
        waiting.try_send(Waiting { item, room }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => full(),
            mpsc::error::TrySendError::Closed(_) => CallError::Unreachable,
        })
    }

    /// Whether a stream is open.
    pub(super) fn is_connected(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).is_connected
    }

    /// The stream was opened.
    pub(super) fn connected(&self, number: u64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.is_current(number) {
            state.is_connected = true;
            state.connected_at = Some(Instant::now());
            state.has_complained = false;
        }
    }

    /// Whether nobody has said yet that the node refuses to talk.
    pub(super) fn is_first_complaint(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        !std::mem::replace(&mut state.has_complained, true)
    }

    /// Nothing new goes on this stream; it ends when everything on it is answered.
    pub(super) fn retire(&self, number: u64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.is_current(number) {
            state.open = None;
            state.is_connected = false;
        }
    }

    /// The stream broke, could not be opened, or the other node wants to end it: the next one waits a little, longer each time
    /// until one has held for a while, so that a node which takes streams and lets them go keeps nobody busy.
    pub(super) fn broke(&self, number: u64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.is_current(number) {
            let connected_at = state.connected_at.take();
            if connected_at.is_some_and(|at| at.elapsed() >= LONGEST_PAUSE) {
                state.pause = Duration::ZERO;
            }
            state.pause = state.pause.saturating_mul(2).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
            state.not_before = Instant::now().checked_add(state.pause);
            state.open = None;
            state.is_connected = false;
        }
    }

    /// The stream on which new things go, which is opened where there is none; `None` while that has to wait.
    fn sender(&self) -> Option<mpsc::Sender<Waiting>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, sender)) = &state.open {
            return Some(sender.clone());
        }
        if state.not_before.is_some_and(|not_before| Instant::now() < not_before) {
            return None;
        }
        while state.streams.try_join_next().is_some() {}
        state.opened = state.opened.wrapping_add(1);
        state.connected_at = None;
        let (sender, waiting) = mpsc::channel(WAITING);
        let connection = Connection {
            lane: Weak::clone(&self.me),
            number: state.opened,
            peer: self.peer.clone(),
            surroundings: Arc::clone(&self.surroundings),
        };
        let runtime = self.surroundings.runtime.clone();
        state.streams.spawn_on(connection.run(waiting), &runtime);
        state.open = Some((state.opened, sender.clone()));
        Some(sender)
    }
}

impl State {
    fn is_current(&self, number: u64) -> bool {
        self.open.as_ref().is_some_and(|(current, _)| *current == number)
    }
}

fn full() -> CallError {
    CallError::Overloaded { bound: Bound::Link, retry_after: RETRY_AFTER }
}
