//! Building keys from typed parts so that the order of the bytes is the order of the parts.
//!
//! Parts have no type mark: writer and reader agree on the sequence, as a table's columns do. Numbers are
//! big-endian and of fixed width, byte strings end with a mark, so no key is a prefix of a sibling by
//! accident. The public tuple encoding of FoundationDB would spend a type byte per part and vary in width;
//! a day of readings has no room for either, and every reader here knows what it reads.

use crate::key::Key;

/// Ends a byte string inside a key. Smaller than the escape of a zero, so a string sorts before its
/// extensions whatever follows it.
const END_MARK: [u8; 2] = [0x00, 0x01];
/// Stands for a zero byte inside a byte string.
const ESCAPED_ZERO: [u8; 2] = [0x00, 0xFF];
/// Flips the sign so that negative numbers sort before positive ones.
const SIGN_BIT: u64 = 1 << 63;

/// Room for the usual key, so that it is not moved while it grows.
const USUAL_KEY_BYTES: usize = 96;

/// Builds a key part by part.
#[derive(Clone, Debug)]
pub struct KeyWriter {
    bytes: Vec<u8>,
}

/// Takes a key apart again, in the order in which it was written.
#[derive(Clone, Debug)]
pub struct KeyReader<'a> {
    rest: &'a [u8],
}

/// Why bytes are not the key that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyReadError {
    /// The key ends inside a part.
    #[error("the key ends before the part that was expected")]
    TooShort,
    /// The key goes on after its last part.
    #[error("the key goes on after the part that was expected last")]
    TooLong,
    /// A zero byte in a byte string is neither an end mark nor an escape.
    #[error("a byte string in the key is not well formed")]
    BadEscape,
}

impl Default for KeyWriter {
    fn default() -> KeyWriter {
        KeyWriter::new()
    }
}

impl KeyWriter {
    /// An empty key.
    pub fn new() -> KeyWriter {
        KeyWriter { bytes: Vec::with_capacity(USUAL_KEY_BYTES) }
    }

    /// Appends bytes as they are, for fixed words such as `s/`. Read back by [`KeyReader::literal`].
    pub fn literal(mut self, bytes: &[u8]) -> KeyWriter {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// Appends one byte, for the kind of what follows.
    pub fn tag(self, tag: u8) -> KeyWriter {
        self.literal(&[tag])
    }

    /// Appends a number in 2 bytes.
    pub fn u16(self, number: u16) -> KeyWriter {
        self.literal(&number.to_be_bytes())
    }

    /// Appends a number in 4 bytes.
    pub fn u32(self, number: u32) -> KeyWriter {
        self.literal(&number.to_be_bytes())
    }

    /// Appends a number in 8 bytes.
    pub fn u64(self, number: u64) -> KeyWriter {
        self.literal(&number.to_be_bytes())
    }

    /// Appends a signed number in 8 bytes; negative numbers sort first.
    pub fn i64(self, number: i64) -> KeyWriter {
        self.u64(number.cast_unsigned() ^ SIGN_BIT)
    }

    /// Appends a number in 16 bytes, for instance an id of that width.
    pub fn u128(self, number: u128) -> KeyWriter {
        self.literal(&number.to_be_bytes())
    }

    /// Appends a byte string of any length and content, ended by a mark (two bytes more, one per zero byte).
    pub fn bytes(mut self, bytes: &[u8]) -> KeyWriter {
        for (place, part) in bytes.split(|byte| *byte == 0).enumerate() {
            if place > 0 {
                self.bytes.extend_from_slice(&ESCAPED_ZERO);
            }
            self.bytes.extend_from_slice(part);
        }
        self.bytes.extend_from_slice(&END_MARK);
        self
    }

    /// Appends a text, as [`bytes`](KeyWriter::bytes) does.
    pub fn text(self, text: &str) -> KeyWriter {
        self.bytes(text.as_bytes())
    }

    /// The key built so far.
    pub fn finish(self) -> Key {
        Key::from(self.bytes)
    }
}

impl<'a> KeyReader<'a> {
    /// Reads `key` from its first byte.
    pub fn new(key: &'a Key) -> KeyReader<'a> {
        KeyReader { rest: key.as_bytes() }
    }

    /// Takes the next `length` bytes as they are.
    pub fn literal(&mut self, length: usize) -> Result<&'a [u8], KeyReadError> {
        let (part, rest) = self.rest.split_at_checked(length).ok_or(KeyReadError::TooShort)?;
        self.rest = rest;
        Ok(part)
    }

