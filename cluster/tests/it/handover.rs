//! Shards that change hands while everybody lives: by balance, by draining, by wish; and what an operator sees.

use std::sync::Arc;
use std::time::Duration;

use cluster::{
    BackOff, BatchId, ClaimError, Incarnation, Level, Loads, ShardId, Standing, WishError, claim, move_shard,
    placement_key, set_draining, status,
};
use storage::{CommitOutcome, Fault, Faults, MemoryStore, Store, StoreExt};

use crate::join::{join, options};
use crate::world::{End, LEASE, SHARDS, World};

fn handle(store: &MemoryStore) -> Arc<dyn Store> {
    Arc::new(store.handle(Faults::none()))
}

fn shard(number: u16) -> ShardId {
    ShardId::new(number)
}

#[tokio::test(start_paused = true)]
async fn a_node_that_joins_gets_its_share() {
    let world = World::of(1, &["a", "b", "c", "d"]).await;
    assert!(world.hosts.values().all(|host| host.running() == 3));
    assert_eq!(world.buried(), []);
    world.audit_shards().await;
}

#[tokio::test(start_paused = true)]
async fn a_node_that_drains_hands_everything_over_and_leaves() {
    for drained in 1..=3 {
        let world = World::of(2, &["a", "b", "c"]).await;
        let node = world.host(drained).incarnation;
        set_draining(handle(&world.rows), node, true).await.unwrap();
        set_draining(handle(&world.rows), node, true).await.unwrap();
        world.until("it leaves", |world| world.end(drained) == Some(End::Left)).await;
        world.until_at_rest().await;
        assert_eq!((world.buried(), world.living().len()), (vec![], 2));
        world.audit_shards().await;
    }
}

#[tokio::test(start_paused = true)]
async fn draining_can_be_taken_back() {
    let world = World::of(3, &["a", "b"]).await;
    let node = world.host(1).incarnation;
    // The other one does nothing meanwhile, so that nothing arrives.
    world.host(2).halt.stop();
    set_draining(handle(&world.rows), node, true).await.unwrap();
    set_draining(handle(&world.rows), node, false).await.unwrap();
    world.host(2).halt.go_on();
    world.until_at_rest().await;
    assert_eq!([1, 2].map(|number| world.host(number).running()), [6, 6]);
}

/// Nobody is left to take them: whoever runs the node stops its shards and lets it leave.
#[tokio::test(start_paused = true)]
async fn the_last_node_leaves_its_shards_to_nobody() {
    let store = MemoryStore::new();
    let mut member = join(&store, options(1, "a")).await.unwrap();
    set_draining(handle(&store), Incarnation::new(1), true).await.unwrap();
    let step = member.step(&Loads::new()).await;
    assert_eq!(step.map.table().owned_by(Incarnation::new(1)).count(), 12);
    assert!(step.map.table().is_draining(Incarnation::new(1)));
    assert_eq!(member.leave().await, Ok(()));
    assert_eq!(member.leave().await, Ok(()));
    assert_eq!(member.step(&Loads::new()).await.standing, Standing::Expelled);
    let left = status(handle(&store)).await.unwrap();
    assert!(left.nodes.is_empty() && left.shards.iter().all(|shard| shard.owner.is_none()));
    // The next one gets them all.
    let next = join(&store, options(2, "a")).await.unwrap();
    assert_eq!(next.map().table().owned_by(Incarnation::new(2)).count(), 12);
}

