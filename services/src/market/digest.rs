//! Hashes of what documents say, for the rule that a repeat has no second effect.
//!
//! Key of a repeat is sender, document id and series id (settlement.md, rule 12). Content is compared by its decoded
//! fields: the same facts in another form, with other blanks, trailing zeros or order of fields, hash alike; so do
//! values in whatever runs of quality they are held. Every field is written with its length or as a fixed number of
//! bytes, so that no two contents share an encoding.

mod canonical;
mod content;

use std::fmt;

use domain::document::MarketDocument;

use canonical::Canonical;

/// A SHA-256 hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

/// Sixty-four hexadecimal digits.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The hash of one series of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesDigest {
    /// The id of the series.
    pub series: String,
    /// The hash of its fields, with the kind, the process and the creation time of its document, which decides which
    /// version wins.
    pub digest: Digest,
}

/// The hash of all a document says: its head and its series in order.
#[must_use]
pub fn content_digest(document: &MarketDocument) -> Digest {
    let mut canonical = Canonical::new();
    content::header(&mut canonical, &document.header);
    for series in content::series(&document.content) {
        canonical.part(|part| series.write(part));
    }
    canonical.finish()
}

/// The hash of each series, in the document's order.
#[must_use]
pub fn series_digests(document: &MarketDocument) -> Vec<SeriesDigest> {
    let ids = document.content.series_ids();
    let hashes = content::series(&document.content).into_iter().map(|series| {
        let mut canonical = Canonical::new();
        content::origin(&mut canonical, &document.header);
        series.write(&mut canonical);
        canonical.finish()
    });
    ids.into_iter()
        .zip(hashes)
        .map(|(series, digest)| SeriesDigest { series: series.to_owned(), digest })
        .collect()
}
