//! Registration times: what commits later never has an earlier one, and nobody waits for long to keep it so.

use std::sync::{Arc, mpsc};

use storage::Faults;

use crate::bank::account;
use crate::world::{World, accepted, ask, request};

#[tokio::test(start_paused = true)]
async fn shard_time_never_goes_back() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    world.clock.advance(5_000);
    ask(&node, "a", "add 1").await;
    let before: i64 = ask(&node, "a", "time").await.parse().unwrap();
    drop(node);
    world.clock.jump(1);
    let node = world.start(Faults::none()).await;
    let after: i64 = ask(&node, "a", "time").await.parse().unwrap();
    assert!(after >= before, "{after} < {before}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_long_decision_holds_up_nobody_and_is_made_again_at_a_later_time() {
    let mut world = World::new();
    let node = Arc::new(world.start(Faults::none()).await);
    let shard = node.shard_of(&account("slow"));
    let other =
        (0..).map(|number| format!("k{number}")).find(|key| node.shard_of(&account(key)) == shard).unwrap();
    let (begun, has_begun) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel();
    *world.bank.gate.lock().unwrap() = Some((begun, may_go_on));
    let slow = tokio::spawn({
        let node = Arc::clone(&node);
        async move { node.call(request("slow", "block")).await }
    });
    tokio::task::spawn_blocking(move || has_begun.recv().unwrap()).await.unwrap();

    // Others decide, and are committed once the long one is overdue.
    let waiting = tokio::spawn({
        let (node, other) = (Arc::clone(&node), other.clone());
        async move { node.call(request(&other, "add 1")).await }
    });
    world.clock.advance(2_000);
    node.tick().await;
    assert_eq!(accepted(waiting.await.unwrap()), "1");
    assert_eq!(ask(&node, &other, "add 1").await, "2");

    go_on.send(()).unwrap();
    assert_eq!(accepted(slow.await.unwrap()), "1", "decided again");
    assert_eq!(ask(&node, "slow", "check").await, "1 1");
    let view = node.inspect().await;
    assert!(view.shards.iter().all(|shard| shard.parked.is_empty() && shard.counts.incidents == 0));
}
