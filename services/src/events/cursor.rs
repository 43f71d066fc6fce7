//! A place in a tenant's log of events as bytes and as text.

use actors::shell::Tenant;
use domain::entity::event_log::{Cursor, Partition};
use prost::encoding::{decode_varint, encode_varint};
use sha2::{Digest, Sha256};

use crate::hex::{from_hex, to_hex};

/// The first byte of a cursor: the form it has.
const VERSION: u8 = 1;
const MARK_BYTES: usize = 4;

/// The places of all partitions in order.
pub(crate) fn to_bytes(cursor: &Cursor) -> Vec<u8> {
    let mut bytes = Vec::new();
    Partition::all().for_each(|partition| encode_varint(cursor.place(partition), &mut bytes));
    bytes
}

/// Reads what [`to_bytes`] writes, and nothing else.
pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Cursor> {
    let (mut cursor, mut rest) = (Cursor::default(), bytes);
    for partition in Partition::all() {
        cursor.set(partition, decode_varint(&mut rest).ok()?);
    }
    (to_bytes(&cursor) == bytes).then_some(cursor)
}

/// The cursor as a listener of a tenant is given it.
pub(crate) fn text(cursor: &Cursor, tenant: &Tenant) -> String {
    to_hex(&[&[VERSION], mark(tenant).as_slice(), &to_bytes(cursor)].concat())
}

/// Reads what [`text`] writes, and nothing else.
pub(crate) fn parse(tenant: &Tenant, given: &str) -> Option<Cursor> {
    let bytes = from_hex(given)?;
    let places = bytes.strip_prefix(&[VERSION])?.strip_prefix(&mark(tenant))?;
    from_bytes(places).filter(|cursor| text(cursor, tenant) == given)
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
    fn other_texts_are_none() {
        let whole = text(&cursor(&[1, 200, 3]), &light());
        let other = Tenant::parse("heavy").unwrap();
        assert_eq!(parse(&other, &whole), None);
        let longer = format!("{whole}00");
        let capitals = whole.to_uppercase();
        // The first place, 1, in two bytes.
        let padded = format!("{}8100{}", &whole[..10], &whole[12..]);
        for other in
            ["", "0", "00", "now", &whole[2..], &whole[..whole.len() - 2], &longer, &padded, &capitals]
        {
            assert_eq!(parse(&light(), other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn every_cursor_comes_back(places in prop::collection::vec(any::<u64>(), 0..=16)) {
            let cursor = cursor(&places);
            prop_assert_eq!(parse(&light(), &text(&cursor, &light())), Some(cursor));
        }

        #[test]
        fn no_text_is_a_surprise(places in "[0-9a-f]{0,80}") {
            let given = text(&cursor(&[]), &light()) + &places;
            if let Some(cursor) = parse(&light(), &given) {
                prop_assert_eq!(text(&cursor, &light()), given);
            }
        }
    }
}
