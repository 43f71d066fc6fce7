//! The stored form of a value: a checksum of key and value, 4 bytes little-endian, then the value.
//!
//! redb has checksums of its pages, but looks at them only when it verifies the file. Money is looked at
//! whenever it is read.

use bytes::Bytes;

use crate::error::StoreError;
use crate::key::Key;

/// The bytes a value takes in addition.
pub(super) const SEAL_BYTES: usize = 4;

/// Writes the stored form of `value` into `target`, which is [`SEAL_BYTES`] longer than the value.
pub(super) fn seal_into(target: &mut [u8], key: &[u8], value: &[u8]) {
    if let Some((seal, content)) = target.split_first_chunk_mut::<SEAL_BYTES>() {
        *seal = checksum(key, value);
        content.copy_from_slice(value);
    }
}

/// The stored form of `value`.
pub(super) fn seal(key: &[u8], value: &[u8]) -> Vec<u8> {
    let mut stored = vec![0; value.len().saturating_add(SEAL_BYTES)];
    seal_into(&mut stored, key, value);
    stored
}

/// The value of a stored form, if it is what was written under this key.
pub(super) fn unseal<'a>(key: &[u8], stored: &'a [u8]) -> Result<&'a [u8], StoreError> {
    match stored.split_first_chunk::<SEAL_BYTES>() {
        Some((seal, value)) if *seal == checksum(key, value) => Ok(value),
        _ => {
            let key = Key::new(Bytes::copy_from_slice(key));
            Err(StoreError::Corrupt { what: format!("the value of key {key} does not match its checksum") })
        }
    }
}

fn checksum(key: &[u8], value: &[u8]) -> [u8; SEAL_BYTES] {
    crc32c::crc32c_append(crc32c::crc32c(key), value).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_changed_bit_is_noticed(
            key in vec(any::<u8>(), 1..20),
            value in vec(any::<u8>(), 0..200),
            place in any::<prop::sample::Index>(),
            bit in 0u8..8,
        ) {
            let mut stored = vec![0; value.len() + SEAL_BYTES];
            seal_into(&mut stored, &key, &value);
            prop_assert_eq!(unseal(&key, &stored), Ok(value.as_slice()));
            let place = place.index(stored.len());
            stored[place] ^= 1 << bit;
            prop_assert!(unseal(&key, &stored).is_err());
        }
    }

    #[test]
    fn a_value_under_another_key_is_noticed() {
        let mut stored = vec![0; 5 + SEAL_BYTES];
        seal_into(&mut stored, b"mine", b"value");
        let refused = unseal(b"yours", &stored).unwrap_err();
        assert!(refused.to_string().contains("yours"), "{refused}");
        assert!(unseal(b"short", &[1, 2]).is_err());
    }
}
