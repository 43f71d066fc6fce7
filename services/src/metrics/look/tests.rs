use std::collections::BTreeSet;

use cluster::Incarnation;

use super::*;

fn view(shards: &[(u16, u64, u64)]) -> NodeView {
    let shard = |&(shard, epoch, commits): &(u16, u64, u64)| ShardView {
        shard: ShardId::new(shard),
        epoch: Epoch::new(epoch),
        sequence: 0,
        shard_time_ms: 0,
        active_entities: 2,
        open_requests: 0,
        unsettled_entries: 0,
        outbox_depth: 0,
        held: Vec::new(),
        parked: Vec::new(),
        counts: ShardCounts { commits, ..ShardCounts::default() },
    };
    NodeView {
        incarnation: Incarnation::new(1),
        standing: Standing::Admitting,
        table_version: 1,
        owned_shards: shards.len(),
        shards: shards.iter().map(shard).collect(),
        claiming: Vec::new(),
    }
}

/// A total rises with what shards count and stays when they leave; a shard that comes back counts from zero.
#[test]
fn totals_never_fall() {
    let mut look = Look::default();
    let steps = [
        (vec![(1, 1, 5), (2, 1, 10)], 15),
        (vec![(1, 1, 7), (2, 1, 10)], 17),
        (vec![(2, 1, 11)], 18),
        (vec![(1, 3, 2), (2, 1, 11)], 20),
        (vec![], 20),
    ];
    for (shards, expected) in steps {
        look.count(&view(&shards).shards);
        assert_eq!(look.totals.first(), Some(&expected), "{shards:?}");
    }
}

/// A shard counts nothing that no metric tells.
#[test]
fn every_count_is_told() {
    let text = format!("{:?}", ShardCounts::default());
    assert_eq!(text.matches(':').count(), COUNTERS.len(), "{text}");
}

#[test]
fn no_name_is_given_twice() {
    let names = GAUGES.iter().map(|gauge| gauge.name).chain(COUNTERS.iter().map(|counter| counter.name));
    let names: Vec<_> = names.chain([OLDEST_HELD]).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
}
