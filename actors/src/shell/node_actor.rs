//! The supervisor of a node's shards: claims those that the table gives it, hands over those that are to move, drops
//! those that went. A shard that dies is claimed again, which fences whatever is left of it, and starts anew.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use cluster::{ClaimError, ShardId};
use ractor::{Actor, ActorProcessingErr, ActorRef, SupervisionEvent};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::options::Shared;
use super::recover::{StartError, recover};
use super::routes::{Route, Routes};
use super::shard::{Recovered, ShardArguments};
use super::shard_actor::{ShardActor, ShardMessage};

pub(crate) struct NodeActor;

pub(crate) enum NodeMessage {
    /// The table has changed, or a shard has: do what is due.
    Reconcile,
    /// A claim has ended.
    Claimed(Box<(ShardId, Result<Recovered, StartError>)>),
    /// A pause after a claim that did not work is over.
    Again(ShardId),
    /// Time has passed.
    Tick,
    /// Finish what was begun, claim nothing more.
    Finish,
    /// Others have the shards: drop everything.
    Abandon,
}

pub(crate) struct Supervisor {
    pub(crate) shared: Arc<Shared>,
    pub(crate) routes: Arc<Routes>,
    pub(crate) tasks: JoinSet<()>,
    /// Shards that were told to finish, to be handed over.
    pub(crate) leaving: BTreeSet<ShardId>,
    /// Shards whose claims are on their way.
    pub(crate) claiming: BTreeSet<ShardId>,
    /// Shards that are not claimed before a pause is over.
    pub(crate) pausing: BTreeSet<ShardId>,
    /// Shards that came and of which the others have not been told.
    pub(crate) arrived: BTreeSet<ShardId>,
    pub(crate) is_finishing: bool,
}

/// Before a shard that died, was fenced or could not be claimed is claimed again, so that one that always ends does not
/// keep the node busy.
const PAUSE: Duration = Duration::from_millis(200);

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
        while supervisor.tasks.try_join_next().is_some() {}
        match message {
            NodeMessage::Reconcile => supervisor.reconcile(&myself),
            NodeMessage::Claimed(claimed) => {
                let (shard, recovered) = *claimed;
                supervisor.claimed(&myself, shard, recovered).await;
            }
            NodeMessage::Again(shard) => {
                supervisor.pausing.remove(&shard);
                supervisor.reconcile(&myself);
            }
            NodeMessage::Tick => supervisor.cast_all(|| ShardMessage::Tick(None)),
            NodeMessage::Finish => {
                supervisor.finish();
                supervisor.cast_all(|| ShardMessage::Drain(Box::new(oneshot::channel().0)));
            }
            NodeMessage::Abandon => {
                supervisor.finish();
                supervisor.cast_all(|| ShardMessage::Leave);
            }
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
            supervisor.pause(&myself, shard);
        }
        Ok(())
    }
}

impl Supervisor {
    pub(crate) fn new(shared: Arc<Shared>, routes: Arc<Routes>) -> Supervisor {
        Supervisor {
            shared,
            routes,
            tasks: JoinSet::new(),
            leaving: BTreeSet::new(),
            claiming: BTreeSet::new(),
            pausing: BTreeSet::new(),
            arrived: BTreeSet::new(),
            is_finishing: false,
        }
    }

    /// Compares what runs here with what the table says.
    fn reconcile(&mut self, myself: &ActorRef<NodeMessage>) {
        if self.is_finishing {
            return;
        }
        let (map, me) = (self.routes.map(), self.shared.options.incarnation);
        let routes = Arc::clone(&self.routes);
        for (shard, route) in routes.all() {
            let is_mine = map.table().owner(shard) == Some(me);
            let is_moving = map.table().next(shard).is_some();
            match route {
                Route::Here(lane) if !is_mine => drop(lane.actor.cast(ShardMessage::Leave)),
                Route::Here(lane) if is_moving => {
                    if self.leaving.insert(shard) {
                        let _ = lane.actor.cast(ShardMessage::Drain(Box::new(oneshot::channel().0)));
                    }
                }
                Route::Here(_) => {}
                _ if self.claiming.contains(&shard) || self.pausing.contains(&shard) => {}
                Route::Claiming { .. } if !is_mine || is_moving => self.routes.leave(shard, None),
                Route::Elsewhere { .. } if !is_mine || is_moving => {
                    self.leaving.remove(&shard);
                }
                Route::Elsewhere { fenced_by: Some(_) } => {
                    self.routes.leave(shard, None);
                    self.pause(myself, shard);
                }
                Route::Claiming { .. } | Route::Elsewhere { .. } => self.claim(myself, shard),
            }
        }
    }

