//! Misfortunes, as the plan and the seed say, and their end.

use std::sync::Arc;

use cluster::{ShardId, move_shard};

use crate::depot::StoreFaults;
use crate::dice::Dice;
use crate::door::Inbound;
use crate::host::Stage;
use crate::network::{Place, Weather};
use crate::plan::Odds;
use crate::world::World;

/// What happened to the cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StormCounts {
    /// Nodes started.
    pub starts: u64,
    /// Nodes gone at once.
    pub crashes: u64,
    /// Machines that stood still.
    pub pauses: u64,
    /// Ways cut, to the store or between machines.
    pub partitions: u64,
    /// Times the store was away for everybody.
    pub outages: u64,
    /// Times the store was slow.
    pub slow: u64,
    /// Wall clocks that jumped.
    pub jumps: u64,
    /// Nodes asked to leave.
    pub drains: u64,
    /// Shards moved by the operator.
    pub shifts: u64,
    /// Processes started under a name in use.
    pub impostors: u64,
    /// Starts refused.
    pub refused: u64,
    /// Nodes that were declared dead while they ran.
    pub expelled: u64,
}

/// The misfortunes of a run.
#[derive(Debug)]
pub struct Storm {
    dice: Dice,
    counts: StormCounts,
    /// What ends when, in the order it ends.
    ends: Vec<(u64, End)>,
    is_over: bool,
}

/// Begins one.
type Misfortune = fn(&mut Storm, &mut World);

/// The end of a misfortune.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Start { machine: usize, named: usize },
    Resume { machine: usize },
    Mend { from: Place, to: Place },
    Outage,
    Slow,
}

impl Storm {
    /// Starts all machines, one shortly after the other.
    #[must_use]
    pub fn begin(world: &mut World, mut dice: Dice) -> Storm {
        let mut starts: Vec<_> = (0..world.plan.machines)
            .map(|machine| (dice.below(400), End::Start { machine, named: machine }))
            .collect();
        starts.sort_by_key(|(at_ms, _)| *at_ms);
        world.set_weather(world.plan.weather);
        world.depot.set_faults(world.plan.store);
        Storm { dice, counts: StormCounts::default(), ends: starts, is_over: false }
    }

    /// What happened so far.
    #[must_use]
    pub fn counts(&self) -> StormCounts {
        self.counts
    }

    /// What happens in this step.
    ///
    /// # Errors
    /// A runtime can't be made.
    pub fn step(&mut self, world: &mut World) -> std::io::Result<()> {
        self.end_what_is_due(world)?;
        self.look_after(world);
        if self.is_over {
            return Ok(());
        }
        let Odds { crash, pause, cut, store_cut, outage, slow, jump, drain, shift, impostor } =
            world.plan.odds;
        let misfortunes: [(u64, Misfortune); 10] = [
            (crash, Storm::crash),
            (pause, Storm::pause),
            (cut, Storm::cut),
            (store_cut, Storm::cut_store),
            (outage, Storm::outage),
            (slow, Storm::slow),
            (jump, Storm::jump),
            (drain, Storm::drain),
            (shift, Storm::shift),
            (impostor, Storm::impostor),
        ];
        for (odd, misfortune) in misfortunes {
            // Even the rarest may happen in every run.
            if odd > 0 && self.dice.below(10_000) < odd {
                misfortune(self, world);
            }
        }
        Ok(())
    }

    /// Everything is well from now on: what was cut is mended, what stands still goes on, what is down is started.
    ///
    /// # Errors
    /// A runtime can't be made.
    pub fn end(&mut self, world: &mut World) -> std::io::Result<()> {
        world.trace.note(format_args!("the storm is over"));
        self.is_over = true;
        world.mend();
        world.set_weather(Weather { spread_ms: 3, ..Weather::default() });
        world.depot.set_faults(StoreFaults::default());
        world.depot.set_out(false);
        for (_, end) in std::mem::take(&mut self.ends) {
            match end {
                End::Start { machine, .. } => {
                    self.ends.push((world.now_ms, End::Start { machine, named: machine }))
                }
                End::Resume { machine } => world.resume(machine, false),
                End::Mend { .. } | End::Outage | End::Slow => {}
            }
        }
        // A clock that is wrong keeps its node from admitting; somebody sets it right, never back.
        let ahead_ms = world.hosts.iter().map(|host| host.clock.ahead_ms()).max().unwrap_or_default();
        world.hosts.iter().for_each(|host| host.clock.jump(ahead_ms));
        self.end_what_is_due(world)
    }

    fn crash(&mut self, world: &mut World) {
        let Some(machine) = self.running(world) else { return };
        self.counts.crashes += 1;
        let tells = self.dice.chance(500);
        world.crash(machine, tells);
        self.start_later(world, machine, 4_000);
    }

    fn pause(&mut self, world: &mut World) {
        let Some(machine) = self.running(world) else { return };
        self.counts.pauses += 1;
        let most_ms = world.plan.lease_ms.saturating_mul(3);
        let pause_ms = self.dice.between(50, most_ms);
        world.pause(machine);
        self.ends.push((world.now_ms.saturating_add(pause_ms), End::Resume { machine }));
    }

    fn cut(&mut self, world: &mut World) {
        let from = Place::Node(self.machine(world));
        let to = if self.dice.chance(200) { Place::Clients } else { Place::Node(self.machine(world)) };
        if from != to {
            self.cut_way(world, (from, to), 5_000);
        }
    }

