//! Claims fence former owners, and every outcome of a commit is settled by the head.

use cluster::{
    Advance, BackOff, BatchId, ClaimError, Epoch, Head, Incarnation, MemberOptions, Settlement, ShardId,
    claim, read_head, settle,
};
use storage::{Fault, Faults, MemoryStore, StoreExt};

use crate::join::{join, options};

const SHARD: ShardId = ShardId::new(5);

fn batch(incarnation: u128, number: u64) -> BatchId {
    BatchId { incarnation: Incarnation::new(incarnation), number }
}

/// Gives every shard to a node, as if all others had died.
async fn give(store: &MemoryStore, incarnation: u128) {
    let options = MemberOptions { exclusive: true, ..options(incarnation, "a") };
    join(&store.handle(Faults::none()), options).await.unwrap();
}

async fn try_claim(store: &MemoryStore, incarnation: u128) -> Result<Head, ClaimError> {
    let me = Incarnation::new(incarnation);
    claim(store, SHARD, me, batch(incarnation, 0), BackOff::default()).await
}

async fn claimed(store: &MemoryStore, incarnation: u128) -> Head {
    give(store, incarnation).await;
    try_claim(store, incarnation).await.unwrap()
}

/// Commits one row as the owner with this head would.
async fn write(store: &MemoryStore, head: &Head, number: u64) -> (Head, Settlement) {
    let to = head.advanced(batch(head.batch.incarnation.number(), number), 0);
    let advance = Advance { shard: SHARD, from: Some(*head), to };
    let commit = advance.commit().put(format!("row {number}").as_str(), "written").add("total", 1);
    (to, settle(store, &advance, commit, BackOff::default()).await)
}

#[tokio::test(start_paused = true)]
async fn every_fault_is_settled_and_written_once() {
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
            let head = claimed(&store, 1).await;
            let next = store.faults().commits() + 1;
            (next..next + repeated).for_each(|number| store.faults().at(number, fault));
            let (to, settlement) = write(&store, &head, 1).await;
            assert_eq!(settlement, Settlement::Committed, "{fault:?}");
            store.release_late();
            assert_eq!(read_head(&store, SHARD).await, Ok(Some(to)));
            let total = storage::integer_from_bytes(store.get("total".into()).await.unwrap().as_deref());
            assert_eq!(total, 1, "{fault:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_claim_survives_every_fault() {
    for fault in [Fault::Conflict, Fault::UnknownApplied, Fault::UnknownNotApplied, Fault::Unavailable] {
        let store = MemoryStore::new();
        store.faults().next(fault);
        assert_eq!(claimed(&store, 1).await.epoch, Epoch::new(1), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_former_owner_is_fenced() {
    let store = MemoryStore::new();
    let former = claimed(&store, 1).await;
    let (former, settlement) = write(&store, &former, 1).await;
    assert_eq!(settlement, Settlement::Committed);
    let owner = claimed(&store.handle(Faults::none()), 2).await;
    assert_eq!(owner.epoch, former.epoch.next());
    let (_, settlement) = write(&store, &former, 2).await;
    assert_eq!(settlement, Settlement::Fenced { by: Some(owner) });
    assert_eq!(store.get("row 2".into()).await, Ok(None));
}

#[tokio::test(start_paused = true)]
async fn a_late_commit_of_a_former_owner_is_refused() {
    let store = MemoryStore::new();
    let former = claimed(&store, 1).await;
    store.faults().freeze();
    let handle = store.handle(Faults::none());
    let (written, owner) = tokio::join!(write(&store, &former, 1), async {
        let owner = claimed(&handle, 2).await;
        store.faults().thaw();
        owner
    });
    assert_eq!(written.1, Settlement::Fenced { by: Some(owner) });
}

#[tokio::test(start_paused = true)]
async fn a_claim_prevails_over_an_owner_at_work() {
    let store = MemoryStore::new();
    let mut former = claimed(&store, 1).await;
    let pace = Faults::none().with_pace(|| Box::pin(tokio::time::sleep(std::time::Duration::from_millis(5))));
    let handle = store.handle(pace);
    give(&store, 2).await;
    let claim = try_claim(&handle, 2);
    let work = async {
        for number in 1..4 {
            tokio::time::sleep(std::time::Duration::from_millis(7)).await;
            former = write(&store, &former, number).await.0;
        }
    };
    let (owner, ()) = tokio::join!(claim, work);
    let owner = owner.unwrap();
    assert_eq!(read_head(&store, SHARD).await, Ok(Some(owner)));
    assert!(owner.sequence > 2, "the owner was quicker at first: {owner:?}");
}

#[tokio::test(start_paused = true)]
async fn one_of_two_who_claim_at_once_prevails() {
    let store = MemoryStore::new();
    give(&store, 1).await;
    give(&store, 2).await;
    let pace =
        || Faults::none().with_pace(|| Box::pin(tokio::time::sleep(std::time::Duration::from_millis(5))));
    let (one, two) = (store.handle(pace()), store.handle(pace()));
    let (one, two) = tokio::join!(try_claim(&one, 1), try_claim(&two, 2));
    assert_eq!(one, Err(ClaimError::NotMine { shard: SHARD, owner: Some(Incarnation::new(2)) }));
    assert_eq!(read_head(&store, SHARD).await, Ok(two.ok()));
}
