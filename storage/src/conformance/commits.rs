//! Expectations, the order of writes, each kind of write, and commits made a second time.

use std::sync::Arc;

use super::{Case, committed, conflicts, keys, rows, text};
use crate::commit::Commit;
use crate::integer::{integer_from_bytes, integer_to_bytes};
use crate::key::KeyRange;
use crate::store::{Store, StoreExt};

pub(super) const CASES: &[(&str, Case)] = &[
    ("an expectation compares values, absence included", |store| Box::pin(expectations(store))),
    ("a refused commit leaves no trace", |store| Box::pin(refusal(store))),
    ("the first expectation that fails is named", |store| Box::pin(first_failure(store))),
    ("a commit may only expect, or do nothing", |store| Box::pin(without_writes(store))),
    ("writes happen in their order", |store| Box::pin(order_of_writes(store))),
    ("a deleted range is half-open", |store| Box::pin(delete_range(store))),
    ("addition takes absent rows, negative numbers and odd widths", |store| Box::pin(add(store))),
    ("an unknown outcome is settled by the identical commit", |store| Box::pin(same_again(store))),
    ("equal values written again are no change to an expectation", |store| {
        Box::pin(value_not_version(store))
    }),
];

async fn expectations(store: Arc<dyn Store>) {
    let store = &*store;
    conflicts(store, Commit::new().expect_value("k", "x").put("k", "y"), "k").await;
    committed(store, Commit::new().expect_absent("k").put("k", "one")).await;
    conflicts(store, Commit::new().expect_absent("k").put("k", "two"), "k").await;
    conflicts(store, Commit::new().expect_value("k", "on").put("k", "two"), "k").await;
    conflicts(store, Commit::new().expect_value("k", "one ").put("k", "two"), "k").await;
    conflicts(store, Commit::new().expect_value("k", "").put("k", "two"), "k").await;
    committed(store, Commit::new().expect_value("k", "one").put("k", "")).await;
    conflicts(store, Commit::new().expect_absent("k").put("k", "two"), "k").await;
    committed(store, Commit::new().expect_value("k", "").delete("k")).await;
    committed(store, Commit::new().expect_absent("k").put("k", "three")).await;
}

async fn refusal(store: Arc<dyn Store>) {
    let store = &*store;
    committed(store, Commit::new().put("head", "1").put("r/1", "row").put("n", integer_to_bytes(5))).await;
    let before = rows(store, KeyRange::all()).await;
    let refused = Commit::new()
        .expect_value("head", "0")
        .put("head", "2")
        .put("new", "row")
        .delete("r/1")
        .delete_range(KeyRange::all())
        .add("n", 1);
    conflicts(store, refused, "head").await;
    assert_eq!(rows(store, KeyRange::all()).await, before);
}

async fn first_failure(store: Arc<dyn Store>) {
    committed(&*store, Commit::new().put("a", "1").put("b", "2")).await;
    let expecting = |b: &'static str, c: &'static str| {
        Commit::new().expect_value("a", "1").expect_value("b", b).expect_value("c", c).put("a", "3")
    };
    conflicts(&*store, expecting("0", "0"), "b").await;
    conflicts(&*store, expecting("2", "0"), "c").await;
    committed(&*store, Commit::new().expect_value("a", "1").expect_value("b", "2").put("a", "3")).await;
}

async fn without_writes(store: Arc<dyn Store>) {
    committed(&*store, Commit::new()).await;
    committed(&*store, Commit::new().expect_absent("k")).await;
    conflicts(&*store, Commit::new().expect_value("k", "x"), "k").await;
    committed(&*store, Commit::new().delete("k").delete_range(KeyRange::prefix("k"))).await;
    assert_eq!(rows(&*store, KeyRange::all()).await, vec![]);
}

