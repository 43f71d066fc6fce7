//! The natural id of an operation on money: made and kept by the first client, so that sending it again is safe.

use std::fmt;

use crate::instant::Instant;

/// The longest id.
pub const MOST_OPERATION_BYTES: usize = 64;

/// An id of an operation or a reservation: 1 to 64 printable characters of ASCII without spaces, compared exactly. The
/// id of a session (OCPI `Session.id`, 36 characters), a payment's reference, or a UUID.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationId(String);

impl OperationId {
    /// The id with this text; `None` where it is none.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let is_id = (1..=MOST_OPERATION_BYTES).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_id.then(|| Self(text.to_owned()))
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// When it was made, by the clock of whoever made it, where it is a UUID of version 7 (RFC 9562, 5.7).
    #[must_use]
    pub fn made(&self) -> Option<Instant> {
        let bytes = self.0.as_bytes();
        let is_uuid = bytes.len() == 36
            && bytes.iter().zip(0..).all(|(byte, place)| match place {
                8 | 13 | 18 | 23 => *byte == b'-',
                14 => *byte == b'7',
                _ => byte.is_ascii_hexdigit(),
            });
        is_uuid.then_some(())?;
        let digits = [self.0.get(..8)?, self.0.get(9..13)?].concat();
        Instant::from_millis(i64::from_str_radix(&digits, 16).ok()?)
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
