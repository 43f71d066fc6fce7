//! Rows read through an overlay are what the store will hold once everything is durable.

use proptest::collection::vec;
use proptest::prelude::*;
use storage::{Commit, MemoryStore, Store};

use super::*;
use crate::shell::entity_id::{KindTag, Tenant};
use crate::shell::machine::{ActivationError, Machine, Part};

const SHARD: ShardId = ShardId::new(1);

struct NoMachines;

impl Machines for NoMachines {
    fn activate(&self, _: &EntityId, _: Vec<Part>) -> Result<Box<dyn Machine>, ActivationError> {
        Err(ActivationError { reason: "there are none".to_owned() })
    }
}

fn entity(tenant: &str, key: &'static str) -> EntityId {
    EntityId::new(Tenant::parse(tenant).unwrap(), KindTag::new(1).unwrap(), key).unwrap()
}

fn asker<'a>(entity: &'a EntityId, unsettled: &'a Unsettled) -> Asker<'a> {
    Asker { entity, shard: SHARD, unsettled, machines: &NoMachines, shard_count: ShardCount::STANDARD }
}

fn write() -> impl Strategy<Value = (u8, Option<u8>)> {
    (0_u8..12, proptest::option::of(any::<u8>()))
}

fn to_write((suffix, value): &(u8, Option<u8>)) -> Write {
    let suffix = Bytes::copy_from_slice(&[*suffix]);
    let key = keys::row(SHARD, &entity("nl", "k"), &RowKey::Own { section: Section::Record, suffix });
    match value {
        Some(value) => Write::Put { key, value: vec![*value].into() },
        None => Write::Delete { key },
    }
}

fn read(writes: &[&[(u8, Option<u8>)]], unsettled: &Unsettled, need: Need) -> Answer {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        let store = MemoryStore::new();
        let writes = writes.iter().copied().flatten().map(to_write).collect();
        store.commit(Commit { expectations: Vec::new(), writes }).await.unwrap();
        let id = entity("nl", "k");
        let lookup = asker(&id, unsettled).look_up(need).unwrap();
        let answer = store.read(vec![lookup.read()]).await.unwrap().remove(0);
        lookup.fact(answer).unwrap().answer
    })
}

proptest! {
    #[test]
    fn an_overlay_is_what_will_be_durable(
        stored in vec(write(), 0..12),
        unsettled in vec(write(), 0..8),
        settled_meanwhile in 0_usize..8,
        (from, until) in (0_u8..12, proptest::option::of(0_u8..13)),
        (limit_rows, reverse) in (1_usize..8, any::<bool>()),
    ) {
        let section = Section::Record;
        let of = None;
        let (from, until) = (vec![from].into(), until.map(|until| vec![until].into()));
        let rows = Need::Rows { of: of.clone(), section, from, until, limit_rows, reverse };
        let row = Need::Row { of, key: RowKey::Own { section, suffix: vec![3].into() } };
        let over: Unsettled = unsettled.iter().map(|write| Arc::from([to_write(write)])).collect();
        let meanwhile = &unsettled[..settled_meanwhile.min(unsettled.len())];
        for need in [row, rows] {
            let overlaid = read(&[&stored, meanwhile], &over, need.clone());
            let durable = read(&[&stored, &unsettled], &Unsettled::new(), need);
            match (overlaid, durable) {
                (Answer::Rows { rows, .. }, Answer::Rows { rows: expected, .. }) => prop_assert_eq!(rows, expected),
                (overlaid, durable) => prop_assert_eq!(overlaid, durable),
            }
        }
    }
}

#[test]
fn what_must_not_be_asked_is_refused() {
    let (id, unsettled) = (entity("nl", "k"), Unsettled::new());
    let other = entity("be", "k");
    let suffix = Bytes::new;
    let own = |section| RowKey::Own { section, suffix: suffix() };
    let cases = [
        (Some(other.clone()), own(Section::Record), NeedError::ForeignTenant { of: other }),
        (None, own(Section::Total), NeedError::Total),
        (None, RowKey::Shared { section: Section::Total, suffix: suffix() }, NeedError::Total),
    ];
    for (of, key, expected) in cases {
        let refused = asker(&id, &unsettled).look_up(Need::Row { of, key }).map(|_| ());
        assert_eq!(refused, Err(expected));
    }
}
