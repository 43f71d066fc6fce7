//! A machine on which nodes run, one start after the other: a runtime of its own, which is stepped, paused, or thrown
//! away with everything in it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actors::shell::{Machines, Node, NodeOptions};
#[cfg(tokio_unstable)]
use tokio::runtime::RngSeed;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::Instant;

use crate::carrier::Carrier;
use crate::clock::MachineClock;
use crate::door::{Door, Inbound};
use crate::network::Place;
use crate::store_link::StoreLink;
use crate::trace::Trace;

/// One machine.
pub struct Host {
    /// Its clock.
    pub clock: Arc<MachineClock>,
    /// Where letters are handed in.
    pub door: Arc<Door>,
    running: Option<Running>,
}

/// What a machine runs.
struct Running {
    runtime: Runtime,
    /// When it began, by the clock of its runtime, and how much of that clock has gone by.
    begun: Instant,
    elapsed_ms: u64,
    stage: Arc<Mutex<Stage>>,
    /// Since when it stands still, in the world's time.
    paused_ms: Option<u64>,
}

/// How far a start of a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It tries to become a member.
    Joining,
    /// It could not, for this reason.
    Refused(String),
    /// It is a member.
    Running,
    /// It was told to leave.
    Draining,
    /// It left or was declared dead.
    Ended,
}

/// What a start of a node is made of.
pub struct Boot {
    /// Where it runs.
    pub place: Place,
    /// The store as it sees it.
    pub store: Arc<StoreLink>,
    /// The kinds of entities.
    pub machines: Arc<dyn Machines>,
    /// How it talks with the other nodes.
    pub carrier: Carrier,
    /// How it is set up.
    pub options: NodeOptions,
    /// What happens.
    pub trace: Arc<Trace>,
}

impl Host {
    /// A machine that is switched off.
    #[must_use]
    pub fn new(clock: Arc<MachineClock>, door: Arc<Door>) -> Host {
        Host { clock, door, running: None }
    }

    /// Starts a node.
    ///
    /// # Errors
    /// The runtime can't be made.
    pub fn start(&mut self, boot: Boot) -> std::io::Result<()> {
        let mut builder = Builder::new_current_thread();
        #[cfg(tokio_unstable)]
        builder.rng_seed(RngSeed::from_bytes(&boot.options.incarnation.number().to_be_bytes()));
        let runtime = builder.enable_time().start_paused(true).build()?;
        let begun = runtime.block_on(async { Instant::now() });
        let stage = Arc::new(Mutex::new(Stage::Joining));
        let (inside, inbox) = unbounded_channel();
        self.door.open(inside);
        let (door, clock, told) = (Arc::clone(&self.door), Arc::clone(&self.clock), Arc::clone(&stage));
        runtime.spawn(async move { live(boot, clock, door, inbox, &told).await });
        self.running = Some(Running { runtime, begun, elapsed_ms: 0, stage, paused_ms: None });
        Ok(())
    }

    /// Throws away what runs. Who waits for an answer learns that the connection broke, if `tells`.
    pub fn crash(&mut self, tells: bool) {
        self.running = None;
        let owed = self.door.close();
        if tells {
            for tell in owed {
                tell(Err(actors::shell::CallError::OutcomeUnknown));
            }
        }
    }

    /// Lets the machine run for so long.
    pub fn step(&mut self, now_ms: u64, step_ms: u64) {
        let Some(running) = self.running.as_mut().filter(|running| running.paused_ms.is_none()) else {
            return;
        };
        self.clock.set(now_ms);
        running.elapsed_ms = running.elapsed_ms.saturating_add(step_ms);
        let until = running.begun + Duration::from_millis(running.elapsed_ms);
        running.runtime.block_on(async move { tokio::time::sleep_until(until).await });
    }

    /// The machine stands still.
    pub fn pause(&mut self, now_ms: u64) {
        if let Some(running) = &mut self.running {
            running.paused_ms.get_or_insert(now_ms);
        }
    }