    fn cut_store(&mut self, world: &mut World) {
        let from = Place::Node(self.machine(world));
        self.cut_way(world, (from, Place::Store), 3_000);
    }

    fn cut_way(&mut self, world: &mut World, (one, other): (Place, Place), most_ms: u64) {
        self.counts.partitions += 1;
        let end_ms = world.now_ms.saturating_add(self.dice.between(100, most_ms));
        let ways = match self.dice.below(3) {
            0 => vec![(one, other)],
            1 => vec![(other, one)],
            _ => vec![(one, other), (other, one)],
        };
        for (from, to) in ways {
            world.cut(from, to);
            self.ends.push((end_ms, End::Mend { from, to }));
        }
    }

    fn outage(&mut self, world: &mut World) {
        self.counts.outages += 1;
        world.trace.note(format_args!("the store is away"));
        world.depot.set_out(true);
        self.ends.push((world.now_ms.saturating_add(self.dice.between(100, 4_000)), End::Outage));
    }

    fn slow(&mut self, world: &mut World) {
        self.counts.slow += 1;
        world.trace.note(format_args!("the store is slow"));
        let store_ms = self.dice.between(20, 400);
        world.set_weather(Weather { store_ms, ..world.plan.weather });
        self.ends.push((world.now_ms.saturating_add(self.dice.between(500, 4_000)), End::Slow));
    }

    fn jump(&mut self, world: &mut World) {
        self.counts.jumps += 1;
        let machine = self.machine(world);
        let most_ms = if self.dice.chance(500) { 400 } else { 8_000 };
        let ahead_ms = self.dice.around_zero(most_ms);
        world.trace.note(format_args!("the wall clock of machine {machine} jumps to {ahead_ms}"));
        if let Some(host) = world.hosts.get(machine) {
            host.clock.jump(ahead_ms);
        }
    }

    fn drain(&mut self, world: &mut World) {
        let Some(machine) = self.running(world) else { return };
        self.counts.drains += 1;
        world.trace.note(format_args!("node {machine} is to leave"));
        world.tell(machine, Inbound::Drain);
    }

    fn shift(&mut self, world: &mut World) {
        let machine = self.machine(world);
        let Some(incarnation) = world.registry.last_on(machine) else { return };
        self.counts.shifts += 1;
        let shards = u64::from(world.count.number());
        let shard = ShardId::new(u16::try_from(self.dice.below(shards)).unwrap_or_default());
        let (store, trace) = (Arc::new(world.outside()), Arc::clone(&world.trace));
        world.spawn(async move {
            let moved = move_shard(store, shard, incarnation).await;
            trace.note(format_args!("the operator moves shard {shard} to {incarnation}: {moved:?}"));
        });
    }

    /// A machine that is free gets a process with the name of one that runs.
    fn impostor(&mut self, world: &mut World) {
        let Some(named) = self.running(world) else { return };
        let machine = self.machine(world);
        if machine == named || world.stage(machine).is_none() {
            return;
        }
        self.counts.impostors += 1;
        world.crash(machine, true);
        self.ends.retain(|(_, end)| *end != End::Resume { machine });
        self.ends.push((world.now_ms, End::Start { machine, named }));
    }

    /// Machines whose node ended or did not start get another start; like whoever watches over processes does.
    fn look_after(&mut self, world: &mut World) {
        for machine in 0..world.plan.machines {
            let is_over = match world.stage(machine) {
                Some(Stage::Refused(_)) => {
                    self.counts.refused += 1;
                    true
                }
                Some(Stage::Ended) => {
                    self.counts.expelled += 1;
                    true
                }
                _ => false,
            };
            if is_over {
                world.crash(machine, true);
                self.start_later(world, machine, 1_000);
            }
        }
    }

    fn end_what_is_due(&mut self, world: &mut World) -> std::io::Result<()> {
        let now_ms = world.now_ms;
        let (due, left): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.ends).into_iter().partition(|(end_ms, _)| *end_ms <= now_ms);
        self.ends = left;
        for (_, end) in due {
            match end {
                End::Start { machine, named } => {
                    if world.stage(machine).is_none() {
                        self.counts.starts += 1;
                        world.start_as(machine, named)?;
                    }
                }
                End::Resume { machine } => {
                    let has_slept = self.dice.chance(500);
                    world.resume(machine, has_slept);
                }
                End::Mend { from, to } => world.mend_way(from, to),
                End::Outage => world.depot.set_out(false),
                End::Slow => world.set_weather(world.plan.weather),
            }
        }
        Ok(())
    }

    fn start_later(&mut self, world: &World, machine: usize, most_ms: u64) {
        self.ends.retain(|(_, end)| *end != End::Resume { machine });
        let at_ms = world.now_ms.saturating_add(self.dice.between(10, most_ms));
        self.ends.push((at_ms, End::Start { machine, named: machine }));
    }

    /// A machine whose node runs and does not stand still.
    fn running(&mut self, world: &World) -> Option<usize> {
        let runs = |machine: &usize| {
            let is_paused = world.hosts.get(*machine).is_none_or(crate::host::Host::is_paused);
            world.stage(*machine) == Some(Stage::Running) && !is_paused
        };
        let running: Vec<usize> = (0..world.plan.machines).filter(runs).collect();
        self.dice.pick(&running).copied()
    }

    fn machine(&mut self, world: &World) -> usize {
        let machines = u64::try_from(world.plan.machines).unwrap_or_default();
        usize::try_from(self.dice.below(machines)).unwrap_or_default()
    }
}
