//! Many at once: the head as a fence, shards that do not disturb one another, sums that lose nothing.

use std::sync::Arc;

use super::{Case, committed, rows};
use crate::commit::{Commit, CommitOutcome};
use crate::integer::integer_from_bytes;
use crate::key::KeyRange;
use crate::store::{BoxFuture, Store, StoreExt};

pub(super) const CASES: &[(&str, Case)] = &[
    ("of many commits on one head exactly one wins", |store| Box::pin(one_winner(store))),
    ("commits on heads of their own all succeed", |store| Box::pin(own_heads(store))),
    ("additions from many sides all count", |store| Box::pin(sums(store))),
    ("a chain of commits sees each before it", |store| Box::pin(chain(store))),
];

const WRITERS: usize = 16;
const ROUNDS: usize = 10;

/// Runs one future per writer at the same time and gives what they return, in order.
async fn together<T: Send + 'static>(work: impl Fn(usize) -> BoxFuture<'static, T>) -> Vec<T> {
    let running: Vec<_> = (0..WRITERS).map(|writer| tokio::spawn(work(writer))).collect();
    let mut results = Vec::new();
    for writer in running {
        results.push(writer.await.unwrap());
    }
    results
}

async fn one_winner(store: Arc<dyn Store>) {
    committed(&*store, Commit::new().put("head", "0")).await;
    for round in 1..=ROUNDS {
        let expected = store.get("head".into()).await.unwrap().unwrap();
        let outcomes = together(|writer| {
            let store = Arc::clone(&store);
            let commit = Commit::new()
                .expect_value("head", expected.clone())
                .put("head", format!("{round} by {writer}"))
                .put(&*format!("won/{round}"), writer.to_string())
                .add("wins", 1);
            Box::pin(async move { store.commit(commit).await.unwrap() })
        });
        let outcomes = outcomes.await;
        let conflict = CommitOutcome::Conflict { key: "head".into() };
        let winners: Vec<usize> =
            (0..WRITERS).filter(|writer| outcomes.get(*writer) == Some(&CommitOutcome::Committed)).collect();
        let refused = outcomes.iter().filter(|outcome| **outcome == conflict).count();
        assert_eq!((winners.len(), refused), (1, WRITERS - 1), "{outcomes:?}");
        let winner = store.get((&*format!("won/{round}")).into()).await.unwrap().unwrap();
        assert_eq!(Some(winner), winners.first().map(|winner| winner.to_string().into()));
    }
    let wins = store.get("wins".into()).await.unwrap();
    assert_eq!(integer_from_bytes(wins.as_deref()), i128::try_from(ROUNDS).unwrap());
}

async fn own_heads(store: Arc<dyn Store>) {
    let writing = together(|writer| {
        let store = Arc::clone(&store);
        Box::pin(async move {
            let head = format!("{writer:02}/head");
            committed(&*store, Commit::new().expect_absent(&*head).put(&*head, "0")).await;
            for round in 1..=ROUNDS {
                let commit = Commit::new()
                    .expect_value(&*head, (round - 1).to_string())
                    .put(&*head, round.to_string())
                    .put(&*format!("{writer:02}/row/{round:02}"), "row");
                committed(&*store, commit).await;
            }
        })
    });
    writing.await;
    for writer in 0..WRITERS {
        let range = KeyRange::prefix(&*format!("{writer:02}/row/"));
        assert_eq!(rows(&*store, range).await.len(), ROUNDS);
    }
}

async fn sums(store: Arc<dyn Store>) {
    let adding = together(|writer| {
        let store = Arc::clone(&store);
        Box::pin(async move {
            for round in 0..ROUNDS {
                let delta = i128::try_from(writer * ROUNDS + round).unwrap();
                committed(&*store, Commit::new().add("sum", delta).add("sum", -1).add("balance", -delta))
                    .await;
            }
        })
    });
    adding.await;
    let total = WRITERS * ROUNDS;
    let expected = i128::try_from(total * (total - 1) / 2).unwrap();
    let sum = integer_from_bytes(store.get("sum".into()).await.unwrap().as_deref());
    assert_eq!(sum, expected - i128::try_from(total).unwrap());
    assert_eq!(integer_from_bytes(store.get("balance".into()).await.unwrap().as_deref()), -expected);
}

/// Commits handed in one after the other without waiting for answers, each on the value that the one before
/// leaves: whatever order the store takes them in, those accepted are a chain without a gap.
async fn chain(store: Arc<dyn Store>) {
    committed(&*store, Commit::new().put("head", "0")).await;
    let outcomes = together(|link| {
        let store = Arc::clone(&store);
        let commit = Commit::new()
            .expect_value("head", link.to_string())
            .put("head", (link + 1).to_string())
            .put(&*format!("link/{link:02}"), "row");
        Box::pin(async move { store.commit(commit).await.unwrap() })
    });
    let outcomes = outcomes.await;
    let accepted = outcomes.iter().take_while(|outcome| **outcome == CommitOutcome::Committed).count();
    assert!(accepted > 0, "{outcomes:?}");
    assert!(
        outcomes.iter().skip(accepted).all(|outcome| *outcome != CommitOutcome::Committed),
        "{outcomes:?}"
    );
    assert_eq!(rows(&*store, KeyRange::prefix("link/")).await.len(), accepted);
    let head = store.get("head".into()).await.unwrap();
    assert_eq!(head, Some(accepted.to_string().into()));
}
