use std::collections::BTreeMap;
use std::sync::Arc;

use cluster::ShardId;
use storage::{Commit, MemoryStore};

use super::*;
use crate::shell::entity_id::{EntityId, KindTag, Tenant};
use crate::shell::keys;
use crate::shell::shard_reads::{ReadQueue, read_group};
use crate::shell::{decision::PartKey, shard_reads::APART_FOR};

fn entity(number: u32) -> EntityId {
    EntityId::new(Tenant::parse("nl").unwrap(), KindTag::new(1).unwrap(), format!("{number:06}")).unwrap()
}

fn load(number: u32, activation: u64) -> Load {
    let scan = Scan::new(keys::state_range(ShardId::new(3), &entity(number)));
    (Purpose::Load { entity: entity(number), activation }, vec![Read::Scan(scan)])
}

/// A store of so many entities with so many parts each, and parts so large.
async fn store(entities: u32, parts: u8, part_bytes: usize) -> Arc<dyn Store> {
    let store = MemoryStore::new();
    for number in 0..entities {
        let commit = (0..parts).fold(Commit::new(), |commit, part| {
            let part = if part == 0 { PartKey::root() } else { PartKey::new(vec![part]) };
            let mut value = number.to_be_bytes().to_vec();
            value.resize(part_bytes, 7);
            commit.put(keys::state(ShardId::new(3), &entity(number), &part), value)
        });
        store.commit(commit).await.unwrap();
    }
    Arc::new(store)
}

/// Loads these as a shard does: every one gets exactly what a scan of its own gives. Whether they lay apart.
async fn check(store: &Arc<dyn Store>, numbers: impl Iterator<Item = u32>) -> bool {
    let mut queue = ReadQueue::default();
    let mut expected = BTreeMap::new();
    for (activation, number) in (1..).zip(numbers) {
        let (purpose, reads) = load(number, activation);
        let page = store.read(reads.clone()).await.unwrap().remove(0).into_page().unwrap();
        expected.insert(activation, page.rows);
        queue.push(purpose, reads);
    }
    let mut found = BTreeMap::new();
    let mut lay_apart = false;
    while let Some(group) = queue.next_group() {
        let group = read_group(Arc::clone(store), group, BackOff::default()).await;
        lay_apart |= group.lay_apart;
        for ReadDone { purpose, answers } in queue.group_done(group) {
            let Purpose::Load { activation, .. } = purpose else { unreachable!() };
            let page = answers.unwrap().remove(0).into_page().unwrap();
            assert!(page.more.is_none());
            found.insert(activation, page.rows);
        }
    }
    assert_eq!(found, expected);
    lay_apart
}

#[tokio::test]
async fn every_entity_gets_its_own_rows() {
    for (entities, parts, bytes) in
        [(2_000, 1, 100), (700, 3, 50), (100, 9, 50), (60, 1, 60_000), (50, 30, 9_000)]
    {
        let store = store(entities, parts, bytes).await;
        check(&store, 0..entities).await;
        check(&store, (0..entities).rev()).await;
        // Some of them, one that was never written, one that waits twice.
        check(&store, (0..entities + 50).filter(|number| number % 2 == 1)).await;
        check(&store, (0..entities).chain(0..entities)).await;
        check(&store, (0..entities).filter(|number| number % 40 == 0)).await;
    }
}

#[tokio::test]
async fn those_that_lie_apart_are_read_one_by_one() {
    let store = store(4_000, 1, 10).await;
    assert!(!check(&store, 0..4_000).await);
    assert!(!check(&store, (0..4_000).step_by(2)).await);
    assert!(check(&store, (0..4_000).step_by(100)).await);
}

#[tokio::test]
async fn neighbours_are_looked_for_again_after_a_while() {
    let store = store(4_000, 1, 10).await;
    let mut queue = ReadQueue::default();
    let mut tried = Vec::new();
    for _ in 0..APART_FOR + 3 {
        (0..4_000).step_by(200).for_each(|number| queue.push(load(number, 1).0, load(number, 1).1));
        let group = queue.next_group().unwrap();
        tried.push(group.as_neighbours);
        queue.group_done(read_group(Arc::clone(&store), group, BackOff::default()).await);
    }
    let expected: Vec<bool> = (0..APART_FOR + 3).map(|group| group % (APART_FOR + 1) == 0).collect();
    assert_eq!(tried, expected);
}
