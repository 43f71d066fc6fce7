//! What the shards of a node show: the last look at them, and what has been counted since the node started.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actors::shell::{NodeView, ShardCounts, ShardView};
use cluster::{Epoch, ShardId, Standing};
use opentelemetry::metrics::Meter;

/// The last look, shared with the instruments that read it.
#[derive(Clone, Debug)]
pub(super) struct Looks {
    last: Arc<Mutex<Look>>,
}

/// What one look found.
#[derive(Debug, Default)]
struct Look {
    /// By the places of [`GAUGES`]; empty before the first look.
    gauges: Vec<u64>,
    oldest_held: Duration,
    /// By the places of [`COUNTERS`]. They go on rising when a shard leaves the node.
    totals: Vec<u64>,
    /// What each claim of a shard had counted.
    counted: BTreeMap<(ShardId, Epoch), Vec<u64>>,
}

/// A value that goes up and down.
struct Gauge {
    name: &'static str,
    unit: &'static str,
    description: &'static str,
    read: fn(&NodeView) -> u64,
}

/// A value that shards count up.
struct Counter {
    name: &'static str,
    unit: &'static str,
    description: &'static str,
    read: fn(&ShardCounts) -> u64,
}

const OLDEST_HELD: &str = "kvarter.channel.oldest_held";

const GAUGES: [Gauge; 11] = [
    Gauge {
        name: "kvarter.node.admitting",
        unit: "",
        description: "1 as long as the node admits requests, 0 if it does not know whether it still counts",
        read: |view| u64::from(view.standing == Standing::Admitting),
    },
    Gauge {
        name: "kvarter.table.version",
        unit: "",
        description: "Version of the table of shards that the node knows",
        read: |view| view.table_version,
    },
    Gauge {
        name: "kvarter.shard.owned",
        unit: "{shard}",
        description: "Shards that the table gives this node",
        read: |view| number(view.owned_shards),
    },
    Gauge {
        name: "kvarter.shard.running",
        unit: "{shard}",
        description: "Shards that run on this node",
        read: |view| number(view.shards.len()),
    },
    Gauge {
        name: "kvarter.shard.claiming",
        unit: "{shard}",
        description: "Shards that this node is to run and does not run yet",
        read: |view| number(view.claiming.len()),
    },
    Gauge {
        name: "kvarter.entity.active",
        unit: "{entity}",
        description: "Entities in memory",
        read: |view| sum(view, |shard| shard.active_entities),
    },
    Gauge {
        name: "kvarter.entity.parked",
        unit: "{entity}",
        description: "Entities set aside until a person has looked at them",
        read: |view| sum(view, |shard| shard.parked.len()),
    },
    Gauge {
        name: "kvarter.request.open",
        unit: "{request}",
        description: "Requests that wait for an answer of an entity",
        read: |view| sum(view, |shard| shard.open_requests),
    },
    Gauge {
        name: "kvarter.journal.unsettled",
        unit: "{entry}",
        description: "Decisions that are not durable yet",
        read: |view| sum(view, |shard| shard.unsettled_entries),
    },
    Gauge {
        name: "kvarter.outbox.depth",
        unit: "{message}",
        description: "Messages between entities that their receivers have not taken yet",
        read: |view| sum(view, |shard| shard.outbox_depth),
    },
    Gauge {
        name: "kvarter.channel.held",
        unit: "{channel}",
        description: "Channels between entities that stand still because the receiver can't take a message",
        read: |view| sum(view, |shard| shard.held.len()),
    },
];

