//! JSON to the tree. Numbers stay text: no binary float ever stands between a document and a decimal.

use std::borrow::Cow;
use std::fmt;

use domain::document::RefusalReason;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Content, MOST_LEVELS, Node, malformed};

/// Reads a document of one root field.
///
/// `{"value": X}` and `{"value": X, "codingScheme": Y}` become the value with its scheme, as XML has it; a field that
/// is `null` is absent.
///
/// # Errors
/// The reason for which the text is no such document.
pub(in crate::market) fn from_json(text: &str) -> Result<Node<'_>, RefusalReason> {
    let raw: &RawValue = serde_json::from_str(text).map_err(malformed)?;
    let Content::Fields(mut fields) = content(raw, 0)?.content else {
        return Err(RefusalReason::WrongShape);
    };
    match (fields.pop(), fields.is_empty()) {
        (Some(root), true) => Ok(root),
        (Some(_), false) => Err(RefusalReason::RepeatedField),
        (None, _) => Err(RefusalReason::UnknownDocument { found: String::new() }),
    }
}

/// A value with its scheme, before it has a name.
struct Valued<'a> {
    scheme: Option<Cow<'a, str>>,
    content: Content<'a>,
}

fn content(raw: &RawValue, level: usize) -> Result<Valued<'_>, RefusalReason> {
    let plain = |content| Ok(Valued { scheme: None, content });
    match raw.get().as_bytes().first() {
        Some(b'{') if level >= MOST_LEVELS => Err(RefusalReason::TooDeep { most: MOST_LEVELS }),
        Some(b'{') => object(raw, level),
        Some(b'"') => plain(Content::Text(text(raw)?)),
        Some(b'[') => Err(RefusalReason::WrongShape),
        _ => plain(Content::Literal(raw.get())),
    }
}

fn object(raw: &RawValue, level: usize) -> Result<Valued<'_>, RefusalReason> {
    let Entries(entries) = serde_json::from_str(raw.get()).map_err(malformed)?;
    if let Some(valued) = value_object(&entries)? {
        return Ok(valued);
    }
    let mut fields = Vec::with_capacity(entries.len());
    for (name, raw) in entries {
        match raw.get().as_bytes().first() {
            Some(b'n') => {}
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(malformed)?;
                for item in items {
                    fields.push(named(name.clone(), content(item, level.saturating_add(1))?));
                }
            }
            _ => fields.push(named(name, content(raw, level.saturating_add(1))?)),
        }
    }
    Ok(Valued { scheme: None, content: Content::Fields(fields) })
}

/// The value of `{"value": X}`, with its coding scheme where there is one.
fn value_object<'a>(entries: &[Entry<'a>]) -> Result<Option<Valued<'a>>, RefusalReason> {
    let (raw, scheme) = match entries {
        [(key, raw)] if key == "value" => (*raw, None),
        [(one, raw), (other, scheme)] if one == "value" && other == "codingScheme" => (*raw, Some(*scheme)),
        [(one, scheme), (other, raw)] if one == "codingScheme" && other == "value" => (*raw, Some(*scheme)),
        _ => return Ok(None),
    };
    let content = match raw.get().as_bytes().first() {
        Some(b'{' | b'[') => return Ok(None),
        Some(b'"') => Content::Text(text(raw)?),
        Some(b'n') => Content::Text(Cow::Borrowed("")),
        _ => Content::Literal(raw.get()),
    };
    Ok(Some(Valued { scheme: scheme.map(text).transpose()?, content }))
}

fn named<'a>(name: Cow<'a, str>, valued: Valued<'a>) -> Node<'a> {
    Node { name, scheme: valued.scheme, content: valued.content }
}

fn text(raw: &RawValue) -> Result<Cow<'_, str>, RefusalReason> {
    let Text(text) = serde_json::from_str(raw.get()).map_err(malformed)?;
    Ok(text)
}

type Entry<'a> = (Cow<'a, str>, &'a RawValue);

/// The members of an object in order, repeated names included.
struct Entries<'a>(Vec<Entry<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Entries<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some((Text(name), raw)) = map.next_entry()? {
                    entries.push((name, raw));
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// A string, borrowed where it has no escapes.
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Letters;
        impl<'de> Visitor<'de> for Letters {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Letters)
    }
}
