//! The other network between machines: turmoil's, on which nodes talk over TCP. Every machine is a turmoil host, and all
//! that runs in it is the [`Card`] of the machine.
//!
//! A segment that gets lost is not sent again: its stream stands still from then on, which both ends have to notice.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use turmoil::{Builder, Sim};

use crate::card::{Card, Meter};
use crate::dice::Dice;
use crate::network::{STEP_MS, Weather};
use crate::trace::Trace;

/// Turmoil's network with a card for every machine.
pub struct Ether {
    sim: Sim<'static>,
    cards: Vec<Arc<Card>>,
    wire: Arc<Meter>,
    /// Machines without power.
    dark: BTreeSet<usize>,
    /// Ways that are cut, in one direction each.
    cuts: BTreeSet<Way>,
    /// Between which machines everything is held up, the lower one first, and until when.
    held: BTreeMap<Way, u64>,
    weather: Weather,
    dice: Dice,
    losses: u64,
    holds: u64,
}

/// What was seen on the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EtherCounts {
    /// Connections made.
    pub connections: u64,
    /// Pieces sent.
    pub segments: u64,
    /// Times everything under way from one machine to another was lost.
    pub losses: u64,
    /// Times everything between two machines was held up.
    pub holds: u64,
}

/// From one machine to another.
type Way = (usize, usize);

/// The weather's odds, which count for letters, count here for every way in every step, of so many.
const ODDS_OF: u64 = 100_000;
/// Longer than any run.
const DURATION: Duration = Duration::from_secs(24 * 60 * 60);

impl Ether {
    /// A network in fair weather, with so many machines that have power and run nothing.
    #[must_use]
    pub fn new(machines: usize, mut dice: Dice, trace: Arc<Trace>) -> Ether {
        let step = Duration::from_millis(STEP_MS);
        let mut sim = Builder::new()
            .rng_seed(dice.number())
            .simulation_duration(DURATION)
            .tick_duration(step)
            .min_message_latency(step)
            .max_message_latency(step)
            .build();
        let (connections, segments) = (AtomicU64::new(0), AtomicU64::new(0));
        let wire = Arc::new(Meter { connections, segments, trace });
        let cards: Vec<_> =
            (0..machines).map(|machine| Arc::new(Card::new(machine, Arc::clone(&wire)))).collect();
        for (machine, card) in cards.iter().enumerate() {
            let card = Arc::clone(card);
            sim.host(name(machine), move || card.switch_on());
        }
        Ether {
            sim,
            cards,
            wire,
            dark: BTreeSet::new(),
            cuts: BTreeSet::new(),
            held: BTreeMap::new(),
            weather: Weather::default(),
            dice,
            losses: 0,
            holds: 0,
        }
    }

    /// The card of a machine.
    #[must_use]
    pub fn card(&self, machine: usize) -> Option<Arc<Card>> {
        self.cards.get(machine).cloned()
    }

    /// What was seen so far.
    #[must_use]
    pub fn counts(&self) -> EtherCounts {
        EtherCounts {
            connections: self.wire.connections.load(Ordering::Relaxed),
            segments: self.wire.segments.load(Ordering::Relaxed),
            losses: self.losses,
            holds: self.holds,
        }
    }

    /// Lets a step of time go by.
    ///
    /// # Errors
    /// Turmoil gives up.
    pub fn step(&mut self, now_ms: u64) -> std::io::Result<()> {
        self.hold_and_lose(now_ms);
        self.sim.step().map(drop).map_err(|error| std::io::Error::other(error.to_string()))
    }

    /// Changes the weather.
    pub fn set_weather(&mut self, weather: Weather) {
        self.weather = weather;
        self.sim.set_max_message_latency(Duration::from_millis(STEP_MS.saturating_add(weather.spread_ms)));
    }

    /// Cuts a way; what is under way on it is lost.
    pub fn cut(&mut self, way: Way) {
        if way.0 != way.1 {
            self.release(ordered(way));
            self.cuts.insert(way);
            self.sim.partition_oneway(name(way.0), name(way.1));
        }
    }

