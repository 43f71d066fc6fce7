//! Reads under the lease alone: answered without asking the store, and never of what is not durable.

use std::time::Duration;

use actors::shell::{CallError, Consistency, Request};
use storage::Faults;

use crate::world::{World, accepted, ask, request};

fn read(key: &str, consistency: Consistency) -> Request {
    Request { consistency, timeout: Some(Duration::from_millis(100)), ..request(key, "get") }
}

#[tokio::test(start_paused = true)]
async fn a_read_under_the_lease_does_not_ask_the_store() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    ask(&node, "a", "add 5").await;
    world.store.faults().freeze();
    assert_eq!(accepted(node.call(read("a", Consistency::Lease)).await), "5");
    assert_eq!(node.call(read("a", Consistency::Strong)).await, Err(CallError::OutcomeUnknown));
    // Strong reads that wait are no reason for others to wait.
    assert_eq!(accepted(node.call(read("a", Consistency::Lease)).await), "5");
    let asleep = node.call(read("b", Consistency::Lease)).await;
    assert_eq!(asleep, Err(CallError::DeadlineExceeded), "what sleeps has to be read");
}

#[tokio::test(start_paused = true)]
async fn a_read_under_the_lease_sees_nothing_that_is_not_durable() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    ask(&node, "a", "add 5").await;
    world.store.faults().freeze();
    let write = Request { timeout: Some(Duration::from_millis(10)), ..request("a", "add 1") };
    assert_eq!(node.call(write).await, Err(CallError::OutcomeUnknown));
    assert_eq!(node.call(read("a", Consistency::Lease)).await, Err(CallError::OutcomeUnknown));
    world.store.faults().thaw();
    assert_eq!(accepted(node.call(read("a", Consistency::Lease)).await), "6");
}

#[tokio::test(start_paused = true)]
async fn what_has_an_effect_is_durable_whatever_the_caller_asks() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    ask(&node, "a", "add 5").await;
    let commits = world.store.faults().commits();
    let write = |command| Request { consistency: Consistency::Lease, ..request("a", command) };
    assert_eq!(accepted(node.call(write("add 1")).await), "6");
    assert_eq!(world.store.faults().commits(), commits + 1);
    let id = world.id();
    assert_eq!(accepted(node.call(Request { request_id: Some(id), ..write("get") }).await), "6");
    assert_eq!(world.store.faults().commits(), commits + 2, "the answer is kept");
}