#[tokio::test(start_paused = true)]
async fn leaving_gives_the_rest_to_those_who_stay() {
    let store = MemoryStore::new();
    let mut leaving = join(&store, options(1, "a")).await.unwrap();
    let mut staying = join(&store, options(2, "b")).await.unwrap();
    assert_eq!(leaving.leave().await, Ok(()));
    let map = staying.step(&Loads::new()).await.map;
    assert!(SHARDS.shards().all(|shard| map.owner(shard).as_ref() == Some(staying.peer())));
    assert_eq!(map.peers().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn every_outcome_of_letting_go_is_found_out() {
    let faults = [
        Fault::Conflict,
        Fault::UnknownApplied,
        Fault::UnknownNotApplied,
        Fault::UnknownLate,
        Fault::Unavailable,
    ];
    for fault in faults {
        let store = MemoryStore::new();
        let faulty = Arc::new(store.handle(Faults::none()));
        let clock = Arc::new(crate::world::SimClock::new());
        let mut first =
            cluster::Member::join(Arc::clone(&faulty) as _, clock, options(1, "a")).await.unwrap();
        let second = join(&store, options(2, "b")).await.unwrap();
        let moving: Vec<ShardId> = second.map().table().arriving_at(Incarnation::new(2)).collect();
        assert_eq!(moving.len(), 4);
        faulty.faults().next(fault);
        let map = first.release(&moving).await.unwrap();
        assert!(moving.iter().all(|&shard| map.owner(shard).as_ref() == Some(second.peer())), "{fault:?}");
        // Again, and what is not its own: nothing happens.
        let again = first.release(&moving).await.unwrap();
        assert_eq!(again.version(), map.version());
        // What has no next owner is nobody's.
        let kept = map.table().owned_by(Incarnation::new(1)).next().unwrap();
        assert_eq!(first.release(&[kept]).await.unwrap().owner(kept), None);
        faulty.faults().next(fault);
        assert_eq!(first.leave().await, Ok(()), "{fault:?}");
        store.release_late();
        assert_eq!(status(handle(&store)).await.unwrap().nodes.len(), 1, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_hangs_on_a_store_that_does_not_answer() {
    let store = MemoryStore::new();
    let frozen = store.handle(Faults::none());
    let faults = frozen.faults().clone();
    let clock = Arc::new(crate::world::SimClock::new());
    let mut member = cluster::Member::join(Arc::new(frozen), clock, options(1, "a")).await.unwrap();
    faults.freeze();
    let began = tokio::time::Instant::now();
    let step = member.step(&Loads::new()).await;
    assert!(step.trouble.is_some() && began.elapsed() <= LEASE, "{:?}", began.elapsed());
    assert_eq!(step.standing, Standing::Hesitant, "two calls of a third of the lease each");
    assert!(member.release(&[shard(0)]).await.is_err());
    assert!(member.leave().await.is_err());
    assert!(began.elapsed() <= LEASE * 4, "{:?}", began.elapsed());
    faults.thaw();
    let step = member.step(&Loads::new()).await;
    assert_eq!((step.standing, step.trouble), (Standing::Admitting, None));
    assert_eq!(step.map.table().owned_by(Incarnation::new(1)).count(), 12);
}

#[tokio::test(start_paused = true)]
async fn a_claim_follows_the_table() {
    let store = MemoryStore::new();
    let (one, two) = (Incarnation::new(1), Incarnation::new(2));
    let claim = |node, number| {
        let batch = BatchId { incarnation: node, number };
        let store = &store;
        async move { claim(store, shard(0), node, batch, BackOff::default()).await }
    };
    assert_eq!(claim(one, 1).await, Err(ClaimError::NotMine { shard: shard(0), owner: None }));
    join(&store, options(1, "a")).await.unwrap();
    assert_eq!(claim(two, 1).await, Err(ClaimError::NotMine { shard: shard(0), owner: Some(one) }));
    for (number, fault) in
        [Fault::Conflict, Fault::UnknownApplied, Fault::UnknownNotApplied, Fault::Unavailable]
            .into_iter()
            .enumerate()
    {
        store.faults().next(fault);
        let number = u64::try_from(number).unwrap() + 1;
        assert_eq!(claim(one, number).await.unwrap().epoch.number(), number, "{fault:?}");
    }
}

/// A claim that arrives after the table gave the shard away has no effect, although nobody else claimed yet.
#[tokio::test(start_paused = true)]
async fn a_claim_that_arrives_late_is_refused() {
    let store = MemoryStore::new();
    let (one, two) = (Incarnation::new(1), Incarnation::new(2));
    let mut first = join(&store, options(1, "a")).await.unwrap();
    store.faults().next(Fault::UnknownLate);
    let patient = BackOff { shortest: LEASE, longest: LEASE };
    let batch = BatchId { incarnation: one, number: 1 };
    let claim = claim(&store, shard(0), one, batch, patient);
    tokio::time::timeout(LEASE / 2, claim).await.unwrap_err();
    join(&store, options(2, "b")).await.unwrap();
    let map = first.release(&[shard(0)]).await.unwrap();
    assert_eq!(map.table().owner(shard(0)), Some(two));
    assert_eq!(store.release_late(), [CommitOutcome::Conflict { key: placement_key() }]);
    assert_eq!(cluster::read_head(&store, shard(0)).await, Ok(None));
}

#[tokio::test(start_paused = true)]
async fn wishes() {
    let store = MemoryStore::new();
    let (one, two, nobody) = (Incarnation::new(1), Incarnation::new(2), Incarnation::new(3));
    join(&store, options(1, "a")).await.unwrap();
    let mut second = join(&store, options(2, "b")).await.unwrap();
    let wish = |shard, to| move_shard(handle(&store), shard, to);
    let unknown = Err(WishError::UnknownNode { incarnation: nobody });
    assert_eq!(wish(shard(0), nobody).await, unknown);
    assert_eq!(set_draining(handle(&store), nobody, true).await, unknown);
    let no_shard = Err(WishError::UnknownShard { shard: shard(12), shard_count: 12 });
    assert_eq!(wish(shard(12), two).await, no_shard);
    // Shards 0 to 3 are on their way already, since the second node joined.
    assert_eq!(second.map().table().arriving_at(two).collect::<Vec<_>>(), [0, 1, 2, 3].map(shard));
    let version = second.map().version();
    assert_eq!(wish(shard(0), two).await, Ok(()));
    assert_eq!(second.step(&Loads::new()).await.map.version(), version, "nothing new");
    assert_eq!(wish(shard(0), one).await, Ok(()), "it stays");
    assert_eq!(wish(shard(0), one).await, Err(WishError::AlreadyThere { shard: shard(0) }));
    assert_eq!(wish(shard(7), two).await, Ok(()));
    join(&store, options(3, "c")).await.unwrap();
    assert_eq!(wish(shard(7), nobody).await, Err(WishError::Moving { shard: shard(7), next: two }));
    set_draining(handle(&store), two, true).await.unwrap();
    assert_eq!(wish(shard(8), two).await, Err(WishError::Draining { incarnation: two }));
    let table = second.step(&Loads::new()).await.map;
    assert_eq!((table.table().owner(shard(7)), table.table().is_draining(two)), (Some(one), true));
}

#[tokio::test(start_paused = true)]
async fn a_wish_in_doubt_is_granted_once() {
    for fault in [Fault::Conflict, Fault::UnknownApplied, Fault::UnknownNotApplied, Fault::Unavailable] {
        let store = MemoryStore::new();
        join(&store, options(1, "a")).await.unwrap();
        let faulty = store.handle(Faults::none());
        faulty.faults().next(fault);
        set_draining(Arc::new(faulty), Incarnation::new(1), true).await.unwrap();
        let status = status(handle(&store)).await.unwrap();
        assert_eq!((status.version, status.nodes[0].draining), (2, true), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_operator_sees() {
    let store = MemoryStore::new();
    let empty = status(handle(&store)).await.unwrap();
    assert_eq!((empty.version, empty.nodes.len(), empty.shards.len()), (0, 0, 0));
    let first = join(&store, options(1, "a")).await.unwrap();
    let mut second = join(&store, options(2, "b")).await.unwrap();
    second.step(&Loads::new()).await;
    set_draining(handle(&store), Incarnation::new(2), true).await.unwrap();
    let seen = status(handle(&store)).await.unwrap();
    let nodes: Vec<_> = seen
        .nodes
        .iter()
        .map(|node| (&node.peer, node.counter, node.draining, node.owned, node.arriving))
        .collect();
    assert_eq!(nodes, [(first.peer(), 1, false, 12, 0), (second.peer(), 2, true, 0, 4)]);
    assert!(seen.nodes.iter().all(|node| (node.level, node.lease) == (Level::KNOWN, LEASE)));
    assert_eq!((seen.version, seen.shards.len()), (3, 12));
    assert_eq!(seen.shards[0].owner.as_ref(), Some(first.peer()));
    assert_eq!(seen.shards[0].next.as_ref(), Some(second.peer()));
    assert_eq!(seen.shards[11].next, None);
    assert!(store.get(placement_key()).await.unwrap().is_some());
}

/// The shards of one node weigh more: some of them move, and once its loads are even nothing does.
#[tokio::test(start_paused = true)]
async fn shards_move_to_where_there_is_less_to_do() {
    let store = MemoryStore::new();
    let mut first = join(&store, options(1, "a")).await.unwrap();
    let mut second = join(&store, options(2, "b")).await.unwrap();
    let weigh = |member: &cluster::Member| {
        let table = member.map().table().clone();
        let mine = table.owned_by(member.peer().incarnation);
        mine.map(|shard| (shard, if shard.number() < 6 { 100 } else { 10 })).collect::<Loads>()
    };
    let mut versions = Vec::new();
    for _ in 0..600 {
        for member in [&mut first, &mut second] {
            let loads = weigh(member);
            let map = member.step(&loads).await.map;
            let me = member.peer().incarnation;
            let moving: Vec<_> =
                map.table().owned_by(me).filter(|&shard| map.table().next(shard).is_some()).collect();
            member.release(&moving).await.unwrap();
        }
        versions.push(first.map().version());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let heavy = |node: u128| {
        let table = second.map().table().clone();
        table.owned_by(Incarnation::new(node)).filter(|shard| shard.number() < 6).count()
    };
    assert_eq!((heavy(1), heavy(2)), (3, 3));
    assert!(versions[300..].windows(2).all(|pair| pair[0] == pair[1]), "it comes to rest: {versions:?}");
}
