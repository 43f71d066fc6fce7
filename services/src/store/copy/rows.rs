//! The rows of a store from the first to the last, copied and counted.

use std::fmt;

use cluster::{charter_key, copying_key, load_range, node_range, placement_key};
use sha2::{Digest as _, Sha256};
use storage::{Key, KeyRange, Page, Row, Scan, StoreExt as _};

use super::target::Target;
use super::{CopyError, End};

/// What rows come to: how many, how large, and a checksum over all of them in order.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// How many rows.
    pub rows: u64,
    /// The bytes of their keys and values.
    pub bytes: u64,
    digest: Sha256,
}

impl Tally {
    /// The SHA-256 over length and bytes of each key and value, as hexadecimal digits.
    #[must_use]
    pub fn sha256(&self) -> String {
        self.digest.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn add(&mut self, row: &Row) {
        self.rows = self.rows.saturating_add(1);
        for part in [row.key.as_bytes(), &row.value] {
            let size_bytes = u64::try_from(part.len()).unwrap_or(u64::MAX);
            self.bytes = self.bytes.saturating_add(size_bytes);
            self.digest.update(size_bytes.to_be_bytes());
            self.digest.update(part);
        }
    }
}

impl PartialEq for Tally {
    fn eq(&self, other: &Self) -> bool {
        (self.rows, self.bytes, self.sha256()) == (other.rows, other.bytes, other.sha256())
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows, {} bytes, sha256 {}", self.rows, self.bytes, self.sha256())
    }
}

/// Copies every row that belongs to the data.
pub(super) async fn copy(
    source: &End<'_>,
    target: &Target<'_>,
    mut progress: impl FnMut(&Tally),
) -> Result<Tally, CopyError> {
    let mut tally = Tally::default();
    let mut next = Some(Scan::new(KeyRange::all()));
    let mut rows = Vec::new();
    while let Some(scan) = next {
        // A page is read while the one before is written.
        let (page, written) =
            tokio::join!(source.opened.store.scan(scan.clone()), target.put(std::mem::take(&mut rows)));
        written?;
        let page = page.map_err(|error| source.failed(error))?;
        next = scan.after(&page);
        rows = data(page);
        rows.iter().for_each(|row| tally.add(row));
        progress(&tally);
    }
    target.put(rows).await?;
    Ok(tally)
}

/// What the data of a store come to.
pub(super) async fn tally(end: &End<'_>) -> Result<Tally, CopyError> {
    let mut tally = Tally::default();
    let mut next = Some(Scan::new(KeyRange::all()));
    while let Some(scan) = next {
        let page = end.opened.store.scan(scan.clone()).await.map_err(|error| end.failed(error))?;
        next = scan.after(&page);
        data(page).iter().for_each(|row| tally.add(row));
    }
    Ok(tally)
}

/// The rows of a page without those that are about nodes and about the store itself.
fn data(page: Page) -> Vec<Row> {
    let (ranges, keys) = ([node_range(), load_range()], [charter_key(), copying_key(), placement_key()]);
    let is_data = |key: &Key| !keys.contains(key) && !ranges.iter().any(|range| range.contains(key));
    page.rows.into_iter().filter(|row| is_data(&row.key)).collect()
}
