//! Bounds: beyond them a caller is told so at once, and told whether anything was done.

use std::time::Duration;

use actors::shell::{Bound, CallError, Limit, NodeOptions, Request};
use storage::Faults;

use crate::world::{World, ask, request, with_id};

fn bound_of<T>(answered: &Result<T, CallError>) -> Option<Bound> {
    match answered {
        Err(CallError::Overloaded { bound, .. }) => Some(*bound),
        _ => None,
    }
}

/// How many of `calls` commands that wait for a frozen store are refused, and at which bound.
async fn refused(set: impl FnOnce(&mut NodeOptions), keys: &[&str], calls: usize) -> (usize, Option<Bound>) {
    let mut world = World::new();
    let node = world.start_with(Faults::none(), set).await;
    for key in keys {
        ask(&node, key, "add 1").await;
    }
    world.store.faults().freeze();
    let node = std::sync::Arc::new(node);
    let mut tasks = tokio::task::JoinSet::new();
    for index in 0..calls {
        let (node, key) = (node.clone(), keys[index % keys.len()].to_owned());
        tasks.spawn(async move { node.call(request(&key, "add 1")).await });
    }
    tokio::time::sleep(Duration::from_millis(10)).await;
    world.store.faults().thaw();
    let answers = tasks.join_all().await;
    let refused: Vec<_> = answers.iter().filter_map(bound_of).collect();
    for key in keys {
        let balance = ask(&node, key, "get").await;
        assert_eq!(ask(&node, key, "check").await, format!("{balance} {balance}"));
    }
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count() + refused.len(), calls);
    (refused.len(), refused.first().copied())
}

#[tokio::test(start_paused = true)]
async fn beyond_a_bound_commands_are_refused() {
    // What is decided already counts for the shard and the node, not for the queue of the entity.
    let entity = refused(|options| options.bounds.entity_commands = 10, &["a"], 100).await;
    assert_eq!(entity.1, Some(Bound::Entity));
    assert!(entity.0 > 0);
    let shard =
        refused(|options| options.bounds.shard = Limit { commands: 10, bytes: 1_000 }, &["a"], 100).await;
    assert_eq!(shard, (90, Some(Bound::Shard)));
    let bytes =
        refused(|options| options.bounds.shard = Limit { commands: 100, bytes: 50 }, &["a"], 100).await;
    assert_eq!(bytes, (90, Some(Bound::Shard)));
    let node =
        refused(|options| options.bounds.node = Limit { commands: 1_000, bytes: 50 }, &["a", "b"], 100).await;
    assert_eq!(node, (90, Some(Bound::Node)));
}

#[tokio::test(start_paused = true)]
async fn a_full_outbox_refuses_requests_and_not_messages() {
    let mut world = World::new();
    let node = world.start_with(Faults::none(), |options| options.bounds.outbox = 3).await;
    ask(&node, "b", "mood refuse").await;
    ask(&node, "a", "add 100").await;
    let mut answers = Vec::new();
    for _ in 0..5 {
        answers.push(node.call(request("a", "transfer 1 b")).await);
    }
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3);
    assert!(answers.iter().skip(3).all(|answer| bound_of(answer) == Some(Bound::Outbox)));
}

#[tokio::test(start_paused = true)]
async fn a_deadline_says_whether_the_command_was_begun() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    ask(&node, "a", "add 1").await;
    world.store.faults().freeze();
    let hurried =
        |key, command| Request { timeout: Some(Duration::from_millis(50)), ..request(key, command) };
    // An entity whose state can't be read has not begun anything; one that decided may have committed.
    let (asleep, awake) = tokio::join!(node.call(hurried("b", "add 1")), node.call(hurried("a", "add 1")));
    assert_eq!(asleep, Err(CallError::DeadlineExceeded));
    assert_eq!(awake, Err(CallError::OutcomeUnknown));
    world.store.faults().thaw();
    assert_eq!(ask(&node, "b", "check").await, "0 0");
    assert_eq!(ask(&node, "a", "check").await, "2 2");
}

#[tokio::test(start_paused = true)]
async fn a_request_given_up_before_it_was_begun_can_be_asked_again() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    let id = world.id();
    world.store.faults().freeze();
    let hurried = Request { timeout: Some(Duration::from_millis(50)), ..with_id("a", "add 1", id) };
    assert_eq!(node.call(hurried).await, Err(CallError::DeadlineExceeded));
    world.store.faults().thaw();
    assert!(node.call(with_id("a", "add 1", id)).await.is_ok());
    assert_eq!(ask(&node, "a", "check").await, "1 1");
}

#[tokio::test(start_paused = true)]
async fn a_decision_beyond_its_limits_counts_as_a_bug() {
    for command in ["large 90001", "abroad", "greedy"] {
        let mut world = World::new();
        let node = world.start(Faults::none()).await;
        ask(&node, "a", "add 1").await;
        let answered = node.call(request("a", command)).await;
        assert!(matches!(answered, Err(CallError::Internal { .. })), "{command}: {answered:?}");
        assert_eq!(ask(&node, "a", "check").await, "1 1", "{command}");
    }
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    assert_eq!(ask(&node, "a", "large 90000").await, "large");
}
