//! Machines that break: the command is charged, the entity rebuilt, the incorrigible parked.

use std::time::Duration;

use actors::shell::{CallError, HoldReason, Node, Resolution, Resolved, Verdict};
use storage::{FaultRates, Faults};

use crate::bank::account;
use crate::world::{START_MS, World, accepted, ask, let_time_pass, quiet, request, with_id};

async fn parked(node: &Node) -> Vec<String> {
    let view = node.inspect().await;
    view.shards.iter().flat_map(|shard| &shard.parked).map(|parked| parked.reason.to_string()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_charged_to_its_command() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    ask(&node, "a", "add 5").await;
    let id = world.id();
    let (before, broken, after) = tokio::join!(
        node.call(request("a", "add 1")),
        node.call(with_id("a", "panic", id)),
        node.call(request("a", "add 2")),
    );
    assert_eq!((accepted(before), accepted(after)), ("6".to_owned(), "8".to_owned()));
    assert!(matches!(broken, Err(CallError::Internal { .. })));
    assert_eq!(node.call(with_id("a", "panic", id)).await, broken, "the id is quarantined");
    drop(node);
    let node = world.start(Faults::none()).await;
    assert_eq!(node.call(with_id("a", "panic", id)).await, broken, "for good");
    assert_eq!(ask(&node, "a", "check").await, "8 8");
    assert_eq!(parked(&node).await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn three_different_commands_that_break_it_park_an_entity() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    ask(&node, "a", "add 5").await;
    for command in ["panic 1", "panic 1", "panic 2", "panic 3"] {
        assert!(matches!(node.call(request("a", command)).await, Err(CallError::Internal { .. })));
    }
    let reason = match node.call(request("a", "get")).await {
        Err(CallError::Parked { reason }) => reason.to_string(),
        other => panic!("not parked: {other:?}"),
    };
    assert!(reason.contains("panic: as told"), "{reason}");
    drop(node);
    let node = world.start(Faults::none()).await;
    assert_eq!(parked(&node).await, [reason], "a stored fact");
    assert_eq!(node.unpark(&account("a")).await, Ok(true));
    let_time_pass(&world, &node, 10).await;
    assert_eq!(ask(&node, "a", "check").await, "5 5");
    assert_eq!(node.unpark(&account("a")).await, Ok(false));
}

#[tokio::test(start_paused = true)]
async fn an_entity_is_taken_back_once_that_is_on_record() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    for command in ["panic 1", "panic 2", "panic 3"] {
        node.call(request("a", command)).await.unwrap_err();
    }
    world.store.faults().freeze();
    let entity = account("a");
    let (mut first, mut second) = (Box::pin(node.unpark(&entity)), Box::pin(node.unpark(&entity)));
    for unparking in [&mut first, &mut second] {
        tokio::time::timeout(Duration::from_secs(10), unparking).await.unwrap_err();
    }
    world.store.faults().thaw();
    assert_eq!((first.await, second.await), (Ok(true), Ok(true)));
    drop(node);
    let node = world.start(Faults::none()).await;
    assert_eq!(parked(&node).await, [""; 0], "it is on record");

    // Where the shard is lost meanwhile nobody knows.
    for command in ["panic 1", "panic 2", "panic 3"] {
        node.call(request("a", command)).await.unwrap_err();
    }
    let former = world.store.clone();
    former.faults().freeze();
    let (unknown, _node) = tokio::join!(node.unpark(&entity), async {
        let node = world.start(Faults::none()).await;
        former.faults().thaw();
        node
    });
    assert_eq!(unknown, Err(CallError::OutcomeUnknown));
}

#[tokio::test(start_paused = true)]
async fn a_message_that_breaks_its_receiver_waits_until_it_is_unparked() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    ask(&node, "a", "add 100").await;
    ask(&node, "b", "mood panic").await;
    for _ in 0..3 {
        ask(&node, "a", "transfer 10 b").await;
    }
    let_time_pass(&world, &node, 100).await;
    assert!(matches!(node.call(request("b", "get")).await, Err(CallError::Parked { .. })));
    let view = node.inspect().await;
    let held: Vec<_> = view.shards.iter().flat_map(|shard| &shard.held).collect();
    assert!(
        matches!(held.as_slice(), [held] if matches!(held.reason, HoldReason::Parked { .. }) && held.messages == 3)
    );
    // It still breaks: it is parked again, and nothing is lost.
    assert_eq!(node.unpark(&account("b")).await, Ok(true));
    let_time_pass(&world, &node, 100).await;
    assert!(matches!(node.call(request("b", "get")).await, Err(CallError::Parked { .. })));
    assert_eq!(ask(&node, "a", "check").await, "70 70");
}

#[tokio::test(start_paused = true)]
async fn an_unparked_receiver_gets_what_waited() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    ask(&node, "a", "add 100").await;
    for command in ["panic 1", "panic 2", "panic 3"] {
        node.call(request("b", command)).await.unwrap_err();
    }
    ask(&node, "a", "transfer 10 b").await;
    let_time_pass(&world, &node, 100).await;
    drop(node);
    let node = world.start(Faults::none()).await;
    let_time_pass(&world, &node, 100).await;
    assert_eq!(node.unpark(&account("b")).await, Ok(true));
    quiet(&world, &node).await;
    assert_eq!(ask(&node, "b", "check").await, "10 10");
}