const COUNTERS: [Counter; 10] = [
    Counter {
        name: "kvarter.journal.commits",
        unit: "{commit}",
        description: "Batches of decisions given to the store",
        read: |counts| counts.commits,
    },
    Counter {
        name: "kvarter.journal.entries",
        unit: "{entry}",
        description: "Decisions, answers and acknowledgements that became durable",
        read: |counts| counts.entries,
    },
    Counter {
        name: "kvarter.journal.confirmations",
        unit: "{confirmation}",
        description: "Times the head of a shard was read to confirm reads alone",
        read: |counts| counts.confirmations,
    },
    Counter {
        name: "kvarter.entity.activations",
        unit: "{activation}",
        description: "Entities taken into memory",
        read: |counts| counts.activations,
    },
    Counter {
        name: "kvarter.entity.passivations",
        unit: "{passivation}",
        description: "Entities put to sleep",
        read: |counts| counts.passivations,
    },
    Counter {
        name: "kvarter.entity.incidents",
        unit: "{incident}",
        description: "Times an entity broke: defects of this program, or of what is stored",
        read: |counts| counts.incidents,
    },
    Counter {
        name: "kvarter.request.repeats",
        unit: "{request}",
        description: "Requests whose id was known: the first answer was given again",
        read: |counts| counts.repeats,
    },
    Counter {
        name: "kvarter.message.repeats",
        unit: "{message}",
        description: "Messages between entities that came again after they were taken",
        read: |counts| counts.repeated_messages,
    },
    Counter {
        name: "kvarter.message.refusals",
        unit: "{message}",
        description: "Messages between entities that a receiver refused: each is a defect",
        read: |counts| counts.refused_messages,
    },
    Counter {
        name: "kvarter.timer.refusals",
        unit: "{timer}",
        description: "Timers that an entity refused: each is a defect",
        read: |counts| counts.refused_timers,
    },
];

impl Looks {
    /// Offers every value of a look to be read.
    pub(super) fn new(meter: &Meter) -> Self {
        let looks = Self { last: Arc::default() };
        for (place, gauge) in GAUGES.iter().enumerate() {
            let looks = looks.clone();
            let instrument = meter.u64_observable_gauge(gauge.name).with_unit(gauge.unit);
            let instrument = instrument.with_description(gauge.description);
            let _ = instrument
                .with_callback(move |observer| {
                    if let Some(value) = looks.read(|look| look.gauges.get(place).copied()) {
                        observer.observe(value, &[]);
                    }
                })
                .build();
        }
        for (place, counter) in COUNTERS.iter().enumerate() {
            let looks = looks.clone();
            let instrument = meter.u64_observable_counter(counter.name).with_unit(counter.unit);
            let instrument = instrument.with_description(counter.description);
            let _ = instrument
                .with_callback(move |observer| {
                    if let Some(total) = looks.read(|look| look.totals.get(place).copied()) {
                        observer.observe(total, &[]);
                    }
                })
                .build();
        }
        looks.observe_age(meter);
        looks
    }

    /// Takes what was found in place of the last look.
    pub(super) fn see(&self, view: &NodeView) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.gauges = GAUGES.iter().map(|gauge| (gauge.read)(view)).collect();
        let held = view.shards.iter().flat_map(|shard| &shard.held);
        last.oldest_held =
            held.map(|channel| Duration::from_millis(channel.held_ms)).max().unwrap_or_default();
        last.count(&view.shards);
    }

    fn observe_age(&self, meter: &Meter) {
        let looks = self.clone();
        let instrument = meter.f64_observable_gauge(OLDEST_HELD).with_unit("s");
        let instrument =
            instrument.with_description("How long the channel that is held longest has been held");
        let _ = instrument
            .with_callback(move |observer| {
                let age = looks.read(|look| (!look.gauges.is_empty()).then_some(look.oldest_held));
                if let Some(age) = age {
                    observer.observe(age.as_secs_f64(), &[]);
                }
            })
            .build();
    }

    fn read<T>(&self, value: impl FnOnce(&Look) -> T) -> T {
        value(&self.last.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Look {
    /// A shard counts from zero whenever it is claimed; a total must never fall. What a shard counted after the last look
    /// at it and before it left is not seen.
    fn count(&mut self, shards: &[ShardView]) {
        self.totals.resize(COUNTERS.len(), 0);
        let mut counted = BTreeMap::new();
        for shard in shards {
            let claim = (shard.shard, shard.epoch);
            let now: Vec<u64> = COUNTERS.iter().map(|counter| (counter.read)(&shard.counts)).collect();
            let before = self.counted.get(&claim).cloned().unwrap_or_default();
            let before = before.into_iter().chain(std::iter::repeat(0));
            for ((total, now), before) in self.totals.iter_mut().zip(&now).zip(before) {
                *total = total.saturating_add(now.saturating_sub(before));
            }
            counted.insert(claim, now);
        }
        self.counted = counted;
    }
}

fn sum(view: &NodeView, count: fn(&ShardView) -> usize) -> u64 {
    view.shards.iter().map(count).map(number).fold(0, u64::saturating_add)
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
