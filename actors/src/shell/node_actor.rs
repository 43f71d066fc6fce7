//! The supervisor of a node's shards. A shard that dies is claimed again, which fences whatever is left of it, and
//! starts anew.

use std::sync::Arc;
use std::time::Duration;

use cluster::ShardId;
use ractor::{Actor, ActorProcessingErr, ActorRef, SupervisionEvent};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::options::Shared;
use super::recover::recover;
use super::routes::Routes;
use super::shard::{Recovered, ShardArguments};
use super::shard_actor::{ShardActor, ShardMessage};

pub(crate) struct NodeActor;

pub(crate) enum NodeMessage {
    /// Run these shards; answered when all of them do.
    Start(Vec<(ShardId, Recovered)>, oneshot::Sender<Result<(), String>>),
    /// A shard that died was claimed again.
    Restart(Box<(ShardId, Recovered)>),
    /// Begin what there is to do.
    Tick,
}

pub(crate) struct Supervisor {
    pub(crate) shared: Arc<Shared>,
    pub(crate) routes: Arc<Routes>,
    pub(crate) claims: JoinSet<()>,
}

/// Before a shard that died is claimed again, so that one that always dies does not keep the node busy.
const RESTART_PAUSE: Duration = Duration::from_millis(200);

impl Actor for NodeActor {
    type Msg = NodeMessage;
    type State = Supervisor;
    type Arguments = Supervisor;

    async fn pre_start(
        &self,
        _myself: ActorRef<NodeMessage>,
        supervisor: Supervisor,
    ) -> Result<Supervisor, ActorProcessingErr> {
        Ok(supervisor)
    }

    async fn handle(
        &self,
        myself: ActorRef<NodeMessage>,
        message: NodeMessage,
        supervisor: &mut Supervisor,
    ) -> Result<(), ActorProcessingErr> {
        while supervisor.claims.try_join_next().is_some() {}
        match message {
            NodeMessage::Start(shards, done) => {
                let mut started = Ok(());
                for (shard, recovered) in shards {
                    started = started.and(supervisor.spawn(&myself, shard, recovered).await);
                }
                supervisor.cast_all(|| ShardMessage::Begin);
                let _ = done.send(started);
            }
            NodeMessage::Restart(restart) => {
                let (shard, recovered) = *restart;
                if supervisor.spawn(&myself, shard, recovered).await.is_ok() {
                    supervisor.cast_all(|| ShardMessage::Begin);
                }
            }
            NodeMessage::Tick => supervisor.cast_all(|| ShardMessage::Tick(None)),
        }
        Ok(())
    }

    async fn handle_supervisor_evt(
        &self,
        myself: ActorRef<NodeMessage>,
        event: SupervisionEvent,
        supervisor: &mut Supervisor,
    ) -> Result<(), ActorProcessingErr> {
        if let SupervisionEvent::ActorFailed(cell, _) = event
            && let Some(shard) = supervisor.routes.shard_of(cell.get_id())
        {
            supervisor.routes.leave(shard, None);
            supervisor.claim_again(myself, shard);
        }
        Ok(())
    }
}

impl Supervisor {
    async fn spawn(
        &self,
        myself: &ActorRef<NodeMessage>,
        shard: ShardId,
        recovered: Recovered,
    ) -> Result<(), String> {
        let (shared, routes) = (Arc::clone(&self.shared), Arc::clone(&self.routes));
        let arguments = ShardArguments { shard, shared, routes, recovered };
        let spawned = Actor::spawn_linked(None, ShardActor, arguments, myself.get_cell()).await;
        let (actor, _) = spawned.map_err(|error| error.to_string())?;
        self.routes.arrive(shard, actor);
        Ok(())
    }

    fn claim_again(&mut self, myself: ActorRef<NodeMessage>, shard: ShardId) {
        let shared = Arc::clone(&self.shared);
        self.claims.spawn(async move {
            loop {
                tokio::time::sleep(RESTART_PAUSE).await;
                if let Ok(recovered) = recover(&shared, shard).await {
                    let _ = myself.cast(NodeMessage::Restart(Box::new((shard, recovered))));
                    return;
                }
            }
        });
    }

    fn cast_all(&self, message: impl Fn() -> ShardMessage) {
        for (_, actor) in self.routes.here() {
            let _ = actor.cast(message());
        }
    }
}