    /// Takes one byte.
    pub fn tag(&mut self) -> Result<u8, KeyReadError> {
        self.fixed::<1>().map(u8::from_be_bytes)
    }

    /// Takes a number of 2 bytes.
    pub fn u16(&mut self) -> Result<u16, KeyReadError> {
        self.fixed().map(u16::from_be_bytes)
    }

    /// Takes a number of 4 bytes.
    pub fn u32(&mut self) -> Result<u32, KeyReadError> {
        self.fixed().map(u32::from_be_bytes)
    }

    /// Takes a number of 8 bytes.
    pub fn u64(&mut self) -> Result<u64, KeyReadError> {
        self.fixed().map(u64::from_be_bytes)
    }

    /// Takes a signed number of 8 bytes.
    pub fn i64(&mut self) -> Result<i64, KeyReadError> {
        self.u64().map(|number| (number ^ SIGN_BIT).cast_signed())
    }

    /// Takes a number of 16 bytes.
    pub fn u128(&mut self) -> Result<u128, KeyReadError> {
        self.fixed().map(u128::from_be_bytes)
    }

    /// Takes a byte string with its end mark.
    pub fn bytes(&mut self) -> Result<Vec<u8>, KeyReadError> {
        let mut found = Vec::new();
        loop {
            let (&byte, rest) = self.rest.split_first().ok_or(KeyReadError::TooShort)?;
            self.rest = rest;
            if byte != 0 {
                found.push(byte);
                continue;
            }
            match self.tag()? {
                mark if mark == END_MARK[1] => return Ok(found),
                mark if mark == ESCAPED_ZERO[1] => found.push(0),
                _ => return Err(KeyReadError::BadEscape),
            }
        }
    }

    /// States that the key ends here.
    pub fn finish(self) -> Result<(), KeyReadError> {
        if self.rest.is_empty() { Ok(()) } else { Err(KeyReadError::TooLong) }
    }

    fn fixed<const WIDTH: usize>(&mut self) -> Result<[u8; WIDTH], KeyReadError> {
        let (part, rest) = self.rest.split_first_chunk().ok_or(KeyReadError::TooShort)?;
        self.rest = rest;
        Ok(*part)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    type Parts = (u8, Vec<u8>, u32, i64, Vec<u8>, u128);

    fn key_of(parts: &Parts) -> Key {
        let (tag, first, number, signed, second, wide) = parts;
        KeyWriter::new().tag(*tag).bytes(first).u32(*number).i64(*signed).bytes(second).u128(*wide).finish()
    }

    /// Few distinct bytes, the delicate ones among them, so that parts often agree in their beginning.
    fn short_bytes() -> impl Strategy<Value = Vec<u8>> {
        vec(prop_oneof![Just(0u8), Just(1), Just(0xFE), Just(0xFF)], 0..4)
    }

    fn parts() -> impl Strategy<Value = Parts> {
        (0u8..2, short_bytes(), prop_oneof![Just(0u32), any::<u32>()], -2i64..3, short_bytes(), any::<u128>())
    }

    proptest! {
        #[test]
        fn keys_sort_as_their_parts(left in parts(), right in parts()) {
            prop_assert_eq!(key_of(&left).cmp(&key_of(&right)), left.cmp(&right));
        }

        #[test]
        fn a_key_gives_its_parts_back(parts in parts()) {
            let key = key_of(&parts);
            let mut reader = KeyReader::new(&key);
            let found = (
                reader.tag()?, reader.bytes()?, reader.u32()?, reader.i64()?, reader.bytes()?, reader.u128()?,
            );
            reader.finish()?;
            prop_assert_eq!(found, parts);
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in vec(any::<u8>(), 0..20)) {
            let key = Key::from(bytes);
            let mut reader = KeyReader::new(&key);
            let _ = reader.bytes();
            let _ = reader.u64();
            let _ = reader.u16();
            let _ = reader.finish();
        }
    }

    #[test]
    fn a_wrong_key_is_refused() {
        let short = Key::from(vec![1, 2, 3]);
        assert_eq!(KeyReader::new(&short).u32(), Err(KeyReadError::TooShort));
        assert_eq!(KeyReader::new(&short).bytes(), Err(KeyReadError::TooShort));
        assert_eq!(KeyReader::new(&short).finish(), Err(KeyReadError::TooLong));
        let torn = Key::from(vec![7, 0, 9]);
        assert_eq!(KeyReader::new(&torn).bytes(), Err(KeyReadError::BadEscape));
    }
}
