//! Request ids: a repeat gets the first answer, from wherever it is still known.

use actors::shell::{CallError, Caller, Request};
use storage::Faults;
use uuid::Uuid;

use crate::world::{START_MS, World, accepted, ask, id_at, let_time_pass, rejected, request, with_id};

#[tokio::test(start_paused = true)]
async fn a_repeat_gets_the_first_answer() {
    let mut world = World::new();
    let mut node = world.start(Faults::none()).await;
    let id = world.id();
    assert_eq!(accepted(node.call(with_id("a", "add 5", id)).await), "5");
    ask(&node, "a", "add 1").await;
    assert_eq!(accepted(node.call(with_id("a", "add 5", id)).await), "5", "from memory");
    let_time_pass(&world, &node, 120_000).await;
    assert_eq!(accepted(node.call(with_id("a", "add 5", id)).await), "5", "after sleep");
    drop(node);
    node = world.start(Faults::none()).await;
    assert_eq!(accepted(node.call(with_id("a", "add 5", id)).await), "5", "after a restart");
    assert_eq!(ask(&node, "a", "check").await, "6 6");
}

#[tokio::test(start_paused = true)]
async fn two_who_ask_at_once_get_one_answer() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    let id = world.id();
    let (first, second, other) = tokio::join!(
        node.call(with_id("a", "add 5", id)),
        node.call(with_id("a", "add 5", id)),
        node.call(with_id("a", "add 6", id))
    );
    assert_eq!((accepted(first), accepted(second)), ("5".to_owned(), "5".to_owned()));
    assert_eq!(other, Err(CallError::RequestIdReused));
    assert_eq!(ask(&node, "a", "check").await, "5 5");
}

#[tokio::test(start_paused = true)]
async fn an_id_is_for_one_command() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    let id = world.id();
    assert_eq!(accepted(node.call(with_id("a", "add 5", id)).await), "5");
    assert_eq!(node.call(with_id("a", "add 6", id)).await, Err(CallError::RequestIdReused));
    drop(node);
    let node = world.start(Faults::none()).await;
    assert_eq!(node.call(with_id("a", "add 6", id)).await, Err(CallError::RequestIdReused));
    assert_eq!(accepted(node.call(with_id("a", "add 5", id)).await), "5");
}

#[tokio::test(start_paused = true)]
async fn ids_are_the_callers_own_and_the_entitys() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    let id = world.id();
    let other = |key| Request { caller: Caller::of("other"), ..with_id(key, "add 5", id) };
    assert_eq!(accepted(node.call(with_id("a", "add 5", id)).await), "5");
    assert_eq!(accepted(node.call(other("a")).await), "10");
    assert_eq!(accepted(node.call(other("b")).await), "5");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_kept_and_a_malformed_request_is_not() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    let (poor, odd) = (world.id(), world.id());
    assert_eq!(node.call(with_id("a", "transfer 5 b", poor)).await, rejected("insufficient"));
    assert_eq!(node.call(with_id("a", "odd", odd)).await, rejected("what?"));
    ask(&node, "a", "add 100").await;
    drop(node);
    let node = world.start(Faults::none()).await;
    assert_eq!(node.call(with_id("a", "transfer 5 b", poor)).await, rejected("insufficient"));
    assert_eq!(accepted(node.call(with_id("a", "add 1", odd)).await), "101");
}

#[tokio::test(start_paused = true)]
async fn ids_out_of_time_are_refused_and_old_answers_dropped() {
    const DAY_MS: i64 = 86_400_000;
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    let made = |offset_ms| id_at(START_MS + offset_ms, 1);
    let cases = [
        (made(5 * 60_000), None),
        (made(5 * 60_000 + 1), Some(CallError::RequestIdAhead)),
        (made(-7 * DAY_MS), None),
        (made(-7 * DAY_MS - 1), Some(CallError::RequestIdExpired)),
        (Uuid::from_u128(1), Some(CallError::RequestIdInvalid)),
    ];
    for (id, expected) in cases {
        assert_eq!(node.call(with_id("a", "add 1", id)).await.err(), expected, "{id}");
    }
    let kept = async |world: &World| {
        let all = storage::Scan::new(storage::KeyRange::all()).rows(10_000);
        let rows = storage::StoreExt::scan(&*world.store, all).await.unwrap().rows;
        rows.iter().filter(|row| row.key.as_bytes().get(4) == Some(&b'q')).count()
    };
    assert_eq!(kept(&world).await, 2);
    world.clock.advance(u32::try_from(3 * DAY_MS).unwrap());
    let_time_pass(&world, &node, 1_000).await;
    assert_eq!(kept(&world).await, 1);
}

#[tokio::test(start_paused = true)]
async fn an_id_made_before_the_last_one_is_looked_up() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    let ids: Vec<Uuid> = (0..300).map(|number| id_at(START_MS - number, number.unsigned_abs())).collect();
    for id in &ids {
        node.call(with_id("a", "add 1", *id)).await.unwrap();
    }
    for (id, balance) in ids.iter().zip(1..) {
        let expected: i64 = balance;
        assert_eq!(accepted(node.call(with_id("a", "add 1", *id)).await), expected.to_string());
    }
    assert_eq!(accepted(node.call(request("a", "check")).await), "300 300");
}