    /// The machine goes on. After a sleep its monotonic clock and its timers have not noticed; after a mere standstill
    /// everything that was due meanwhile is due at once.
    pub fn resume(&mut self, now_ms: u64, has_slept: bool) {
        let Some(running) = &mut self.running else { return };
        let Some(paused_ms) = running.paused_ms.take() else { return };
        let missed_ms = now_ms.saturating_sub(paused_ms);
        if has_slept {
            self.clock.slept(missed_ms);
        } else {
            running.elapsed_ms = running.elapsed_ms.saturating_add(missed_ms);
            self.clock.set(now_ms);
            running
                .runtime
                .block_on(async move { tokio::time::advance(Duration::from_millis(missed_ms)).await });
        }
    }

    /// How far the node is; `None` where there is none.
    #[must_use]
    pub fn stage(&self) -> Option<Stage> {
        self.running.as_ref().map(|running| lock(&running.stage).clone())
    }

    /// Whether it stands still.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.running.as_ref().is_some_and(|running| running.paused_ms.is_some())
    }
}

/// The life of one start of a node.
async fn live(
    boot: Boot,
    clock: Arc<MachineClock>,
    door: Arc<Door>,
    mut inbox: UnboundedReceiver<Inbound>,
    stage: &Arc<Mutex<Stage>>,
) {
    let Boot { place, store, machines, carrier, options, trace } = boot;
    let (peers, reception) = carrier.open(options.incarnation, options.membership.lease, &clock);
    let joined = Node::join(store, machines, clock, peers, options).await;
    let node = match joined {
        Ok(node) => Arc::new(node),
        Err(error) => {
            trace.note(format_args!("{place} does not start: {error}"));
            *lock(stage) = Stage::Refused(error.to_string());
            return;
        }
    };
    trace.note(format_args!("{place} has joined"));
    *lock(stage) = Stage::Running;
    let _serving = reception.map(|reception| reception.serve(&node));
    let watching = Arc::clone(&trace);
    let (watched, told) = (Arc::clone(&node), Arc::clone(stage));
    tokio::spawn(async move {
        watched.ended().await;
        trace.note(format_args!("{place} has ended"));
        *lock(&told) = Stage::Ended;
    });
    while let Some(inbound) = inbox.recv().await {
        match inbound {
            Inbound::Inspect => inspect(Arc::clone(&node), Arc::clone(&watching), place),
            inbound => receive(&node, &door, inbound, stage),
        }
    }
}

fn receive(node: &Arc<Node>, door: &Arc<Door>, inbound: Inbound, stage: &Mutex<Stage>) {
    let (node, door) = (Arc::clone(node), Arc::clone(door));
    match inbound {
        Inbound::Client(number, request) => {
            tokio::spawn(async move { door.answer(number, node.call(request).await) });
        }
        Inbound::Peer(number, request) => {
            tokio::spawn(async move { door.answer(number, node.answer(request).await) });
        }
        Inbound::Parcel(shard, parcel) => node.take(shard, parcel),
        Inbound::Nudge => node.nudged(),
        Inbound::Ruling(ruling, tell) => {
            tokio::spawn(async move { tell(node.rule_here(ruling).await) });
        }
        Inbound::Drain => {
            *lock(stage) = Stage::Draining;
            tokio::spawn(async move { node.drain().await });
        }
        Inbound::Inspect => {}
    }
}

/// Writes what goes on in a node into the trace.
fn inspect(node: Arc<Node>, trace: Arc<Trace>, place: Place) {
    tokio::spawn(async move {
        let (view, map) = (node.inspect().await, node.map());
        trace.note(format_args!("{place}: {:?}", map.table()));
        trace.note(format_args!("{place}: {:?} claiming {:?}", view.standing, view.claiming));
        for shard in view.shards {
            trace.note(format_args!("{place}: {shard:?}"));
        }
    });
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Host").field("stage", &self.stage()).finish_non_exhaustive()
    }
}
