//! A node: its part of the shards, and the way to all others, behind one handle.

mod calls;
mod clocks;
mod errand;
mod look;
mod parked;
mod sample;
mod steward;

use std::sync::Arc;

use cluster::{Clock, Map, Member, MemberOptions, ShardId, Standing};
use ractor::{Actor, ActorRef};
use storage::Store;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::entity_id::EntityId;
use super::inspect::NodeView;
use super::machine::Machines;
use super::node_actor::{NodeActor, NodeMessage, Supervisor};
use super::options::{NodeOptions, Shared};
use super::parcel::{Links as _, Parcel, ParcelContent};
use super::peers::{NoPeers, Peers};
use super::recover::StartError;
use super::routes::{Route, Routes};
use super::shard_actor::ShardMessage;
use super::standing::Admittance;
use steward::{Steward, StewardHandle};

pub use look::IndexRow;
pub use steward::Ending;

/// A running node. Dropping it is as if the process had been killed; [`drain`](Node::drain) ends it in order.
pub struct Node {
    shared: Arc<Shared>,
    routes: Arc<Routes>,
    supervisor: ActorRef<NodeMessage>,
    steward: StewardHandle,
    tasks: JoinSet<()>,
}

impl Node {
    /// Starts a node on a store that nobody else can use: it claims every shard, whoever owned it before, and answers when
    /// all of them run.
    ///
    /// Errors: a store of another shard count or release, a store that can't be used, another node starting at the same
    /// moment.
    pub async fn start(
        store: Arc<dyn Store>,
        machines: Arc<dyn Machines>,
        clock: Arc<dyn Clock>,
        options: NodeOptions,
    ) -> Result<Node, StartError> {
        Node::begin((store, machines, clock), Arc::new(NoPeers), options, true).await
    }

    /// Starts a node that shares a store with others. It answers when the node is a member; its shards come when the
    /// table gives it some.
    ///
    /// Errors: as for [`start`](Node::start), and a name that another node has.
    pub async fn join(
        store: Arc<dyn Store>,
        machines: Arc<dyn Machines>,
        clock: Arc<dyn Clock>,
        peers: Arc<dyn Peers>,
        options: NodeOptions,
    ) -> Result<Node, StartError> {
        Node::begin((store, machines, clock), peers, options, false).await
    }

    async fn begin(
        (store, machines, clock): (Arc<dyn Store>, Arc<dyn Machines>, Arc<dyn Clock>),
        peers: Arc<dyn Peers>,
        options: NodeOptions,
        is_alone: bool,
    ) -> Result<Node, StartError> {
        let member =
            Member::join(Arc::clone(&store), Arc::clone(&clock), member_options(&options, is_alone)).await?;
        let generation = member.charter().generation;
        let (me, count, limit) = (options.incarnation, options.shard_count, options.bounds.shard);
        let routes = Arc::new(Routes::new(me, count, limit, member.map(), peers));
        let admittance = Admittance::new(member.lease(), is_alone);
        let links = Arc::clone(&routes);
        let shared =
            Arc::new(Shared::new((store, machines, clock), links, options, (generation, admittance)));
        let supervisor = Supervisor::new(Arc::clone(&shared), Arc::clone(&routes));
        let spawned = Actor::spawn(None, NodeActor, supervisor).await;
        let (supervisor, supervising) =
            spawned.map_err(|error| StartError::Runtime { reason: error.to_string() })?;
        let (steward, handle) =
            Steward::new(member, Arc::clone(&shared), Arc::clone(&routes), supervisor.clone(), is_alone);
        let mut tasks = JoinSet::new();
        tasks.spawn(handle.watch(supervising));
        tasks.spawn(steward.run());
        let mut node = Node { shared, routes, supervisor, steward: handle, tasks };
        if is_alone {
            node.all_claimed().await?;
        }
        node.start_ticking();
        Ok(node)
    }

    /// What a peer hands over for one of the shards here.
    pub fn take(&self, shard: ShardId, parcel: Parcel) {
        if let Route::Here(lane) = self.routes.get(shard) {
            let _ = lane.actor.cast(ShardMessage::Parcel(Box::new(parcel)));
            return;
        }
        // The shard has just left or is just coming: the sender tries again soon.
        if let ParcelContent::Deliver { channel, .. } = parcel.content {
            let to = self.shard_of(&channel.sender);
            let content = ParcelContent::Held { channel, reason: super::parcel::HoldReason::Busy };
            let _ = self.routes.send(to, Parcel { generation: parcel.generation, content });
        }
    }

