//! Who is declared dead and who is not, and what becomes of the shards.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use cluster::{Loads, Member, Standing};
use storage::{Fault, Faults, MemoryStore};

use crate::join::{join, options};
use crate::world::{End, LEASE, SHARDS, SimClock, World};

/// A beat is a tenth of the lease; a step takes up to two commits and a read on a store that takes up to 20 ms each.
const FEW_BEATS: Duration = Duration::from_millis(500);

#[tokio::test(start_paused = true)]
async fn a_killed_nodes_shards_are_taken_within_a_lease_and_a_few_beats() {
    for seed in 0..8 {
        for victim in 1..=3 {
            let world = World::of(seed, &["a", "b", "c"]).await;
            let moves = world.audit.lock().unwrap().table();
            world.host(victim).kill(&world.audit);
            let took = world.until_at_rest().await;
            assert!(took <= LEASE + FEW_BEATS, "seed {seed}, node {victim}: {took:?}");
            assert_eq!(world.buried(), [world.host(victim).incarnation]);
            let now = world.audit.lock().unwrap().table();
            for shard in SHARDS.shards().filter(|&shard| moves.owner(shard) != now.owner(shard)) {
                assert_eq!(moves.owner(shard), Some(world.host(victim).incarnation), "only its shards move");
            }
            world.audit_shards().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn several_dead_are_buried_together() {
    let world = World::of(1, &["a", "b", "c", "d"]).await;
    for victim in [1, 2, 3] {
        world.host(victim).kill(&world.audit);
    }
    let took = world.until_at_rest().await;
    assert!(took <= LEASE + FEW_BEATS, "{took:?}");
    assert_eq!(world.buried().len(), 3);
    assert_eq!(world.host(4).running(), 12);
    world.audit_shards().await;
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_the_store_buries_nobody() {
    for leases in [1, 2, 5] {
        let world = World::of(2, &["a", "b", "c"]).await;
        let stores = || world.hosts.values().map(|host| host.store.store.faults());
        stores().for_each(Faults::freeze);
        tokio::time::sleep(LEASE * leases).await;
        assert!((1..=3).all(|number| world.host(number).standing() == Some(Standing::Hesitant)));
        stores().for_each(Faults::thaw);
        world.until_at_rest().await;
        tokio::time::sleep(LEASE * 3).await;
        assert_eq!((world.buried(), world.living()), (vec![], vec![1, 2, 3]));
        assert!((1..=3).all(|number| world.host(number).standing() == Some(Standing::Admitting)));
        world.audit_shards().await;
    }
}

/// Each sees the others stand still, and none of them could move either.
#[tokio::test(start_paused = true)]
async fn a_store_that_takes_no_commits_buries_nobody() {
    let world = World::of(9, &["a", "b", "c"]).await;
    world.chance.read_only.store(true, Ordering::Release);
    tokio::time::sleep(LEASE * 5).await;
    assert!((1..=3).all(|number| world.host(number).standing() == Some(Standing::Hesitant)));
    world.chance.read_only.store(false, Ordering::Release);
    world.until_at_rest().await;
    tokio::time::sleep(LEASE * 3).await;
    assert_eq!((world.buried(), world.living()), (vec![], vec![1, 2, 3]));
    world.audit_shards().await;
}

/// Whoever fails now and then may be the one in trouble: each failure of its own starts the watch anew.
#[tokio::test(start_paused = true)]
async fn an_observer_in_trouble_buries_nobody() {
    let store = MemoryStore::new();
    let handle = Arc::new(store.handle(Faults::none()));
    let clock = Arc::new(SimClock::new());
    let mut observer = Member::join(Arc::clone(&handle) as _, clock, options(1, "a")).await.unwrap();
    let silent = join(&store, options(2, "b")).await.unwrap();
    for trouble in [true, false] {
        let mut buried = Vec::new();
        for number in 0..30 {
            if trouble && number % 4 == 0 {
                handle.faults().next(Fault::Unavailable);
            }
            buried.extend(observer.step(&Loads::new()).await.buried);
            tokio::time::sleep(observer.beat()).await;
        }
        assert_eq!(buried.first(), (!trouble).then_some(silent.peer()));
    }
}

/// As if the machine that all of them run on had slept: whoever wakes first sees the others as they were for long.
#[tokio::test(start_paused = true)]
async fn a_sleep_of_everybody_buries_nobody() {
    for first in 1..=3 {
        let world = World::of(3, &["a", "b", "c"]).await;
        world.hosts.values().for_each(|host| host.halt.stop());
        tokio::time::sleep(LEASE * 5).await;
        world.host(first).halt.go_on();
        tokio::time::sleep(LEASE / 2).await;
        world.hosts.values().for_each(|host| host.halt.go_on());
        world.until_at_rest().await;
        tokio::time::sleep(LEASE * 3).await;
        assert_eq!((world.buried(), world.living()), (vec![], vec![1, 2, 3]));
        world.audit_shards().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_halted_node_is_expelled_and_never_acts_again() {
    // A process that was stopped, and a machine that slept: its clock did not notice.
    for clock_stops in [false, true] {
        let world = World::of(4, &["a", "b", "c"]).await;
        let halted = world.host(2);
        halted.halt.stop();
        if clock_stops {
            halted.clock.stop();
        }
        world.until("it is buried", |world| world.buried() == [halted.incarnation]).await;
        tokio::time::sleep(LEASE).await;
        let taken = world.audit.lock().unwrap().table();
        halted.halt.go_on();
        halted.clock.go();
        world.until("it is expelled", |world| world.end(2) == Some(End::Expelled)).await;
        assert_eq!(world.audit.lock().unwrap().table(), taken, "it changed nothing");
        world.until_at_rest().await;
        world.audit_shards().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_short_halt_harms_nobody() {
    let world = World::of(5, &["a", "b", "c"]).await;
    for number in [1, 2, 3, 1, 2, 3] {
        world.host(number).halt.stop();
        tokio::time::sleep(LEASE * 3 / 4).await;
        world.host(number).halt.go_on();
        world.until_at_rest().await;
        tokio::time::sleep(LEASE / 2).await;
    }
    assert_eq!((world.buried(), world.living()), (vec![], vec![1, 2, 3]));
}

/// The node whose turn it would be has no clock; the next one does it after another lease.
#[tokio::test(start_paused = true)]
async fn a_node_whose_clock_stands_still_buries_nobody_and_keeps_nobody_from_it() {
    let world = World::of(6, &["a", "b", "c"]).await;
    let mut by_incarnation: Vec<_> = world.hosts.values().collect();
    by_incarnation.sort_by_key(|host| host.incarnation);
    let [first, second, third] = by_incarnation[..] else { panic!("three nodes") };
    first.clock.stop();
    tokio::time::sleep(LEASE * 5).await;
    assert_eq!(world.buried(), []);
    third.kill(&world.audit);
    let took = world.until_at_rest().await;
    assert!(took <= LEASE * 2 + FEW_BEATS, "{took:?}");
    assert_eq!(world.buried(), [third.incarnation]);
    assert_eq!(world.living().len(), 2);
    assert!(second.running() > 0);
}

#[tokio::test(start_paused = true)]
async fn a_node_cut_off_from_the_store_hesitates_and_then_is_expelled() {
    let world = World::of(7, &["a", "b", "c"]).await;
    world.host(3).store.store.faults().freeze();
    world.until("it hesitates", |world| world.host(3).standing() == Some(Standing::Hesitant)).await;
    assert_eq!(world.buried(), []);
    world.until("it is buried", |world| world.buried() == [world.host(3).incarnation]).await;
    world.host(3).store.store.faults().thaw();
    world.until("it is expelled", |world| world.end(3) == Some(End::Expelled)).await;
    world.until_at_rest().await;
    world.audit_shards().await;
}

#[tokio::test(start_paused = true)]
async fn everything_killed_and_started_again_goes_on() {
    for exclusive in [false, true] {
        let mut world = World::of(8, &["a", "b", "c"]).await;
        world.hosts.values().for_each(|host| host.kill(&world.audit));
        world.exclusive = exclusive;
        if exclusive {
            // Who has the store alone knows at once that the others are dead.
            tokio::time::sleep(LEASE).await;
            let alone = world.start("a");
            let took = world.until_at_rest().await;
            assert!(took < FEW_BEATS, "{took:?}");
            assert_eq!(world.host(alone).running(), 12);
        } else {
            for name in ["a", "b", "c"] {
                world.start(name);
            }
            let took = world.until_at_rest().await;
            assert!(took <= LEASE * 2 + FEW_BEATS, "{took:?}");
        }
        assert_eq!(world.buried().len(), 3);
        world.audit_shards().await;
    }
}
