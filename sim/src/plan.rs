//! What a seed stands for: how large the cluster is, and which misfortunes it meets how often.
//!
//! Every seed leaves out some of them: a fault that others would hide is found where it is alone.

use crate::depot::StoreFaults;
use crate::dice::Dice;
use crate::network::Weather;

/// The plan of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Machines that run nodes.
    pub machines: usize,
    /// Shards of the store.
    pub shards: u16,
    /// Sessions of clients.
    pub sessions: usize,
    /// Accounts of the bank.
    pub accounts: usize,
    /// How long a session waits at most between two commands.
    pub think_ms: u64,
    /// For how long misfortunes happen.
    pub storm_ms: u64,
    /// The lease of nodes.
    pub lease_ms: u64,
    /// How long an entity stays awake.
    pub idle_ms: u64,
    /// How many entities stay awake on a node.
    pub active_entities: usize,
    /// The network.
    pub weather: Weather,
    /// The store.
    pub store: StoreFaults,
    /// Wall clocks differ by so much at the beginning.
    pub skew_ms: u32,
    /// How often each misfortune happens.
    pub odds: Odds,
}

/// In how many of ten thousand steps each misfortune begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Odds {
    /// A node is gone at once; another start follows.
    pub crash: u64,
    /// A machine stands still for longer than the lease.
    pub pause: u64,
    /// A way between two machines is cut, in one or both directions.
    pub cut: u64,
    /// A node can't reach the store, or is not reached by it.
    pub store_cut: u64,
    /// The store is away for everybody.
    pub outage: u64,
    /// The store is slow for everybody.
    pub slow: u64,
    /// The wall clock of a machine jumps.
    pub jump: u64,
    /// A node is asked to hand over and leave.
    pub drain: u64,
    /// The operator moves a shard.
    pub shift: u64,
    /// Another process starts under the name of a node that runs.
    pub impostor: u64,
}

impl Plan {
    /// The plan of a seed.
    #[must_use]
    pub fn draw(dice: &mut Dice) -> Plan {
        let plan = Plan {
            machines: to_usize(dice.between(2, 5)),
            shards: u16::try_from(dice.between(2, 8)).unwrap_or(2),
            sessions: to_usize(dice.between(3, 8)),
            accounts: to_usize(dice.between(3, 10)),
            think_ms: dice.between(10, 120),
            storm_ms: dice.between(6_000, 16_000),
            lease_ms: dice.between(600, 2_000),
            idle_ms: if dice.chance(500) { dice.between(50, 1_000) } else { 60_000 },
            active_entities: if dice.chance(300) { to_usize(dice.between(1, 4)) } else { 1_000 },
            weather: weather(dice),
            store: store(dice),
            skew_ms: if dice.chance(300) { 200 } else { 0 },
            odds: odds(dice),
        };
        // In every tenth run nothing goes wrong at all.
        if dice.chance(100) { plan.in_peace() } else { plan }
    }

    /// The same cluster in fair weather.
    #[must_use]
    pub fn in_peace(self) -> Plan {
        let (weather, store, odds) = (Weather::default(), StoreFaults::default(), Odds::default());
        Plan { weather, store, odds, skew_ms: 0, ..self }
    }
}

fn weather(dice: &mut Dice) -> Weather {
    let mut per_mille = |most| if dice.chance(500) { to_u32(dice.below(most)) } else { 0 };
    let (straggle_per_mille, loss_per_mille, double_per_mille) =
        (per_mille(60), per_mille(60), per_mille(200));
    Weather {
        spread_ms: dice.below(12),
        straggle_per_mille,
        straggle_ms: dice.between(50, 7_000),
        loss_per_mille,
        double_per_mille,
        store_ms: dice.below(6),
    }
}

fn store(dice: &mut Dice) -> StoreFaults {
    let mut per_mille = |most| if dice.chance(500) { to_u32(dice.below(most)) } else { 0 };
    StoreFaults {
        conflict_per_mille: per_mille(60),
        unknown_applied_per_mille: per_mille(80),
        unknown_not_applied_per_mille: per_mille(80),
        unknown_late_per_mille: per_mille(60),
        unavailable_per_mille: per_mille(60),
        late_ms: dice.between(10, 6_000),
    }
}

/// A step is two milliseconds: an odd of 10 is one misfortune in two seconds.
fn odds(dice: &mut Dice) -> Odds {
    let mut odd = |most| if dice.chance(450) { dice.between(1, most) } else { 0 };
    Odds {
        crash: odd(12),
        pause: odd(10),
        cut: odd(14),
        store_cut: odd(8),
        outage: odd(4),
        slow: odd(5),
        jump: odd(6),
        drain: odd(8),
        shift: odd(14),
        impostor: odd(4),
    }
}

fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or_default()
}

fn to_u32(number: u64) -> u32 {
    u32::try_from(number).unwrap_or_default()
}
