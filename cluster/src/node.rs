//! Nodes: their names, how others reach them, and the row in which each beats.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::fields::Fields;
use crate::head::Incarnation;
use crate::level::Level;
use crate::rows::{MalformedRow, node_key};

/// What people call a node. It stays over restarts, and no two nodes of a cluster run under the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeName(Arc<str>);

/// One start of a node, as others know it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Peer {
    /// Which start. What is meant for this one must not reach a later start at the same address.
    pub incarnation: Incarnation,
    /// What people call it.
    pub name: NodeName,
    /// Where other nodes reach it, `host:port`.
    pub address: Arc<str>,
}

/// The content of the row `node/<incarnation>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NodeRow {
    pub(crate) peer: Peer,
    /// One more with every renewal.
    pub(crate) counter: u64,
    /// The highest level the node knows.
    pub(crate) level: Level,
    /// How long the counter may stand still.
    pub(crate) lease: Duration,
}

impl NodeName {
    /// The longest name in bytes.
    pub const MAX_BYTES: usize = 63;

    /// A name of 1 to 63 lower-case letters, digits, dots and hyphens that begins with a letter or a digit, as a host
    /// has one; `None` for anything else.
    pub fn new(name: &str) -> Option<NodeName> {
        let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let begins = name.bytes().next().is_some_and(inner);
        let goes_on = name.bytes().all(|byte| inner(byte) || byte == b'.' || byte == b'-');
        (begins && goes_on && name.len() <= NodeName::MAX_BYTES).then(|| NodeName(name.into()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for NodeName {
    /// `node`, for one that is alone.
    fn default() -> NodeName {
        NodeName("node".into())
    }
}

impl NodeRow {
    const FORM: u8 = 1;

    /// The row after the next renewal.
    pub(crate) fn renewed(&self) -> NodeRow {
        NodeRow { counter: self.counter.saturating_add(1), ..self.clone() }
    }

    /// The stored form: form, counter, level, lease in milliseconds, name, address; text after its length.
    pub(crate) fn to_bytes(&self) -> Bytes {
        let mut bytes = vec![NodeRow::FORM];
        bytes.extend_from_slice(&self.counter.to_be_bytes());
        bytes.extend_from_slice(&self.level.number().to_be_bytes());
        bytes.extend_from_slice(&u32::try_from(self.lease.as_millis()).unwrap_or(u32::MAX).to_be_bytes());
        for text in [self.peer.name.as_str(), &self.peer.address] {
            bytes.extend_from_slice(&u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes.into()
    }

    /// Reads the stored form.
    pub(crate) fn from_bytes(incarnation: Incarnation, bytes: &[u8]) -> Result<NodeRow, MalformedRow> {
        let read = || {
            let mut fields = Fields::of(bytes, NodeRow::FORM)?;
            let counter = fields.u64()?;
            let level = Level::new(fields.u32()?);
            let lease = Duration::from_millis(fields.u32()?.into());
            let name_bytes = fields.u16()?.into();
            let name = NodeName::new(fields.text(name_bytes)?)?;
            let address_bytes = fields.u16()?.into();
            let address = fields.text(address_bytes)?.into();
            fields.end()?;
            Some(NodeRow { peer: Peer { incarnation, name, address }, counter, level, lease })
        };
        read().ok_or_else(|| MalformedRow::of(node_key(incarnation), bytes))
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at {}", self.name, self.address)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_those_of_hosts() {
        let longest = "a".repeat(63);
        for name in ["a", "0", "node-0", "kvarter-0.kvarter.svc", "10.0.0.1-7420", &longest] {
            assert_eq!(NodeName::new(name).map(|name| name.to_string()).as_deref(), Some(name));
        }
        let too_long = "a".repeat(64);
        for name in ["", "-a", ".a", "A", "a_b", "a b", "å", "a:1", &too_long] {
            assert_eq!(NodeName::new(name), None, "{name}");
        }
    }

    fn row() -> NodeRow {
        let name = NodeName::new("n1").unwrap();
        let peer = Peer { incarnation: Incarnation::new(7), name, address: "h:1".into() };
        NodeRow { peer, counter: 0x0102, level: Level::new(3), lease: Duration::from_millis(5_000) }
    }

    #[test]
    fn the_stored_form_is_frozen() {
        let mut expected = vec![1, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 3, 0, 0, 0x13, 0x88];
        expected.extend(*b"\0\x02n1\0\x03h:1");
        assert_eq!(row().to_bytes(), expected);
        assert_eq!(NodeRow::from_bytes(Incarnation::new(7), &expected), Ok(row()));
    }

    proptest! {
        #[test]
        fn anything_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..64), at in 0_usize..25, byte: u8) {
            let _ = NodeRow::from_bytes(Incarnation::new(1), &bytes);
            let mut changed = row().to_bytes().to_vec();
            changed[at] = byte;
            let _ = NodeRow::from_bytes(Incarnation::new(1), &changed);
            prop_assert!(NodeRow::from_bytes(Incarnation::new(1), &changed[..at]).is_err());
        }
    }
}
