//! The stored form of the table: the nodes once, the shards as places in that list. 1,024 shards on 1,000 nodes make
//! 19 kB and 4 bytes for each shard on its way; a row holds 100 kB.

use bytes::Bytes;

use super::{Place, Table};
use crate::fields::Fields;
use crate::head::Incarnation;
use crate::rows::{MalformedRow, placement_key};
use crate::shard::ShardId;

const FORM: u8 = 1;
/// In place of a node: nobody.
const NOBODY: u16 = u16::MAX;
const DRAINING: u8 = 1;
const CLOCK_OFF: u8 = 2;

impl Table {
    /// The stored form, all big-endian: form; version; number of nodes, of each its incarnation and flags (1 draining by
    /// wish, 2 its clock is off); number of shards, of each the place of its owner in the list of nodes, 0xFFFF for nobody; number of
    /// shards on their way, of each the shard and the place of its next owner.
    pub fn to_bytes(&self) -> Bytes {
        let mut bytes = vec![FORM];
        bytes.extend_from_slice(&self.version.to_be_bytes());
        push(&mut bytes, self.nodes.len());
        for (node, &draining) in &self.nodes {
            bytes.extend_from_slice(&node.number().to_be_bytes());
            let clock_off = if self.is_clock_off(*node) { CLOCK_OFF } else { 0 };
            bytes.push(clock_off | if draining { DRAINING } else { 0 });
        }
        let nodes: Vec<Incarnation> = self.nodes().collect();
        let index = |node: Option<Incarnation>| {
            node.and_then(|node| nodes.binary_search(&node).ok()).unwrap_or(usize::from(NOBODY))
        };
        push(&mut bytes, self.places.len());
        for place in &self.places {
            push(&mut bytes, index(place.owner));
        }
        push(&mut bytes, self.moving());
        for shard in self.shards() {
            if let Some(next) = self.next(shard) {
                bytes.extend_from_slice(&shard.number().to_be_bytes());
                push(&mut bytes, index(Some(next)));
            }
        }
        bytes.into()
    }

    /// Reads the stored form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Table, MalformedRow> {
        read(bytes).ok_or_else(|| MalformedRow::of(placement_key(), bytes))
    }
}

fn push(bytes: &mut Vec<u8>, number: usize) {
    bytes.extend_from_slice(&u16::try_from(number).unwrap_or(NOBODY).to_be_bytes());
}

fn read(bytes: &[u8]) -> Option<Table> {
    let mut fields = Fields::of(bytes, FORM)?;
    let version = fields.u64()?;
    let nodes = read_nodes(&mut fields)?;
    let node = |index: u16| nodes.get(usize::from(index)).map(|&(node, _)| node);
    let has = |flag: u8| move |&(node, flags): &(Incarnation, u8)| (node, flags & flag != 0);
    let clocks_off = nodes.iter().map(has(CLOCK_OFF)).filter(|&(_, off)| off).map(|(node, _)| node).collect();
    let mut places = Vec::new();
    for _ in 0..fields.u16()? {
        let owner = match fields.u16()? {
            NOBODY => None,
            index => Some(node(index)?),
        };
        places.push(Place { owner, next: None });
    }
    let mut table = Table { version, nodes: nodes.iter().map(has(DRAINING)).collect(), clocks_off, places };
    let mut last = None;
    for _ in 0..fields.u16()? {
        let shard = ShardId::new(fields.u16()?);
        let next = Some(node(fields.u16()?)?);
        table.set_next(shard, next);
        if table.next(shard) != next || last >= Some(shard) {
            return None;
        }
        last = Some(shard);
    }
    fields.end().map(|()| table)
}

