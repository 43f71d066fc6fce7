//! Who gets in, and what those who don't are told.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cluster::{
    BackOff, Charter, CharterError, Clock, Incarnation, JoinError, Level, Loads, Member, MemberOptions,
    NodeName, ShardCount, Standing, begin_generation, copying_key, placement_key,
};
use storage::{
    Commit, CommitOutcome, Fault, Faults, KeyRange, MemoryStore, Scan, Store, StoreError, StoreExt,
};
use tokio::time::Instant;

use crate::world::{End, LEASE, SHARDS, SimClock, World};

pub(crate) fn options(number: u128, name: &str) -> MemberOptions {
    MemberOptions {
        incarnation: Incarnation::new(number),
        name: NodeName::new(name).unwrap(),
        address: format!("{name}:7420").into(),
        shard_count: SHARDS,
        lease: LEASE,
        exclusive: false,
        moves_at_once: 4,
        back_off: BackOff::default(),
    }
}

pub(crate) async fn join(store: &MemoryStore, options: MemberOptions) -> Result<Member, JoinError> {
    Member::join(Arc::new(store.handle(Faults::none())), Arc::new(SimClock::new()), options).await
}

async fn rows(store: &MemoryStore) -> Vec<storage::Row> {
    store.scan(Scan::new(KeyRange::all())).await.unwrap().rows
}

