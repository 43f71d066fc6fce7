//! Keys and ranges of keys, ordered as unsigned bytes. How the layers above build a key from ids is in
//! [`KeyWriter`](crate::KeyWriter).

use std::borrow::Borrow;
use std::fmt;

use bytes::Bytes;

/// The name of one row. Keys are compared byte by byte; a key that is a prefix of another sorts before it.
///
/// A key is not empty, at most [`MAX_KEY_BYTES`](crate::MAX_KEY_BYTES) long and does not begin with `0xFF`,
/// which stays free as the end of every range. The store checks this when the key is used, not here.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Bytes);

/// A half-open range of keys: `begin` belongs to it, `end` does not. Empty when `begin >= end`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyRange {
    /// The first key that may belong to the range.
    pub begin: Key,
    /// The first key after the range.
    pub end: Key,
}

impl Key {
    /// A key of these very bytes.
    pub fn new(bytes: impl Into<Bytes>) -> Key {
        Key(bytes.into())
    }

    /// The bytes of the key.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes of the key, without a copy.
    pub fn into_bytes(self) -> Bytes {
        self.0
    }

    /// The length in bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the key has no bytes. Such a key serves as the begin of a range, never as the name of a row.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The smallest key greater than this one: the same bytes followed by a zero.
    pub fn successor(&self) -> Key {
        let mut bytes = Vec::with_capacity(self.0.len().saturating_add(1));
        bytes.extend_from_slice(&self.0);
        bytes.push(0);
        Key(bytes.into())
    }
}

impl KeyRange {
    /// The range from `begin` up to and without `end`.
    pub fn new(begin: impl Into<Key>, end: impl Into<Key>) -> KeyRange {
        KeyRange { begin: begin.into(), end: end.into() }
    }

    /// Every key a store can hold.
    pub fn all() -> KeyRange {
        KeyRange { begin: Key::default(), end: Key(Bytes::from_static(&[0xFF])) }
    }

    /// Every key that begins with `prefix`, the prefix itself included. The empty prefix gives
    /// [`all`](KeyRange::all); a prefix of nothing but `0xFF`, which no key can have, an empty range.
    pub fn prefix(prefix: impl Into<Key>) -> KeyRange {
        let begin = prefix.into();
        if begin.is_empty() {
            return KeyRange::all();
        }
        let mut end = begin.as_bytes().to_vec();
        while end.last() == Some(&0xFF) {
            end.pop();
        }
        match end.last_mut() {
            Some(last) => *last = last.saturating_add(1),
            None => return KeyRange { end: begin.clone(), begin },
        }
        KeyRange { begin, end: Key::from(end) }
    }

    /// Whether `key` lies in the range.
    pub fn contains(&self, key: &Key) -> bool {
        self.begin <= *key && *key < self.end
    }

    /// Whether no key can lie in the range.
    pub fn is_empty(&self) -> bool {
        self.begin >= self.end
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Key({self})")
    }
}

/// Printable characters as they are, everything else as `\xNN`.
impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0.escape_ascii())
    }
}

impl AsRef<[u8]> for Key {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Lets an ordered map of keys be searched by bytes: both compare alike.
impl Borrow<[u8]> for Key {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

impl From<Bytes> for Key {
    fn from(bytes: Bytes) -> Key {
        Key(bytes)
    }
}

impl From<Vec<u8>> for Key {
    fn from(bytes: Vec<u8>) -> Key {
        Key(bytes.into())
    }
}

impl From<&[u8]> for Key {
    fn from(bytes: &[u8]) -> Key {
        Key(Bytes::copy_from_slice(bytes))
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Key {
        Key(Bytes::copy_from_slice(text.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_prefix_ends_where_its_last_byte_below_ff_counts_up() {
        let cases: [(&[u8], &[u8]); 4] =
            [(b"a", b"b"), (b"a\xff", b"b"), (b"a\x00", b"a\x01"), (b"", b"\xff")];
        for (prefix, end) in cases {
            assert_eq!(KeyRange::prefix(prefix), KeyRange::new(prefix, end));
        }
        assert!(KeyRange::prefix(&b"\xff\xff"[..]).is_empty());
    }

    #[test]
    fn a_key_prints_readably() {
        assert_eq!(Key::from(&b"s/\x01\xff"[..]).to_string(), "s/\\x01\\xff");
    }

    proptest! {
        #[test]
        fn a_prefix_range_holds_exactly_the_keys_with_the_prefix(
            prefix in vec(prop_oneof![Just(0u8), Just(0xFE), Just(0xFF), any::<u8>()], 0..4),
            key in vec(prop_oneof![Just(0u8), Just(0xFE), Just(0xFF), any::<u8>()], 1..6),
        ) {
            prop_assume!(key[0] != 0xFF);
            let range = KeyRange::prefix(prefix.clone());
            prop_assert_eq!(range.contains(&Key::from(key.clone())), key.starts_with(&prefix));
        }

        #[test]
        fn nothing_lies_between_a_key_and_its_successor(key in vec(any::<u8>(), 0..4), other in vec(any::<u8>(), 0..5)) {
            let (key, other) = (Key::from(key), Key::from(other));
            prop_assert!(key < key.successor());
            prop_assert!(other <= key || other >= key.successor());
        }
    }
}