/// The list of nodes with their flags, each once and in rising order.
fn read_nodes(fields: &mut Fields<'_>) -> Option<Vec<(Incarnation, u8)>> {
    let mut nodes: Vec<(Incarnation, u8)> = Vec::new();
    for _ in 0..fields.u16()? {
        let node = Incarnation::new(fields.u128()?);
        let flags = fields.u8()?;
        if flags & !(DRAINING | CLOCK_OFF) != 0 {
            return None;
        }
        if nodes.last().is_some_and(|&(last, _)| last >= node) {
            return None;
        }
        nodes.push((node, flags));
    }
    Some(nodes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::shard::ShardCount;

    fn node(number: u128) -> Incarnation {
        Incarnation::new(number)
    }

    fn small() -> Table {
        let mut table = Table::new(ShardCount::new(3).unwrap());
        table.set_nodes([(node(0x0A), false), (node(0x0B), true)].into());
        table.set_owner(ShardId::new(0), Some(node(0x0A)));
        table.set_owner(ShardId::new(2), Some(node(0x0B)));
        table.set_next(ShardId::new(2), Some(node(0x0A)));
        let previous = Table { version: 0x0101, ..table.clone() };
        table.after(&previous)
    }

    #[test]
    fn the_stored_form_is_frozen() {
        let mut expected = vec![1];
        expected.extend([0, 0, 0, 0, 0, 0, 1, 2]);
        expected.extend([0, 2]);
        expected.extend([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0A, 0]);
        expected.extend([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0B, 1]);
        expected.extend([0, 3, 0, 0, 0xFF, 0xFF, 0, 1]);
        expected.extend([0, 1, 0, 2, 0, 0]);
        assert_eq!(small().to_bytes(), expected);
        assert_eq!(Table::from_bytes(&expected), Ok(small()));
    }

    #[test]
    fn the_two_marks_of_a_node_are_apart() {
        let node = node(0x0A);
        for (wished, off) in [(true, false), (false, true), (true, true)] {
            let mut table = small();
            table.set_draining(node, wished);
            table.set_clock_off(node, off);
            assert_eq!(table.to_bytes()[27], u8::from(wished) + 2 * u8::from(off));
            let mut read = Table::from_bytes(&table.to_bytes()).unwrap();
            assert_eq!(read, table);
            assert_eq!((read.is_draining(node), read.is_clock_off(node)), (true, off));
            read.set_clock_off(node, false);
            assert_eq!(read.is_draining(node), wished);
        }
    }

    #[test]
    fn a_large_cluster_fits_into_a_row() {
        let mut table = Table::new(ShardCount::STANDARD);
        table.set_nodes((0..1_000).map(|number| (node(number), false)).collect());
        for shard in ShardCount::STANDARD.shards() {
            table.set_owner(shard, Some(node(u128::from(shard.number() % 1_000))));
            table.set_next(shard, Some(node(u128::from((shard.number() + 1) % 1_000))));
        }
        let bytes = table.to_bytes();
        assert_eq!(bytes.len(), 1 + 8 + 2 + 17_000 + 2 + 2_048 + 2 + 4_096);
        assert!(bytes.len() < storage::MAX_VALUE_BYTES);
        assert_eq!(Table::from_bytes(&bytes), Ok(table));
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let good = small().to_bytes().to_vec();
        let nodes = 11..45;
        // (what is wrong, where, the byte there)
        let cases = [
            ("another form", 0, 2),
            ("a node twice", nodes.start + 15, 0x0B),
            ("nodes out of order", nodes.start + 15, 0x0C),
            ("an unknown flag", nodes.start + 16, 4),
            ("an owner who is not in the list", nodes.end + 3, 2),
            ("a shard on its way without an owner", good.len() - 3, 1),
            ("a shard on its way that does not exist", good.len() - 3, 3),
            ("a shard on its way to its owner", good.len() - 1, 1),
            ("a next who is not in the list", good.len() - 1, 2),
            ("more shards on their way than there are", good.len() - 5, 2),
        ];
        for (what, at, byte) in cases {
            let mut bytes = good.clone();
            bytes[at] = byte;
            let refused = MalformedRow::of(placement_key(), &bytes);
            assert_eq!(Table::from_bytes(&bytes), Err(refused), "{what}");
        }
        let longer = [good.as_slice(), &[0]].concat();
        assert!(Table::from_bytes(&longer).is_err());
    }

    prop_compose! {
        fn tables()(
            nodes in proptest::collection::btree_map(0_u128..20, any::<bool>(), 0..8),
            places in proptest::collection::vec((0_usize..9, 0_usize..9), 1..40),
            version in any::<u64>(),
        ) -> Table {
            let mut table = Table::new(ShardCount::new(u16::try_from(places.len()).unwrap()).unwrap());
            let nodes: BTreeMap<_, _> = nodes.into_iter().map(|(number, flag)| (node(number), flag)).collect();
            table.set_nodes(nodes.clone());
            let pick = |at: usize| nodes.keys().nth(at).copied();
            for (shard, &(owner, next)) in table.shards().zip(&places) {
                table.set_owner(shard, pick(owner));
                table.set_next(shard, pick(next));
            }
            table.version = version;
            table
        }
    }

    proptest! {
        #[test]
        fn a_table_comes_back(table in tables()) {
            prop_assert_eq!(Table::from_bytes(&table.to_bytes()), Ok(table));
        }

        #[test]
        fn anything_is_read_or_refused(table in tables(), at: proptest::sample::Index, byte: u8, cut: proptest::sample::Index) {
            let mut bytes = table.to_bytes().to_vec();
            let (at, cut) = (at.index(bytes.len()), cut.index(bytes.len()));
            prop_assert!(Table::from_bytes(&bytes[..cut]).is_err());
            bytes[at] = byte;
            // What is accepted is what would be written.
            if let Ok(read) = Table::from_bytes(&bytes) {
                prop_assert_eq!(read.to_bytes(), bytes);
            }
        }

        #[test]
        fn noise_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Table::from_bytes(&bytes);
        }
    }
}
