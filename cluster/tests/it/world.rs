//! A cluster in one thread on simulated time: members that claim, write, hand over and leave as a node does, on stores
//! with faults, each with a clock that can stop and a process that can be halted; and an auditor who sees every commit.

mod audit;
mod clock;
mod halt;
mod host;
mod store;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cluster::{Incarnation, JoinError, ShardCount};
use storage::{Faults, MemoryStore};

pub(crate) use audit::Audit;
pub(crate) use clock::SimClock;
pub(crate) use halt::Halt;
pub(crate) use host::{End, Host};
pub(crate) use store::{Chance, WatchedStore};

pub(crate) const SHARDS: ShardCount = match ShardCount::new(12) {
    Some(count) => count,
    None => panic!("12 is not zero"),
};
pub(crate) const LEASE: Duration = Duration::from_secs(1);

/// Everything there is, and all hosts ever started by number of start.
pub(crate) struct World {
    pub(crate) rows: MemoryStore,
    pub(crate) audit: Arc<Mutex<Audit>>,
    pub(crate) chance: Arc<Chance>,
    pub(crate) hosts: BTreeMap<u64, Host>,
    pub(crate) exclusive: bool,
}

impl World {
    pub(crate) fn new(seed: u64) -> World {
        World {
            rows: MemoryStore::new(),
            audit: Arc::default(),
            chance: Arc::new(Chance::new(seed)),
            hosts: BTreeMap::new(),
            exclusive: false,
        }
    }

    /// Starts a process; gives its number.
    pub(crate) fn start(&mut self, name: &str) -> u64 {
        let number = self.hosts.keys().next_back().map_or(1, |last| last + 1);
        // Incarnations don't rise with starts.
        let incarnation =
            Incarnation::new(u128::from(Chance::new(number).draw(1_000)) * 1_000 + u128::from(number));
        let chance = Arc::clone(&self.chance);
        let pace_chance = Arc::clone(&chance);
        let pace = Faults::none().with_pace(move || {
            let pause = Duration::from_millis(pace_chance.draw(20));
            Box::pin(tokio::time::sleep(pause))
        });
        let store = WatchedStore::new(self.rows.handle(pace), chance, Arc::clone(&self.audit));
        let everybody: Vec<_> = self.hosts.values().map(|host| Arc::clone(&host.nudged)).collect();
        let host = Host::start(name, incarnation, Arc::new(store), self.exclusive, everybody);
        self.hosts.insert(number, host);
        number
    }

    /// Starts processes and waits until they share the shards.
    pub(crate) async fn of(seed: u64, names: &[&str]) -> World {
        let mut world = World::new(seed);
        for name in names {
            world.start(name);
            world.until_at_rest().await;
        }
        world
    }

    pub(crate) fn host(&self, number: u64) -> &Host {
        self.hosts.get(&number).unwrap()
    }

    /// The numbers of processes that have not ended.
    pub(crate) fn living(&self) -> Vec<u64> {
        self.hosts.iter().filter(|(_, host)| host.end().is_none()).map(|(&number, _)| number).collect()
    }

    /// How a process ended.
    pub(crate) fn end(&self, number: u64) -> Option<End> {
        self.host(number).end()
    }

    /// Why a process was refused.
    pub(crate) fn refused(&self, number: u64) -> Option<JoinError> {
        match self.end(number) {
            Some(End::Refused(error)) => Some(error),
            _ => None,
        }
    }

    /// Whether every shard is run by the one node the table gives it to, and nothing is on its way.
    pub(crate) fn is_at_rest(&self) -> bool {
        let table = self.audit.lock().unwrap().table();
        let joined = self.living().iter().all(|&number| table.has(self.host(number).incarnation));
        joined
            && table.shard_count() > 0
            && table.moving() == 0
            && SHARDS.shards().all(|shard| {
                let runs = |number: &&u64| self.host(**number).runs(shard);
                let living = self.living();
                let runners: Vec<u64> = living.iter().filter(runs).copied().collect();
                matches!(runners[..], [one] if table.owner(shard) == Some(self.host(one).incarnation))
            })
    }

    /// Waits; gives how long it took.
    pub(crate) async fn until(&self, what: &str, done: impl Fn(&World) -> bool) -> Duration {
        let began = tokio::time::Instant::now();
        while !done(self) {
            assert!(began.elapsed() < LEASE * 60, "it does not happen: {what}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        began.elapsed()
    }

    pub(crate) async fn until_at_rest(&self) -> Duration {
        self.until("every shard at rest", World::is_at_rest).await
    }

    /// Whoever was declared dead.
    pub(crate) fn buried(&self) -> Vec<Incarnation> {
        self.audit.lock().unwrap().buried.clone()
    }

    /// Checks what was written to every shard against what was acknowledged.
    pub(crate) async fn audit_shards(&self) {
        for shard in SHARDS.shards() {
            audit::audit_shard(&self.rows, &self.audit, shard).await;
        }
    }
}
