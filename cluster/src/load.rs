//! What shards weigh: for balance only, never for safety.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::fields::Fields;
use crate::head::Incarnation;
use crate::rows::{MalformedRow, load_key};
use crate::shard::ShardId;

/// A weight per shard, in whatever unit all nodes use, such as requests of the last minute. A shard that is not named,
/// or weighs nothing, counts as 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loads(BTreeMap<ShardId, u32>);

impl Loads {
    const FORM: u8 = 1;
    /// More would not fit into a row; the rest counts as 1.
    const MAX_STORED: usize = 16_000;

    /// No shard weighs more than another.
    pub fn new() -> Loads {
        Loads::default()
    }

    /// Sets the weight of a shard.
    pub fn set(&mut self, shard: ShardId, weight: u32) {
        self.0.insert(shard, weight);
    }

    /// What a shard weighs, at least 1.
    pub fn weight(&self, shard: ShardId) -> u32 {
        self.0.get(&shard).copied().unwrap_or_default().max(1)
    }

    /// The shards named and their weights, in rising order of shards.
    pub fn iter(&self) -> impl Iterator<Item = (ShardId, u32)> + '_ {
        self.0.iter().map(|(&shard, &weight)| (shard, weight))
    }

    /// Sets the weight of a shard unless it has one.
    pub(crate) fn set_unknown(&mut self, shard: ShardId, weight: u32) {
        self.0.entry(shard).or_insert(weight);
    }

    /// The stored form: form, then shard and weight of each.
    pub(crate) fn to_bytes(&self) -> Bytes {
        let mut bytes = vec![Loads::FORM];
        for (shard, weight) in self.iter().take(Loads::MAX_STORED) {
            bytes.extend_from_slice(&shard.number().to_be_bytes());
            bytes.extend_from_slice(&weight.to_be_bytes());
        }
        bytes.into()
    }

    /// Reads the stored form.
    pub(crate) fn from_bytes(incarnation: Incarnation, bytes: &[u8]) -> Result<Loads, MalformedRow> {
        let read = || {
            let mut fields = Fields::of(bytes, Loads::FORM)?;
            let mut loads = Loads::new();
            while fields.end().is_none() {
                loads.set(ShardId::new(fields.u16()?), fields.u32()?);
            }
            Some(loads)
        };
        read().ok_or_else(|| MalformedRow::of(load_key(incarnation), bytes))
    }
}

impl FromIterator<(ShardId, u32)> for Loads {
    fn from_iter<I: IntoIterator<Item = (ShardId, u32)>>(weights: I) -> Loads {
        Loads(weights.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NODE: Incarnation = Incarnation::new(1);

    #[test]
    fn the_stored_form_is_frozen() {
        let loads: Loads = [(ShardId::new(0x0102), 0x03), (ShardId::new(1), 0)].into_iter().collect();
        let expected = [1, 0, 1, 0, 0, 0, 0, 1, 2, 0, 0, 0, 3];
        assert_eq!(loads.to_bytes(), expected.as_slice());
        assert_eq!(Loads::from_bytes(NODE, &expected), Ok(loads));
    }

    #[test]
    fn every_shard_weighs_at_least_one() {
        let loads: Loads = [(ShardId::new(1), 0), (ShardId::new(2), 5)].into_iter().collect();
        assert_eq!([0, 1, 2].map(|shard| loads.weight(ShardId::new(shard))), [1, 1, 5]);
    }

    #[test]
    fn a_row_of_any_number_of_shards_fits() {
        let loads: Loads = (0..u16::MAX).map(|shard| (ShardId::new(shard), 7)).collect();
        assert!(loads.to_bytes().len() < storage::MAX_VALUE_BYTES);
    }

    proptest! {
        #[test]
        fn anything_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = Loads::from_bytes(NODE, &bytes);
        }
    }
}
