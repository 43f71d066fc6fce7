//! A place in a tenant's log of events: how far each of its partitions has been looked at.

use std::collections::BTreeMap;

use actors::shell::Tenant;
use domain::entity::event_log::Partition;
use prost::encoding::{decode_varint, encode_varint};
use sha2::{Digest, Sha256};

use crate::grpc::hex::{from_hex, to_hex};

/// The first byte of a cursor: the form it has.
const VERSION: u8 = 1;
const MARK_BYTES: usize = 4;

/// How far was looked: the place of the last entry of each partition that was; none where there was none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cursor {
    places: BTreeMap<Partition, u64>,
}

impl Cursor {
    /// The place up to which a partition was looked at.
    pub(super) fn place(&self, partition: Partition) -> u64 {
        self.places.get(&partition).copied().unwrap_or_default()
    }

    /// Moves it in one partition.
    pub(super) fn set(&mut self, partition: Partition, place: u64) {
        if place > 0 {
            self.places.insert(partition, place);
        }
    }

    /// Whether it is further than this end in any partition.
    pub(super) fn is_beyond(&self, end: &Self) -> bool {
        Partition::all().any(|partition| self.place(partition) > end.place(partition))
    }

    /// The places of all partitions in order.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        Partition::all().for_each(|partition| encode_varint(self.place(partition), &mut bytes));
        bytes
    }

    /// Reads what [`Self::to_bytes`] writes, and nothing else.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (mut cursor, mut rest) = (Self::default(), bytes);
        for partition in Partition::all() {
            cursor.set(partition, decode_varint(&mut rest).ok()?);
        }
        (cursor.to_bytes() == bytes).then_some(cursor)
    }

    /// The cursor as a listener of a tenant is given it.
    pub(super) fn text(&self, tenant: &Tenant) -> String {
        to_hex(&[&[VERSION], mark(tenant).as_slice(), &self.to_bytes()].concat())
    }

    /// Reads what [`Self::text`] writes, and nothing else.
    pub(super) fn parse(tenant: &Tenant, text: &str) -> Option<Self> {
        let bytes = from_hex(text)?;
        let places = bytes.strip_prefix(&[VERSION])?.strip_prefix(&mark(tenant))?;
        Self::from_bytes(places).filter(|cursor| cursor.text(tenant) == text)
    }
}

/// By what a cursor of another tenant is known.
fn mark(tenant: &Tenant) -> [u8; MARK_BYTES] {
    let digest = Sha256::digest(tenant.as_str().as_bytes());
    digest.first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn light() -> Tenant {
        Tenant::parse("light").unwrap()
    }

    fn cursor(places: &[u64]) -> Cursor {
        let mut cursor = Cursor::default();
        for (partition, place) in Partition::all().zip(places) {
            cursor.set(partition, *place);
        }
        cursor
    }

    #[test]
    fn one_is_beyond_another_by_any_partition() {
        let end = cursor(&[3, 0, 7]);
        for (places, is_beyond) in
            [(&[][..], false), (&[3, 0, 7], false), (&[4], true), (&[0, 1], true), (&[0, 0, 0, 1], true)]
        {
            assert_eq!(cursor(places).is_beyond(&end), is_beyond, "{places:?}");
        }
    }

    #[test]
    fn other_texts_are_none() {
        let text = cursor(&[1, 200, 3]).text(&light());
        let other = Tenant::parse("heavy").unwrap();
        assert_eq!(Cursor::parse(&other, &text), None);
        let longer = format!("{text}00");
        let capitals = text.to_uppercase();
        // The first place, 1, in two bytes.
        let padded = format!("{}8100{}", &text[..10], &text[12..]);
        for text in ["", "0", "00", "now", &text[2..], &text[..text.len() - 2], &longer, &padded, &capitals] {
            assert_eq!(Cursor::parse(&light(), text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_cursor_comes_back(places in prop::collection::vec(any::<u64>(), 0..=16)) {
            let cursor = cursor(&places);
            prop_assert_eq!(Cursor::parse(&light(), &cursor.text(&light())), Some(cursor));
        }

        #[test]
        fn no_text_is_a_surprise(places in "[0-9a-f]{0,80}") {
            let text = cursor(&[]).text(&light()) + &places;
            if let Some(cursor) = Cursor::parse(&light(), &text) {
                prop_assert_eq!(cursor.text(&light()), text);
            }
        }
    }
}
