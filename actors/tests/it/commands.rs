//! Commands, reads, facts, sleep: what one entity does.

use actors::shell::{Caller, Class, IndexRow, Request, RowKey, Section, StartError, Tenant};
use cluster::{CharterError, JoinError, ShardCount};
use storage::Faults;

use crate::bank::{INDEX, account};
use crate::join::join_all;
use crate::world::{World, accepted, ask, let_time_pass, quiet, rejected, request};

#[tokio::test(start_paused = true)]
async fn what_was_answered_is_there_after_a_restart() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    assert_eq!(ask(&node, "a", "add 5").await, "5");
    assert_eq!(ask(&node, "a", "add 7").await, "12");
    assert_eq!(ask(&node, "b", "get").await, "0");
    drop(node);
    let node = world.start(Faults::none()).await;
    assert_eq!(ask(&node, "a", "get").await, "12");
    node.drain().await;
    let node = world.start(Faults::none()).await;
    assert_eq!(ask(&node, "a", "check").await, "12 12");
}

#[tokio::test(start_paused = true)]
async fn waiting_commands_join_one_commit() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    ask(&node, "a", "add 1").await;
    let before = world.store.faults().commits();
    let calls = (0..50).map(|_| node.call(request("a", "add 1")));
    let answers: Vec<String> = join_all(calls).await.into_iter().map(accepted).collect();
    let expected: Vec<String> = (2..52).map(|balance: u32| balance.to_string()).collect();
    assert_eq!(answers, expected, "answered in order");
    let commits = world.store.faults().commits() - before;
    assert!(commits <= 3, "50 commands took {commits} commits");
}

#[tokio::test(start_paused = true)]
async fn reads_are_confirmed_together_without_a_commit() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    ask(&node, "a", "add 1").await;
    let before = world.store.faults().commits();
    let answers = join_all((0..50).map(|_| node.call(request("a", "get")))).await;
    assert!(answers.into_iter().all(|answer| accepted(answer) == "1"));
    assert_eq!(world.store.faults().commits(), before);
    let confirmations: u64 = node.inspect().await.shards.iter().map(|shard| shard.counts.confirmations).sum();
    assert!((1..=3).contains(&confirmations), "{confirmations}");
}

#[tokio::test(start_paused = true)]
async fn own_rows_are_read_as_decided() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    let commands = ["add 1", "add 2", "check", "add 3", "add 4", "check", "transfer 10 b", "check"];
    let calls = commands.iter().map(|command| node.call(request("a", command)));
    let answers: Vec<String> = join_all(calls).await.into_iter().map(accepted).collect();
    assert_eq!(answers, ["1", "3", "3 3", "6", "10", "10 10", "0", "0 0"]);
}

#[tokio::test(start_paused = true)]
async fn rows_totals_and_listings_are_stored() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    for (key, amount) in [("a", 30), ("b", 10), ("c", 20)] {
        ask(&node, key, &format!("add {amount}")).await;
    }
    let ledger = RowKey::Own { section: Section::Ledger, suffix: 1_u64.to_be_bytes().to_vec().into() };
    assert_eq!(node.row(&account("a"), &ledger).await, Ok(Some("30".into())));
    let tenant = Tenant::parse("nl").unwrap();
    let first = node.list(&tenant, INDEX, (&[], None), None, 2).await.unwrap();
    let rest = node.list(&tenant, INDEX, (&[], None), first.last().map(|row| &row.cursor), 2).await.unwrap();
    let keys = |rows: &[IndexRow]| rows.iter().map(|row| row.entity.clone()).collect::<Vec<_>>();
    assert_eq!((keys(&first), keys(&rest)), (vec![account("b"), account("c")], vec![account("a")]));
    let foreign = node.list(&Tenant::parse("be").unwrap(), INDEX, (&[], None), None, 9).await;
    assert_eq!(foreign, Ok(Vec::new()));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_changes_nothing() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    ask(&node, "a", "add 5").await;
    let before = world.store.faults().commits();
    assert_eq!(node.call(request("a", "transfer 6 b")).await, rejected("insufficient"));
    assert_eq!(node.call(request("a", "nonsense")).await, rejected("what?"));
    assert_eq!(world.store.faults().commits(), before);
    assert_eq!(ask(&node, "a", "check").await, "5 5");
}

#[tokio::test(start_paused = true)]
async fn idle_entities_sleep_and_wake_up_as_they_were() {
    let mut world = World::new();
    let node = world.start_with(Faults::none(), |options| options.active_entities = 2).await;
    for key in ["a", "b", "c", "d"] {
        ask(&node, key, "add 5").await;
    }
    let active =
        async || -> usize { node.inspect().await.shards.iter().map(|shard| shard.active_entities).sum() };
    assert_eq!(active().await, 4);
    let_time_pass(&world, &node, 1_000).await;
    assert_eq!(active().await, 2, "above the cap");
    let_time_pass(&world, &node, 60_000).await;
    assert_eq!(active().await, 0, "idle");
    assert_eq!(ask(&node, "a", "check").await, "5 5");
    assert_eq!(active().await, 1);
}

#[tokio::test(start_paused = true)]
async fn interactive_commands_go_before_bulk() {
    let mut world = World::new();
    let node = world.start_with(Faults::none(), |options| options.bounds.bulk = 8).await;
    let bulk = |number: u32| Request { class: Class::Bulk, ..request("a", &format!("add {number}")) };
    let calls = join_all((0..200).map(|_| node.call(bulk(1))));
    let interactive = node.call(Request { caller: Caller::of("other"), ..request("a", "get") });
    let (answers, interactive) = tokio::join!(calls, interactive);
    assert_eq!(answers.len(), 200);
    let seen: u32 = accepted(interactive).parse().unwrap();
    assert!(seen <= 32, "the read waited for {seen} bulk commands");
    assert_eq!(ask(&node, "a", "check").await, "200 200");
}

#[tokio::test(start_paused = true)]
async fn another_shard_count_is_refused() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    drop(node);
    let count = ShardCount::new(8).unwrap();
    let options = actors::shell::NodeOptions::new(cluster::Incarnation::new(99), count);
    let store = std::sync::Arc::new(world.store.handle(Faults::none()));
    let started = actors::shell::Node::start(store, world.bank.clone(), world.clock.clone(), options).await;
    let expected = StartError::Join(JoinError::Charter(CharterError::ShardCount { stored: 4, wanted: 8 }));
    assert_eq!(started.err(), Some(expected));
}

#[tokio::test(start_paused = true)]
async fn a_draining_node_finishes_what_was_begun() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    let begun = {
        let calls = join_all((0..20).map(|_| node.call(request("a", "add 1"))));
        calls.await
    };
    assert!(begun.into_iter().all(|answer| answer.is_ok()));
    ask(&node, "a", "transfer 5 b").await;
    node.drain().await;
    let node = world.start(Faults::none()).await;
    quiet(&world, &node).await;
    assert_eq!(
        (ask(&node, "a", "get").await, ask(&node, "b", "get").await),
        ("15".to_owned(), "5".to_owned())
    );
}
