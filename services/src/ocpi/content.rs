//! A digest over what a document says, however it was written.
//!
//! Order of fields, white space and escapes do not matter, nor trailing zeros of numbers, nor fields that are null, nor the
//! field `last_updated` of the document itself, which a sender renews when it sends a record again. All other fields count,
//! known or not.

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::OcpiError;
use super::members::{MOST_LEVELS, Members, too_deep};

/// The digest of a document.
///
/// # Errors
/// [`OcpiError`] where it is no JSON, has a field twice in one object, or has values too deep in one another.
pub fn content_digest(text: &str) -> Result<[u8; 32], OcpiError> {
    let raw: &RawValue = serde_json::from_str(text).map_err(OcpiError::Malformed)?;
    let mut digest = Sha256::new();
    add(raw.get(), 0, &mut digest)?;
    Ok(digest.finalize().into())
}

fn add(json: &str, level: u32, digest: &mut Sha256) -> Result<(), OcpiError> {
    if level > MOST_LEVELS {
        return Err(too_deep());
    }
    let below = level.saturating_add(1);
    match json.as_bytes().first() {
        Some(b'{') => {
            let Members(fields) = Members::read(json)?;
            digest.update(b"{");
            for (name, value) in &fields {
                let is_told_anew = level == 0 && name == "last_updated";
                if value.get() != "null" && !is_told_anew {
                    text(name, digest);
                    add(value.get(), below, digest)?;
                }
            }
            digest.update(b"}");
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(json).map_err(OcpiError::Malformed)?;
            digest.update(b"[");
            items.into_iter().try_for_each(|item| add(item.get(), below, digest))?;
            digest.update(b"]");
        }
        Some(b'"') => {
            let value: String = serde_json::from_str(json).map_err(OcpiError::Malformed)?;
            text(&value, digest);
        }
        _ => {
            digest.update(b"#");
            digest.update(plain(json));
            digest.update(b";");
        }
    }
    Ok(())
}

/// A text with its length in front, so that no two sequences of texts look alike.
fn text(value: &str, digest: &mut Sha256) {
    digest.update(b"\"");
    digest.update(u64::try_from(value.len()).unwrap_or(u64::MAX).to_be_bytes());
    digest.update(value);
}

/// A number without the zeros behind its point; an exponent stays as it is written.
fn plain(number: &str) -> &str {
    if !number.contains('.') || number.contains(['e', 'E']) {
        return number;
    }
    number.trim_end_matches('0').trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_the_same_has_the_same_digest() {
        let cases = [
            (r#"{"a":1,"b":"x"}"#, r#"{ "b" : "\u0078", "a" : 1.0 }"#, true),
            (r#"{"a":1,"last_updated":"2024"}"#, r#"{"a":1}"#, true),
            (r#"{"a":null}"#, "{}", true),
            (r#"{"a":{"last_updated":1}}"#, r#"{"a":{"last_updated":2}}"#, false),
            (r#"{"a":10}"#, r#"{"a":1}"#, false),
            (r#"{"a":1.50}"#, r#"{"a":1.5}"#, true),
            (r#"{"a":0.0}"#, r#"{"a":0}"#, true),
            (r#"{"a":"1"}"#, r#"{"a":1}"#, false),
            (r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#, false),
            (r#"{"a":["xy",""]}"#, r#"{"a":["x","y"]}"#, false),
            (r#"{"a":true}"#, r#"{"a":false}"#, false),
            (r#"{"signed":"A "}"#, r#"{"signed":"A"}"#, false),
        ];
        for (one, other, is_same) in cases {
            let [one_digest, other_digest] = [one, other].map(|text| content_digest(text).unwrap());
            assert_eq!(one_digest == other_digest, is_same, "{one} {other}");
        }
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for text in [
            "",
            "{",
            "{\"a\":}",
            "{\"a\":1,\"a\":1}",
            "{\"x\":[{\"a\":1,\"a\":2}]}",
            &"[".repeat(100_000),
            &format!("{}{}", "[".repeat(40), "]".repeat(40)),
        ] {
            assert!(content_digest(text).is_err());
        }
    }
}
