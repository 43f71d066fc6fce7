//! Two owners of one head, each with a connection of its own: they can't both advance it.

use std::sync::Arc;

use storage::foundationdb::testing::TestServer;
use storage::{
    Commit, CommitOutcome, FoundationDbOptions, KeyRange, Scan, Store, StoreExt, integer_from_bytes,
};

use super::{block_on, committed, open};

const ROUNDS: u32 = 30;
const BATCHES: u32 = 8;

/// The owner of an epoch, which knows the head it last wrote.
struct Owner {
    store: Arc<dyn Store>,
    head: String,
    sequence: u32,
}

impl Owner {
    /// Takes the head in the next epoch, from whoever has it.
    async fn claim(store: Arc<dyn Store>, name: &str) -> Owner {
        loop {
            let found = store.get("head".into()).await.unwrap();
            let text = found.as_ref().map(|head| String::from_utf8(head.to_vec()).unwrap());
            let epoch =
                text.and_then(|head| head.split(' ').next().map(|epoch| epoch.parse::<u32>().unwrap()));
            let head = format!("{} {name} 0", epoch.unwrap_or(0) + 1);
            let commit = match found {
                Some(found) => Commit::new().expect_value("head", found),
                None => Commit::new().expect_absent("head"),
            };
            if store.commit(commit.put("head", head.clone())).await.unwrap() == CommitOutcome::Committed {
                return Owner { store, head, sequence: 0 };
            }
        }
    }

    /// Commits one batch; false once it is fenced.
    async fn advance(&mut self) -> bool {
        let (claimed, _) = self.head.rsplit_once(' ').unwrap();
        let next = format!("{claimed} {}", self.sequence + 1);
        let commit = Commit::new()
            .expect_value("head", self.head.clone())
            .put("head", next.clone())
            .put(&*format!("row/{next}"), self.head.clone())
            .add("batches", 1);
        match self.store.commit(commit).await.unwrap() {
            CommitOutcome::Committed => {
                (self.head, self.sequence) = (next, self.sequence + 1);
                true
            }
            refused => {
                assert_eq!(refused, CommitOutcome::Conflict { key: "head".into() });
                false
            }
        }
    }
}

/// Each round, one owner commits batch after batch while the other takes the head from it: from there on nothing of
/// the first is accepted, and what was accepted is a chain without a fork.
#[test]
fn two_owners_cannot_both_advance_a_head() {
    let Some(server) = TestServer::shared("two owners of one head") else { return };
    let options = FoundationDbOptions::new(server.cluster_file()).with_prefix("owners");
    block_on(async {
        let (one, other): (Arc<dyn Store>, Arc<dyn Store>) =
            (Arc::new(open(&options).await), Arc::new(open(&options).await));
        let mut owner = Owner::claim(Arc::clone(&one), "one").await;
        let mut accepted = 0;
        for round in 0..ROUNDS {
            let (store, name) = if round % 2 == 0 { (&other, "other") } else { (&one, "one") };
            let former = tokio::spawn(async move {
                while owner.sequence < BATCHES && owner.advance().await {}
                owner
            });
            let mut next = Owner::claim(Arc::clone(store), name).await;
            assert!(next.advance().await);
            let mut former = former.await.unwrap();
            assert!(!former.advance().await, "round {round}: a former owner has advanced the head");
            accepted += former.sequence;
            owner = next;
        }
        accepted += owner.sequence;
        check_chain(&*one, accepted).await;
        committed(&*one, Commit::new().delete_range(KeyRange::all())).await;
    });
}

/// Every batch that was answered as committed is there, and its predecessor is the one it expected.
async fn check_chain(store: &dyn Store, accepted: u32) {
    let rows = store.scan(Scan::prefix("row/")).await.unwrap().rows;
    assert_eq!(rows.len(), usize::try_from(accepted).unwrap());
    let mut predecessors: Vec<_> = rows.iter().map(|row| row.value.clone()).collect();
    predecessors.sort_unstable();
    predecessors.dedup();
    assert_eq!(predecessors.len(), rows.len(), "two batches have the same predecessor");
    let batches = integer_from_bytes(store.get("batches".into()).await.unwrap().as_deref());
    assert_eq!(batches, i128::from(accepted));
}
