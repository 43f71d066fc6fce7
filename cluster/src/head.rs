//! The head of a shard: the one row whose compare-and-set is the fence against a former owner, the order of the
//! shard, and the answer to an unknown commit.

use std::fmt;

use bytes::Bytes;
use storage::{Key, KeyWriter};

use crate::shard::ShardId;

/// One start of a node process. Two starts never have the same; whoever starts a node draws it at random.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Incarnation(u128);

/// How often a shard was claimed. A larger epoch fences all smaller ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(u64);

/// Names one batch among all batches of all nodes: the incarnation that made it and a number that incarnation
/// gives once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchId {
    /// Who made it.
    pub incarnation: Incarnation,
    /// Which of its batches.
    pub number: u64,
}

/// The content of the row `s/<shard>/head`. Every commit of a shard expects the head its owner last wrote and
/// advances it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Whose claim this is.
    pub epoch: Epoch,
    /// How many batches the shard has seen.
    pub sequence: u64,
    /// The last batch.
    pub batch: BatchId,
    /// The latest registration time in the shard, in milliseconds since 1970-01-01T00:00Z. Never goes back.
    pub shard_time_ms: i64,
}

/// A stored head that can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the head of shard {shard} has {size_bytes} bytes in form {form:?}; this release knows form {}",
    Head::FORM
)]
pub struct MalformedHead {
    /// Whose head it is.
    pub shard: ShardId,
    /// The first byte.
    pub form: Option<u8>,
    /// The length of the value.
    pub size_bytes: usize,
}

/// The key of a shard's head.
pub fn head_key(shard: ShardId) -> Key {
    shard_key(shard, HEAD_TAG).finish()
}

/// Begins a key of a shard: `s/`, the shard in two bytes, the letter of a section. The letter `h` is the head's.
pub fn shard_key(shard: ShardId, section: u8) -> KeyWriter {
    KeyWriter::new().literal(b"s/").u16(shard.number()).tag(section)
}

const HEAD_TAG: u8 = b'h';

impl Incarnation {
    /// The incarnation with this number.
    pub const fn new(number: u128) -> Incarnation {
        Incarnation(number)
    }

    /// The number.
    pub const fn number(self) -> u128 {
        self.0
    }
}

impl Epoch {
    /// The epoch with this number; the first claim gives 1.
    pub const fn new(number: u64) -> Epoch {
        Epoch(number)
    }

    /// The number.
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The epoch of the next claim.
    pub fn next(self) -> Epoch {
        Epoch(self.0.saturating_add(1))
    }
}

impl Head {
    /// The first byte of the stored form.
    const FORM: u8 = 1;
    const SIZE_BYTES: usize = 1 + 8 + 8 + 16 + 8 + 8;

    /// The head after a claim of a shard that had `previous`. Its time stays, since nothing was registered.
    pub fn claimed(previous: Option<&Head>, batch: BatchId) -> Head {
        match previous {
            None => Head { epoch: Epoch(1), sequence: 1, batch, shard_time_ms: 0 },
            Some(previous) => Head { epoch: previous.epoch.next(), ..previous.advanced(batch, 0) },
        }
    }

    /// The head after a batch whose latest registration time is `shard_time_ms`.
    pub fn advanced(&self, batch: BatchId, shard_time_ms: i64) -> Head {
        Head {
            epoch: self.epoch,
            sequence: self.sequence.saturating_add(1),
            batch,
            shard_time_ms: self.shard_time_ms.max(shard_time_ms),
        }
    }

    /// The stored form: form, epoch, sequence, incarnation, number, time; all big-endian.
    pub fn to_bytes(&self) -> Bytes {
        let mut bytes = Vec::with_capacity(Head::SIZE_BYTES);
        bytes.push(Head::FORM);
        bytes.extend_from_slice(&self.epoch.0.to_be_bytes());
        bytes.extend_from_slice(&self.sequence.to_be_bytes());
        bytes.extend_from_slice(&self.batch.incarnation.0.to_be_bytes());
        bytes.extend_from_slice(&self.batch.number.to_be_bytes());
        bytes.extend_from_slice(&self.shard_time_ms.to_be_bytes());
        bytes.into()
    }

    /// Reads the stored form.
    pub fn from_bytes(shard: ShardId, bytes: &[u8]) -> Result<Head, MalformedHead> {
        read(bytes).ok_or_else(|| MalformedHead {
            shard,
            form: bytes.first().copied(),
            size_bytes: bytes.len(),
        })
    }
}

fn read(bytes: &[u8]) -> Option<Head> {
    let (&form, rest) = bytes.split_first()?;
    let (epoch, rest) = rest.split_first_chunk()?;
    let (sequence, rest) = rest.split_first_chunk()?;
    let (incarnation, rest) = rest.split_first_chunk()?;
    let (number, rest) = rest.split_first_chunk()?;
    let (shard_time_ms, rest) = rest.split_first_chunk()?;
    (form == Head::FORM && rest.is_empty()).then(|| Head {
        epoch: Epoch(u64::from_be_bytes(*epoch)),
        sequence: u64::from_be_bytes(*sequence),
        batch: BatchId {
            incarnation: Incarnation(u128::from_be_bytes(*incarnation)),
            number: u64::from_be_bytes(*number),
        },
        shard_time_ms: i64::from_be_bytes(*shard_time_ms),
    })
}

impl fmt::Display for Epoch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

impl fmt::Display for Incarnation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn batch(number: u64) -> BatchId {
        BatchId { incarnation: Incarnation(7), number }
    }

    #[test]
    fn a_claim_bumps_the_epoch_and_a_batch_the_sequence() {
        let first = Head::claimed(None, batch(1));
        let second = first.advanced(batch(2), 500);
        let third = Head::claimed(Some(&second), batch(3));
        let fourth = third.advanced(batch(4), 400);
        let found: Vec<_> = [first, second, third, fourth]
            .iter()
            .map(|head| (head.epoch.number(), head.sequence, head.shard_time_ms))
            .collect();
        assert_eq!(found, [(1, 1, 0), (1, 2, 500), (2, 3, 500), (2, 4, 500)]);
    }

    #[test]
    fn the_stored_form_is_frozen() {
        let head = Head::claimed(None, batch(0x0102)).advanced(batch(0x0304), 0x05);
        let mut expected = vec![1];
        expected.extend([0, 0, 0, 0, 0, 0, 0, 1]);
        expected.extend([0, 0, 0, 0, 0, 0, 0, 2]);
        expected.extend([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]);
        expected.extend([0, 0, 0, 0, 0, 0, 3, 4]);
        expected.extend([0, 0, 0, 0, 0, 0, 0, 5]);
        assert_eq!(head.to_bytes(), expected);
        assert_eq!(head_key(ShardId::new(0x0102)).as_bytes(), b"s/\x01\x02h");
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(epoch: u64, sequence: u64, incarnation: u128, number: u64, shard_time_ms: i64) {
            let batch = BatchId { incarnation: Incarnation(incarnation), number };
            let head = Head { epoch: Epoch(epoch), sequence, batch, shard_time_ms };
            let shard = ShardId::new(3);
            prop_assert_eq!(Head::from_bytes(shard, &head.to_bytes()), Ok(head));
            let longer = [head.to_bytes().as_ref(), &[0]].concat();
            prop_assert!(Head::from_bytes(shard, &longer).is_err());
            prop_assert!(Head::from_bytes(shard, &longer[..10]).is_err());
        }
    }
}
