//! Where the rows of a store lie among the keys of a cluster.

use std::borrow::Cow;

use crate::key::{Key, KeyRange};

use super::failure::FoundationDbOpenError;
use super::options::FoundationDbOptions;

/// The keys of one store: those that begin with its prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Space {
    prefix: Vec<u8>,
}

impl Space {
    /// The part with this name, or everything.
    ///
    /// A name is written as FoundationDB's tuple layer writes a text (2, the bytes, 0), so that no prefix begins with
    /// another and other programs can set a part of their own aside.
    pub(super) fn new(name: Option<&str>) -> Result<Space, FoundationDbOpenError> {
        let Some(name) = name else { return Ok(Space { prefix: Vec::new() }) };
        let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let has_length = (1..=FoundationDbOptions::MAX_PREFIX_BYTES).contains(&name.len());
        if !(has_length && name.bytes().all(is_of_name)) {
            return Err(FoundationDbOpenError::Prefix { prefix: name.to_owned() });
        }
        Ok(Space { prefix: [&[2], name.as_bytes(), &[0]].concat() })
    }

    /// The bytes that the prefix adds to each key.
    pub(super) fn prefix_bytes(&self) -> usize {
        self.prefix.len()
    }

    /// The key in the cluster of a key of the store.
    pub(super) fn key<'a>(&self, key: &'a Key) -> Cow<'a, [u8]> {
        match self.prefix.as_slice() {
            [] => Cow::Borrowed(key.as_bytes()),
            prefix => Cow::Owned([prefix, key.as_bytes()].concat()),
        }
    }

    /// Begin and end in the cluster of a range of the store, without what no key of a store can be; nothing if that
    /// leaves nothing.
    pub(super) fn range(&self, range: &KeyRange) -> Option<(Vec<u8>, Vec<u8>)> {
        let last = Key::from(&[0xFF][..]);
        let end = (&range.end).min(&last);
        (range.begin < *end).then(|| (self.key(&range.begin).into_owned(), self.key(end).into_owned()))
    }

    /// The key of the store of a key in the cluster.
    pub(super) fn strip(&self, key: &[u8]) -> Key {
        Key::from(key.get(self.prefix.len()..).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_lie_apart_and_within_their_bounds() {
        let names = [Some("a"), Some("a.b"), Some("ab"), Some("b")];
        let bounds: Vec<_> =
            names.map(|name| Space::new(name).unwrap().range(&KeyRange::all()).unwrap()).into();
        for pair in bounds.windows(2) {
            assert!(pair[0].1 <= pair[1].0, "{pair:?}");
        }
        let space = Space::new(Some("a")).unwrap();
        for bytes in [&b"\x00"[..], b"k", b"\xfe\xff\xff"] {
            let key = Key::from(bytes);
            let stored = space.key(&key).into_owned();
            assert!(bounds[0].0 <= stored && stored < bounds[0].1);
            assert_eq!(space.strip(&stored), key);
        }
    }

    #[test]
    fn a_range_is_cut_to_what_a_key_can_be() {
        let space = Space::new(None).unwrap();
        let cases = [
            (&b""[..], &b"\xff"[..], Some(&b"\xff"[..])),
            (b"", b"\xff\xff\x00", Some(b"\xff")),
            (b"a", b"b", Some(b"b")),
            (b"b", b"a", None),
            (b"a", b"a", None),
            (b"\xff", b"\xff\xff", None),
        ];
        for (begin, end, expected) in cases {
            let found = space.range(&KeyRange::new(begin, end));
            assert_eq!(found, expected.map(|expected| (begin.to_vec(), expected.to_vec())), "{begin:?}");
        }
    }

    #[test]
    fn a_prefix_is_a_name() {
        for name in ["", "a/b", "ä", " ", &*"a".repeat(65)] {
            assert!(matches!(Space::new(Some(name)), Err(FoundationDbOpenError::Prefix { .. })), "{name:?}");
        }
        assert_eq!(Space::new(Some(&*"a".repeat(64))).unwrap().prefix_bytes(), 66);
    }
}
