//! The door of a machine: what arrives for the node that runs there, and the answers that it owes.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actors::shell::{CallError, Parcel, Reply, Request, Ruling};
use cluster::ShardId;
use tokio::sync::mpsc::UnboundedSender;

/// What an entity answered, or why there is no answer.
pub type Answered = Result<Reply, CallError>;

/// Tells whoever asked.
pub type Tell<T> = Box<dyn FnOnce(T) + Send>;

/// What arrives.
pub enum Inbound {
    /// A client's request, for any entity.
    Client(u64, Request),
    /// A peer's request, for an entity of a shard that is to run here.
    Peer(u64, Request),
    /// Something from a shard to a shard.
    Parcel(ShardId, Parcel),
    /// A look at the table is due.
    Nudge,
    /// Something was decided about a parked entity.
    Ruling(Ruling, Tell<Result<bool, CallError>>),
    /// The node is to hand everything over and leave.
    Drain,
    /// The node is to say in the trace what goes on in it.
    Inspect,
}

/// Where letters for one machine are handed in.
#[derive(Default)]
pub struct Door {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    inside: Option<UnboundedSender<Inbound>>,
    next: u64,
    owed: BTreeMap<u64, Tell<Answered>>,
}

impl Door {
    /// A node started: it hears what comes from now on.
    pub fn open(&self, inside: UnboundedSender<Inbound>) {
        self.state().inside = Some(inside);
    }

    /// The node is gone. Gives the answers it still owed, in the order in which they were asked for.
    pub fn close(&self) -> Vec<Tell<Answered>> {
        let mut state = self.state();
        state.inside = None;
        std::mem::take(&mut state.owed).into_values().collect()
    }

    /// Hands in a request, which [`answer`](Door::answer) ends.
    pub fn ask(&self, request: Request, is_peer: bool, tell: Tell<Answered>) {
        let mut state = self.state();
        state.next = state.next.saturating_add(1);
        let number = state.next;
        state.owed.insert(number, tell);
        let inbound = if is_peer { Inbound::Peer(number, request) } else { Inbound::Client(number, request) };
        state.hand_in(inbound);
    }

    /// Hands in what needs no answer, or brings its own way to answer.
    pub fn hand_in(&self, inbound: Inbound) {
        self.state().hand_in(inbound);
    }

    /// The node answers a request.
    pub fn answer(&self, number: u64, answered: Answered) {
        let tell = self.state().owed.remove(&number);
        if let Some(tell) = tell {
            tell(answered);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn hand_in(&mut self, inbound: Inbound) {
        if let Some(inside) = &self.inside {
            // A node that has ended hears nothing any more.
            let _ = inside.send(inbound);
        }
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Door").finish_non_exhaustive()
    }
}

/// The doors of all machines that run nodes.
pub type Doors = Arc<[Arc<Door>]>;
