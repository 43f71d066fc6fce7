//! Timers: each fires once, when it is due, whatever happens in between.

use storage::{Fault, Faults};

use crate::world::{START_MS, World, ask, let_time_pass};

#[tokio::test(start_paused = true)]
async fn a_timer_fires_once_when_it_is_due() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    ask(&node, "a", &format!("timer {} t 5", START_MS + 10_000)).await;
    let_time_pass(&world, &node, 9_999).await;
    assert_eq!(ask(&node, "a", "get").await, "0");
    for _ in 0..3 {
        let_time_pass(&world, &node, 1).await;
        assert_eq!(ask(&node, "a", "check").await, "5 5");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_timer_does_not_fire() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    ask(&node, "a", &format!("timer {} t 5", START_MS + 10_000)).await;
    ask(&node, "a", &format!("timer {} u 6", START_MS + 10_000)).await;
    ask(&node, "a", &format!("cancel {} t", START_MS + 10_000)).await;
    let_time_pass(&world, &node, 20_000).await;
    let_time_pass(&world, &node, 1).await;
    assert_eq!(ask(&node, "a", "check").await, "6 6");
}

#[tokio::test(start_paused = true)]
async fn a_timer_survives_restarts_and_unknown_outcomes() {
    for fault in [None, Some(Fault::UnknownApplied), Some(Fault::UnknownNotApplied), Some(Fault::UnknownLate)]
    {
        let mut world = World::new();
        let node = world.start(Faults::none()).await;
        ask(&node, "a", &format!("timer {} t 5", START_MS + 10_000)).await;
        drop(node);
        let node = world.start(Faults::none()).await;
        fault.into_iter().for_each(|fault| world.store.faults().next(fault));
        world.clock.advance(10_000);
        node.tick().await;
        tokio::task::yield_now().await;
        drop(node);
        let node = world.start(Faults::none()).await;
        world.store.release_late();
        for _ in 0..3 {
            let_time_pass(&world, &node, 1_000).await;
        }
        assert_eq!(ask(&node, "a", "check").await, "5 5", "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_timer_that_is_due_already_fires_without_a_sweep() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    node.tick().await;
    ask(&node, "a", &format!("timer {START_MS} t 5")).await;
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    assert_eq!(ask(&node, "a", "check").await, "5 5");
}

#[tokio::test(start_paused = true)]
async fn many_timers_fire_in_several_sweeps() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    for number in 0..2_500 {
        let due_ms = START_MS + 1_000 + i64::from(number % 7);
        ask(&node, "a", &format!("timer {due_ms} {number} 1")).await;
    }
    for _ in 0..10 {
        let_time_pass(&world, &node, 1_000).await;
    }
    assert_eq!(ask(&node, "a", "check").await, "2500 2500");
}
