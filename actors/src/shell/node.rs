//! A node: all its shards behind one handle.

mod look;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cluster::{Charter, Clock, ShardId};
use ractor::{Actor, ActorRef};
use storage::{Key, Scan, Store, StoreError, StoreExt};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::entity_id::{EntityId, Tenant};
use super::fact::RowKey;
use super::inspect::NodeView;
use super::keys;
use super::machine::Machines;
use super::node_actor::{NodeActor, NodeMessage, Supervisor};
use super::options::{NodeOptions, Shared};
use super::permit::Permit;
use super::recover::{StartError, recover};
use super::request::{Admission, Answered, Bound, CallError, Reply, Request, Waiter};
use super::routes::{Route, Routes};
use super::shard::{RETRY_AFTER, Recovered};
use super::shard_actor::{Call, ShardMessage};

/// A running node. Dropping it is as if the process had been killed; [`drain`](Node::drain) ends it in order.
pub struct Node {
    shared: Arc<Shared>,
    routes: Arc<Routes>,
    supervisor: ActorRef<NodeMessage>,
    ticks: JoinSet<()>,
}

/// One entry of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexRow {
    /// What the listing is ordered by.
    pub order: Bytes,
    /// Whose entry it is.
    pub entity: EntityId,
    /// Its content.
    pub value: Bytes,
    /// Where to go on after this entry.
    pub cursor: Key,
}

impl Node {
    /// Claims every shard of the store, whoever owned it before, and runs them.
    ///
    /// Errors: a store of another shard count or release, a store that can't be used, another node starting at the same
    /// moment.
    pub async fn start(
        store: Arc<dyn Store>,
        machines: Arc<dyn Machines>,
        clock: Arc<dyn Clock>,
        options: NodeOptions,
    ) -> Result<Node, StartError> {
        let charter = Charter::agree(&*store, options.shard_count).await?;
        let routes = Arc::new(Routes::new(options.shard_count, options.bounds.shard));
        let links = Arc::clone(&routes);
        let shared = Arc::new(Shared::new((store, machines, clock), links, options, charter.generation));
        let shards = recover_all(&shared).await?;
        let supervisor =
            Supervisor { shared: Arc::clone(&shared), routes: Arc::clone(&routes), claims: JoinSet::new() };
        let broken = |reason: String| StartError::Runtime { reason };
        let spawned = Actor::spawn(None, NodeActor, supervisor).await;
        let (supervisor, _) = spawned.map_err(|error| broken(error.to_string()))?;
        let mut node = Node { shared, routes, supervisor, ticks: JoinSet::new() };
        let (done, started) = oneshot::channel();
        let _ = node.supervisor.cast(NodeMessage::Start(shards, done));
        started.await.map_err(|error| broken(error.to_string()))?.map_err(broken)?;
        node.start_ticking();
        Ok(node)
    }

    /// Gives a command to its entity and waits for the answer, which is durable.
    ///
    /// Errors say whether anything was done: only [`CallError::OutcomeUnknown`] leaves it open.
    pub async fn call(&self, request: Request) -> Result<Reply, CallError> {
        let shard = self.shard_of(&request.entity);
        let (actor, gauge) = match self.routes.get(shard) {
            Route::Here { actor, gauge } => (actor, gauge),
            Route::Elsewhere { owner } => return Err(CallError::NotOwner { shard, epoch: owner }),
        };
        let bytes = request.command.len();
        let full = |bound| CallError::Overloaded { bound, retry_after: RETRY_AFTER };
        let node = self.shared.gauge.enter(bytes).ok_or_else(|| full(Bound::Node))?;
        let place = gauge.enter(bytes).ok_or_else(|| full(Bound::Shard))?;
        let (answer, answered) = oneshot::channel();
        let admission = Arc::new(Admission::default());
        let waiter = Waiter { answer, admission: Arc::clone(&admission), _permit: Permit::new(place, node) };
        let timeout = request.timeout;
        let call = Call { request, waiter };
        if actor.cast(ShardMessage::Call(Box::new(call))).is_err() {
            return Err(CallError::NotOwner { shard, epoch: None });
        }
        wait(answered, timeout, &admission, shard).await
    }

    /// The value of a row an entity wrote, as it is stored.
    pub async fn row(&self, entity: &EntityId, key: &RowKey) -> Result<Option<Bytes>, StoreError> {
        self.shared.store.get(keys::row(self.shard_of(entity), entity, key)).await
    }

