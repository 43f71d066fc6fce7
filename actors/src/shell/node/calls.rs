//! Requests: to whoever owns the shard of their entity, and in front of it.

use std::sync::Arc;
use std::time::Duration;

use cluster::{Peer, ShardId};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::Node;
use super::errand::Errand;
use crate::shell::peers::{BoxFuture, Peers};
use crate::shell::permit::{Permit, Place};
use crate::shell::request::{Admission, Answered, Bound, CallError, Reply, Request, Waiter};
use crate::shell::routes::{Lane, Route};
use crate::shell::shard::RETRY_AFTER;
use crate::shell::shard_actor::{Call, ShardMessage};
use crate::shell::trace::{span_of_run, traced};

/// A request, with its place among those of the node.
struct Asked {
    request: Request,
    place: Arc<Place>,
}

impl Node {
    /// Gives a command to its entity, wherever its shard runs, and waits for the answer, which is durable.
    ///
    /// A shard that moves or was lost is waited for as long as the request allows. An outcome that is unknown is settled
    /// by asking again where the request is repeatable. Errors say whether anything was done: only
    /// [`CallError::OutcomeUnknown`] leaves it open.
    pub async fn call(&self, request: Request) -> Result<Reply, CallError> {
        let shard = self.shard_of(&request.entity);
        let place = Arc::new(self.node_place(&request)?);
        let patience = request.timeout.unwrap_or(self.shared.options.patience);
        self.run(shard, patience, &Asked { request, place }).await
    }

    /// Whether the node has as much to do as it takes in at once, so that whoever comes is best told before anything is done for
    /// it. What is told so must not be let in.
    pub fn turns_away(&self) -> bool {
        self.shared.pace.turns_away()
    }

    /// Somebody was turned away for want of room in front of the node: it is overloaded, whatever its own bounds say.
    pub fn turned_away(&self) {
        self.shared.pace.turned_away();
    }

    /// Answers a request of a peer: only for a shard that runs here.
    pub async fn answer(&self, request: Request) -> Result<Reply, CallError> {
        let shard = self.shard_of(&request.entity);
        let Route::Here(lane) = self.routes.get(shard) else { return Err(self.not_here(shard)) };
        let place = Arc::new(self.node_place(&request)?);
        self.enter(shard, lane, request, &place).await
    }

    /// Gives a command to a shard that runs here.
    async fn enter(&self, shard: ShardId, lane: Lane, request: Request, place: &Arc<Place>) -> Answered {
        traced(span_of_run(&request), self.enter_lane(shard, lane, request, place)).await
    }

    async fn enter_lane(&self, shard: ShardId, lane: Lane, request: Request, place: &Arc<Place>) -> Answered {
        self.shared.check_admittance()?;
        let full = |bound| CallError::Overloaded { bound, retry_after: RETRY_AFTER };
        let runner = self.shared.pace.enter(request.class).ok_or_else(|| full(Bound::Node))?;
        let shard_place = lane.gauge.enter(request.command.len()).ok_or_else(|| full(Bound::Shard))?;
        let (answer, answered) = oneshot::channel();
        let admission = Arc::new(Admission::default());
        let permit = Permit::new(shard_place, Arc::clone(place), runner);
        let waiter = Waiter { answer, admission: Arc::clone(&admission), permit };
        let timeout = request.timeout;
        let call = Call { request, waiter };
        if lane.actor.cast(ShardMessage::Call(Box::new(call))).is_err() {
            return Err(self.routes.not_owner(shard));
        }
        let gone = || match admission.give_up() {
            true => self.routes.not_owner(shard),
            false => CallError::OutcomeUnknown,
        };
        wait(answered, timeout, &admission).await.unwrap_or_else(|| Err(gone()))
    }

    /// What to say about a shard that does not run here: where to look for it, or that this node ends and hands it to nobody.
    pub(super) fn not_here(&self, shard: ShardId) -> CallError {
        match self.steward.is_leaving() && !self.routes.has_successor() {
            true => CallError::Draining,
            false => self.routes.not_owner(shard),
        }
    }

    fn node_place(&self, request: &Request) -> Result<Place, CallError> {
        let full = || CallError::Overloaded { bound: Bound::Node, retry_after: RETRY_AFTER };
        self.shared.gauge.enter(request.command.len()).ok_or_else(full)
    }
}

impl Errand for Asked {
    type Answer = Reply;

    fn is_repeatable(&self) -> bool {
        self.request.repeatable
    }

    async fn here(&self, node: &Node, shard: ShardId, lane: Lane, left: Duration) -> Answered {
        let mut request = self.request.clone();
        request.timeout = request.timeout.map(|_| left);
        node.enter(shard, lane, request, &self.place).await
    }

    fn there(&self, peers: &dyn Peers, to: &Peer, left: Duration) -> BoxFuture<Answered> {
        peers.call(to, Request { timeout: Some(left), ..self.request.clone() })
    }
}

/// Waits for the answer; `None` if the shard is gone. Whoever gives up learns whether the command was begun.
async fn wait(
    answered: oneshot::Receiver<Answered>,
    limit: Option<Duration>,
    admission: &Admission,
) -> Option<Answered> {
    let Some(limit) = limit else { return answered.await.ok() };
    match timeout(limit, answered).await {
        Ok(answered) => answered.ok(),
        Err(_) => match admission.give_up() {
            true => Some(Err(CallError::DeadlineExceeded)),
            false => Some(Err(CallError::OutcomeUnknown)),
        },
    }
}