    /// A peer has changed the table of shards: it is looked at now.
    pub fn nudged(&self) {
        self.steward.look();
    }

    /// The table of shards as this node knows it.
    pub fn map(&self) -> Arc<Map> {
        self.routes.map()
    }

    /// Whether it admits requests.
    pub fn standing(&self) -> Standing {
        self.shared.admittance.standing()
    }

    /// Waits until the node was declared dead by others, has drained, or met a defect outside of its shards: it does
    /// nothing more.
    pub async fn ended(&self) -> Ending {
        self.steward.ended().await
    }

    /// Lets time pass: timers that are due fire, channels are tried again, idle entities go to sleep. Nothing to be called
    /// where the options say how often the node does it itself.
    pub async fn tick(&self) {
        self.ask_all(|done| ShardMessage::Tick(Some(Box::new(done)))).await;
    }

    /// A look at everything that runs here.
    pub async fn inspect(&self) -> NodeView {
        let shards = self.ask_all(|view| ShardMessage::Inspect(Box::new(view))).await;
        let (map, me) = (self.routes.map(), self.shared.options.incarnation);
        let claiming = self.routes.claiming().into_iter();
        NodeView {
            incarnation: me,
            standing: self.standing(),
            table_version: map.version(),
            owned_shards: map.table().owned_by(me).count(),
            shards,
            claiming: claiming
                .map(|(shard, trouble)| (shard, trouble.map(|error| error.to_string())))
                .collect(),
        }
    }

    /// Finishes what was begun and hands the shards to the other nodes, or stops them where there is none; then leaves the
    /// cluster. Messages not delivered yet stay on record for the next owner.
    pub async fn drain(&self) {
        self.steward.leave();
        self.steward.ended().await;
    }

    /// The shard of an entity.
    pub fn shard_of(&self, entity: &EntityId) -> ShardId {
        self.shared.machines.shard_of(entity, self.shared.options.shard_count)
    }

    /// Waits until every shard that the table gives to this node runs.
    async fn all_claimed(&self) -> Result<(), StartError> {
        let mut changes = self.routes.changes();
        loop {
            changes.mark_unchanged();
            let (map, me) = (self.routes.map(), self.shared.options.incarnation);
            let mut is_complete = true;
            for (shard, route) in self.routes.all() {
                match route {
                    Route::Claiming { trouble: Some(error) } => return Err((*error).clone()),
                    Route::Here(_) => {}
                    _ => is_complete &= map.table().owner(shard) != Some(me),
                }
            }
            let broken = |reason: &str| StartError::Runtime { reason: reason.to_owned() };
            if self.standing() == Standing::Expelled {
                return Err(broken("another node has taken the store at the same moment"));
            }
            if is_complete {
                return Ok(());
            }
            changes.changed().await.map_err(|_| broken("the node has ended"))?;
        }
    }

    /// Asks every shard that runs here; those that stop meanwhile give no answer.
    async fn ask_all<T>(&self, message: impl Fn(oneshot::Sender<T>) -> ShardMessage) -> Vec<T> {
        let mut asked = Vec::new();
        for (_, actor) in self.routes.here() {
            let (done, answer) = oneshot::channel();
            let _ = actor.cast(message(done));
            asked.push(answer);
        }
        let mut answers = Vec::with_capacity(asked.len());
        for answer in asked {
            answers.extend(answer.await.ok());
        }
        answers
    }

    fn start_ticking(&mut self) {
        let Some(period) = self.shared.options.tick else { return };
        let supervisor = self.supervisor.clone();
        self.tasks.spawn(async move {
            loop {
                tokio::time::sleep(period).await;
                if supervisor.cast(NodeMessage::Tick).is_err() {
                    return;
                }
            }
        });
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // First of all, so that the steward does not take what follows for a defect.
        self.tasks.abort_all();
        self.supervisor.kill();
        self.routes.here().into_iter().for_each(|(_, actor)| actor.kill());
    }
}

fn member_options(options: &NodeOptions, is_alone: bool) -> MemberOptions {
    MemberOptions {
        incarnation: options.incarnation,
        name: options.membership.name.clone(),
        address: Arc::clone(&options.membership.address),
        shard_count: options.shard_count,
        lease: options.membership.lease,
        exclusive: is_alone,
        moves_at_once: options.membership.moves_at_once,
        back_off: options.back_off,
    }
}
