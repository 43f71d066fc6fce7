//! The keys of the rows a cluster keeps outside of its shards.
//!
//! | key | content | who writes it |
//! |---|---|---|
//! | `charter` | shard count, generation | whoever starts first |
//! | `level` | what a node has to know, `u32`; absent counts as 1 | a release that needs more |
//! | `copying` | anything; present while a copy into the store is incomplete | the copying tool |
//! | `node/<incarnation>` | heartbeat counter, name, address, level, lease | the node; deleted by whoever buries it |
//! | `placement` | the table of shards | anybody, by compare-and-set |
//! | `load/<incarnation>` | what the shards of a node weigh | the node; deleted with its row |

use storage::{Key, KeyRange, KeyReader, KeyWriter, StoreError};

use crate::head::Incarnation;

const NODE: &[u8] = b"node/";
const LOAD: &[u8] = b"load/";

/// A row of the cluster that can't be read: damaged, or written by a release that knows more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("row {key} has {size_bytes} bytes in form {form:?}, which this release can't read")]
pub struct MalformedRow {
    /// Which row.
    pub key: Key,
    /// The first byte of its value.
    pub form: Option<u8>,
    /// The length of its value.
    pub size_bytes: usize,
}

/// The row whose presence says that the store is an incomplete copy. A tool that copies puts it before anything else and
/// deletes it last; no node joins while it is there. Its value doesn't matter.
pub fn copying_key() -> Key {
    Key::from("copying")
}

/// The row of the table of shards.
pub fn placement_key() -> Key {
    Key::from("placement")
}

/// The row of one start of a node: its heartbeat.
pub fn node_key(incarnation: Incarnation) -> Key {
    KeyWriter::new().literal(NODE).u128(incarnation.number()).finish()
}

/// The row of what the shards of a node weigh.
pub fn load_key(incarnation: Incarnation) -> Key {
    KeyWriter::new().literal(LOAD).u128(incarnation.number()).finish()
}

/// The rows of all nodes.
pub fn node_range() -> KeyRange {
    KeyRange::prefix(NODE)
}

/// The loads of all nodes.
pub fn load_range() -> KeyRange {
    KeyRange::prefix(LOAD)
}

/// Whose row this is, of [`node_range`] or [`load_range`].
pub(crate) fn incarnation_of(key: &Key) -> Option<Incarnation> {
    let mut reader = KeyReader::new(key);
    reader.literal(NODE.len()).ok()?;
    let number = reader.u128().ok()?;
    reader.finish().ok()?;
    Some(Incarnation::new(number))
}

impl MalformedRow {
    pub(crate) fn of(key: Key, value: &[u8]) -> MalformedRow {
        MalformedRow { key, form: value.first().copied(), size_bytes: value.len() }
    }
}

impl From<MalformedRow> for StoreError {
    fn from(row: MalformedRow) -> StoreError {
        StoreError::Corrupt { what: row.to_string() }
    }
}