    /// A way is whole again.
    pub fn mend_way(&mut self, way: Way) {
        if self.cuts.remove(&way) {
            self.sim.repair_oneway(name(way.0), name(way.1));
        }
    }

    /// All ways are whole again, and what was held up comes.
    pub fn mend(&mut self) {
        self.held.clone().into_keys().for_each(|pair| self.release(pair));
        self.cuts.clone().into_iter().for_each(|way| self.mend_way(way));
    }

    /// A machine loses its power: its connections end, and nobody is told.
    pub fn lose_power(&mut self, machine: usize) {
        let others: Vec<usize> = (0..self.cards.len()).filter(|other| *other != machine).collect();
        for other in &others {
            self.held.remove(&ordered((machine, *other)));
            self.sim.partition(name(machine), name(*other));
        }
        self.sim.crash(name(machine));
        if let Some(card) = self.cards.get(machine) {
            card.switch_off();
        }
        self.dark.insert(machine);
        for other in others {
            for way in [(machine, other), (other, machine)] {
                if !self.cuts.contains(&way) {
                    self.sim.repair_oneway(name(way.0), name(way.1));
                }
            }
        }
    }

    /// A machine has power, if it had lost it again.
    pub fn give_power(&mut self, machine: usize) {
        if self.dark.remove(&machine) {
            self.sim.bounce(name(machine));
        }
    }

    fn hold_and_lose(&mut self, now_ms: u64) {
        let due = self.held.iter().filter(|(_, until_ms)| **until_ms <= now_ms);
        let due: Vec<Way> = due.map(|(pair, _)| *pair).collect();
        due.into_iter().for_each(|pair| self.release(pair));
        let Weather { straggle_per_mille, straggle_ms, loss_per_mille, .. } = self.weather;
        let machines = self.cards.len();
        for pair in (0..machines).flat_map(|one| (one + 1..machines).map(move |other| (one, other))) {
            if self.dice.below(ODDS_OF) < u64::from(straggle_per_mille) {
                let until_ms = now_ms.saturating_add(self.dice.between(STEP_MS, straggle_ms));
                self.hold(pair, until_ms);
            }
            for way in [pair, (pair.1, pair.0)] {
                if self.dice.below(ODDS_OF) < u64::from(loss_per_mille) {
                    self.lose(way);
                }
            }
        }
    }

    /// Holds everything up between two machines, unless a way between them is cut.
    fn hold(&mut self, pair: Way, until_ms: u64) {
        let is_cut = self.cuts.contains(&pair) || self.cuts.contains(&(pair.1, pair.0));
        if !is_cut && !self.held.contains_key(&pair) {
            self.holds = self.holds.saturating_add(1);
            self.held.insert(pair, until_ms);
            self.sim.hold(name(pair.0), name(pair.1));
        }
    }

    fn release(&mut self, pair: Way) {
        if self.held.remove(&pair).is_some() {
            self.sim.release(name(pair.0), name(pair.1));
        }
    }

    /// Loses what is under way.
    fn lose(&mut self, way: Way) {
        if !self.cuts.contains(&way) && !self.held.contains_key(&ordered(way)) {
            self.losses = self.losses.saturating_add(1);
            self.sim.partition_oneway(name(way.0), name(way.1));
            self.sim.repair_oneway(name(way.0), name(way.1));
        }
    }
}

/// The name of a machine, under which others reach it.
#[must_use]
pub fn name(machine: usize) -> String {
    format!("machine-{machine}")
}

fn ordered(way: Way) -> Way {
    (way.0.min(way.1), way.0.max(way.1))
}

impl fmt::Debug for Ether {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ether { cards, dark, cuts, held, .. } = self;
        let mut debug = formatter.debug_struct("Ether");
        debug.field("cards", cards).field("dark", dark).field("cuts", cuts).field("held", held);
        debug.finish_non_exhaustive()
    }
}
