//! Two nodes on one store: the former owner can't commit, can't answer, and says so.

use actors::shell::{CallError, Defects, NodeOptions};
use storage::Faults;

use crate::world::{World, accepted, ask, quiet, request, with_id};

#[tokio::test(start_paused = true)]
async fn a_former_owner_neither_commits_nor_answers() {
    let mut world = World::new();
    let former = world.start(Faults::none()).await;
    assert_eq!(ask(&former, "a", "add 5").await, "5");
    let node = world.start(Faults::none()).await;
    assert_eq!(ask(&node, "a", "add 1").await, "6");
    assert_eq!(former.call(request("a", "add 100")).await, Err(CallError::OutcomeUnknown));
    assert!(matches!(
        former.call(request("a", "add 100")).await,
        Err(CallError::NotOwner { epoch: Some(_), .. })
    ));
    assert_eq!(ask(&node, "a", "check").await, "6 6");
}

#[tokio::test(start_paused = true)]
async fn a_former_owner_does_not_answer_reads() {
    let mut world = World::new();
    let former = world.start(Faults::none()).await;
    assert_eq!(ask(&former, "a", "add 5").await, "5");
    let node = world.start(Faults::none()).await;
    assert_eq!(ask(&node, "a", "add 1").await, "6");
    assert_eq!(former.call(request("a", "get")).await, Err(CallError::OutcomeUnknown));
}

#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_is_settled_by_asking_the_new_owner() {
    let mut world = World::new();
    let former = world.start(Faults::none()).await;
    ask(&former, "a", "add 5").await;
    let store = world.store.clone();
    store.faults().freeze();
    let id = world.id();
    let (answered, node) = tokio::join!(former.call(with_id("a", "add 7", id)), async {
        let node = world.start(Faults::none()).await;
        store.faults().thaw();
        node
    });
    assert_eq!(answered, Err(CallError::OutcomeUnknown));
    assert_eq!(accepted(node.call(with_id("a", "add 7", id)).await), "12");
    assert_eq!(ask(&node, "a", "check").await, "12 12");
}

/// What a client sees when two nodes take turns on one entity; the sum must be what was acknowledged.
async fn two_owners(defects: Defects) -> (u32, u32) {
    let mut world = World::new();
    let set = |options: &mut NodeOptions| options.defects = defects;
    let former = world.start_with(Faults::none(), set).await;
    ask(&former, "a", "add 1").await;
    let node = world.start_with(Faults::none(), set).await;
    let mut acknowledged = 1;
    for round in 0..20 {
        let owner = if round % 2 == 0 { &former } else { &node };
        acknowledged += u32::from(owner.call(request("a", "add 1")).await.is_ok());
    }
    drop((former, node));
    let node = world.start(Faults::none()).await;
    (acknowledged, ask(&node, "a", "get").await.parse().unwrap())
}

#[tokio::test(start_paused = true)]
async fn acknowledged_effects_survive_two_owners_and_would_not_without_a_fence() {
    let (acknowledged, stored) = two_owners(Defects::default()).await;
    assert_eq!((acknowledged, stored), (11, 11));
    let (acknowledged, stored) = two_owners(Defects { no_fence: true, ..Defects::default() }).await;
    assert!(acknowledged > stored, "a node without a fence loses what it acknowledged");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_answered_before_it_is_durable() {
    for (early_answers, lost) in [(false, false), (true, true)] {
        let mut world = World::new();
        let defects = Defects { early_answers, ..Defects::default() };
        let former = world.start_with(Faults::none(), |options| options.defects = defects).await;
        ask(&former, "a", "add 1").await;
        world.store.faults().freeze();
        let call = former.call(request("a", "add 1"));
        let answered = tokio::time::timeout(std::time::Duration::from_secs(1), call).await;
        drop(former);
        let node = world.start(Faults::none()).await;
        let stored = ask(&node, "a", "get").await;
        assert_eq!(answered.is_ok() && stored == "1", lost);
    }
}

#[tokio::test(start_paused = true)]
async fn a_shard_that_dies_is_claimed_again_and_goes_on() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    ask(&node, "a", "add 100").await;
    let epoch = async || {
        let shard = node.shard_of(&crate::bank::account("a"));
        node.inspect().await.shards.iter().find(|view| view.shard == shard).map(|view| view.epoch)
    };
    let before = epoch().await.unwrap();
    world.bank.trap.store(true, std::sync::atomic::Ordering::Release);
    assert_eq!(ask(&node, "a", "transfer 10 trip").await, "90");
    // Its shard dies when it delivers, and delivers again when it is back.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert_eq!(epoch().await.unwrap(), before.next());
    quiet(&world, &node).await;
    assert_eq!(ask(&node, "a", "check").await, "90 90");
    assert_eq!(ask(&node, "trip", "check").await, "10 10");
}

#[tokio::test(start_paused = true)]
async fn a_node_that_was_dropped_leaves_nothing_behind() {
    let mut world = World::new();
    for ended in ["killed", "drained"] {
        let node = world.start(Faults::none()).await;
        ask(&node, "a", "add 1").await;
        ask(&node, "b", "add 1").await;
        if ended == "drained" {
            node.drain().await;
        }
        drop(node);
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        assert_eq!(std::sync::Arc::strong_count(&world.bank), 1, "{ended}");
    }
}
