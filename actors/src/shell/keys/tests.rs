//! Keys can be read back, keep the order of their parts, and never leave shard and tenant.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::shell::entity_id::KindTag;

const SHARD: ShardId = ShardId::new(0x0102);

fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![Just(0_u8), Just(1), Just(0xFF), any::<u8>()]
}

prop_compose! {
    fn entity()(tenant in "[a-z0-9-]{1,4}", kind in 1_u8..4, key in vec(byte(), 1..5)) -> EntityId {
        EntityId::new(Tenant::parse(&tenant).unwrap(), KindTag::new(kind).unwrap(), key).unwrap()
    }
}

fn order(id: &EntityId) -> (Vec<u8>, u8, Vec<u8>) {
    (id.tenant().as_str().as_bytes().to_vec(), id.kind().number(), id.key().to_vec())
}

proptest! {
    #[test]
    fn entities_lie_in_the_order_of_tenant_kind_and_key(a in entity(), b in entity()) {
        let root = PartKey::root();
        prop_assert_eq!(state(SHARD, &a, &root).cmp(&state(SHARD, &b, &root)), order(&a).cmp(&order(&b)));
    }

    #[test]
    fn the_rows_of_an_entity_are_its_own(a in entity(), b in entity(), part in vec(byte(), 0..4)) {
        prop_assume!(a != b);
        let part = PartKey::new(part);
        let key = state(SHARD, &a, &part);
        prop_assert!(state_range(SHARD, &a).contains(&key));
        prop_assert!(!state_range(SHARD, &b).contains(&key));
        prop_assert_eq!(part_of(SHARD, &a, &key), part);
    }

    #[test]
    fn own_rows_lie_in_the_order_of_their_suffix(id in entity(), a in vec(byte(), 0..4), b in vec(byte(), 0..4)) {
        let key = own_row(SHARD, &id, Section::Record, &a);
        prop_assert_eq!(key.cmp(&own_row(SHARD, &id, Section::Record, &b)), a.cmp(&b));
        let range = own_rows(SHARD, &id, Section::Record, &b, None);
        prop_assert_eq!(range.contains(&key), a >= b);
        let range = own_rows(SHARD, &id, Section::Record, &[], Some(&b));
        prop_assert_eq!(range.contains(&key), a < b);
        prop_assert_eq!(own_suffix(SHARD, &id, Section::Record, &key), a);
    }

    #[test]
    fn timers_lie_in_the_order_they_fall_due(
        a in (any::<i64>(), entity(), vec(byte(), 0..4)), b in (any::<i64>(), entity(), vec(byte(), 0..4)),
    ) {
        let [a, b] = [a, b].map(|(due_ms, entity, key)| TimerId { due_ms, entity, key: key.into() });
        let key = timer(SHARD, &a);
        if a.due_ms != b.due_ms {
            prop_assert_eq!(key.cmp(&timer(SHARD, &b)), a.due_ms.cmp(&b.due_ms));
        }
        prop_assert!(timer_range(SHARD).contains(&key));
        prop_assert_eq!(&read_timer(&key).unwrap(), &a);
        let key = aside(SHARD, &a);
        prop_assert_eq!(aside_range(SHARD, &b.entity).contains(&key), a.entity == b.entity);
        prop_assert_eq!(read_aside(&key).unwrap(), a);
    }

    #[test]
    fn an_outbox_lies_in_the_order_of_sequences(id in entity(), a: u64, b: u64) {
        let key = outbox(SHARD, &id, a);
        prop_assert_eq!(key.cmp(&outbox(SHARD, &id, b)), a.cmp(&b));
        prop_assert!(outbox_range(SHARD).contains(&key));
        prop_assert_eq!(read_outbox(&key).unwrap(), (id, a));
    }

    #[test]
    fn parked_entities_are_read_back(id in entity()) {
        let key = parked(SHARD, &id);
        prop_assert!(parked_range(SHARD).contains(&key));
        prop_assert_eq!(read_parked(&key).unwrap(), id);
    }

    #[test]
    fn channels_have_rows_of_their_own(a in entity(), b in entity(), c in entity(), d in entity()) {
        prop_assert_eq!(inbox(SHARD, &a, &b) == inbox(SHARD, &c, &d), a == c && order(&b).1 == order(&d).1 && b.key() == d.key());
    }

    #[test]
    fn listings_lie_in_their_order(id in entity(), a in vec(byte(), 0..4), b in vec(byte(), 0..4)) {
        let key = row(SHARD, &id, &RowKey::Index { index: 3, order: a.clone().into() });
        prop_assert_eq!(index_range(id.tenant(), 3, &b, None).contains(&key), a >= b);
        prop_assert_eq!(index_range(id.tenant(), 3, &[], Some(&b)).contains(&key), a < b);
        prop_assert!(!index_range(id.tenant(), 4, &[], None).contains(&key));
        prop_assert_eq!(read_index(id.tenant(), &key).unwrap(), (a.into(), id));
    }

    #[test]
    fn answers_lie_in_buckets_of_days(id in entity(), day in 0_u32..1_000_000, request_id: u128) {
        let key = request(SHARD, day, &id, "client", Uuid::from_u128(request_id));
        prop_assert!(requests_before(SHARD, day.saturating_add(1)).contains(&key));
        prop_assert!(!requests_before(SHARD, day).contains(&key));
    }

    #[test]
    fn shared_rows_never_meet_own_ones(a in entity(), b in entity(), suffix in vec(byte(), 0..6)) {
        let shared = row(SHARD, &a, &RowKey::Shared { section: Section::Series, suffix: suffix.into() });
        prop_assert!(!own_rows(SHARD, &b, Section::Series, &[], None).contains(&shared));
    }
}

