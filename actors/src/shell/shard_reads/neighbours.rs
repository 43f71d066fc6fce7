//! States of many entities at once: one scan over all that lie between the first and the last of those that wait, as long
//! as most of what lies there is waited for.

use std::collections::VecDeque;

use cluster::BackOff;
use storage::{Page, Read, ReadAnswer, Row, Scan, Store, StoreError};

use super::{Purpose, ReadDone, read_patiently};

/// A load: its purpose and its one scan.
type Load = (Purpose, Vec<Read>);

/// Of the rows of a page at least one in so many has to be of an entity that waits.
const MOST_ROWS_PER_WANTED: usize = 4;
/// Rows a page has beyond one per entity that waits: states of several parts, and entities that nobody asked for.
const ROWS_PER_LOAD: usize = 3;

/// Reads the states of these; what is left has to be read one by one.
///
/// Nobody else writes the states of a shard, and none of these entities has anything unsettled: pages of different moments
/// belong together.
pub(super) async fn read(
    store: &dyn Store,
    mut loads: Vec<Load>,
    back_off: BackOff,
) -> (Vec<ReadDone>, Vec<Load>) {
    loads.sort_by(|(_, one), (_, other)| begin_of(one).cmp(&begin_of(other)));
    let mut loads = VecDeque::from(loads);
    let mut done = Vec::with_capacity(loads.len());
    while let Some(scan) = over_all(&loads) {
        match page(store, scan, back_off).await {
            Ok(page) => {
                let rows = page.rows.len();
                let (wanted, complete) = distribute(page, &mut loads, &mut done);
                if !complete && wanted.saturating_mul(MOST_ROWS_PER_WANTED) < rows {
                    break;
                }
            }
            Err(error) => {
                let failed = |(purpose, _)| ReadDone { purpose, answers: Err(error.clone()) };
                done.extend(loads.drain(..).map(failed));
            }
        }
    }
    (done, loads.into())
}

/// A scan from the first to the last of those that wait.
fn over_all(loads: &VecDeque<Load>) -> Option<Scan> {
    let (first, last) = (scan_of(&loads.front()?.1)?, scan_of(&loads.back()?.1)?);
    let mut scan = first.clone();
    scan.range.end = last.range.end.clone();
    Some(scan.rows(loads.len().saturating_mul(ROWS_PER_LOAD)))
}

async fn page(store: &dyn Store, scan: Scan, back_off: BackOff) -> Result<Page, StoreError> {
    let answers = read_patiently(store, vec![Read::Scan(scan)], back_off).await?;
    answers.into_iter().next().map_or_else(|| Ok(Page::default()), ReadAnswer::into_page)
}

/// Gives each of those that wait its rows, as far as the page goes. How many rows were of use, and whether it was all.
fn distribute(page: Page, loads: &mut VecDeque<Load>, done: &mut Vec<ReadDone>) -> (usize, bool) {
    let mut rows = page.rows.into_iter().peekable();
    let mut wanted = 0_usize;
    while let Some(range) = loads.front().and_then(|(_, reads)| scan_of(reads)).map(|scan| scan.range.clone())
    {
        while rows.next_if(|row| row.key < range.begin).is_some() {}
        let mut own: Vec<Row> = Vec::new();
        while let Some(row) = rows.next_if(|row| row.key < range.end) {
            own.push(row);
        }
        if page.more.as_ref().is_some_and(|more| *more < range.end) {
            // The page ended before the entity did: it is read again with the next.
            return (wanted, false);
        }
        wanted = wanted.saturating_add(own.len());
        // One that was begun anew meanwhile may wait twice.
        while loads.front().and_then(|(_, reads)| scan_of(reads)).is_some_and(|scan| scan.range == range)
            && let Some((purpose, _)) = loads.pop_front()
        {
            let answers = Ok(vec![ReadAnswer::Page(Page { rows: own.clone(), more: None })]);
            done.push(ReadDone { purpose, answers });
        }
    }
    (wanted, true)
}

fn begin_of(reads: &[Read]) -> Option<&storage::Key> {
    scan_of(reads).map(|scan| &scan.range.begin)
}

fn scan_of(reads: &[Read]) -> Option<&Scan> {
    match reads.first() {
        Some(Read::Scan(scan)) => Some(scan),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
