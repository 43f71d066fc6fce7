//! Stored integers: 16 bytes, little-endian, two's complement, the form [`Write::Add`](crate::Write::Add)
//! works on.

use bytes::Bytes;

const WIDTH_BYTES: usize = 16;

/// The stored form of an integer.
pub fn integer_to_bytes(integer: i128) -> Bytes {
    Bytes::copy_from_slice(&integer.to_le_bytes())
}

/// The integer of a stored value: absent counts as 0; a shorter value is filled up with zero bytes and a
/// longer one cut, exactly as FoundationDB's atomic add takes them, so that every store agrees.
pub fn integer_from_bytes(value: Option<&[u8]>) -> i128 {
    let mut bytes = [0; WIDTH_BYTES];
    for (target, source) in bytes.iter_mut().zip(value.unwrap_or_default()) {
        *target = *source;
    }
    i128::from_le_bytes(bytes)
}

/// The stored value after an addition. Wraps on overflow.
pub(crate) fn add_to_stored(value: Option<&[u8]>, delta: i128) -> [u8; WIDTH_BYTES] {
    integer_from_bytes(value).wrapping_add(delta).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addition_follows_foundationdb() {
        let cases: [(Option<&[u8]>, i128, i128); 6] = [
            (None, -5, -5),
            (Some(&[7]), 1, 8),
            (Some(&integer_to_bytes(-1)), -1, -2),
            (Some(&integer_to_bytes(i128::MAX)), 1, i128::MIN),
            (Some(&[0xFF; 16]), 1, 0),
            (Some(&[1; 20]), 0, i128::from_le_bytes([1; 16])),
        ];
        for (value, delta, expected) in cases {
            assert_eq!(i128::from_le_bytes(add_to_stored(value, delta)), expected);
        }
    }
}
