//! A column of integers in few bytes: every number less the smallest, in a Rice code.
//!
//! The bytes are the smallest number as a zigzag varint, then bits, the first in the lowest of a byte. Each block of 32
//! numbers, the last maybe shorter, begins with a width in 6 bits; each number less the smallest follows as its part above
//! the width in so many ones and a zero, then `width` bits of the rest. What a meter counts in an interval is mostly small
//! and seldom large, which is what such a code is best at; night, and hours in which a car charges, have widths of their
//! own.

/// Numbers of a block.
const BLOCK: usize = 32;
const WIDTH_BITS: u32 = 6;

/// The column as bytes; nothing for an empty one.
pub(crate) fn pack(column: &[i64]) -> Vec<u8> {
    let Some(smallest) = column.iter().copied().min() else { return Vec::new() };
    let offsets: Vec<u64> =
        column.iter().map(|number| number.wrapping_sub(smallest).cast_unsigned()).collect();
    let mut bytes = Vec::with_capacity(column.len().saturating_add(8));
    prost::encoding::encode_varint(zigzag(smallest), &mut bytes);
    let mut writer = Writer { bytes, window: 0, filled: 0 };
    for block in offsets.chunks(BLOCK) {
        let width = best_width(block);
        writer.write(width.into(), WIDTH_BITS);
        for offset in block {
            for _ in 0..offset >> width {
                writer.write(1, 1);
            }
            writer.write(0, 1);
            writer.write(offset & mask(width), width);
        }
    }
    writer.finish()
}

/// The column of so many numbers; `None` where the bytes hold something else. It never grows beyond what the bytes
/// stand for, since every number takes at least one bit.
pub(crate) fn unpack(mut bytes: &[u8], count: usize) -> Option<Vec<i64>> {
    if count == 0 {
        return bytes.is_empty().then(Vec::new);
    }
    let smallest = unzigzag(prost::encoding::decode_varint(&mut bytes).ok()?);
    (count <= bytes.len().checked_mul(8)?).then_some(())?;
    let mut reader = Reader { bytes, window: 0, filled: 0 };
    let mut column = Vec::with_capacity(count);
    while column.len() < count {
        let width = u32::try_from(reader.read(WIDTH_BITS)?).ok()?;
        for _ in 0..BLOCK.min(count - column.len()) {
            let above = u128::from(reader.ones()?) << width;
            let offset = u64::try_from(above | u128::from(reader.read(width)?)).ok()?;
            column.push(smallest.checked_add_unsigned(offset)?);
        }
    }
    reader.is_done().then_some(column)
}

/// The width that takes the fewest bits: near that of the mean.
fn best_width(offsets: &[u64]) -> u32 {
    let sum: u128 = offsets.iter().copied().map(u128::from).sum();
    let mean = sum.checked_div(offsets.len() as u128).unwrap_or_default();
    let most = (u128::BITS - mean.leading_zeros()).min(u64::BITS - 1);
    let bits = |width: u32| {
        let above: u128 = offsets.iter().map(|offset| u128::from(offset >> width)).sum();
        above.saturating_add(u128::from(width).saturating_mul(offsets.len() as u128))
    };
    (most.saturating_sub(2)..=most).min_by_key(|width| bits(*width)).unwrap_or(most)
}

/// Bits going out.
struct Writer {
    bytes: Vec<u8>,
    window: u128,
    filled: u32,
}

impl Writer {
    /// At most 64 bits.
    fn write(&mut self, bits: u64, width: u32) {
        self.window |= u128::from(bits) << self.filled;
        self.filled += width;
        while self.filled >= 8 {
            self.bytes.push(lowest_byte(self.window));
            self.window >>= 8;
            self.filled -= 8;
        }
    }

    fn finish(mut self) -> Vec<u8> {
        if self.filled > 0 {
            self.bytes.push(lowest_byte(self.window));
        }
        self.bytes
    }
}

