//! Collections of a state that are mostly small: their first entries stand in the root, the others in parts of their own.
//!
//! An account with one balance and one reservation is then one value, and a fleet with a thousand of them writes one part
//! with each. Where an entry stands follows from the keys alone, so nothing has to remember it.

use std::collections::{BTreeMap, BTreeSet};

/// What of a collection is written, beside the root.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shelved<K> {
    /// The entry's part is now this entry.
    Put(K),
    /// The entry has no part any more: it is gone, or it stands in the root.
    Delete(K),
}

/// A collection as it stands before a decision, as far as that matters for what the decision writes.
#[derive(Debug)]
pub(super) struct Shelf<K> {
    most_in_root: usize,
    /// None where all of it stands in the root.
    spilt: Option<Spilt<K>>,
}

/// A collection of which some entries are parts.
#[derive(Debug)]
struct Spilt<K> {
    in_root: BTreeSet<K>,
    /// What the decision touches.
    touched: BTreeSet<K>,
    /// What of that is there already.
    held: BTreeSet<K>,
}

impl<K: Clone + Ord> Shelf<K> {
    /// The collection before these entries are touched; the root holds the first so many.
    pub(super) fn new<V, T>(
        entries: &BTreeMap<K, V>,
        most_in_root: usize,
        touched: impl FnOnce() -> T,
    ) -> Self
    where
        T: IntoIterator<Item = K>,
    {
        let spilt = (entries.len() > most_in_root).then(|| {
            let touched: BTreeSet<K> = touched().into_iter().collect();
            let held = touched.iter().filter(|key| entries.contains_key(key)).cloned().collect();
            let in_root = entries.keys().take(most_in_root).cloned().collect();
            Spilt { in_root, touched, held }
        });
        Self { most_in_root, spilt }
    }

    /// What is to be written, given the collection after the decision.
    pub(super) fn written<V>(&self, entries: &BTreeMap<K, V>) -> Vec<Shelved<K>> {
        let Some(spilt) = &self.spilt else {
            // There were no parts: what does not fit into the root now is new.
            return entries.keys().skip(self.most_in_root).cloned().map(Shelved::Put).collect();
        };
        let in_root: BTreeSet<&K> = entries.keys().take(self.most_in_root).collect();
        let concerned: BTreeSet<&K> =
            spilt.touched.iter().chain(&spilt.in_root).chain(in_root.iter().copied()).collect();
        let written = concerned.into_iter().filter_map(|key| {
            let is_touched = spilt.touched.contains(key);
            let is_part = entries.contains_key(key) && !in_root.contains(key);
            match (is_part, spilt.was_part(key, is_touched, entries.contains_key(key))) {
                (true, was_part) => (is_touched || !was_part).then(|| Shelved::Put(key.clone())),
                (false, true) => Some(Shelved::Delete(key.clone())),
                (false, false) => None,
            }
        });
        written.collect()
    }
}

impl<K: Ord> Spilt<K> {
    /// What was not touched was there before if it is there now.
    fn was_part(&self, key: &K, is_touched: bool, is_there: bool) -> bool {
        let was_there = if is_touched { self.held.contains(key) } else { is_there };
        was_there && !self.in_root.contains(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts of a collection of which so many stand in the root, after a step.
    fn check(
        parts: &mut BTreeSet<u32>,
        before: &[u32],
        most: usize,
        added: &[u32],
        removed: &[u32],
    ) -> usize {
        let mut entries: BTreeMap<u32, ()> = before.iter().map(|key| (*key, ())).collect();
        let shelf = Shelf::new(&entries, most, || added.iter().chain(removed).copied());
        entries.extend(added.iter().map(|key| (*key, ())));
        entries.retain(|key, ()| !removed.contains(key));
        let written = shelf.written(&entries);
        for one in &written {
            match one {
                Shelved::Put(key) => drop(parts.insert(*key)),
                Shelved::Delete(key) => assert!(parts.remove(key), "{key} has no part"),
            }
        }
        let expected: BTreeSet<u32> = entries.keys().skip(most).copied().collect();
        assert_eq!(*parts, expected, "{before:?} + {added:?} - {removed:?}");
        written.len()
    }

    #[test]
    fn a_small_collection_has_no_parts_until_it_grows() {
        let mut parts = BTreeSet::new();
        assert_eq!(check(&mut parts, &[1, 2], 2, &[3], &[]), 1);
        assert_eq!(check(&mut parts, &[1, 2, 3], 2, &[], &[1, 3]), 1);
        assert_eq!(check(&mut parts, &[], 2, &[1], &[]), 0);
        assert_eq!(check(&mut parts, &[1], 2, &[2], &[]), 0);
        assert_eq!(check(&mut parts, &[1, 2], 2, &[], &[1]), 0);
    }

    /// What is there before, what is added or changed, what is removed, and how many writes that makes.
    type Case = (&'static [u32], &'static [u32], &'static [u32], usize);

    #[test]
    fn entries_move_between_root_and_parts() {
        let cases: &[Case] = &[
            (&[5, 6], &[7], &[], 1),
            (&[5, 6], &[4], &[], 1),
            (&[5, 6, 7], &[], &[7], 1),
            (&[5, 6, 7], &[], &[5], 1),
            (&[5, 6, 7], &[7], &[], 1),
            (&[5, 6, 7], &[5], &[], 0),
            (&[5, 6, 7, 8], &[], &[5, 6], 2),
            (&[5, 6, 7, 8], &[1, 2], &[7], 3),
            (&[5, 6, 7, 8], &[6, 8, 9], &[5], 3),
        ];
        for (before, added, removed, writes) in cases {
            let mut parts = before.iter().skip(2).copied().collect();
            assert_eq!(check(&mut parts, before, 2, added, removed), *writes, "{before:?}");
        }
    }
}
