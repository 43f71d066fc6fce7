//! The level of a store: what a node has to know to read everything in it.
//!
//! A release that wants to write a new form raises the level first; a node that knows less than the stored level
//! would misread what the others write, so it doesn't start.

use std::fmt;

use bytes::Bytes;
use storage::Key;

use crate::fields::Fields;
use crate::rows::MalformedRow;

/// What a node knows, or a store demands. Each release knows every level up to its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(u32);

impl Level {
    /// The level of a store that says nothing.
    pub const FIRST: Level = Level(1);
    /// The highest level this release knows.
    pub const KNOWN: Level = Level(1);
    const FORM: u8 = 1;

    /// The level with this number.
    pub const fn new(number: u32) -> Level {
        Level(number)
    }

    /// The number.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The row of the level.
    pub fn key() -> Key {
        Key::from("level")
    }

    /// The stored form: form, number.
    pub fn to_bytes(self) -> Bytes {
        let [a, b, c, d] = self.0.to_be_bytes();
        Bytes::copy_from_slice(&[Level::FORM, a, b, c, d])
    }

    /// Reads the row of the level, which a store of the first level doesn't have.
    pub fn from_row(row: Option<&[u8]>) -> Result<Level, MalformedRow> {
        let Some(bytes) = row else {
            return Ok(Level::FIRST);
        };
        let read = || {
            let mut fields = Fields::of(bytes, Level::FORM)?;
            let level = Level(fields.u32()?);
            fields.end().map(|()| level)
        };
        read().ok_or_else(|| MalformedRow::of(Level::key(), bytes))
    }
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_form_is_frozen() {
        assert_eq!(Level::new(0x0102).to_bytes(), [1, 0, 0, 1, 2].as_slice());
        assert_eq!(Level::from_row(Some(&[1, 0, 0, 1, 2])), Ok(Level::new(0x0102)));
        assert_eq!(Level::from_row(None), Ok(Level::FIRST));
        for malformed in [&[][..], &[2, 0, 0, 0, 1], &[1, 0, 0, 1], &[1, 0, 0, 0, 0, 1]] {
            assert!(Level::from_row(Some(malformed)).is_err(), "{malformed:?}");
        }
    }
}