/// Bits coming in.
struct Reader<'a> {
    bytes: &'a [u8],
    window: u128,
    filled: u32,
}

impl Reader<'_> {
    /// Ones up to and with the next zero.
    fn ones(&mut self) -> Option<u64> {
        let mut count = 0_u64;
        loop {
            let ones = self.window.trailing_ones().min(self.filled);
            count = count.checked_add(ones.into())?;
            self.skip(ones);
            if self.filled > 0 {
                self.skip(1);
                return Some(count);
            }
            self.fill(8)?;
        }
    }

    /// At most 63 bits.
    fn read(&mut self, width: u32) -> Option<u64> {
        self.fill(width)?;
        let bits = u64::try_from(self.window & u128::from(mask(width))).ok()?;
        self.skip(width);
        Some(bits)
    }

    /// Whether nothing is left but the zeros that fill the last byte.
    fn is_done(&self) -> bool {
        self.bytes.is_empty() && self.window == 0 && self.filled < 8
    }

    fn fill(&mut self, width: u32) -> Option<()> {
        while self.filled < width {
            let (&byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            self.window |= u128::from(byte) << self.filled;
            self.filled += 8;
        }
        Some(())
    }

    fn skip(&mut self, width: u32) {
        self.window >>= width;
        self.filled -= width;
    }
}

/// So many ones, at most 63.
fn mask(width: u32) -> u64 {
    (1 << width) - 1
}

fn lowest_byte(window: u128) -> u8 {
    let [byte, ..] = window.to_le_bytes();
    byte
}

fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn columns_take_few_bytes() {
        let cases: [(Vec<i64>, usize); 7] = [
            (vec![], 0),
            (vec![7; 96], 1 + 15),
            (vec![i64::MIN; 2], 10 + 1),
            ((0..96).map(|number| number % 2 - 1).collect(), 1 + 21),
            ((0..96).map(|number| 100 + number % 4).collect(), 2 + 33),
            ((0..96).map(|number| if number < 64 { 5 } else { 9000 + number }).collect(), 1 + 71),
            (vec![i64::MIN, i64::MAX], 10 + 17),
        ];
        for (column, size) in cases {
            let bytes = pack(&column);
            assert_eq!(bytes.len(), size, "{column:?}");
            assert_eq!(unpack(&bytes, column.len()), Some(column));
        }
    }

    #[test]
    fn other_bytes_are_refused() {
        let bytes = pack(&[1, 2, 300]);
        for end in 0..bytes.len() {
            assert_eq!(unpack(&bytes[..end], 3), None);
        }
        assert_eq!(unpack(&bytes, 2), None, "a number is left");
        assert_eq!(unpack(&[0], 0), None, "nothing is wanted");
        assert_eq!(unpack(&[0, 0, 0], 9_000_000_000), None, "more numbers than bits");
        assert_eq!(unpack(&[0xFF; 20], 1), None, "ones without an end");
        let largest = pack(&[i64::MAX - 1, i64::MAX]);
        let beyond: Vec<u8> =
            pack(&[i64::MAX]).into_iter().take(10).chain(largest[10..].iter().copied()).collect();
        assert_eq!(unpack(&beyond, 2), None, "beyond the range");
    }

    proptest! {
        #[test]
        fn every_column_comes_back(column in prop::collection::vec(any::<i64>(), 0..100)) {
            prop_assert_eq!(unpack(&pack(&column), column.len()), Some(column));
        }

        #[test]
        fn outliers_come_back(
            column in prop::collection::vec(prop_oneof![9 => 0..50_i64, 1 => any::<i64>()], 0..100),
        ) {
            prop_assert_eq!(unpack(&pack(&column), column.len()), Some(column));
        }

        #[test]
        fn no_bytes_are_a_surprise(bytes in prop::collection::vec(any::<u8>(), 0..200), count in 0_usize..200) {
            if let Some(column) = unpack(&bytes, count) {
                prop_assert_eq!(column.len(), count);
            }
        }
    }
}
