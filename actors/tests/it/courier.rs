//! Messages between entities: once each, in order, whatever happens in between.

use std::time::Duration;

use actors::shell::Node;
use storage::{Fault, Faults, KeyRange, Scan, StoreExt};

use crate::join::join_all;
use crate::world::{World, ask, let_time_pass, quiet, request};

async fn outbox_rows(world: &World) -> usize {
    let rows = world.store.scan(Scan::new(KeyRange::all()).rows(100_000)).await.unwrap().rows;
    rows.iter().filter(|row| row.key.as_bytes().starts_with(b"s/") && row.key.as_bytes()[4] == b'o').count()
}

/// Waits until every message was taken, without a tick.
async fn taken(node: &Node) {
    while !node.inspect().await.is_quiet() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn money_arrives_once_and_the_outbox_empties() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    ask(&node, "a", "add 100").await;
    for receiver in ["b", "c", "d", "e", "b", "b"] {
        ask(&node, "a", &format!("transfer 10 {receiver}")).await;
    }
    quiet(&world, &node).await;
    assert_eq!(ask(&node, "a", "check").await, "40 40");
    assert_eq!(ask(&node, "b", "check").await, "30 30");
    assert_eq!(ask(&node, "e", "check").await, "10 10");
    let_time_pass(&world, &node, 1).await;
    assert_eq!(outbox_rows(&world).await, 0);
}

#[tokio::test(start_paused = true)]
async fn the_row_of_a_taken_message_goes_with_the_next_commit_or_the_next_tick() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    ask(&node, "a", "add 100").await;
    let before = world.store.faults().commits();
    ask(&node, "a", "transfer 10 b").await;
    taken(&node).await;
    assert_eq!(world.store.faults().commits(), before + 2, "one to send it, one to take it");
    assert_eq!(outbox_rows(&world).await, 1);
    ask(&node, "a", "add 1").await;
    assert_eq!(world.store.faults().commits(), before + 3);
    assert_eq!(outbox_rows(&world).await, 0);
    ask(&node, "a", "transfer 10 b").await;
    taken(&node).await;
    let_time_pass(&world, &node, 1).await;
    assert_eq!(world.store.faults().commits(), before + 6, "an idle shard's tick costs one");
    assert_eq!(outbox_rows(&world).await, 0);
}

#[tokio::test(start_paused = true)]
async fn rows_of_taken_messages_do_not_gather_without_bound() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    ask(&node, "b", "add 2000").await;
    join_all((0..600).map(|_| node.call(request("b", "transfer 1 a")))).await;
    taken(&node).await;
    assert!(outbox_rows(&world).await < 256);
}

#[tokio::test(start_paused = true)]
async fn what_was_committed_but_not_delivered_is_delivered_after_a_restart() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    ask(&node, "a", "add 100").await;
    // The transfer is durable, its answer never comes, nothing is delivered.
    world.store.faults().next(Fault::UnknownApplied);
    let pace = node.call(request("a", "transfer 10 b"));
    let answered = tokio::time::timeout(Duration::from_millis(1), pace).await;
    assert!(answered.is_err());
    drop(node);
    assert_eq!(outbox_rows(&world).await, 1);
    let node = world.start(Faults::none()).await;
    quiet(&world, &node).await;
    assert_eq!(ask(&node, "b", "check").await, "10 10");
    assert_eq!(ask(&node, "a", "check").await, "90 90");
}

#[tokio::test(start_paused = true)]
async fn a_delivered_message_whose_receipt_was_lost_is_not_taken_twice() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    ask(&node, "a", "add 100").await;
    ask(&node, "a", "transfer 10 b").await;
    taken(&node).await;
    drop(node);
    assert_eq!(outbox_rows(&world).await, 1);
    let node = world.start(Faults::none()).await;
    quiet(&world, &node).await;
    assert_eq!(ask(&node, "b", "check").await, "10 10");
    let repeated: u64 = node.inspect().await.shards.iter().map(|shard| shard.counts.repeated_messages).sum();
    assert_eq!(repeated, 1);
    let_time_pass(&world, &node, 1).await;
    assert_eq!(outbox_rows(&world).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_refused_message_holds_its_channel_until_it_is_taken() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    ask(&node, "a", "add 100").await;
    ask(&node, "z", "add 100").await;
    ask(&node, "b", "mood refuse").await;
    for amount in 1..=40 {
        ask(&node, "a", &format!("transfer {amount} b")).await;
        if amount == 13 {
            break;
        }
    }
    ask(&node, "a", "transfer 1 c").await;
    let_time_pass(&world, &node, 1_000).await;
    let view = node.inspect().await;
    let held: Vec<_> = view.shards.iter().flat_map(|shard| &shard.held).collect();
    assert_eq!(held.len(), 1, "{held:?}");
    assert_eq!((held[0].messages, held[0].channel.receiver.clone()), (13, crate::bank::account("b")));
    assert_eq!(ask(&node, "b", "get").await, "0");
    assert_eq!(ask(&node, "c", "get").await, "1", "other channels go on");
    ask(&node, "b", "mood calm").await;
    let_time_pass(&world, &node, 31_000).await;
    quiet(&world, &node).await;
    assert_eq!(ask(&node, "b", "check").await, "91 91");
}

#[tokio::test(start_paused = true)]
async fn many_messages_of_one_channel_stay_in_order() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    ask(&node, "a", "add 1000").await;
    for _ in 0..200 {
        ask(&node, "a", "transfer 1 b").await;
    }
    quiet(&world, &node).await;
    // The receiver breaks if one overtakes another.
    assert_eq!(ask(&node, "b", "check").await, "200 200");
    assert!(node.inspect().await.shards.iter().all(|shard| shard.parked.is_empty()));
}
