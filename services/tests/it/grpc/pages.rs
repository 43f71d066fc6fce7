//! Pages of a list of a million: each costs what the first costs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use proto::account::ListAccountsRequest;
use services::node::RunningNode;
use services::store::{Opened, StoreAddress, StoreKind};
use sha2::{Digest, Sha256};
use storage::{
    BoxFuture, Commit, CommitOutcome, Key, KeyRange, MemoryStore, Read, ReadAnswer, Scan, Store, StoreError,
    StoreExt as _, Write,
};

use super::supplier::TENANT;
use super::world::{World, field, options, run};

const ENTRIES: u32 = 1_000_000;
const PAGE: u32 = 3;
/// Where the pages that are looked at begin.
const PLACES: [u32; 3] = [0, 500_000, ENTRIES - PAGE - 1];

/// A store that counts what is read of listings.
#[derive(Debug)]
struct Counting {
    store: MemoryStore,
    scans: AtomicUsize,
    rows: AtomicUsize,
}

impl Store for Counting {
    fn read(&self, reads: Vec<Read>) -> BoxFuture<'_, Result<Vec<ReadAnswer>, StoreError>> {
        Box::pin(async move {
            let is_listing = |read: &Read| matches!(read, Read::Scan(scan) if scan.range.begin.as_bytes().starts_with(b"idx/"));
            let listings: Vec<bool> = reads.iter().map(is_listing).collect();
            let answers = self.store.read(reads).await?;
            for answer in
                answers.iter().zip(&listings).filter(|(_, is_listing)| **is_listing).map(|pair| pair.0)
            {
                let ReadAnswer::Page(page) = answer else { continue };
                self.scans.fetch_add(1, Ordering::Relaxed);
                self.rows.fetch_add(page.rows.len(), Ordering::Relaxed);
            }
            Ok(answers)
        })
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<CommitOutcome, StoreError>> {
        self.store.commit(commit)
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.store.close()
    }
}

impl Counting {
    fn counted(&self) -> (usize, usize) {
        (self.scans.swap(0, Ordering::Relaxed), self.rows.swap(0, Ordering::Relaxed))
    }

    /// Lists accounts that were never opened, as the entry of one that was says.
    async fn fill(&self, listed: &str) {
        let page = self.store.scan(Scan::new(KeyRange::prefix(Key::new(&b"idx/"[..])))).await.unwrap();
        let has = |bytes: &[u8]| bytes.windows(listed.len()).any(|part| part == listed.as_bytes());
        let entry = page.rows.iter().find(|row| has(row.key.as_bytes())).unwrap();
        let template = entry.key.as_bytes();
        for first in (0..ENTRIES).step_by(10_000) {
            let put = |number| {
                let key = replaced(template, listed.as_bytes(), id(number).as_bytes());
                Write::Put { key: Key::new(Bytes::from(key)), value: entry.value.clone() }
            };
            let writes = (first..first + 10_000).map(put).collect();
            self.store.commit(Commit { expectations: Vec::new(), writes }).await.unwrap();
        }
    }
}

fn id(number: u32) -> String {
    format!("K-{number:07}")
}

/// The bytes with one part in place of another of the same length.
fn replaced(bytes: &[u8], part: &[u8], by: &[u8]) -> Vec<u8> {
    let mut replaced = bytes.to_vec();
    for place in 0..=bytes.len() - part.len() {
        if bytes[place..].starts_with(part) {
            replaced[place..place + part.len()].copy_from_slice(by);
        }
    }
    replaced
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// A token like this one, of a page that begins behind another entry: what page by page would take long to come to.
fn token_behind(token: &str, last: &str, other: &str) -> String {
    let place = token.get(8..).unwrap().replace(&hex(last), &hex(other));
    let bytes: Vec<u8> =
        (0..place.len()).step_by(2).map(|at| u8::from_str_radix(&place[at..at + 2], 16).unwrap()).collect();
    let list = format!("accounts of {}", TENANT.strip_prefix("tenants/").unwrap());
    let digest = Sha256::new().chain_update(list).chain_update([0]).chain_update(bytes).finalize();
    digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect::<String>() + &place
}

#[test]
fn a_page_costs_the_same_wherever_it_lies() {
    run(async {
        let store = Arc::new(Counting {
            store: MemoryStore::new(),
            scans: AtomicUsize::default(),
            rows: AtomicUsize::default(),
        });
        let opened = Opened { store: store.clone(), exclusive: true, kind: StoreKind::Memory };
        let node = RunningNode::start_on(opened, &options(StoreAddress::Memory)).await.unwrap();
        let mut world = World::of(node).await;
        for place in PLACES {
            for number in place..=place + PAGE {
                world.open(TENANT, &id(number)).await;
            }
        }
        store.fill(&id(0)).await;

        let list = |page_token: String| ListAccountsRequest {
            parent: TENANT.to_owned(),
            page_size: PAGE.cast_signed(),
            page_token,
        };
        store.counted();
        let first = world.accounts.list_accounts(list(String::new())).await.unwrap().into_inner();
        let cost = store.counted();
        assert_eq!(cost, (1, 4), "one scan, of a page and one more entry");
        let last_of_first = id(PAGE - 1);
        assert_eq!(first.accounts.last().unwrap().account_id, last_of_first);
        assert!(first.next_page_token.contains(&hex(&last_of_first)));
        for place in PLACES {
            let token = token_behind(&first.next_page_token, &last_of_first, &id(place));
            let page = world.accounts.list_accounts(list(token)).await.unwrap().into_inner();
            let ids: Vec<String> = page.accounts.into_iter().map(|account| account.account_id).collect();
            assert_eq!(ids, [id(place + 1), id(place + 2), id(place + 3)]);
            assert_eq!(page.next_page_token.is_empty(), place + PAGE + 1 == ENTRIES);
            let (scans, rows) = store.counted();
            assert!(scans <= 2 && rows <= cost.1, "{scans} scans and {rows} rows at {place}");
        }
        let other = ListAccountsRequest { parent: "tenants/dark".to_owned(), ..list(first.next_page_token) };
        assert_eq!(field(&world.accounts.list_accounts(other).await.unwrap_err()), "page_token");
        assert_eq!(store.counted(), (0, 0));
    });
}
