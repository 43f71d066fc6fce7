//! Point reads, scans, pages, and one snapshot for all reads of a call.

use std::sync::Arc;

use super::{Case, committed, keys, pages, rows, text};
use crate::commit::Commit;
use crate::key::{Key, KeyRange};
use crate::read::{Page, Read, ReadAnswer, Row, Scan};
use crate::store::{Store, StoreExt};

pub(super) const CASES: &[(&str, Case)] = &[
    ("absent, empty and present values differ", |store| Box::pin(values(store))),
    ("keys are ordered as unsigned bytes", |store| Box::pin(order(store))),
    ("a scan gives the half-open range, in either direction", |store| Box::pin(ranges(store))),
    ("pages are cut by rows and by bytes and lose nothing", |store| Box::pin(paging(store))),
    ("answers come in the order of the questions", |store| Box::pin(answers(store))),
    ("all reads of a call see one snapshot", |store| Box::pin(snapshot(store))),
];

async fn values(store: Arc<dyn Store>) {
    assert_eq!(store.get("a".into()).await, Ok(None));
    committed(&*store, Commit::new().put("a", "").put("b", "text")).await;
    assert_eq!(text(&*store, "a").await.as_deref(), Some(""));
    assert_eq!(text(&*store, "b").await.as_deref(), Some("text"));
    assert_eq!(text(&*store, "bb").await, None);
    assert_eq!(store.read(vec![]).await, Ok(vec![]));
}

async fn order(store: Arc<dyn Store>) {
    let sorted: Vec<Key> =
        [&b"\x00"[..], b"\x00\x00", b"\x01", b"a", b"a\x00", b"a\xff", b"b", b"\x7f", b"\x80", b"\xfe\xff"]
            .into_iter()
            .map(Key::from)
            .collect();
    let commit = sorted.iter().rev().fold(Commit::new(), |commit, key| commit.put(key.clone(), "value"));
    committed(&*store, commit).await;
    let found: Vec<Key> = rows(&*store, KeyRange::all()).await.into_iter().map(|row| row.key).collect();
    assert_eq!(found, sorted);
}

async fn ranges(store: Arc<dyn Store>) {
    committed(&*store, Commit::new().put("a", "1").put("b", "2").put("c", "3").put("d", "4")).await;
    let cases: [(&str, &str, &[&str]); 7] = [
        ("a", "c", &["a", "b"]),
        ("aa", "cc", &["b", "c"]),
        ("b", "b\x00", &["b"]),
        ("", "b", &["a"]),
        ("d", "z", &["d"]),
        ("b", "b", &[]),
        ("c", "b", &[]),
    ];
    for (begin, end, expected) in cases {
        let scan = Scan::new(KeyRange::new(begin, end));
        let page = store.scan(scan.clone()).await.unwrap();
        assert_eq!(keys(&page.rows), expected, "{begin}..{end}");
        assert_eq!(page.more, None, "{begin}..{end} is exhausted");
        let reversed = store.scan(scan.reversed()).await.unwrap();
        let falling: Vec<Row> = page.rows.into_iter().rev().collect();
        assert_eq!(reversed, Page { rows: falling, more: None }, "{begin}..{end} in reverse");
    }
}

async fn paging(store: Arc<dyn Store>) {
    let row = |number: usize| Row {
        key: Key::from(&*format!("p/{number:02}")),
        value: vec![7; number * 10].into(),
    };
    let all: Vec<Row> = (0..30).map(row).collect();
    let commit = all.iter().fold(Commit::new(), |commit, row| commit.put(row.key.clone(), row.value.clone()));
    committed(&*store, commit.put("o", "before").put("q", "after")).await;
    let scan = Scan::prefix("p/");
    let limits =
        [(1, 1_000_000), (7, 1_000_000), (30, 1_000_000), (1_000, 500), (1_000, 1), (3, 120), (0, 0)];
    for (limit_rows, limit_bytes) in limits {
        for scan in [scan.clone(), scan.clone().reversed()] {
            let scan = scan.rows(limit_rows).bytes(limit_bytes);
            let found = pages(&*store, scan.clone()).await;
            found.iter().for_each(|page| check_page(&scan, page));
            let mut found: Vec<Row> = found.into_iter().flat_map(|page| page.rows).collect();
            if scan.reverse {
                found.reverse();
            }
            assert_eq!(found, all, "{scan:?}");
        }
    }
}

/// Not too many rows, no row that begins beyond the limit of bytes, and progress.
fn check_page(scan: &Scan, page: &Page) {
    assert!(page.rows.len() <= scan.limit_rows.max(1), "{scan:?}");
    assert!(page.more.is_none() || !page.rows.is_empty(), "{scan:?}");
    let without_last = page.rows.iter().rev().skip(1);
    let size_bytes: usize = without_last.map(|row| row.key.len() + row.value.len()).sum();
    assert!(size_bytes < scan.limit_bytes.max(1), "{scan:?}: {size_bytes} bytes before the last row");
}

async fn answers(store: Arc<dyn Store>) {
    committed(&*store, Commit::new().put("a", "1").put("b", "2")).await;
    let row = |key: &str, value: &'static str| Row { key: key.into(), value: value.into() };
    let reads = vec![
        Read::Get("b".into()),
        Read::Scan(Scan::prefix("a")),
        Read::Get("c".into()),
        Read::Get("b".into()),
        Read::Scan(Scan::prefix("c")),
    ];
    let expected = vec![
        ReadAnswer::Value(Some("2".into())),
        ReadAnswer::Page(Page { rows: vec![row("a", "1")], more: None }),
        ReadAnswer::Value(None),
        ReadAnswer::Value(Some("2".into())),
        ReadAnswer::Page(Page::default()),
    ];
    assert_eq!(store.read(reads).await, Ok(expected));
}

/// Each commit gives all rows the same number; a reader that saw two numbers saw half a commit. A number once
/// answered is seen by every later read.
async fn snapshot(store: Arc<dyn Store>) {
    const ROUNDS: u32 = 50;
    let writer = Arc::clone(&store);
    let writing = tokio::spawn(async move {
        for round in 1..=ROUNDS {
            let number = round.to_string();
            let names = ["a", "m/1", "m/2", "m/3", "z"];
            let commit = names.iter().fold(Commit::new(), |commit, name| commit.put(*name, number.clone()));
            committed(&*writer, commit).await;
            assert_eq!(text(&*writer, "m/2").await, Some(number));
        }
    });
    let mut last = 0;
    while last < ROUNDS {
        let reads = vec![Read::Get("a".into()), Read::Scan(Scan::prefix("m/")), Read::Get("z".into())];
        let mut seen = Vec::new();
        for answer in store.read(reads).await.unwrap() {
            match answer {
                ReadAnswer::Value(value) => seen.extend(value),
                ReadAnswer::Page(page) => seen.extend(page.rows.into_iter().map(|row| row.value)),
            }
        }
        assert!(seen.is_empty() || seen.len() == 5, "a part of the first commit: {seen:?}");
        if let Some(first) = seen.first() {
            assert!(seen.iter().all(|value| value == first), "two commits in one snapshot: {seen:?}");
            let number = std::str::from_utf8(first).unwrap().parse().unwrap();
            assert!(number >= last, "time went back from {last} to {number}");
            last = number;
        }
        tokio::task::yield_now().await;
    }
    writing.await.unwrap();
}
