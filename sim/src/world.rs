//! A cluster in one thread: machines, network, store, clients, and the time they share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use actors::shell::{Defects, Machines, Membership, NodeOptions};
use cluster::{Incarnation, NodeName, ShardCount};
use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;

use crate::card::PORT;
use crate::carrier::Carrier;
use crate::clock::MachineClock;
use crate::depot::Depot;
use crate::dice::Dice;
use crate::door::{Door, Doors};
use crate::ether::{self, Ether};
use crate::host::{Boot, Host, Stage};
use crate::network::{Address, Network, Place, STEP_MS, Weather};
use crate::peers::{Registry, Started, Wires};
use crate::plan::Plan;
use crate::store_link::StoreLink;
use crate::trace::Trace;

/// A cluster and its surroundings.
pub struct World {
    /// How it is set up.
    pub plan: Plan,
    /// Into how many shards the store is divided.
    pub count: ShardCount,
    /// The time of the world.
    pub now_ms: u64,
    /// What happens.
    pub trace: Arc<Trace>,
    /// The network.
    pub network: Arc<Network>,
    /// The network on which nodes talk with each other, unless they write letters.
    pub ether: Option<Ether>,
    /// The store.
    pub depot: Arc<Depot>,
    /// The machines.
    pub hosts: Vec<Host>,
    /// Their doors.
    pub doors: Doors,
    /// All starts of nodes.
    pub registry: Arc<Registry>,
    machines: Arc<dyn Machines>,
    defects: Defects,
    clients: Option<Clients>,
    starts: u64,
    dice: Dice,
}

/// How nodes talk with each other. Clients, operators and the store take letters in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// By letters of the simulation.
    #[default]
    Plain,
    /// Over gRPC on turmoil's network.
    Turmoil,
}

/// Where the sessions of clients run.
#[derive(Debug)]
struct Clients {
    runtime: Runtime,
    begun: Instant,
    elapsed_ms: u64,
}

impl World {
    /// A world in which nothing runs yet.
    ///
    /// # Errors
    /// A runtime can't be made.
    pub fn new(
        plan: Plan,
        machines: Arc<dyn Machines>,
        (mode, defects): (Mode, Defects),
        (mut dice, trace): (Dice, Arc<Trace>),
    ) -> std::io::Result<World> {
        let count = ShardCount::new(plan.shards).unwrap_or(ShardCount::STANDARD);
        let network = Arc::new(Network::new(dice.fork(), Arc::clone(&trace)));
        let depot = Arc::new(Depot::new(dice.fork(), Arc::clone(&trace)));
        let doors: Doors = (0..plan.machines).map(|_| Arc::new(Door::default())).collect();
        let host = |door: &Arc<Door>| {
            let clock = MachineClock::ahead(dice.around_zero(plan.skew_ms));
            Host::new(Arc::new(clock), Arc::clone(door))
        };
        let hosts = doors.iter().map(host).collect();
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build()?;
        let begun = runtime.block_on(async { Instant::now() });
        let ether = match mode {
            Mode::Plain => None,
            Mode::Turmoil => Some(Ether::new(plan.machines, dice.fork(), Arc::clone(&trace))),
        };
        Ok(World {
            plan,
            count,
            now_ms: 0,
            trace,
            network,
            ether,
            depot,
            hosts,
            doors,
            registry: Arc::default(),
            machines,
            defects,
            clients: Some(Clients { runtime, begun, elapsed_ms: 0 }),
            starts: 0,
            dice,
        })
    }

    /// Has a client do something in its own time.
    pub fn spawn(&self, client: impl Future<Output = ()> + Send + 'static) {
        if let Some(clients) = &self.clients {
            clients.runtime.spawn(client);
        }
    }

    /// Lets one step of time go by, everywhere.
    ///
    /// # Errors
    /// Turmoil gives up.
    pub fn step(&mut self) -> std::io::Result<()> {
        self.now_ms = self.now_ms.saturating_add(STEP_MS);
        self.trace.set_now(self.now_ms);
        self.network.deliver(self.now_ms);
        for host in &mut self.hosts {
            host.step(self.now_ms, STEP_MS);
        }
        if let Some(clients) = &mut self.clients {
            clients.elapsed_ms = clients.elapsed_ms.saturating_add(STEP_MS);
            let until = clients.begun + Duration::from_millis(clients.elapsed_ms);
            clients.runtime.block_on(async move { tokio::time::sleep_until(until).await });
        }
        let now_ms = self.now_ms;
        self.ether.as_mut().map_or(Ok(()), |ether| ether.step(now_ms))
    }

    /// Starts a node on a machine that is free, under the name of the machine.
    ///
    /// # Errors
    /// The runtime can't be made.
    pub fn start(&mut self, machine: usize) -> std::io::Result<()> {
        self.start_as(machine, machine)
    }