    /// Up to `limit_rows` entries of a listing of a tenant, as stored, from `order` on or, to go on, after the cursor of
    /// the last entry seen.
    ///
    /// An entry of a release this one does not know is an error.
    pub async fn list(
        &self,
        tenant: &Tenant,
        index: u8,
        (from, until): (&[u8], Option<&[u8]>),
        after: Option<&Key>,
        limit_rows: usize,
    ) -> Result<Vec<IndexRow>, StoreError> {
        let mut range = keys::index_range(tenant, index, from, until);
        if let Some(cursor) = after {
            range.begin = range.begin.max(cursor.successor());
        }
        let page = self.shared.store.scan(Scan::new(range).rows(limit_rows)).await?;
        let read = |row: storage::Row| {
            let (order, entity) = keys::read_index(tenant, &row.key)
                .map_err(|error| StoreError::Corrupt { what: format!("key {}: {error}", row.key) })?;
            Ok(IndexRow { order, entity, value: row.value, cursor: row.key })
        };
        page.rows.into_iter().map(read).collect()
    }

    /// Lets time pass: timers that are due fire, channels are tried again, idle entities go to sleep. Nothing to be called
    /// where the options say how often the node does it itself.
    pub async fn tick(&self) {
        self.ask_all(|done| ShardMessage::Tick(Some(done))).await;
    }

    /// A look at everything.
    pub async fn inspect(&self) -> NodeView {
        let shards = self.ask_all(ShardMessage::Inspect).await;
        let shard_count = self.shared.options.shard_count;
        let absent = shard_count.shards().filter_map(|shard| match self.routes.get(shard) {
            Route::Here { .. } => None,
            Route::Elsewhere { owner } => Some((shard, owner)),
        });
        NodeView { incarnation: self.shared.options.incarnation, shards, absent: absent.collect() }
    }

    /// Takes a parked entity back; false if it was not parked here.
    pub async fn unpark(&self, entity: &EntityId) -> bool {
        let Route::Here { actor, .. } = self.routes.get(self.shard_of(entity)) else { return false };
        let (done, unparked) = oneshot::channel();
        let _ = actor.cast(ShardMessage::Unpark(Box::new((entity.clone(), done))));
        unparked.await.unwrap_or(false)
    }

    /// Refuses what is new, finishes what was begun, and ends. Messages not delivered yet stay on record for the next
    /// owner.
    pub async fn drain(&self) {
        self.ask_all(ShardMessage::Drain).await;
    }

    /// The shard of an entity.
    pub fn shard_of(&self, entity: &EntityId) -> ShardId {
        self.shared.machines.shard_of(entity, self.shared.options.shard_count)
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
        self.ticks.spawn(async move {
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
        self.supervisor.kill();
        self.routes.here().into_iter().for_each(|(_, actor)| actor.kill());
    }
}

/// Claims all shards, as many at a time as commits may be on their way.
async fn recover_all(shared: &Arc<Shared>) -> Result<Vec<(ShardId, Recovered)>, StartError> {
    let mut claims = JoinSet::new();
    for shard in shared.options.shard_count.shards() {
        let shared = Arc::clone(shared);
        claims.spawn(async move {
            let _permit = Arc::clone(&shared.gate).acquire_owned().await;
            recover(&shared, shard).await.map(|recovered| (shard, recovered))
        });
    }
    let mut shards = Vec::with_capacity(claims.len());
    while let Some(claimed) = claims.join_next().await {
        shards.push(claimed.map_err(|error| StartError::Runtime { reason: error.to_string() })??);
    }
    shards.sort_by_key(|(shard, _)| *shard);
    Ok(shards)
}

/// Waits for the answer. Whoever gives up, or whose shard is gone, learns whether the command was begun.
async fn wait(
    answered: oneshot::Receiver<Answered>,
    timeout: Option<Duration>,
    admission: &Admission,
    shard: ShardId,
) -> Answered {
    let gone = || match admission.give_up() {
        true => CallError::NotOwner { shard, epoch: None },
        false => CallError::OutcomeUnknown,
    };
    let Some(timeout) = timeout else { return answered.await.unwrap_or_else(|_| Err(gone())) };
    match tokio::time::timeout(timeout, answered).await {
        Ok(answered) => answered.unwrap_or_else(|_| Err(gone())),
        Err(_) => match admission.give_up() {
            true => Err(CallError::DeadlineExceeded),
            false => Err(CallError::OutcomeUnknown),
        },
    }
}
