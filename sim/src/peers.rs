//! The way between nodes, over the simulated network.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actors::shell::{BoxFuture, CallError, Parcel, Peers, Reply, Request, Ruling};
use cluster::{Clock, Incarnation, Peer, ShardId};

use crate::clock::MachineClock;
use crate::door::{Door, Doors, Inbound, Tell};
use crate::network::{Address, Network, Place};
use crate::post::{call, wait};

/// Where every start of a node runs or ran.
#[derive(Debug, Default)]
pub struct Registry {
    starts: Mutex<BTreeMap<Incarnation, Started>>,
}

/// One start of a node.
#[derive(Clone, Debug)]
pub struct Started {
    /// The machine, by its index.
    pub machine: usize,
    /// Which start on all machines.
    pub start: u64,
    /// The clock of the machine.
    pub clock: Arc<MachineClock>,
}

/// The peers of one start of a node.
#[derive(Debug)]
pub struct Wires {
    /// Who this is.
    pub me: Incarnation,
    /// Where this is.
    pub place: Place,
    /// Which start on all machines this is.
    pub start: u64,
    /// The way.
    pub network: Arc<Network>,
    /// All machines.
    pub doors: Doors,
    /// All starts.
    pub registry: Arc<Registry>,
}

/// How long a call without a deadline waits.
const PATIENCE: Duration = Duration::from_secs(5);

impl Registry {
    /// A node is started.
    pub fn add(&self, incarnation: Incarnation, started: Started) {
        self.starts.lock().unwrap_or_else(PoisonError::into_inner).insert(incarnation, started);
    }

    /// Where it runs or ran.
    pub fn find(&self, incarnation: Incarnation) -> Option<Started> {
        self.starts.lock().unwrap_or_else(PoisonError::into_inner).get(&incarnation).cloned()
    }

    /// The last start on a machine, if there was one.
    pub fn last_on(&self, machine: usize) -> Option<Incarnation> {
        let starts = self.all().into_iter().filter(|(_, started)| started.machine == machine);
        starts.max_by_key(|(_, started)| started.start).map(|(incarnation, _)| incarnation)
    }

    fn all(&self) -> Vec<(Incarnation, Started)> {
        let starts = self.starts.lock().unwrap_or_else(PoisonError::into_inner);
        starts.iter().map(|(incarnation, started)| (*incarnation, started.clone())).collect()
    }
}

impl Wires {
    fn find(&self, to: &Peer) -> Option<(Address, Arc<Door>)> {
        let Started { machine, start, .. } = self.registry.find(to.incarnation)?;
        Some((Address::start(Place::Node(machine), start), Arc::clone(self.doors.get(machine)?)))
    }

    fn ask<T: Send + 'static>(
        &self,
        to: &Peer,
        patience: Duration,
        ask: impl FnOnce(&Door, Tell<Result<T, CallError>>) + Send + 'static,
    ) -> BoxFuture<Result<T, CallError>> {
        let Some((address, door)) = self.find(to) else {
            return Box::pin(async { Err(CallError::Unreachable) });
        };
        let me = Address::start(self.place, self.start);
        let answered = call(&self.network, (me, address), move |tell| ask(&door, tell));
        Box::pin(wait(answered, patience))
    }
}

impl Peers for Wires {
    fn call(&self, to: &Peer, request: Request) -> BoxFuture<Result<Reply, CallError>> {
        let patience = request.timeout.unwrap_or(PATIENCE);
        self.ask(to, patience, move |door, tell| {
            door.ask(request, true, tell);
        })
    }

    fn send(&self, to: &Peer, shard: ShardId, parcel: Parcel) {
        let Some((address, door)) = self.find(to) else { return };
        self.network.send_loose(self.place, address, || {
            let (door, parcel) = (Arc::clone(&door), parcel.clone());
            Box::new(move || door.hand_in(Inbound::Parcel(shard, parcel)))
        });
    }

    fn nudge(&self, to: &Peer) {
        let Some((address, door)) = self.find(to) else { return };
        self.network.send_loose(self.place, address, || {
            let door = Arc::clone(&door);
            Box::new(move || door.hand_in(Inbound::Nudge))
        });
    }

    fn rule(&self, to: &Peer, ruling: Ruling, limit: Duration) -> BoxFuture<Result<bool, CallError>> {
        self.ask(to, limit, move |door, tell| door.hand_in(Inbound::Ruling(ruling, tell)))
    }

    fn clock_offsets_ms(&self) -> Vec<i64> {
        let starts = self.registry.all();
        let mine = starts.iter().find(|(incarnation, _)| *incarnation == self.me);
        let Some(wall_ms) = mine.map(|(_, started)| started.clock.wall_ms()) else { return Vec::new() };
        let is_reached = |started: &Started| {
            let place = Place::Node(started.machine);
            place != self.place
                && self.network.runs(place, started.start)
                && self.network.is_open(self.place, place)
        };
        let reached = starts.iter().filter(|(_, started)| is_reached(started));
        reached.map(|(_, started)| started.clock.wall_ms().saturating_sub(wall_ms)).collect()
    }
}
