//! Several nodes on one store: any of them answers any request, shards move, nodes come, go and die.

use std::sync::Arc;
use std::time::Duration;

use actors::shell::{CallError, Request, Resolution, Verdict};
use cluster::{Incarnation, Standing, move_shard, set_draining};
use storage::{Faults, Store};

use crate::bank::account;
use crate::nodes::{Cluster, KEYS, LEASE, SHARDS, settled, shards_of};
use crate::world::{accepted, request};

#[tokio::test(start_paused = true)]
async fn any_node_answers_for_any_entity() {
    let mut cluster = Cluster::new();
    let (first, _) = cluster.join("first").await;
    let (second, _) = cluster.join("second").await;
    let (third, _) = cluster.join("third").await;
    settled(&[&first, &second, &third]).await;
    let counts = [shards_of(&first).await, shards_of(&second).await, shards_of(&third).await];
    assert!(counts.iter().all(|count| (2..=3).contains(count)), "{counts:?}");
    for (node, sum) in [(&first, "1"), (&second, "2"), (&third, "3")] {
        for key in KEYS {
            assert_eq!(accepted(node.call(cluster.next(key, "add 1")).await), sum);
        }
    }
    // Messages between entities of different nodes arrive.
    for (from, to) in KEYS.iter().zip(KEYS.iter().skip(1)) {
        let transfer = cluster.next(from, &format!("transfer 1 {to}"));
        accepted(second.call(transfer).await);
    }
    tokio::time::sleep(Duration::from_secs(10)).await;
    let checked = [("a", "2 2"), ("c", "3 3"), ("f", "4 4")];
    for (key, balance) in checked {
        assert_eq!(accepted(third.call(request(key, "check")).await), balance);
    }
}

#[tokio::test(start_paused = true)]
async fn the_shards_of_a_dead_node_are_taken_within_its_lease_and_two_seconds() {
    let mut cluster = Cluster::new();
    let (first, _) = cluster.join("first").await;
    let (second, _) = cluster.join("second").await;
    settled(&[&first, &second]).await;
    for key in KEYS {
        accepted(first.call(cluster.next(key, "add 5")).await);
    }
    drop(second);
    let died = tokio::time::Instant::now();
    for key in KEYS {
        assert_eq!(accepted(first.call(cluster.next(key, "add 1")).await), "6");
    }
    assert!(died.elapsed() <= LEASE + Duration::from_secs(2), "{:?}", died.elapsed());
    assert_eq!(shards_of(&first).await, usize::from(SHARDS));
}

#[tokio::test(start_paused = true)]
async fn a_node_that_drains_gives_all_away_and_no_request_fails() {
    let mut cluster = Cluster::new();
    let (first, _) = cluster.join("first").await;
    let (second, _) = cluster.join("second").await;
    let (third, _) = cluster.join("third").await;
    settled(&[&first, &second, &third]).await;
    let mut calls = tokio::task::JoinSet::new();
    for round in 0..200_u64 {
        for node in [&first, &second] {
            for key in KEYS {
                let (node, request) = (Arc::clone(node), cluster.next(key, "add 1"));
                calls.spawn(async move {
                    tokio::time::sleep(Duration::from_millis(round * 5)).await;
                    let timeout = Some(Duration::from_secs(5));
                    node.call(Request { timeout, repeatable: false, ..request }).await
                });
            }
        }
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    third.drain().await;
    assert_eq!(shards_of(&third).await, 0);
    drop(third);
    while let Some(answered) = calls.join_next().await {
        accepted(answered.unwrap());
    }
    for key in KEYS {
        assert_eq!(accepted(first.call(request(key, "get")).await), "400");
    }
    second.drain().await;
    assert_eq!(shards_of(&first).await, usize::from(SHARDS));
    first.drain().await;
    let (again, _) = cluster.join("again").await;
    for key in KEYS {
        assert_eq!(accepted(again.call(request(key, "get")).await), "400");
    }
}

/// Nobody is left to take the shards: whoever still waits for one is told so, and no node waits for requests that can't end.
#[tokio::test(start_paused = true)]
async fn where_all_nodes_end_at_once_no_request_holds_them_up() {
    let mut cluster = Cluster::new();
    let (first, _) = cluster.join("first").await;
    let (second, _) = cluster.join("second").await;
    let (third, _) = cluster.join("third").await;
    settled(&[&first, &second, &third]).await;
    let mut ending = tokio::task::JoinSet::new();
    for node in [first, second, third] {
        let mut calls = tokio::task::JoinSet::new();
        for round in 0..400_u64 {
            for key in KEYS {
                let (node, request) = (Arc::clone(&node), cluster.next(key, "add 1"));
                calls.spawn(async move {
                    tokio::time::sleep(Duration::from_millis(round)).await;
                    let timeout = Some(Duration::from_secs(600));
                    node.call(Request { timeout, repeatable: round % 2 == 0, ..request }).await
                });
            }
        }
        ending.spawn(async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let told = tokio::time::Instant::now();
            node.drain().await;
            let mut answered = 0;
            while let Some(answer) = calls.join_next().await {
                answered += usize::from(answer.unwrap().is_ok());
            }
            (told.elapsed(), answered)
        });
    }
    let mut in_all = 0;
    while let Some(ended) = ending.join_next().await {
        let (took, answered) = ended.unwrap();
        assert!(took <= Duration::from_secs(3), "{took:?}");
        in_all += answered;
    }
    let (again, _) = cluster.join("again").await;
    let mut held = 0;
    for key in KEYS {
        held += accepted(again.call(request(key, "get")).await).parse::<usize>().unwrap();
    }
    assert!(held >= in_all, "{held} of {in_all} that were answered");
}