#[tokio::test(start_paused = true)]
async fn an_entity_that_cannot_be_activated_is_parked() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    ask(&node, "a", "curse").await;
    ask(&node, "b", "add 1").await;
    drop(node);
    let node = world.start(Faults::none()).await;
    let answered = node.call(request("a", "get")).await;
    assert_eq!(answered, Err(CallError::Parked { reason: "panic: a curse".into() }));
    assert_eq!(ask(&node, "b", "get").await, "1", "everything else runs on");
}

#[tokio::test(start_paused = true)]
async fn timers_of_a_parked_entity_wait_for_it() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    ask(&node, "a", &format!("timer {} t 7", START_MS + 1_000)).await;
    ask(&node, "b", &format!("timer {} t 7", START_MS + 1_000)).await;
    for command in ["panic 1", "panic 2", "panic 3"] {
        node.call(request("a", command)).await.unwrap_err();
    }
    let_time_pass(&world, &node, 2_000).await;
    let_time_pass(&world, &node, 2_000).await;
    assert_eq!(ask(&node, "b", "get").await, "7");
    assert_eq!(node.unpark(&account("a")).await, Ok(true));
    let_time_pass(&world, &node, 10).await;
    let_time_pass(&world, &node, 10).await;
    assert_eq!(ask(&node, "a", "check").await, "7 7");
}

#[tokio::test(start_paused = true)]
async fn a_timer_that_breaks_its_entity_parks_it() {
    let mut world = World::new();
    let node = world.start(Faults::none()).await;
    ask(&node, "a", &format!("timer {} t nonsense", START_MS + 1_000)).await;
    let_time_pass(&world, &node, 2_000).await;
    assert!(matches!(node.call(request("a", "get")).await, Err(CallError::Parked { .. })));
    // Taken back it breaks again; taken out of the way it stays on record.
    node.unpark(&account("a")).await.unwrap();
    let_time_pass(&world, &node, 10).await;
    let_time_pass(&world, &node, 10).await;
    assert!(matches!(node.call(request("a", "get")).await, Err(CallError::Parked { .. })));
    assert!(node.divert(&account("a"), None, verdict()).await.unwrap());
    let_time_pass(&world, &node, 10).await;
    node.unpark_by(&account("a"), verdict()).await.unwrap();
    let_time_pass(&world, &node, 10).await;
    let_time_pass(&world, &node, 10).await;
    assert_eq!(ask(&node, "a", "check").await, "0 0");
    let resolved = node.resolved(&account("a"), 10).await.unwrap();
    let timers: Vec<_> =
        resolved.iter().filter(|resolved| matches!(resolved.what, Resolution::Timer { .. })).collect();
    assert!(matches!(&timers[..], [timer] if timer.verdict == verdict()), "{resolved:?}");
    let unparked = resolved.iter().filter(|resolved| matches!(resolved.what, Resolution::Unparked { .. }));
    assert_eq!(unparked.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_a_parked_entity_can_be_taken_out_of_the_way() {
    for faults in [
        Faults::none(),
        Faults::seeded(
            3,
            FaultRates { conflict_per_mille: 200, unknown_applied_per_mille: 200, ..FaultRates::default() },
        ),
    ] {
        let mut world = World::new();
        let node = world.start(faults).await;
        ask(&node, "a", "add 100").await;
        ask(&node, "c", "add 100").await;
        assert!(!node.divert(&account("b"), None, verdict()).await.unwrap(), "it is not parked");
        ask(&node, "b", "add 1").await;
        ask(&node, "b", "mood panic").await;
        for sender in ["a", "a", "a", "c"] {
            ask(&node, sender, "transfer 10 b").await;
        }
        let_time_pass(&world, &node, 100).await;
        // The first message of one sender goes, the others wait.
        assert!(node.divert(&account("b"), Some(account("a")), verdict()).await.unwrap());
        let_time_pass(&world, &node, 100).await;
        assert_eq!(diverted(&node).await, [("a".to_owned(), "credit 10 1".to_owned())]);
        let waiting: usize = node.inspect().await.shards.iter().map(|shard| shard.outbox_depth).sum();
        assert_eq!(waiting, 3);
        // Then all do, also those that come later; on every owner of the shard they count as taken.
        assert!(node.divert(&account("b"), None, verdict()).await.unwrap());
        let_time_pass(&world, &node, 100).await;
        ask(&node, "c", "transfer 10 b").await;
        quiet(&world, &node).await;
        assert_eq!(diverted(&node).await.len(), 5);
        drop(node);
        let node = world.start(Faults::none()).await;
        node.unpark(&account("b")).await.unwrap();
        quiet(&world, &node).await;
        assert_eq!(ask(&node, "b", "check").await, "1 1");
        assert_eq!(diverted(&node).await.len(), 5);
    }
}

fn verdict() -> Verdict {
    Verdict { by: "anna".into(), note: "known defect".into() }
}

/// Senders and commands of the messages for `b` that were taken out of the way.
async fn diverted(node: &Node) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let message = |resolved: Resolved| match resolved.what {
        Resolution::Message { sender, command, .. } => Some((text(sender.key()), text(&command))),
        Resolution::Timer { .. } | Resolution::Unparked { .. } => None,
    };
    node.resolved(&account("b"), 100).await.unwrap().into_iter().filter_map(message).collect()
}
