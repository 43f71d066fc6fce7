//! How heavy the shards of a node are: the weights by which they are spread over the nodes.

use std::collections::BTreeMap;

use cluster::{Loads, ShardId};

/// What the shards had done when it was looked last, and how heavy they were until then.
#[derive(Debug, Default)]
pub(super) struct Sample {
    taken_ms: u64,
    work: BTreeMap<ShardId, u64>,
    weights: BTreeMap<ShardId, u32>,
}

/// Between two samples.
const PERIOD_MS: u64 = 10_000;

impl Sample {
    /// Takes a new sample if the last is old enough. `work` counts the entries of each shard since it came here.
    ///
    /// A weight is the number of entries a second as a power of two, and at least 1, so that it changes only where the
    /// difference matters.
    pub(super) fn take(&mut self, now_ms: u64, work: BTreeMap<ShardId, u64>) {
        let elapsed_ms = now_ms.saturating_sub(self.taken_ms);
        if elapsed_ms < PERIOD_MS {
            return;
        }
        let weight = |(shard, done): (&ShardId, &u64)| {
            let before = self.work.get(shard).copied().unwrap_or_default();
            let entries = done.saturating_sub(before).saturating_mul(1_000);
            let rate = entries.checked_div(elapsed_ms).unwrap_or_default();
            (*shard, u32::try_from(rate).unwrap_or(u32::MAX / 2).next_power_of_two())
        };
        self.weights = work.iter().map(weight).collect();
        self.work = work;
        self.taken_ms = now_ms;
    }

    /// The weights of the last sample.
    pub(super) fn loads(&self) -> Loads {
        let mut loads = Loads::new();
        self.weights.iter().for_each(|(shard, weight)| loads.set(*shard, *weight));
        loads
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_is_a_rate_in_powers_of_two() {
        let shard = ShardId::new;
        let mut sample = Sample::default();
        sample.take(9_999, BTreeMap::from([(shard(1), 1_000_000)]));
        assert_eq!(sample.loads().iter().count(), 0, "too early");
        sample.take(10_000, BTreeMap::from([(shard(1), 1_000), (shard(2), 0)]));
        let weights = |sample: &Sample| sample.loads().iter().collect::<Vec<_>>();
        assert_eq!(weights(&sample), [(shard(1), 128), (shard(2), 1)]);
        sample.take(20_000, BTreeMap::from([(shard(1), 1_000), (shard(2), 20)]));
        assert_eq!(weights(&sample), [(shard(1), 1), (shard(2), 2)]);
        sample.take(30_000, BTreeMap::from([(shard(2), 5)]));
        assert_eq!(weights(&sample), [(shard(2), 1)], "it left and came back");
    }
}