    /// Nothing is claimed any more. A claim that waits to be tried again is over; one on its way is when it is answered.
    fn finish(&mut self) {
        self.is_finishing = true;
        for (shard, route) in Arc::clone(&self.routes).all() {
            if matches!(route, Route::Claiming { .. }) && !self.claiming.contains(&shard) {
                self.routes.leave(shard, None);
            }
        }
    }

    fn claim(&mut self, myself: &ActorRef<NodeMessage>, shard: ShardId) {
        self.leaving.remove(&shard);
        self.claiming.insert(shard);
        self.routes.claim(shard);
        let (shared, myself) = (Arc::clone(&self.shared), myself.clone());
        self.tasks.spawn(async move {
            let permit = Arc::clone(&shared.gate).acquire_owned().await;
            let recovered = recover(&shared, shard).await;
            drop(permit);
            let _ = myself.cast(NodeMessage::Claimed(Box::new((shard, recovered))));
        });
    }

    async fn claimed(
        &mut self,
        myself: &ActorRef<NodeMessage>,
        shard: ShardId,
        recovered: Result<Recovered, StartError>,
    ) {
        self.claiming.remove(&shard);
        let started = match recovered {
            // Nobody runs it: whoever owns it next claims it.
            _ if self.is_finishing => return self.routes.leave(shard, None),
            Ok(recovered) => self.spawn(myself, shard, recovered).await,
            Err(error) => Err(error),
        };
        match started {
            Ok(()) => drop(self.arrived.insert(shard)),
            Err(StartError::Claim(ClaimError::NotMine { .. })) => {
                self.routes.leave(shard, None);
                self.pause(myself, shard);
            }
            Err(error) => {
                tracing::warn!(%shard, %error, "the shard can't be started here; trying again");
                self.routes.trouble(shard, error);
                self.pause(myself, shard);
            }
        }
        if self.claiming.is_empty() {
            let arrived = Arc::new(std::mem::take(&mut self.arrived));
            self.cast_all(|| ShardMessage::Moved(Arc::clone(&arrived)));
        }
        // The table may have changed meanwhile.
        self.reconcile(myself);
    }

    async fn spawn(
        &self,
        myself: &ActorRef<NodeMessage>,
        shard: ShardId,
        recovered: Recovered,
    ) -> Result<(), StartError> {
        let (shared, routes) = (Arc::clone(&self.shared), Arc::clone(&self.routes));
        let work = Arc::new(AtomicU64::new(0));
        let arguments = ShardArguments { shard, shared, routes, recovered, work: Arc::clone(&work) };
        let spawned = Actor::spawn_linked(None, ShardActor, arguments, myself.get_cell()).await;
        let (actor, _) = spawned.map_err(|error| StartError::Runtime { reason: error.to_string() })?;
        self.routes.arrive(shard, actor, work);
        Ok(())
    }

    /// Looks at the shard again after a pause.
    fn pause(&mut self, myself: &ActorRef<NodeMessage>, shard: ShardId) {
        if self.pausing.insert(shard) {
            let myself = myself.clone();
            self.tasks.spawn(async move {
                tokio::time::sleep(PAUSE).await;
                let _ = myself.cast(NodeMessage::Again(shard));
            });
        }
    }

    fn cast_all(&self, message: impl Fn() -> ShardMessage) {
        for (_, actor) in self.routes.here() {
            let _ = actor.cast(message());
        }
    }
}
