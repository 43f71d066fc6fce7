//! Random histories of commits and reads, compared with the model step by step.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Runtime;

use super::model::Model;
use super::{Factory, committed, pages};
use crate::commit::{Commit, Expectation, Write};
use crate::key::{Key, KeyRange};
use crate::read::{Row, Scan};
use crate::store::{Store, StoreExt};

/// One step of a history.
#[derive(Clone, Debug)]
enum Step {
    /// Commits what expects what is there, so that it is accepted, on top of its own expectations.
    Commit {
        commit: Commit,
        guarded: Vec<Key>,
    },
    Get(Key),
    Scan(Scan),
}

pub(super) fn histories_agree_with_the_model(factory: &dyn Factory, runtime: &Runtime, histories: u32) {
    let store = runtime.block_on(factory.create());
    let config = Config { cases: histories, failure_persistence: None, ..Config::default() };
    let run = TestRunner::new(config).run(&vec(step(), 1..20), |history| {
        runtime.block_on(agree(&store, history));
        Ok(())
    });
    assert!(run.is_ok(), "{}", run.unwrap_err());
    runtime.block_on(store.close()).unwrap();
}

async fn agree(store: &Arc<dyn Store>, history: Vec<Step>) {
    committed(&**store, Commit::new().delete_range(KeyRange::all())).await;
    let mut model = Model::default();
    for step in history {
        match step {
            Step::Commit { mut commit, guarded } => {
                for key in guarded {
                    let value = model.get(&key).map(|value| value.to_vec().into());
                    commit.expectations.push(Expectation { key, value });
                }
                let expected = model.commit(&commit);
                assert_eq!(store.commit(commit).await, Ok(expected));
            }
            Step::Get(key) => {
                let found = store.get(key.clone()).await.unwrap();
                assert_eq!(found.as_deref(), model.get(&key), "{key}");
            }
            Step::Scan(scan) => compare(&**store, &model, scan).await,
        }
    }
    compare(&**store, &model, Scan::new(KeyRange::all())).await;
}

async fn compare(store: &dyn Store, model: &Model, scan: Scan) {
    let found: Vec<Row> = pages(store, scan.clone()).await.into_iter().flat_map(|page| page.rows).collect();
    assert_eq!(found, model.scan(&scan), "{scan:?}");
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (vec(expectation(), 0..2), vec(key(), 0..3), vec(write(), 0..6))
            .prop_map(|(expectations, guarded, writes)| {
                // Most histories would stand still if wrong expectations were the rule.
                let expectations = if guarded.len() < 2 { vec![] } else { expectations };
                Step::Commit { commit: Commit { expectations, writes }, guarded }
            }),
        1 => key().prop_map(Step::Get),
        2 => (range(), 1usize..5, 1usize..60, any::<bool>()).prop_map(|(range, limit_rows, limit_bytes, reverse)| {
            Step::Scan(Scan { range, limit_rows, limit_bytes, reverse })
        }),
    ]
}

/// Few keys, so that steps meet: up to three of the bytes where mistakes are made.
fn key() -> impl Strategy<Value = Key> {
    let byte = || prop_oneof![Just(0u8), Just(1), Just(b'a'), Just(0xFE), Just(0xFF)];
    (prop_oneof![Just(0u8), Just(b'a'), Just(0xFE)], vec(byte(), 0..3))
        .prop_map(|(first, rest)| Key::from([vec![first], rest].concat()))
}

fn range() -> impl Strategy<Value = KeyRange> {
    prop_oneof![
        3 => (key(), key()).prop_map(|(begin, end)| KeyRange { begin, end }),
        2 => key().prop_map(KeyRange::prefix),
        1 => Just(KeyRange::all()),
    ]
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![Just(vec![]), vec(any::<u8>(), 1..40), Just(vec![1; 16])]
}

fn expectation() -> impl Strategy<Value = Expectation> {
    (key(), prop::option::of(value()))
        .prop_map(|(key, value)| Expectation { key, value: value.map(Into::into) })
}

fn write() -> impl Strategy<Value = Write> {
    prop_oneof![
        6 => (key(), value()).prop_map(|(key, value)| Write::Put { key, value: value.into() }),
        2 => key().prop_map(|key| Write::Delete { key }),
        1 => range().prop_map(|range| Write::DeleteRange { range }),
        3 => (key(), any::<i64>()).prop_map(|(key, delta)| Write::Add { key, delta: delta.into() }),
    ]
}
