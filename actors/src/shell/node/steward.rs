//! The steward of a node: keeps it a member of the cluster, and its shards as the table says.

mod clock;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cluster::{Loads, Map, Member, ShardId, Standing, set_draining};
use ractor::ActorRef;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::clocks::OwnClock;
use super::sample::Sample;
use crate::shell::node_actor::NodeMessage;
use crate::shell::options::Shared;
use crate::shell::routes::{Route, Routes};
use crate::shell::shard_actor::ShardMessage;

pub(super) struct Steward {
    member: Member,
    shared: Arc<Shared>,
    routes: Arc<Routes>,
    supervisor: ActorRef<NodeMessage>,
    is_alone: bool,
    calls: Arc<Calls>,
    ended: watch::Sender<Option<Ending>>,
    /// The flag of the table that says that this node drains was set.
    is_draining: bool,
    is_finishing: bool,
    sample: Sample,
    clock: OwnClock,
}

/// What others want of the steward.
pub(super) struct StewardHandle {
    calls: Arc<Calls>,
    routes: Arc<Routes>,
    ended: watch::Receiver<Option<Ending>>,
}

/// How a node came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It has handed over what it had, or stopped it.
    Left,
    /// The others took it for dead, and its shards.
    Expelled,
    /// It met a defect outside of its shards, and gave them up.
    Broken,
}

#[derive(Debug, Default)]
struct Calls {
    /// Look at the table now, not at the next beat.
    look: AtomicBool,
    leave: AtomicBool,
    /// The supervisor of the shards is dead, and they with it.
    is_broken: AtomicBool,
}

/// Looks that somebody asked for don't follow each other faster than this.
const LOOK_PAUSE: Duration = Duration::from_millis(20);

impl StewardHandle {
    /// The table has changed.
    pub(super) fn look(&self) {
        self.calls.look.store(true, Ordering::Release);
        self.routes.wake.notify_one();
    }

    /// The node is to leave.
    pub(super) fn leave(&self) {
        self.calls.leave.store(true, Ordering::Release);
        self.routes.wake.notify_one();
    }

    pub(super) fn is_leaving(&self) -> bool {
        self.calls.leave.load(Ordering::Acquire)
    }

    /// Tells the steward when the supervisor of the shards has ended, which it never does by itself.
    pub(super) fn watch(&self, supervisor: JoinHandle<()>) -> impl Future<Output = ()> + use<> {
        let (calls, routes) = (Arc::clone(&self.calls), Arc::clone(&self.routes));
        async move {
            let _ = supervisor.await;
            calls.is_broken.store(true, Ordering::Release);
            routes.wake.notify_one();
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        // A steward that is gone has ended.
        self.ended.borrow().is_some() || self.ended.has_changed().is_err()
    }

    pub(super) async fn ended(&self) -> Ending {
        let mut ended = self.ended.clone();
        // A steward that is gone without a word has died.
        ended.wait_for(Option::is_some).await.ok().and_then(|ended| *ended).unwrap_or(Ending::Broken)
    }
}

impl Steward {
    pub(super) fn new(
        member: Member,
        shared: Arc<Shared>,
        routes: Arc<Routes>,
        supervisor: ActorRef<NodeMessage>,
        is_alone: bool,
    ) -> (Steward, StewardHandle) {
        let calls = Arc::new(Calls::default());
        let (ended, has_ended) = watch::channel(None);
        let handle =
            StewardHandle { calls: Arc::clone(&calls), routes: Arc::clone(&routes), ended: has_ended };
        let (is_draining, is_finishing) = (false, false);
        let steward = Steward {
            member,
            shared,
            routes,
            supervisor,
            is_alone,
            calls,
            ended,
            is_draining,
            is_finishing,
            sample: Sample::default(),
            clock: OwnClock::default(),
        };
        (steward, handle)
    }

    pub(super) async fn run(mut self) {
        let ending = self.keep().await;
        if ending == Ending::Broken {
            self.give_up().await;
        }
        self.ended.send_replace(Some(ending));
    }

    /// Keeps the node a member until it has left, is expelled, or can't go on.
    async fn keep(&mut self) -> Ending {
        // A node that is alone took all shards when it joined.
        let mut is_due = !self.is_alone;
        let mut stepped = Instant::now();
        self.reconcile();
        loop {
            if self.calls.is_broken.load(Ordering::Acquire) {
                return Ending::Broken;
            }
            if is_due {
                stepped = Instant::now();
                if !self.step().await {
                    return Ending::Expelled;
                }
            }
            self.mark_clock().await;
            self.release().await;
            if self.calls.leave.load(Ordering::Acquire) && self.has_left().await {
                return Ending::Left;
            }
            is_due = self.wait(stepped).await;
        }
    }

    /// The shards are dead and nobody would claim them again: the others get them, as far as the store can be told.
    async fn give_up(&mut self) {
        tracing::error!("the supervisor of the shards has died; this node gives them up and ends");
        for (shard, actor) in self.routes.here() {
            actor.kill();
            self.routes.leave(shard, None);
        }
        for (shard, _) in self.routes.claiming() {
            self.routes.leave(shard, None);
        }
        match timeout(self.patience(), self.member.leave()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the node could not say that it leaves"),
            Err(_) => tracing::warn!("the node could not say in time that it leaves"),
        }
        // Whoever still waits here for a shard learns whom to ask.
        self.follow(self.member.map());
        self.routes.nudge_peers();
    }

