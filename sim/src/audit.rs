//! The independent auditor: reads the rows of the store after a run, carries out everything again by its own rules in the
//! order the rows tell, and compares every answer that was given with the one it predicts.

mod book;
mod channels;
mod order;
mod postings;

use std::collections::BTreeMap;

use cluster::{ShardCount, ShardId, shard_key};
use storage::{KeyRange, Scan, integer_from_bytes};

use crate::bank;
use crate::depot::Depot;
use crate::diary::Diary;

pub use book::Book;
pub(crate) use postings::posted;

/// What was compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuditCounts {
    /// Effects found in the store.
    pub effects: u64,
    /// Answers predicted and compared.
    pub answers: u64,
    /// Messages that went from one account to another.
    pub messages: u64,
    /// Timers set.
    pub timers: u64,
    /// Commands whose outcome nobody was told; the store says what became of them.
    pub open: u64,
}

/// Rows of a shard that have to be gone once nothing is under way: letter and what they are.
const GONE: [(u8, &str); 4] =
    [(b'o', "undelivered message"), (b't', "timer"), (b'p', "parked entity"), (b'a', "timer moved aside")];

/// Whether anything is under way, or set aside, in the store.
///
/// # Errors
/// The store can't be read.
pub fn is_quiet(depot: &Depot, count: ShardCount) -> Result<bool, String> {
    Ok(leftover(depot, count)?.is_none())
}

/// Something that is under way or set aside.
///
/// # Errors
/// The store can't be read.
pub fn leftover(depot: &Depot, count: ShardCount) -> Result<Option<String>, String> {
    for shard in count.shards() {
        for (letter, what) in GONE {
            if let Some(row) = rows(depot, shard_key(shard, letter).finish())?.first() {
                return Ok(Some(format!("{what} {} = {}", row.key, row.value.escape_ascii())));
            }
        }
    }
    Ok(None)
}

/// Audits a run after everything has come to rest.
///
/// # Errors
/// What is wrong.
pub fn audit(
    depot: &Depot,
    count: ShardCount,
    accounts: &[String],
    diary: &Diary,
) -> Result<AuditCounts, String> {
    if let Some(left) = leftover(depot, count)? {
        return Err(format!("left over: {left}"));
    }
    let mut books = BTreeMap::new();
    for account in accounts {
        let entity = bank::account(account).map_err(|error| error.to_string())?;
        let shard = count.shard_of(&entity.to_bytes());
        let key = shard_key(shard, b'l').literal(&entity.to_bytes()).finish();
        let prefix = key.len();
        let read = rows(depot, key)?.into_iter().map(|row| {
            let suffix = row.key.as_bytes().get(prefix..).unwrap_or_default();
            let sequence =
                <[u8; 8]>::try_from(suffix).map(u64::from_be_bytes).map_err(|_| "a strange row")?;
            let text = String::from_utf8(row.value.to_vec()).map_err(|_| "a row that is no text")?;
            Ok::<_, String>((sequence, text))
        });
        let book = Book::of(account, shard, &read.collect::<Result<Vec<_>, _>>()?)?;
        books.insert(account.clone(), book);
    }
    check_totals(depot, count, &books)?;
    let (messages, timers) = channels::check(&books)?;
    let (answers, open) = order::check(&books, &diary.all())?;
    let effects = books.values().map(|book| u64::try_from(book.entries.len()).unwrap_or_default()).sum();
    Ok(AuditCounts { effects, answers, messages, timers, open })
}

/// The total of every shard is the sum of its balances.
fn check_totals(depot: &Depot, count: ShardCount, books: &BTreeMap<String, Book>) -> Result<(), String> {
    for shard in count.shards() {
        let of_shard = books.values().filter(|book| book.shard == shard);
        let expected: i128 = of_shard.map(|book| i128::from(book.balance())).sum();
        let found = total(depot, shard)?;
        if found != expected {
            return Err(format!("the total of shard {shard} is {found}, its balances sum to {expected}"));
        }
    }
    Ok(())
}

fn total(depot: &Depot, shard: ShardId) -> Result<i128, String> {
    let found = rows(depot, shard_key(shard, b'm').finish())?;
    let own = found.iter().filter(|row| row.key.as_bytes().ends_with(bank::TOTAL));
    Ok(own.map(|row| integer_from_bytes(Some(&row.value))).sum())
}

fn rows(depot: &Depot, prefix: storage::Key) -> Result<Vec<storage::Row>, String> {
    depot.rows(Scan::new(KeyRange::prefix(prefix))).map_err(|error| error.to_string())
}
