//! Requests: the way to whoever owns the shard, however often that changes before the answer.

use std::sync::Arc;
use std::time::Duration;

use cluster::ShardId;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

use super::Node;
use crate::shell::permit::{Permit, Place};
use crate::shell::request::{Admission, Answered, Bound, CallError, Reply, Request, Waiter};
use crate::shell::routes::{Lane, Route, Way};
use crate::shell::shard::RETRY_AFTER;
use crate::shell::shard_actor::{Call, ShardMessage};

/// Between two attempts to reach the owner, unless the table of shards changes before.
const SHORTEST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

impl Node {
    /// Gives a command to its entity, wherever its shard runs, and waits for the answer, which is durable.
    ///
    /// A shard that moves or was lost is waited for as long as the request allows. An outcome that is unknown is settled
    /// by asking again where the request is repeatable. Errors say whether anything was done: only
    /// [`CallError::OutcomeUnknown`] leaves it open.
    pub async fn call(&self, request: Request) -> Result<Reply, CallError> {
        let shard = self.shard_of(&request.entity);
        let place = Arc::new(self.node_place(&request)?);
        let begun = Instant::now();
        let patience = request.timeout.unwrap_or(self.shared.options.patience);
        let mut changes = self.routes.changes_of(shard);
        let (mut pause, mut is_unknown) = (Duration::ZERO, false);
        loop {
            if let Some(changes) = &mut changes {
                changes.mark_unchanged();
            }
            let left = patience.saturating_sub(begun.elapsed());
            let error = match self.attempt(shard, &request, left, &place).await {
                Err(error @ CallError::OutcomeUnknown) if request.repeatable => {
                    is_unknown = true;
                    error
                }
                Err(error) if error.is_passing() => error,
                // Nothing was done this time; what was done before is still open.
                Err(error) if is_unknown && !matches!(error, CallError::Internal { .. }) => {
                    CallError::OutcomeUnknown
                }
                answered => return answered,
            };
            let error = if is_unknown { CallError::OutcomeUnknown } else { error };
            let left = patience.saturating_sub(begun.elapsed());
            let is_waited_for = error.is_passing() || error == CallError::OutcomeUnknown;
            if left.is_zero() || !is_waited_for || self.is_over_for(shard) {
                return Err(error);
            }
            pause = pause.saturating_mul(2).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
            let changed = async {
                match &mut changes {
                    Some(changes) => drop(changes.changed().await),
                    None => std::future::pending().await,
                }
            };
            let _ = timeout(pause.min(left), changed).await;
        }
    }

    /// Answers a request of a peer: only for a shard that runs here.
    pub async fn answer(&self, request: Request) -> Result<Reply, CallError> {
        let shard = self.shard_of(&request.entity);
        let Route::Here(lane) = self.routes.get(shard) else { return Err(self.routes.not_owner(shard)) };
        let place = Arc::new(self.node_place(&request)?);
        self.enter(shard, lane, request, &place).await
    }

    /// Asks whoever has the shard now, once.
    async fn attempt(
        &self,
        shard: ShardId,
        request: &Request,
        left: Duration,
        place: &Arc<Place>,
    ) -> Answered {
        let mut request = request.clone();
        match self.routes.way(shard) {
            Way::Here(lane) => {
                request.timeout = request.timeout.map(|_| left);
                self.enter(shard, lane, request, place).await
            }
            Way::There(peer) => {
                request.timeout = Some(left);
                let answered = self.routes.peers.call(&peer, request).await;
                if matches!(answered, Err(CallError::NotOwner { .. } | CallError::OutcomeUnknown)) {
                    // It knows more than this node.
                    self.steward.look();
                }
                answered
            }
            Way::Nowhere if self.steward.is_leaving() && !self.routes.has_successor() => {
                Err(CallError::Draining)
            }
            Way::Nowhere => Err(self.routes.not_owner(shard)),
        }
    }

    /// Whether waiting for a shard is in vain, since the node has ended and did not hand the shard on. A node that has
    /// left still waits for whoever has just got it.
    fn is_over_for(&self, shard: ShardId) -> bool {
        self.steward.has_ended() && !matches!(self.routes.way(shard), Way::There(_))
    }

    /// Gives a command to a shard that runs here.
    async fn enter(&self, shard: ShardId, lane: Lane, request: Request, place: &Arc<Place>) -> Answered {
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

    fn node_place(&self, request: &Request) -> Result<Place, CallError> {
        let full = || CallError::Overloaded { bound: Bound::Node, retry_after: RETRY_AFTER };
        self.shared.gauge.enter(request.command.len()).ok_or_else(full)
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
