//! Errands: something for whoever runs a shard, which follows the shard however often it moves before there is an answer.

use std::time::Duration;

use cluster::{Peer, ShardId};
use tokio::time::{Instant, timeout};

use super::Node;
use crate::shell::peers::{BoxFuture, Peers};
use crate::shell::request::CallError;
use crate::shell::routes::{Lane, Way};

/// Something for whoever runs a shard.
pub(super) trait Errand {
    /// What comes of it.
    type Answer;

    /// Whether doing it twice is as good as once: only then it is done again where nobody knows whether it was done.
    fn is_repeatable(&self) -> bool;

    /// Does it on this node, within the time that is left.
    fn here(
        &self,
        node: &Node,
        shard: ShardId,
        lane: Lane,
        left: Duration,
    ) -> impl Future<Output = Result<Self::Answer, CallError>> + Send;

    /// Has another node do it, within the time that is left.
    fn there(
        &self,
        peers: &dyn Peers,
        to: &Peer,
        left: Duration,
    ) -> BoxFuture<Result<Self::Answer, CallError>>;
}

/// Between two attempts to reach the owner, unless the table of shards changes before.
const SHORTEST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);
/// So many nodes that others name as owners are asked one after the other, before there is a pause all the same: nodes that
/// name each other keep nobody busy.
const MOST_FOLLOWED: u32 = 3;

impl Node {
    /// Runs an errand. A shard that moves or was lost is waited for as long as `patience`. An outcome that is unknown is
    /// settled by doing it again where that is as good as once.
    pub(super) async fn run<E: Errand>(
        &self,
        shard: ShardId,
        patience: Duration,
        errand: &E,
    ) -> Result<E::Answer, CallError> {
        let begun = Instant::now();
        let mut changes = self.routes.changes_of(shard);
        let (mut pause, mut is_unknown) = (Duration::ZERO, false);
        let (mut named, mut followed) = (None, 0_u32);
        loop {
            if let Some(changes) = &mut changes {
                changes.mark_unchanged();
            }
            let left = patience.saturating_sub(begun.elapsed());
            let (answered, hint) = self.attempt(shard, named.take(), errand, left).await;
            let error = match answered {
                Err(error @ CallError::OutcomeUnknown) if errand.is_repeatable() => {
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
            if left.is_zero() || !is_waited_for || self.is_over_for(shard, &error) {
                return Err(error);
            }
            named = hint.filter(|_| followed < MOST_FOLLOWED);
            if named.is_some() {
                followed = followed.saturating_add(1);
                continue;
            }
            followed = 0;
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

    /// Asks whoever has the shard now, once: the node that another has named as its owner, or the one that the table says.
    /// Gives the owner that whoever was asked names instead of itself.
    async fn attempt<E: Errand>(
        &self,
        shard: ShardId,
        named: Option<Peer>,
        errand: &E,
        left: Duration,
    ) -> (Result<E::Answer, CallError>, Option<Peer>) {
        let way = match (self.routes.way(shard), named) {
            (Way::There(_) | Way::Nowhere, Some(peer)) => Way::There(peer),
            (way, _) => way,
        };
        let answered = match way {
            Way::Here(lane) => errand.here(self, shard, lane, left).await,
            Way::There(peer) => {
                let answered = errand.there(&*self.routes.peers, &peer, left).await;
                if matches!(answered, Err(CallError::NotOwner { .. } | CallError::OutcomeUnknown)) {
                    // It knows more than this node.
                    self.steward.look();
                }
                let is_other = |owner: &Peer| {
                    ![peer.incarnation, self.shared.options.incarnation].contains(&owner.incarnation)
                };
                let hint = match &answered {
                    Err(CallError::NotOwner { owner, .. }) => owner.clone().filter(is_other),
                    _ => None,
                };
                return (answered, hint);
            }
            Way::Nowhere if self.routes.is_forsaken(shard) && !self.steward.is_leaving() => {
                Err(CallError::NotAdmitting {
                    reason: format!(
                        "every node drains, so that none takes shard {shard}; start one, or take a drain back"
                    )
                    .into(),
                })
            }
            Way::Nowhere => Err(self.not_here(shard)),
        };
        (answered, None)
    }

    /// Whether waiting for a shard after this error is in vain: no node takes it until a person does something, or this one has
    /// ended. It has not handed the shard on then, or whoever got it can't be reached any more and it will not hear who gets it
    /// next. A node that has left still waits for whoever has just got it.
    fn is_over_for(&self, shard: ShardId, error: &CallError) -> bool {
        let is_lost = !matches!(self.routes.way(shard), Way::There(_)) || *error == CallError::Unreachable;
        self.routes.is_forsaken(shard) || self.steward.has_ended() && is_lost
    }
}