    /// One step of membership; false if the node was declared dead.
    async fn step(&mut self) -> bool {
        let loads = self.loads();
        let step = self.member.step(&loads).await;
        if let Some(error) = &step.trouble {
            tracing::warn!(%error, "the store did not answer as it should");
        }
        for peer in &step.buried {
            tracing::warn!(node = %peer.name, incarnation = %peer.incarnation, "a node is dead; its shards go to others");
        }
        self.judge_clock();
        if step.standing == Standing::Expelled {
            tracing::error!("this node was taken for dead and its shards were given away; it stops");
            let _ = self.supervisor.cast(NodeMessage::Abandon);
            return false;
        }
        self.follow(step.map);
        self.watch_clocks();
        if step.changed {
            self.routes.nudge_peers();
        }
        true
    }

    /// Takes over a new table.
    fn follow(&self, map: Arc<Map>) {
        let former = self.routes.set_map(Arc::clone(&map));
        self.reconcile();
        let me = self.shared.options.incarnation;
        let moved: BTreeSet<ShardId> = self
            .shared
            .options
            .shard_count
            .shards()
            .filter(|shard| {
                let owner = map.table().owner(*shard);
                owner != Some(me) && owner != former.table().owner(*shard)
            })
            .collect();
        if !moved.is_empty() {
            let moved = Arc::new(moved);
            for (_, actor) in self.routes.here() {
                let _ = actor.cast(ShardMessage::Moved(Arc::clone(&moved)));
            }
        }
    }

    fn reconcile(&self) {
        let _ = self.supervisor.cast(NodeMessage::Reconcile);
    }

    /// Gives on the shards that are to move and do not run here any more.
    async fn release(&mut self) {
        let (map, me) = (self.routes.map(), self.shared.options.incarnation);
        let is_free = |(shard, route): &(ShardId, Route)| {
            let is_leaving = map.table().owner(*shard) == Some(me) && map.table().next(*shard).is_some();
            is_leaving && matches!(route, Route::Elsewhere { .. })
        };
        let free: Vec<ShardId> = self.routes.all().filter(is_free).map(|(shard, _)| shard).collect();
        if free.is_empty() {
            return;
        }
        match timeout(self.patience(), self.member.release(&free)).await {
            Ok(Ok(map)) => {
                self.follow(map);
                self.routes.nudge_peers();
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, shards = free.len(), "shards can't be handed over; trying again")
            }
            Err(_) => {
                tracing::warn!(shards = free.len(), "shards can't be handed over in time; trying again")
            }
        }
    }

    /// Does what leaving needs next; true when the node is out.
    async fn has_left(&mut self) -> bool {
        let (map, me) = (self.routes.map(), self.shared.options.incarnation);
        if self.routes.has_successor() && !self.is_finishing {
            if !self.is_draining {
                self.say_that_it_drains().await;
            }
            if map.table().owned_by(me).next().is_some() {
                return false;
            }
        } else if !self.is_finishing {
            self.is_finishing = true;
            let _ = self.supervisor.cast(NodeMessage::Finish);
        }
        if self.routes.all().any(|(_, route)| !matches!(route, Route::Elsewhere { .. })) {
            return false;
        }
        if let Err(error) = self.member.leave().await {
            // The others find out by themselves.
            tracing::warn!(%error, "the node could not say that it leaves");
        }
        // Whoever still waits here for a shard learns whom to ask.
        self.follow(self.member.map());
        self.routes.nudge_peers();
        true
    }

    async fn say_that_it_drains(&mut self) {
        let me = self.shared.options.incarnation;
        let said = timeout(self.patience(), set_draining(Arc::clone(&self.shared.store), me, true)).await;
        match said {
            Ok(Ok(())) => {
                self.is_draining = true;
                self.calls.look.store(true, Ordering::Release);
                self.routes.wake.notify_one();
                self.routes.nudge_peers();
            }
            Ok(Err(error)) => tracing::warn!(%error, "the node can't say that it drains; trying again"),
            Err(_) => tracing::warn!("the node can't say in time that it drains; trying again"),
        }
    }

    /// How long a change of the table may take between two steps: the node has to be renewed meanwhile.
    fn patience(&self) -> Duration {
        self.shared.options.membership.lease / 3
    }

    /// Waits for the next beat or for something to do; true if a step is due. The beat counts from the last step: however
    /// often something else wakes the steward, the node is renewed.
    async fn wait(&self, stepped: Instant) -> bool {
        let beat = if self.is_alone { Duration::MAX } else { self.member.beat() };
        let left = beat.saturating_sub(stepped.elapsed());
        let woken = self.routes.wake.notified();
        let is_woken = match self.is_alone {
            true => {
                woken.await;
                true
            }
            false => timeout(left, woken).await.is_ok(),
        };
        if !is_woken {
            return true;
        }
        let is_asked = self.calls.look.swap(false, Ordering::AcqRel);
        if is_asked {
            tokio::time::sleep(LOOK_PAUSE.saturating_sub(stepped.elapsed())).await;
        }
        is_asked || self.is_alone && !self.calls.leave.load(Ordering::Acquire) || stepped.elapsed() >= beat
    }

    /// How heavy each shard here is, as of the last sample.
    fn loads(&mut self) -> Loads {
        let sampled_ms = self.shared.clock.monotonic_ms();
        let work = self.routes.work();
        self.sample.take(sampled_ms, work);
        self.sample.loads()
    }
}

#[cfg(test)]
mod tests;
