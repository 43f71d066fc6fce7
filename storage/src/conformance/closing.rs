//! Closing, and opening again.

use std::sync::Arc;

use super::{Case, Factory, committed, conflicts, rows, text};
use crate::commit::Commit;
use crate::error::StoreError;
use crate::key::KeyRange;
use crate::store::{Store, StoreExt};

pub(super) const CASES: &[(&str, Case)] = &[("a closed store says so", |store| Box::pin(closed(store)))];

async fn closed(store: Arc<dyn Store>) {
    committed(&*store, Commit::new().put("a", "1")).await;
    assert_eq!(store.close().await, Ok(()));
    assert_eq!(store.get("a".into()).await, Err(StoreError::Closed));
    assert_eq!(store.commit(Commit::new().put("a", "2")).await, Err(StoreError::Closed));
    assert_eq!(store.close().await, Ok(()));
}

/// What was acknowledged is there after reopening, and the next commit goes on from it.
pub(super) async fn reopened_store_goes_on(factory: &dyn Factory) {
    let mut store = factory.create().await;
    committed(&*store, Commit::new().put("head", "0").put("gone", "row")).await;
    committed(&*store, Commit::new().delete("gone")).await;
    for round in 1..=3 {
        let commit = Commit::new()
            .expect_value("head", (round - 1).to_string())
            .put("head", round.to_string())
            .put(&*format!("row/{round}"), vec![7; 10_000]);
        committed(&*store, commit.clone()).await;
        let before = rows(&*store, KeyRange::all()).await;
        store = factory.reopen(store).await;
        assert_eq!(rows(&*store, KeyRange::all()).await, before);
        assert_eq!(text(&*store, "head").await, Some(round.to_string()));
        conflicts(&*store, commit, "head").await;
    }
    store.close().await.unwrap();
}
