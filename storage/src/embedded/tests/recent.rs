//! Recent rows: each reader sees the groups up to the one it began with, and what nobody sees any more goes.

use std::ops::Bound;

use bytes::Bytes;

use super::super::log::Change;
use super::super::recent::{Recent, RecentChange};
use crate::key::Key;

fn put(key: &str, value: &'static str) -> RecentChange {
    RecentChange { change: Change { key: key.into(), value: Some(value.into()) }, hides_older: true }
}

fn delete(key: &str, hides_older: bool) -> RecentChange {
    RecentChange { change: Change { key: key.into(), value: None }, hides_older }
}

/// All rows as of a group, deleted ones as `-`.
fn all(recent: &Recent, sequence: u64) -> String {
    let (part, _) = recent.part((Bound::Unbounded, Bound::Unbounded), false, usize::MAX, sequence);
    let text = |(key, value): (Key, Option<Bytes>)| {
        let value = value.map_or_else(|| "-".to_owned(), |value| String::from_utf8(value.to_vec()).unwrap());
        format!("{key}={value}")
    };
    part.into_iter().map(text).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_reader_sees_what_was_there_when_it_began() {
    let recent = Recent::after(10);
    recent.apply(11, [put("a", "1"), put("b", "1")]);
    let first = recent.enter();
    recent.apply(12, [put("a", "2"), delete("b", false), put("c", "2")]);
    let second = recent.enter();
    recent.apply(13, [put("a", "3"), put("b", "3")]);
    recent.apply(14, [put("a", "4"), delete("c", true)]);
    assert_eq!((first, second), (11, 12));
    assert_eq!(all(&recent, 10), "");
    assert_eq!(all(&recent, first), "a=1 b=1");
    assert_eq!(all(&recent, second), "a=2 b=- c=2");
    assert_eq!(all(&recent, 14), "a=4 b=3 c=-");
    assert_eq!(recent.get(&"a".into(), second), Some(Some("2".into())));
    assert_eq!(recent.get(&"c".into(), first), None);
}

#[test]
fn versions_that_nobody_sees_are_forgotten() {
    let recent = Recent::after(0);
    recent.apply(1, [put("a", "1")]);
    let reader = recent.enter();
    for sequence in 2..=9 {
        recent.apply(sequence, [put("a", "n")]);
    }
    // That of the reader, the newest, and the one before it.
    assert_eq!(recent.versions(&"a".into()), [1, 8, 9]);
    recent.leave(reader);
    recent.apply(10, [put("a", "n")]);
    assert_eq!(recent.versions(&"a".into()), [9, 10]);
}

#[test]
fn a_deleted_row_that_hides_nothing_is_forgotten_when_no_reader_saw_it() {
    let recent = Recent::after(0);
    recent.apply(1, [put("a", "1"), put("b", "1")]);
    let reader = recent.enter();
    recent.apply(2, [delete("a", false), delete("b", true)]);
    recent.apply(3, [put("c", "3")]);
    assert_eq!(all(&recent, reader), "a=1 b=1");
    assert_eq!(all(&recent, 3), "a=- b=- c=3");
    recent.leave(reader);
    recent.apply(4, []);
    assert_eq!(all(&recent, 4), "b=- c=3");
    // One that came back meanwhile stays.
    recent.apply(5, [delete("c", false)]);
    recent.apply(6, [put("c", "6")]);
    recent.apply(7, []);
    assert_eq!(all(&recent, 7), "b=- c=6");
}

#[test]
fn parts_follow_one_another_in_either_direction() {
    let recent = Recent::after(0);
    let keys: Vec<Key> = (0..1_000u32).map(|number| Key::from(&number.to_be_bytes()[..])).collect();
    let row = |key: &Key| Change { key: key.clone(), value: Some(Bytes::new()) };
    recent.apply(1, keys.iter().map(|key| RecentChange { change: row(key), hides_older: true }));
    for reverse in [false, true] {
        let mut found = Vec::new();
        let (mut begin, mut end) = (Bound::Unbounded, Bound::Unbounded);
        loop {
            let (part, next) = recent.part((begin.as_ref(), end.as_ref()), reverse, 77, 1);
            found.extend(part.into_iter().map(|(key, _)| key));
            let Some(next) = next else { break };
            *(if reverse { &mut end } else { &mut begin }) = Bound::Included(next);
        }
        if reverse {
            found.reverse();
        }
        assert_eq!(found, keys, "reverse: {reverse}");
    }
}