/// Clients don't notice that their node is about to leave: what they ask it while its shards are on their way is answered.
#[tokio::test(start_paused = true)]
async fn a_node_that_drains_answers_until_it_has_left() {
    let mut cluster = Cluster::new();
    let (first, _) = cluster.join("first").await;
    // Whose store takes its time, so that what happens at once elsewhere happens step by step.
    let slow = Faults::none().with_pace(|| Box::pin(tokio::time::sleep(Duration::from_millis(20))));
    let second = cluster.try_join("second", slow).await.unwrap();
    settled(&[&first, &second]).await;
    for key in KEYS {
        accepted(second.call(cluster.next(key, "add 1")).await);
    }
    let draining = tokio::spawn({
        let second = Arc::clone(&second);
        async move { second.drain().await }
    });
    let mut calls = tokio::task::JoinSet::new();
    let mut rounds = 1;
    while !draining.is_finished() {
        for key in KEYS {
            let (node, request) = (Arc::clone(&second), cluster.next(key, "add 1"));
            let timeout = Some(Duration::from_secs(5));
            calls.spawn(async move { node.call(Request { timeout, repeatable: false, ..request }).await });
        }
        rounds += 1;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    draining.await.unwrap();
    while let Some(answered) = calls.join_next().await {
        accepted(answered.unwrap());
    }
    for key in KEYS {
        assert_eq!(accepted(first.call(request(key, "get")).await), rounds.to_string());
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_that_stood_still_beyond_its_lease_neither_commits_nor_admits() {
    let mut cluster = Cluster::new();
    let (first, _) = cluster.join("first").await;
    let (second, faults) = cluster.join("second").await;
    settled(&[&first, &second]).await;
    let key = KEYS.into_iter().find(|key| {
        let owner = first.map().owner(first.shard_of(&account(key)));
        owner.is_some_and(|owner| owner.incarnation == Incarnation::new(2))
    });
    let key = key.unwrap();
    accepted(second.call(cluster.next(key, "add 1")).await);
    // It decides, commits, and its commit reaches the store only after others own the shard.
    faults.freeze();
    cluster.network.cut.lock().unwrap().push(Incarnation::new(2));
    let late = cluster.next(key, "add 100");
    let stood_still = tokio::spawn({
        let (second, late) = (Arc::clone(&second), late.clone());
        async move { second.call(Request { repeatable: false, ..late }).await }
    });
    assert_eq!(accepted(first.call(cluster.next(key, "add 1")).await), "2");
    faults.thaw();
    cluster.network.cut.lock().unwrap().clear();
    assert_eq!(stood_still.await.unwrap(), Err(CallError::OutcomeUnknown));
    second.ended().await;
    assert_eq!(second.standing(), Standing::Expelled);
    let refused = second.call(request(key, "add 1")).await;
    assert!(
        matches!(refused, Err(CallError::NotAdmitting { .. } | CallError::NotOwner { .. })),
        "{refused:?}"
    );
    assert_eq!(accepted(first.call(request(key, "check")).await), "2 2");
    assert_eq!(accepted(first.call(late).await), "102", "asked again under its id, it is carried out once");
}

#[tokio::test(start_paused = true)]
async fn a_node_without_the_store_stops_admitting_and_goes_on_when_it_is_back() {
    let mut cluster = Cluster::new();
    let (first, faults) = cluster.join("first").await;
    settled(&[&first]).await;
    accepted(first.call(cluster.next("a", "add 1")).await);
    faults.freeze();
    tokio::time::sleep(LEASE).await;
    assert_eq!(first.standing(), Standing::Hesitant);
    let timeout = Some(Duration::from_secs(1));
    let refused = first.call(Request { timeout, ..cluster.next("a", "add 1") }).await;
    assert!(matches!(refused, Err(CallError::NotAdmitting { .. })), "{refused:?}");
    faults.thaw();
    assert_eq!(accepted(first.call(cluster.next("a", "add 1")).await), "2");
}

#[tokio::test(start_paused = true)]
async fn an_operator_moves_a_shard_and_drains_a_node() {
    let mut cluster = Cluster::new();
    let (first, _) = cluster.join("first").await;
    let (second, _) = cluster.join("second").await;
    settled(&[&first, &second]).await;
    let store: Arc<dyn Store> = cluster.store.clone();
    let (one, two) = (Incarnation::new(1), Incarnation::new(2));
    let shard = first.map().table().owned_by(one).next().unwrap();
    move_shard(Arc::clone(&store), shard, two).await.unwrap();
    while second.map().table().owner(shard) != Some(two) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    settled(&[&first, &second]).await;
    set_draining(Arc::clone(&store), two, true).await.unwrap();
    while shards_of(&first).await < SHARDS.into() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(accepted(second.call(cluster.next("a", "add 1")).await), "1", "it still answers for others");
    set_draining(store, two, false).await.unwrap();
    while shards_of(&second).await == 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A shard that nobody is to take is not waited for; what the nodes still run goes on.
#[tokio::test(start_paused = true)]
async fn where_all_nodes_drain_the_shards_of_a_dead_one_are_refused_with_the_reason() {
    let mut cluster = Cluster::new();
    let (first, _) = cluster.join("first").await;
    let (second, _) = cluster.join("second").await;
    settled(&[&first, &second]).await;
    for key in KEYS {
        accepted(first.call(cluster.next(key, "add 1")).await);
    }
    let store: Arc<dyn Store> = cluster.store.clone();
    let (one, two) = (Incarnation::new(1), Incarnation::new(2));
    let is_first = |key: &str| first.map().table().owner(first.shard_of(&account(key))) == Some(one);
    drop(second);
    // In this order, since the other way round the first would hand its shards to the dead.
    for node in [two, one] {
        set_draining(Arc::clone(&store), node, true).await.unwrap();
    }
    while first.map().peers().len() > 1 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (kept, lost): (Vec<&str>, Vec<&str>) = KEYS.into_iter().partition(|key| is_first(key));
    assert!(!kept.is_empty() && !lost.is_empty());
    let asked = tokio::time::Instant::now();
    for key in &lost {
        let refused = first.call(cluster.next(key, "add 1")).await;
        assert!(
            matches!(&refused, Err(CallError::NotAdmitting { reason }) if reason.contains("every node drains")),
            "{refused:?}"
        );
    }
    assert_eq!(asked.elapsed(), Duration::ZERO, "nobody waits in vain");
    for key in kept {
        assert_eq!(accepted(first.call(cluster.next(key, "add 1")).await), "2");
    }
    set_draining(store, one, false).await.unwrap();
    while first.map().table().is_draining(one) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for key in lost {
        assert_eq!(accepted(first.call(cluster.next(key, "add 1")).await), "2");
    }
}

/// A node that has not yet seen that another has left asks that one, and then whomever it names.
#[tokio::test(start_paused = true)]
async fn a_node_with_an_old_table_follows_the_owner_that_it_is_told() {
    let mut cluster = Cluster::new();
    let (first, _) = cluster.join("first").await;
    let (second, _) = cluster.join("second").await;
    let (third, faults) = cluster.join("third").await;
    settled(&[&first, &second, &third]).await;
    let store: Arc<dyn Store> = cluster.store.clone();
    set_draining(store, Incarnation::new(3), true).await.unwrap();
    while shards_of(&third).await > 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    settled(&[&first, &second, &third]).await;
    let version = third.map().version();
    let of_second = |key: &&str| {
        third.map().owner(third.shard_of(&account(key))).unwrap().incarnation == Incarnation::new(2)
    };
    let keys: Vec<&str> = KEYS.into_iter().filter(of_second).collect();
    assert!(!keys.is_empty());
    // It sees nothing of what the others do now.
    faults.freeze();
    second.drain().await;
    for key in keys {
        let timeout = Some(Duration::from_millis(100));
        let request = Request { timeout, ..cluster.next(key, "add 1") };
        assert_eq!(accepted(third.call(request).await), "1");
    }
    assert_eq!(third.map().version(), version, "it still believes the old table");
    faults.thaw();
}

/// What a person decides about a parked entity is asked of any node, as any request is.
#[tokio::test(start_paused = true)]
async fn what_is_decided_about_a_parked_entity_reaches_its_owner() {
    let mut cluster = Cluster::new();
    let (first, _) = cluster.join("first").await;
    let (second, _) = cluster.join("second").await;
    settled(&[&first, &second]).await;
    let verdict = || Verdict { by: "anna".into(), note: "known defect".into() };
    for (sender, key) in KEYS.iter().zip(KEYS.iter().skip(1)) {
        let entity = account(key);
        assert_eq!(first.unpark(&entity).await, Ok(false), "it is not parked");
        accepted(first.call(cluster.next(sender, "add 2")).await);
        for command in ["panic 1", "panic 2", "panic 3"] {
            first.call(cluster.next(key, command)).await.unwrap_err();
        }
        for _ in 0..2 {
            accepted(second.call(cluster.next(sender, &format!("transfer 1 {key}"))).await);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        // Of two nodes one has to ask the other, whoever of them the owner is.
        assert_eq!(first.divert(&entity, Some(account(sender)), verdict()).await, Ok(true), "{key}");
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(second.divert(&entity, None, verdict()).await, Ok(true), "{key}");
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(second.unpark_by(&entity, verdict()).await, Ok(true), "{key}");
        assert_eq!(accepted(first.call(request(key, "check")).await), "0 0");
        let resolved = first.resolved(&entity, 10).await.unwrap();
        assert!(resolved.iter().all(|resolved| resolved.verdict == verdict()), "{resolved:?}");
        let messages = resolved.iter().filter(|one| matches!(one.what, Resolution::Message { .. }));
        assert_eq!((messages.count(), resolved.len()), (2, 3), "{resolved:?}");
    }
    // While its shard is on its way it is waited for.
    let entity = account("a");
    for command in ["panic 1", "panic 2", "panic 3"] {
        first.call(cluster.next("a", command)).await.unwrap_err();
    }
    let (unparked, ()) = tokio::join!(second.unpark_by(&entity, verdict()), first.drain());
    assert!(matches!(unparked, Ok(true) | Err(CallError::OutcomeUnknown)), "{unparked:?}");
    assert!(unparked == Ok(true) || second.unpark(&entity).await.unwrap());
    assert_eq!(accepted(second.call(request("a", "check")).await), "0 0");
}

#[tokio::test(start_paused = true)]
async fn a_name_has_one_node_at_a_time() {
    let mut cluster = Cluster::new();
    let (first, _) = cluster.join("same").await;
    let refused = cluster.try_join("same", Faults::none()).await;
    assert!(refused.is_err_and(|error| error.contains("same")));
    drop(first);
    cluster.try_join("same", Faults::none()).await.unwrap();
}