    /// Starts a node on a machine that is free, under the name of another machine.
    ///
    /// # Errors
    /// The runtime can't be made.
    pub fn start_as(&mut self, machine: usize, named: usize) -> std::io::Result<()> {
        self.starts = self.starts.saturating_add(1);
        let start = self.starts;
        let number = (u128::from(self.dice.number()) << 64) | u128::from(start);
        let incarnation = Incarnation::new(number);
        let place = Place::Node(machine);
        let mut options = NodeOptions::new(incarnation, self.count);
        options.membership = Membership {
            name: NodeName::new(&format!("node-{named}")).unwrap_or_default(),
            address: format!("{}:{PORT}", ether::name(machine)).into(),
            lease: Duration::from_millis(self.plan.lease_ms),
            moves_at_once: to_usize(self.dice.between(1, 4)),
        };
        options.tick = Some(Duration::from_millis(self.dice.between(100, 400)));
        options.idle = Duration::from_millis(self.plan.idle_ms);
        options.active_entities = self.plan.active_entities;
        options.defects = self.defects;
        let Some(host) = self.hosts.get_mut(machine) else { return Ok(()) };
        self.trace.note(format_args!("{place} starts as node-{named}, {incarnation}"));
        let clock = Arc::clone(&host.clock);
        self.registry.add(incarnation, Started { machine, start, clock });
        self.network.started(place, start);
        let (network, depot) = (Arc::clone(&self.network), Arc::clone(&self.depot));
        let card = self.ether.as_mut().and_then(|ether| {
            ether.give_power(machine);
            ether.card(machine)
        });
        let letters = || Wires {
            me: incarnation,
            place,
            start,
            network: Arc::clone(&network),
            doors: Arc::clone(&self.doors),
            registry: Arc::clone(&self.registry),
        };
        let carrier = card.map_or_else(|| Carrier::Letters(Arc::new(letters())), Carrier::Streams);
        host.start(Boot {
            place,
            store: Arc::new(StoreLink { place, start, network, depot }),
            machines: Arc::clone(&self.machines),
            carrier,
            options,
            trace: Arc::clone(&self.trace),
        })
    }

    /// Throws a node away. Who waits for it learns that the connection broke, if `tells`: then the process is gone, else
    /// the machine with it.
    pub fn crash(&mut self, machine: usize, tells: bool) {
        let place = Place::Node(machine);
        self.trace.note(format_args!("{place} crashes"));
        if let Some(host) = self.hosts.get_mut(machine) {
            host.crash(tells);
        }
        self.network.stopped(place);
        if let Some(ether) = self.ether.as_mut().filter(|_| !tells) {
            ether.lose_power(machine);
        }
    }

    /// Changes the weather.
    pub fn set_weather(&mut self, weather: Weather) {
        self.network.set_weather(weather);
        if let Some(ether) = &mut self.ether {
            ether.set_weather(weather);
        }
    }

    /// Cuts the way in one direction.
    pub fn cut(&mut self, from: Place, to: Place) {
        self.trace.note(format_args!("the way from {from} to {to} is cut"));
        self.network.cut(from, to);
        if let (Some(ether), Place::Node(from), Place::Node(to)) = (&mut self.ether, from, to) {
            ether.cut((from, to));
        }
    }

    /// One way is whole again.
    pub fn mend_way(&mut self, from: Place, to: Place) {
        self.network.mend_way(from, to);
        if let (Some(ether), Place::Node(from), Place::Node(to)) = (&mut self.ether, from, to) {
            ether.mend_way((from, to));
        }
    }

    /// All ways are whole again.
    pub fn mend(&mut self) {
        self.network.mend();
        if let Some(ether) = &mut self.ether {
            ether.mend();
        }
    }

    /// A machine stands still.
    pub fn pause(&mut self, machine: usize) {
        let place = Place::Node(machine);
        self.trace.note(format_args!("{place} stands still"));
        if let Some(host) = self.hosts.get_mut(machine) {
            host.pause(self.now_ms);
            self.network.pause(place);
        }
    }

    /// It goes on.
    pub fn resume(&mut self, machine: usize, has_slept: bool) {
        let place = Place::Node(machine);
        self.trace.note(format_args!("{place} goes on, slept: {has_slept}"));
        if let Some(host) = self.hosts.get_mut(machine) {
            host.resume(self.now_ms, has_slept);
            self.network.resume(place);
        }
    }

    /// How far the node on a machine is.
    #[must_use]
    pub fn stage(&self, machine: usize) -> Option<Stage> {
        self.hosts.get(machine)?.stage()
    }

    /// Asks the node on a machine for something that needs no answer.
    pub fn tell(&self, machine: usize, inbound: crate::door::Inbound) {
        if let Some(door) = self.doors.get(machine).map(Arc::clone) {
            let to = Address::of(Place::Node(machine));
            self.network.send(Place::Clients, to, Box::new(move || door.hand_in(inbound)), None);
        }
    }

    /// A handle to the store for what is done from outside of all nodes.
    #[must_use]
    pub fn outside(&self) -> StoreLink {
        let (network, depot) = (Arc::clone(&self.network), Arc::clone(&self.depot));
        StoreLink { place: Place::Clients, start: 0, network, depot }
    }
}

impl fmt::Debug for World {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let World { plan, now_ms, hosts, .. } = self;
        let mut debug = formatter.debug_struct("World");
        debug.field("plan", plan).field("now_ms", now_ms).field("hosts", hosts).finish_non_exhaustive()
    }
}

fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or_default()
}
