//! Reads: all of a call at one read version.

use std::convert::Infallible;
use std::pin::Pin;

use bytes::Bytes;
use foundationdb::future::{FdbSlice, FdbValues};
use foundationdb::options::StreamingMode;
use foundationdb::{FdbResult, KeySelector, RangeOption, Transaction};

use crate::error::StoreError;
use crate::read::{Page, Read, ReadAnswer, Row, Scan};

use super::code;
use super::session::{Session, begin};
use super::space::Space;
use super::trouble::Moment;

/// The bytes asked for at once, so that a page of any size is fetched in portions.
const MAX_PORTION_BYTES: usize = 1_000_000;

type Asked<T> = Pin<Box<dyn Future<Output = FdbResult<T>> + Send>>;

/// Answers all reads from one snapshot. Where the cluster forgets the snapshot while a page is fetched, the page ends
/// with the rows it has.
pub(super) async fn read(session: &Session, reads: &[Read]) -> Result<Vec<ReadAnswer>, StoreError> {
    let mut transaction = session.database.create_trx().map_err(code::unavailable)?;
    loop {
        match attempt(session, &transaction, reads).await {
            Ok(answers) => return Ok(answers),
            Err(error) if code::may_read_again(error) => {
                transaction = transaction.on_error(error).await.map_err(code::unavailable)?;
            }
            Err(error) => return Err(code::unavailable(error)),
        }
    }
}

async fn attempt(session: &Session, transaction: &Transaction, reads: &[Read]) -> FdbResult<Vec<ReadAnswer>> {
    begin(transaction)?;
    session.trouble.at(Moment::Reading).await?;
    // All are asked for before one is waited for.
    let asked: Vec<Question<'_>> =
        reads.iter().map(|read| Question::ask(session, transaction, read)).collect();
    let mut answers = Vec::with_capacity(asked.len());
    for question in asked {
        answers.push(match question {
            Question::Value(value) => {
                ReadAnswer::Value(value.await?.map(|value| Bytes::copy_from_slice(&value)))
            }
            Question::Page(page) => ReadAnswer::Page(page.fetch(session).await?),
        });
    }
    Ok(answers)
}

/// A question that is on its way.
enum Question<'a> {
    Value(Asked<Option<FdbSlice>>),
    Page(Fetching<'a>),
}

impl<'a> Question<'a> {
    fn ask(session: &'a Session, transaction: &'a Transaction, read: &'a Read) -> Question<'a> {
        match read {
            Read::Get(key) => Question::Value(Box::pin(transaction.get(&session.space.key(key), false))),
            Read::Scan(scan) => Question::Page(Fetching::start(&session.space, transaction, scan)),
        }
    }
}

/// A page that is being fetched, portion by portion.
struct Fetching<'a> {
    scan: &'a Scan,
    space: &'a Space,
    transaction: &'a Transaction,
    rows: Vec<Row>,
    size_bytes: usize,
    /// The portion on its way; none of an empty range.
    asked: Option<Asked<FdbValues>>,
}

impl<'a> Fetching<'a> {
    fn start(space: &'a Space, transaction: &'a Transaction, scan: &'a Scan) -> Fetching<'a> {
        let mut fetching =
            Fetching { scan, space, transaction, rows: Vec::new(), size_bytes: 0, asked: None };
        fetching.asked = fetching.ask();
        fetching
    }

    async fn fetch(mut self, session: &Session) -> FdbResult<Page> {
        while let Some(asked) = self.asked.take() {
            let portion = match asked.await {
                Ok(portion) => portion,
                Err(error) if code::ends_a_page(error) && !self.rows.is_empty() => return Ok(self.cut()),
                Err(error) => return Err(error),
            };
            self.take(&portion);
            if portion.more() && !self.is_full() {
                self.asked = match session.trouble.at(Moment::Reading).await {
                    Ok(()) => self.ask(),
                    Err(error) => Some(Box::pin(async move { Err(error) })),
                };
            }
        }
        Ok(self.page())
    }

    /// Asks for the rest of the page, or a portion of it.
    fn ask(&self) -> Option<Asked<FdbValues>> {
        let mut range = self.scan.range.clone();
        if let Some(last) = self.rows.last() {
            let bound = self.scan.bound_after(&last.key);
            *(if self.scan.reverse { &mut range.end } else { &mut range.begin }) = bound;
        }
        let (begin, end) = self.space.range(&range)?;
        // One row more than the page holds, to learn whether there is more.
        let left_rows = self.scan.limit_rows.max(1).saturating_sub(self.rows.len()).saturating_add(1);
        let left_bytes = self.scan.limit_bytes.max(1).saturating_sub(self.size_bytes);
        let option = RangeOption {
            begin: KeySelector::first_greater_or_equal(begin),
            end: KeySelector::first_greater_or_equal(end),
            limit: Some(left_rows),
            target_bytes: self.portion_bytes(left_bytes),
            mode: StreamingMode::Exact,
            reverse: self.scan.reverse,
            ..RangeOption::default()
        };
        Some(Box::pin(self.transaction.get_range(&option, 1, false)))
    }

    /// The cluster counts some bytes more for each row, and the prefix: a portion is asked for a little larger than
    /// what is left, rather than twice.
    fn portion_bytes(&self, left_bytes: usize) -> usize {
        let more_bytes =
            left_bytes.saturating_div(2).saturating_add(self.space.prefix_bytes()).saturating_add(1_000);
        left_bytes.saturating_add(more_bytes).min(MAX_PORTION_BYTES)
    }

    fn take(&mut self, portion: &FdbValues) {
        for row in portion {
            let row = Row { key: self.space.strip(row.key()), value: Bytes::copy_from_slice(row.value()) };
            self.size_bytes = self.size_bytes.saturating_add(row_bytes(&row));
            self.rows.push(row);
        }
    }

    /// Whether there is a row beyond those that the page takes.
    fn is_full(&self) -> bool {
        let last_bytes = self.rows.last().map_or(0, row_bytes);
        self.rows.len() > self.scan.limit_rows.max(1)
            || self.size_bytes.saturating_sub(last_bytes) >= self.scan.limit_bytes.max(1)
    }

    fn page(self) -> Page {
        let Ok(page) = self.scan.page_of(self.rows.into_iter().map(Ok::<Row, Infallible>));
        page
    }

    /// The page of the rows so far, though neither the range nor the limits end it here.
    fn cut(self) -> Page {
        let scan = self.scan;
        let mut page = self.page();
        if page.more.is_none() {
            page.more = page.rows.last().map(|last| scan.bound_after(&last.key));
        }
        page
    }
}

fn row_bytes(row: &Row) -> usize {
    row.key.len().saturating_add(row.value.len())
}