#[test]
fn the_layout_is_frozen() {
    let id = EntityId::new(Tenant::parse("nl").unwrap(), KindTag::new(2).unwrap(), &b"\x00k"[..]).unwrap();
    let found: Vec<_> = [
        state(SHARD, &id, &PartKey::root()),
        log(SHARD, &id, 1),
        outbox(SHARD, &id, 1),
        row(SHARD, &id, &RowKey::Own { section: Section::Ledger, suffix: "x".into() }),
        row(SHARD, &id, &RowKey::Shared { section: Section::Total, suffix: "x".into() }),
        row(SHARD, &id, &RowKey::Index { index: 9, order: "o".into() }),
    ]
    .map(|key| key.to_string())
    .into();
    let expected = [
        r"s/\x01\x02enl\x00\x01\x02\x00\xffk\x00\x01",
        r"s/\x01\x02gnl\x00\x01\x02\x00\xffk\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01",
        r"s/\x01\x02onl\x00\x01\x02\x00\xffk\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01",
        r"s/\x01\x02lnl\x00\x01\x02\x00\xffk\x00\x01x",
        r"s/\x01\x02mnl\x00\x01\x00x",
        r"idx/nl\x00\x01\to\x00\x01\x02\x00\xffk\x00\x01",
    ];
    assert_eq!(found, expected);
}

proptest! {
    #[test]
    fn the_listings_of_a_tenant_are_passed_over_at_once(a in entity(), b in entity(), index in 1_u8..4, of in vec(byte(), 0..4)) {
        let entry = |id: &EntityId| row(SHARD, id, &RowKey::Index { index, order: of.clone().into() });
        prop_assert_eq!(read_indexed(&entry(&a)).unwrap(), (a.tenant().clone(), index));
        prop_assert!(indexes_after(None).contains(&entry(&a)));
        prop_assert_eq!(indexes_after(Some(b.tenant())).contains(&entry(&a)), a.tenant() > b.tenant());
        prop_assert!(index_begin(a.tenant(), index) < entry(&a));
        prop_assert!(index_begin(a.tenant(), index + 1) > entry(&a));
    }
}
