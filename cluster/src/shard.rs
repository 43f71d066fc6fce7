//! Shards: the fixed slices of all entities, numbered from zero.

use std::fmt;
use std::num::NonZeroU16;

/// The number of one shard, below the [`ShardCount`] of its cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShardId(u16);

/// Into how many shards all entities of a cluster are divided: chosen when its store is created, never
/// changed afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShardCount(NonZeroU16);

impl ShardId {
    /// The shard with this number. Whether there is one is a question to [`ShardCount::contains`].
    pub const fn new(number: u16) -> ShardId {
        ShardId(number)
    }

    /// The number of the shard, the first being zero.
    pub const fn number(self) -> u16 {
        self.0
    }

    /// The number as an index.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl ShardCount {
    /// 1,024: what every cluster has, but for tests.
    pub const STANDARD: ShardCount = match ShardCount::new(1_024) {
        Some(count) => count,
        None => ShardCount(NonZeroU16::MIN),
    };

    /// A count; `None` for zero.
    pub const fn new(count: u16) -> Option<ShardCount> {
        match NonZeroU16::new(count) {
            Some(count) => Some(ShardCount(count)),
            None => None,
        }
    }

    /// How many shards there are.
    pub const fn number(self) -> u16 {
        self.0.get()
    }

    /// Whether a shard with this number exists.
    pub fn contains(self, shard: ShardId) -> bool {
        shard.0 < self.number()
    }

    /// Every shard, in rising order.
    pub fn shards(self) -> impl DoubleEndedIterator<Item = ShardId> + Clone {
        (0..self.number()).map(ShardId)
    }

    /// The shard of something named by `bytes`: a hash that is the same on every machine and in every
    /// release, since what is stored lies where it says.
    pub fn shard_of(self, bytes: &[u8]) -> ShardId {
        let remainder = stable_hash(bytes).checked_rem(u64::from(self.number())).unwrap_or_default();
        ShardId(u16::try_from(remainder).unwrap_or_default())
    }
}

impl fmt::Display for ShardId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

/// FNV-1a with 64 bits, its result mixed so that low bits depend on all of it.
fn stable_hash(bytes: &[u8]) -> u64 {
    let hash = bytes.iter().fold(0xCBF2_9CE4_8422_2325_u64, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    });
    let mixed = (hash ^ (hash >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    mixed ^ (mixed >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stored data lies where the hash says: these figures are frozen.
    #[test]
    fn the_hash_never_changes() {
        let cases = [("", 1_024, 82), ("a", 1_024, 589), ("kvarter", 1_024, 820), ("kvarter", 7, 6)];
        for (text, count, expected) in cases {
            let count = ShardCount::new(count).unwrap();
            assert_eq!(count.shard_of(text.as_bytes()), ShardId::new(expected), "{text}");
        }
    }

    #[test]
    fn neighbours_spread_over_all_shards() {
        let count = ShardCount::new(16).unwrap();
        let mut entities_by_shard = [0_u32; 16];
        for number in 0..16_000_u64 {
            entities_by_shard[count.shard_of(&number.to_be_bytes()).index()] += 1;
        }
        assert!(entities_by_shard.iter().all(|count| (850..1_150).contains(count)), "{entities_by_shard:?}");
    }
}
