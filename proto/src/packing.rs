//! A column of integers in few bytes: blocks of numbers in as many bits as the widest of a block needs.
//!
//! A block holds 32 numbers, the last of a column maybe fewer: its smallest number as a zigzag varint, a width in bits as
//! one byte, and every number less the smallest in that width, the first in the lowest bits, filled to whole bytes. Values
//! of a meter differ less within eight hours than within a day, so that night and evening get widths of their own.

/// Numbers of a block.
const BLOCK: usize = 32;

/// The column as bytes.
pub(crate) fn pack(column: &[i64]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(column.len());
    for block in column.chunks(BLOCK) {
        let smallest = block.iter().copied().min().unwrap_or_default();
        let offsets = || block.iter().map(|number| number.wrapping_sub(smallest).cast_unsigned());
        let width = u64::BITS.saturating_sub(offsets().max().unwrap_or_default().leading_zeros());
        write_varint(zigzag(smallest), &mut bytes);
        bytes.push(width.to_le_bytes()[0]);
        let (mut window, mut filled) = (0_u128, 0_u32);
        for offset in offsets() {
            window |= u128::from(offset) << filled;
            filled += width;
            while filled >= 8 {
                bytes.push(lowest_byte(window));
                window >>= 8;
                filled -= 8;
            }
        }
        if filled > 0 {
            bytes.push(lowest_byte(window));
        }
    }
    bytes
}

/// The column of so many numbers; `None` where the bytes hold something else. Never allocates more than the bytes
/// can stand for: the caller bounds `count`.
pub(crate) fn unpack(mut bytes: &[u8], count: usize) -> Option<Vec<i64>> {
    let mut column = Vec::with_capacity(count);
    while column.len() < count {
        let length = BLOCK.min(count - column.len());
        let smallest = unzigzag(read_varint(&mut bytes)?);
        let (&width, rest) = bytes.split_first()?;
        let width = u32::from(width);
        (width <= u64::BITS).then_some(())?;
        let size = usize::try_from(width).ok()?.checked_mul(length)?.div_ceil(8);
        let (packed, rest) = rest.split_at_checked(size)?;
        bytes = rest;
        unpack_block(packed, width, length, smallest, &mut column)?;
    }
    bytes.is_empty().then_some(column)
}

fn unpack_block(
    packed: &[u8],
    width: u32,
    length: usize,
    smallest: i64,
    column: &mut Vec<i64>,
) -> Option<()> {
    let mask = 1_u128.checked_shl(width)?.wrapping_sub(1);
    let mut packed = packed.iter();
    let (mut window, mut filled) = (0_u128, 0_u32);
    for _ in 0..length {
        while filled < width {
            window |= u128::from(*packed.next()?) << filled;
            filled += 8;
        }
        let offset = u64::try_from(window & mask).ok()?;
        column.push(smallest.checked_add_unsigned(offset)?);
        window >>= width;
        filled -= width;
    }
    Some(())
}

fn lowest_byte(window: u128) -> u8 {
    let [byte, ..] = window.to_le_bytes();
    byte
}

fn zigzag(number: i64) -> u64 {
    (number << 1 ^ number >> 63).cast_unsigned()
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

fn write_varint(number: u64, bytes: &mut Vec<u8>) {
    prost::encoding::encode_varint(number, bytes);
}

fn read_varint(bytes: &mut &[u8]) -> Option<u64> {
    prost::encoding::decode_varint(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn columns_take_as_few_bits_as_their_blocks_need() {
        let cases: [(Vec<i64>, usize); 6] = [
            (vec![], 0),
            (vec![7; 96], 3 * 2),
            ((0..32).collect(), 2 + 20),
            ((0..96).map(|number| number % 2 - 1).collect(), 3 * (2 + 4)),
            (vec![i64::MIN, i64::MAX], 10 + 1 + 16),
            (vec![i64::MAX], 10 + 1),
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
        assert_eq!(unpack(&bytes, 2), None, "a byte is left");
        assert_eq!(unpack(&[0, 65], 1), None, "no number has 65 bits");
    }

    proptest! {
        #[test]
        fn every_column_comes_back(column in prop::collection::vec(any::<i64>(), 0..100)) {
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