async fn order_of_writes(store: Arc<dyn Store>) {
    let store = &*store;
    committed(store, Commit::new().put("a", "1").put("a", "2").put("b", "1").delete("b")).await;
    assert_eq!((text(store, "a").await.as_deref(), text(store, "b").await), (Some("2"), None));
    let replaced =
        Commit::new().delete_range(KeyRange::prefix("a")).put("a/1", "x").delete("a/1").put("a/2", "y");
    committed(store, replaced).await;
    assert_eq!(keys(&rows(store, KeyRange::all()).await), ["a/2"]);
    committed(store, Commit::new().put("a/3", "z").delete_range(KeyRange::prefix("a/"))).await;
    assert_eq!(rows(store, KeyRange::all()).await, vec![]);
    committed(store, Commit::new().add("n", 2).put("n", integer_to_bytes(10)).add("n", 1).add("n", 1)).await;
    assert_eq!(integer(store, "n").await, 12);
    committed(store, Commit::new().delete("n").add("n", 3)).await;
    assert_eq!(integer(store, "n").await, 3);
    // An expectation looks at the state before the commit, never at its own writes.
    conflicts(store, Commit::new().put("k", "1").expect_value("k", "1"), "k").await;
}

async fn delete_range(store: Arc<dyn Store>) {
    let store = &*store;
    let all = ["a", "b", "b\x00", "b/1", "b/2", "c", "d"];
    let ranges: [(KeyRange, &[&str]); 6] = [
        (KeyRange::new("b", "c"), &["a", "c", "d"]),
        (KeyRange::prefix("b/"), &["a", "b", "b\\x00", "c", "d"]),
        (KeyRange::new("b", "b\x00"), &["a", "b\\x00", "b/1", "b/2", "c", "d"]),
        (KeyRange::new("c", "b"), &["a", "b", "b\\x00", "b/1", "b/2", "c", "d"]),
        (KeyRange::new("", "b/2"), &["b/2", "c", "d"]),
        (KeyRange::all(), &[]),
    ];
    for (range, left) in ranges {
        committed(store, all.iter().fold(Commit::new(), |commit, key| commit.put(*key, "row"))).await;
        committed(store, Commit::new().delete_range(range.clone())).await;
        assert_eq!(keys(&rows(store, KeyRange::all()).await), left, "{range:?}");
    }
}

async fn add(store: Arc<dyn Store>) {
    let store = &*store;
    for (delta, expected) in [(5, 5), (-7, -2), (0, -2), (i128::MAX, i128::MAX - 2), (i128::MIN, -3)] {
        committed(store, Commit::new().add("n", delta)).await;
        assert_eq!(integer(store, "n").await, expected);
        assert_eq!(store.get("n".into()).await.unwrap().unwrap().len(), 16);
    }
    committed(store, Commit::new().put("n", integer_to_bytes(i128::MAX)).add("n", 1)).await;
    assert_eq!(integer(store, "n").await, i128::MIN);
    committed(store, Commit::new().put("n", vec![9]).add("n", 1)).await;
    assert_eq!(integer(store, "n").await, 10);
    committed(store, Commit::new().put("n", vec![1; 20]).add("n", 1)).await;
    assert_eq!(integer(store, "n").await, i128::from_le_bytes([1; 16]) + 1);
    committed(store, Commit::new().expect_absent("zero").add("zero", 0)).await;
    committed(store, Commit::new().expect_value("zero", integer_to_bytes(0)).delete("zero")).await;
}

/// What a journal does when it does not know: the head tells that the first attempt happened, and nothing
/// happens twice.
async fn same_again(store: Arc<dyn Store>) {
    let store = &*store;
    committed(store, Commit::new().put("head", "batch 1")).await;
    let batch = Commit::new().expect_value("head", "batch 1").put("head", "batch 2").add("total", 40);
    committed(store, batch.clone()).await;
    conflicts(store, batch.clone(), "head").await;
    assert_eq!(text(store, "head").await.as_deref(), Some("batch 2"));
    assert_eq!(integer(store, "total").await, 40);
    committed(store, Commit::new().expect_value("head", "batch 2").put("head", "batch 3")).await;
    conflicts(store, batch, "head").await;
}

async fn value_not_version(store: Arc<dyn Store>) {
    committed(&*store, Commit::new().put("k", "same")).await;
    committed(&*store, Commit::new().put("k", "other")).await;
    committed(&*store, Commit::new().put("k", "same")).await;
    committed(&*store, Commit::new().expect_value("k", "same").put("k", "new")).await;
}

async fn integer(store: &dyn Store, key: &str) -> i128 {
    integer_from_bytes(store.get(key.into()).await.unwrap().as_deref())
}
