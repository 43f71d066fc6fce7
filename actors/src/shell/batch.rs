//! Joining the writes of many entries: what several of them write to one row is written once.

use std::collections::BTreeMap;
use std::sync::Arc;

use storage::{Key, Write};

/// The writes of the entries in order, each row once: later puts and deletes replace earlier ones, sums are added up.
pub(crate) fn join_writes<'a>(entries: impl Iterator<Item = &'a Arc<[Write]>>) -> Vec<Write> {
    let mut joined: Vec<Write> = Vec::new();
    let mut place_by_key: BTreeMap<Key, usize> = BTreeMap::new();
    for write in entries.flat_map(|writes| writes.iter()) {
        let key = match write {
            Write::Put { key, .. } | Write::Delete { key } | Write::Add { key, .. } => key,
            // What comes after a range is deleted must stay after it.
            Write::DeleteRange { .. } => {
                place_by_key.clear();
                joined.push(write.clone());
                continue;
            }
        };
        let earlier = place_by_key.get(key).and_then(|place| joined.get_mut(*place));
        if !earlier.is_some_and(|earlier| replace(earlier, write)) {
            place_by_key.insert(key.clone(), joined.len());
            joined.push(write.clone());
        }
    }
    joined
}

/// Whether `earlier` could be changed so that it stands for both.
fn replace(earlier: &mut Write, later: &Write) -> bool {
    match (earlier, later) {
        (earlier, Write::Put { .. } | Write::Delete { .. }) => *earlier = later.clone(),
        (Write::Add { delta: sum, .. }, Write::Add { delta, .. }) => match sum.checked_add(*delta) {
            Some(total) => *sum = total,
            None => return false,
        },
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use storage::{Commit, KeyRange, MemoryStore, Scan, Store, StoreExt};

    use super::*;

    fn write() -> impl Strategy<Value = Write> {
        let key = || (0_u8..4).prop_map(|key| Key::new(vec![key]));
        prop_oneof![
            (key(), vec(any::<u8>(), 0..3)).prop_map(|(key, value)| Write::Put { key, value: value.into() }),
            key().prop_map(|key| Write::Delete { key }),
            (key(), prop_oneof![any::<i128>(), -3_i128..3])
                .prop_map(|(key, delta)| Write::Add { key, delta }),
            (key(), key()).prop_map(|(begin, end)| Write::DeleteRange { range: KeyRange { begin, end } }),
        ]
    }

    fn stored(writes: Vec<Write>) -> Vec<storage::Row> {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
            let store = MemoryStore::new();
            store.commit(Commit { expectations: Vec::new(), writes }).await.unwrap();
            store.scan(Scan::new(KeyRange::all())).await.unwrap().rows
        })
    }

    proptest! {
        #[test]
        fn joined_writes_leave_what_the_single_ones_leave(entries in vec(vec(write(), 0..4), 0..6)) {
            let entries: Vec<Arc<[Write]>> = entries.into_iter().map(Arc::from).collect();
            let single: Vec<Write> = entries.iter().flat_map(|writes| writes.iter().cloned()).collect();
            prop_assert_eq!(stored(join_writes(entries.iter())), stored(single));
        }
    }

    #[test]
    fn a_row_is_written_once() {
        let key = || Key::from("k");
        let put = |value: &'static str| Write::Put { key: key(), value: value.into() };
        let entries: [Arc<[Write]>; 2] = [Arc::from([put("a"), put("b")]), Arc::from([put("c")])];
        assert_eq!(join_writes(entries.iter()), [put("c")]);
    }
}