#[tokio::test(start_paused = true)]
async fn a_node_alone_owns_everything_at_once() {
    for exclusive in [false, true] {
        let store = MemoryStore::new();
        let member = join(&store, MemberOptions { exclusive, ..options(1, "a") }).await.unwrap();
        let map = member.map();
        assert_eq!((map.version(), map.peers()), (1, [member.peer().clone()].as_slice()));
        assert!(SHARDS.shards().all(|shard| map.owner(shard).as_ref() == Some(member.peer())));
        assert_eq!(member.charter().shard_count, SHARDS);
        assert_eq!(member.lease().standing(), Standing::Admitting);
        assert_eq!(member.beat(), LEASE / 10);
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_would_misread_the_store_is_refused_and_changes_nothing() {
    let other_count = ShardCount::new(16).unwrap();
    let incomplete = || Commit::new().put(copying_key(), "");
    let newer = || Commit::new().put(Level::key(), Level::new(2).to_bytes());
    let damaged = || Commit::new().put(placement_key(), "?");
    type Case = (Commit, MemberOptions, fn(&JoinError) -> bool, &'static str);
    let cases: [Case; 4] = [
        (
            incomplete(),
            options(2, "b"),
            |error| *error == JoinError::Incomplete,
            "the store is an incomplete copy; let the copy end, or empty the store and copy again",
        ),
        (
            newer(),
            options(2, "b"),
            |error| matches!(error, JoinError::Level { .. }),
            "the store has level 2, this release knows levels up to 1; start a newer release",
        ),
        (
            Commit::new(),
            MemberOptions { shard_count: other_count, ..options(2, "b") },
            |error| matches!(error, JoinError::Charter(CharterError::ShardCount { stored: 12, wanted: 16 })),
            "the store has 12 shards for ever, this node is set to 16; start it without --shards or with --shards 12",
        ),
        (
            damaged(),
            options(2, "b"),
            |error| matches!(error, JoinError::Store(StoreError::Corrupt { .. })),
            "the store is damaged: row placement has 1 bytes in form Some(63), which this release can't read; stop the \
             node and restore from a backup",
        ),
    ];
    for (prepared, options, is_expected, text) in cases {
        let store = MemoryStore::new();
        join(&store, self::options(1, "a")).await.unwrap();
        assert_eq!(store.commit(prepared).await, Ok(CommitOutcome::Committed));
        let before = rows(&store).await;
        let refused = join(&store, options).await.unwrap_err();
        assert!(is_expected(&refused), "{refused:?}");
        assert_eq!(refused.to_string(), text);
        assert_eq!(rows(&store).await, before);
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_does_not_answer_is_an_error_soon() {
    let store = MemoryStore::new();
    store.faults().freeze();
    let began = Instant::now();
    let clock = Arc::new(SimClock::new());
    let refused = Member::join(Arc::new(store), clock, options(1, "a")).await.unwrap_err();
    assert!(matches!(refused, JoinError::Store(StoreError::Unavailable { .. })), "{refused:?}");
    assert!(began.elapsed() <= LEASE, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn every_outcome_of_the_commit_that_enters_is_found_out() {
    for fault in [
        Fault::Conflict,
        Fault::UnknownApplied,
        Fault::UnknownNotApplied,
        Fault::UnknownLate,
        Fault::Unavailable,
    ] {
        let store = MemoryStore::new();
        join(&store, options(1, "a")).await.unwrap();
        let handle = store.handle(Faults::none());
        handle.faults().next(fault);
        let joined = Member::join(Arc::new(handle), Arc::new(SimClock::new()), options(2, "b")).await;
        let member = joined.unwrap();
        store.release_late();
        assert_eq!(member.map().peers().len(), 2, "{fault:?}");
        assert_eq!(member.map().table().nodes().count(), 2, "{fault:?}");
    }
}

/// A node that knows the data by their former generation takes no part in the next, whenever that begins.
#[tokio::test(start_paused = true)]
async fn a_restore_while_a_node_joins_leaves_no_node_of_the_former_generation() {
    let mut refused = 0;
    for at in 1..=6 {
        let store = MemoryStore::new();
        join(&store, options(1, "a")).await.unwrap();
        let restored: Arc<dyn Store> = Arc::new(store.handle(Faults::none()));
        let calls = AtomicUsize::new(0);
        let faults = Faults::none().with_pace(move || {
            let is_now = calls.fetch_add(1, Ordering::Relaxed) + 1 == at;
            let restored = Arc::clone(&restored);
            Box::pin(async move {
                if is_now {
                    begin_generation(restored).await.unwrap();
                }
            })
        });
        let joined = Member::join(Arc::new(store.handle(faults)), Arc::new(SimClock::new()), options(2, "b"));
        let Ok(mut member) = joined.await else {
            refused += 1;
            continue;
        };
        let charter = Charter::agree(&store, SHARDS).await.unwrap();
        if member.charter() != charter {
            assert_eq!(member.step(&Loads::new()).await.standing, Standing::Expelled, "at call {at}");
        }
    }
    assert!(refused > 0);
}

#[tokio::test(start_paused = true)]
async fn a_name_in_use_is_refused_soon() {
    let mut world = World::of(1, &["a", "b"]).await;
    let before = world.audit.lock().unwrap().table();
    let began = Instant::now();
    let second = world.start("b");
    world.until("it is refused", |world| world.end(second).is_some()).await;
    assert!(began.elapsed() < LEASE / 2, "{:?}", began.elapsed());
    let Some(error @ JoinError::NameInUse { .. }) = world.refused(second) else {
        panic!("{:?}", world.end(second));
    };
    let incarnation = world.host(2).incarnation;
    let expected = format!(
        "a node named b runs already, at b:7420 (start {incarnation}); give every node a name of its own"
    );
    assert_eq!(error.to_string(), expected);
    assert_eq!(world.audit.lock().unwrap().table(), before);
}

#[tokio::test(start_paused = true)]
async fn of_several_that_start_at_once_under_one_name_one_gets_in() {
    for seed in 0..10 {
        let mut world = World::new(seed);
        let numbers: Vec<u64> = (0..4).map(|_| world.start("a")).collect();
        world.until("all but one are refused", |world| world.living().len() == 1).await;
        world.until_at_rest().await;
        let refused = numbers.iter().filter_map(|&number| world.refused(number));
        assert_eq!(refused.filter(|error| matches!(error, JoinError::NameInUse { .. })).count(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_node_of_the_name_is_awaited_and_buried() {
    let mut world = World::of(2, &["a"]).await;
    world.host(1).kill(&world.audit);
    let next = world.start("a");
    let took = world.until_at_rest().await;
    assert!(took >= LEASE && took < LEASE * 2, "{took:?}");
    assert_eq!((world.living(), world.buried()), (vec![next], vec![world.host(1).incarnation]));
}

#[tokio::test(start_paused = true)]
async fn a_node_that_waits_for_a_name_gives_up_when_its_clock_stands_still() {
    let store = MemoryStore::new();
    join(&store, options(1, "a")).await.unwrap();
    let clock = Arc::new(SimClock::new());
    clock.stop();
    let refused = Member::join(Arc::new(store.handle(Faults::none())), clock, options(2, "a")).await;
    let Err(JoinError::Store(StoreError::Unavailable { reason })) = refused else { panic!("{refused:?}") };
    assert_eq!(reason, "whether a node named a still runs could not be found out; start again");
}

#[tokio::test(start_paused = true)]
async fn many_join_at_once() {
    let mut world = World::new(3);
    for number in 0..12 {
        world.start(&format!("n{number}"));
    }
    world.until_at_rest().await;
    assert_eq!(world.living().len(), 12);
    assert!(world.hosts.values().all(|host| host.running() == 1));
    world.audit_shards().await;
}

/// Renewals in every kind of doubt: the member goes on, and its counter rises by one for each that happened.
#[tokio::test(start_paused = true)]
async fn a_renewal_in_doubt_is_settled_by_the_next_steps() {
    let faults = [
        Fault::Conflict,
        Fault::UnknownApplied,
        Fault::UnknownNotApplied,
        Fault::UnknownLate,
        Fault::Unavailable,
    ];
    for fault in faults {
        for repeated in 1..4 {
            let store = MemoryStore::new();
            let handle = Arc::new(store.handle(Faults::none()));
            let clock = Arc::new(SimClock::new());
            let shared = Arc::clone(&clock) as Arc<dyn Clock>;
            let mut member = Member::join(Arc::clone(&handle) as _, shared, options(1, "a")).await.unwrap();
            for number in 0..repeated {
                handle.faults().next(fault);
                tokio::time::sleep(Duration::from_millis(100)).await;
                let step = member.step(&Loads::new()).await;
                assert_eq!(step.standing, Standing::Admitting, "{fault:?} {number}");
            }
            store.release_late();
            let step = member.step(&Loads::new()).await;
            assert_eq!((step.standing, step.trouble), (Standing::Admitting, None), "{fault:?}");
            let status = cluster::status(Arc::new(store.handle(Faults::none()))).await.unwrap();
            let happened = if fault == Fault::UnknownApplied { repeated } else { 0 };
            let late = u64::from(fault == Fault::UnknownLate);
            let counted = status.nodes[0].counter;
            assert!(counted >= 2 + happened - happened.min(1) && counted <= 2 + happened + late, "{counted}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_process_that_ends_while_it_joins_leaves_nothing_that_stays() {
    let mut world = World::of(4, &["a"]).await;
    let second = world.start("b");
    tokio::time::sleep(Duration::from_millis(30)).await;
    world.host(second).kill(&world.audit);
    world.until_at_rest().await;
    assert_eq!((world.end(second), world.living()), (Some(End::Killed), vec![1]));
    assert_eq!(world.host(1).running(), 12);
}
