//! Small texts: tokens, parts of addresses, and what is wrong with one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::webhook::{UrlFault, WebhookUrl};
use sha2::{Digest, Sha256};

use crate::clock::SystemClock;

/// How much chance a fresh id has at least, and from how many ids a token is made: more than 256 bits of it.
const IDS_OF_A_TOKEN: usize = 4;

/// A token that nobody can guess, 43 characters long.
#[must_use]
pub(crate) fn fresh_token() -> String {
    let clock = SystemClock::new();
    let mut digest = Sha256::new();
    for _ in 0..IDS_OF_A_TOKEN {
        // Each has 74 bits from the system's source of chance beside the time.
        digest.update(clock.fresh_id().to_be_bytes());
    }
    URL_SAFE_NO_PAD.encode(digest.finalize())
}

/// What is wrong with an address that is to be called.
#[must_use]
pub(crate) fn url_fault(fault: UrlFault) -> String {
    match fault {
        UrlFault::TooLong => format!("has more than {} bytes", WebhookUrl::MOST_BYTES),
        UrlFault::Encrypted => {
            "asks for TLS, which a proxy beside the node does: name its http address".to_owned()
        }
        UrlFault::Malformed => "is not http://HOST[:PORT][/PATH][?QUERY] in printable ASCII".to_owned(),
    }
}

/// A segment of a path or a value of a query as it is meant; none where it is not written so that it can be read.
pub(super) fn decoded(text: &str, plus_is_space: bool) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                let digits = str::from_utf8(&digits).ok().filter(|digits| !digits.starts_with('+'))?;
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
            }
            b'+' if plus_is_space => bytes.push(b' '),
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).ok()
}

/// A text as it stands in a path or a query.
pub(super) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_go_into_addresses_and_back() {
        for text in ["NL", "a b/c", "10%", "é", "2026-11-22T10:00:00Z"] {
            assert_eq!(decoded(&encoded(text), true).as_deref(), Some(text));
        }
        assert_eq!(decoded("a+b", true).as_deref(), Some("a b"));
        assert_eq!(decoded("a+b", false).as_deref(), Some("a+b"));
        for text in ["%", "%2", "%+1", "%GG", "%FF"] {
            assert_eq!(decoded(text, false), None, "{text}");
        }
    }

    #[test]
    fn no_two_tokens_are_alike() {
        let (one, other) = (fresh_token(), fresh_token());
        assert_ne!(one, other);
        assert_eq!((one.len(), other.len()), (43, 43));
    }
}
