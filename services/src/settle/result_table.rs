//! A result table as text: what is written to a file and compared with one.

use sha2::{Digest, Sha256};

/// A table of results.
#[derive(Clone, Debug)]
pub(super) struct ResultTable {
    /// The folder it is written to.
    pub(super) folder: &'static str,
    /// Its name: the file's without `.csv`.
    pub(super) name: &'static str,
    /// The names of its columns.
    pub(super) columns: &'static [&'static str],
    /// Its rows, with a cell per column.
    pub(super) rows: Vec<Vec<String>>,
}

/// The id of a result: of all rows that differ in time, quantity, price and amount alone.
///
/// It is the first 16 bytes of SHA-256 over the calculation's id, the table's name and the parts of the result's key,
/// each followed by a newline, written as a UUID of version 8 (RFC 9562: made by a rule of one's own). The same
/// input gives the same id on every machine.
pub(super) fn result_id<'a>(
    calculation_id: &'a str,
    table: &'a str,
    key: impl IntoIterator<Item = &'a str>,
) -> String {
    let mut hash = Sha256::new();
    for part in [calculation_id, table].into_iter().chain(key) {
        hash.update(part.as_bytes());
        hash.update(b"\n");
    }
    let digits: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!("{}-{}-8{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_follows_from_the_key_alone() {
        let id = result_id("c", "exchange", ["800", ""]);
        assert_eq!(id, result_id("c", "exchange", ["800", ""]));
        assert_ne!(id, result_id("c", "exchange", ["80", "0"]));
        assert_ne!(id, result_id("c", "grid_loss", ["800", ""]));
        let lengths: Vec<_> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
    }
}
