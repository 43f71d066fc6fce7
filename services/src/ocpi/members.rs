//! The members of a JSON object, each of which stands there once.
//!
//! A name that stands twice means one thing to whoever reads the first and another to whoever reads the last (RFC 8259,
//! section 4): a document that is billed by has to mean one.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::OcpiError;

/// How deep values may lie in one another; a record of OCPI has six levels.
pub(super) const MOST_LEVELS: u32 = 24;

/// The members of an object, by name. Reading one with a name that stands twice is an error.
#[derive(Debug, Default)]
pub(crate) struct Members<'a>(pub(crate) BTreeMap<String, &'a RawValue>);

/// Reads members.
struct Reading;

/// Whether each name stands once in its object, in all objects of a document.
///
/// # Errors
/// [`OcpiError`] where one stands twice, the document is no JSON, or has values too deep in one another.
pub(crate) fn check_names(json: &str) -> Result<(), OcpiError> {
    let whole: &RawValue = serde_json::from_str(json).map_err(OcpiError::Malformed)?;
    check(whole, 0)
}

fn check(value: &RawValue, level: u32) -> Result<(), OcpiError> {
    if level > MOST_LEVELS {
        return Err(too_deep());
    }
    let (json, below) = (value.get(), level.saturating_add(1));
    match json.as_bytes().first() {
        Some(b'{') => Members::read(json)?.0.into_values().try_for_each(|value| check(value, below)),
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(json).map_err(OcpiError::Malformed)?;
            items.into_iter().try_for_each(|item| check(item, below))
        }
        _ => Ok(()),
    }
}

/// Values lie deeper in one another than is read.
pub(super) fn too_deep() -> OcpiError {
    OcpiError::Value { path: String::new(), wrong: "has values too deep in one another".to_owned() }
}

impl<'a> Members<'a> {
    /// The members of an object.
    ///
    /// # Errors
    /// [`OcpiError`] without a path where a name stands twice, or the text is no object.
    pub(crate) fn read(json: &'a str) -> Result<Self, OcpiError> {
        serde_json::from_str(json).map_err(|error| {
            let words = error.to_string();
            match words.split_once(" at line ") {
                // Where it stands in the object is not where it stands in the document.
                Some((wrong, _)) if error.is_data() => {
                    OcpiError::Value { path: String::new(), wrong: wrong.to_owned() }
                }
                _ => OcpiError::Malformed(error),
            }
        })
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reading).map(Self)
    }
}

impl<'de> Visitor<'de> for Reading {
    type Value = BTreeMap<String, &'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = access.next_entry::<String, &'de RawValue>()? {
            match members.entry(name) {
                Entry::Vacant(free) => drop(free.insert(value)),
                Entry::Occupied(held) => {
                    return Err(A::Error::custom(format_args!("has the field {} twice", held.key())));
                }
            }
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_once_in_an_object() {
        let nested = |levels: usize| format!("{}1{}", r#"{"a":["#.repeat(levels), "]}".repeat(levels));
        let (deep, too_deep) = (nested(12), nested(100_000));
        let twice = |name: &str| Err(format!("the document has the field {name} twice"));
        let cases = [
            (r#"{"a":1,"b":2}"#, Ok(())),
            (r#"{"a":1,"a":1}"#, twice("a")),
            // However it is written.
            (r#"{"a":1,"\u0061":1}"#, twice("a")),
            (r#"{"x":[{"y":1},{"z":{"b":1,"c":null,"b":2}}]}"#, twice("b")),
            // In two objects.
            (r#"{"x":{"a":1},"y":{"a":1},"a":[{"a":1},{"a":1}]}"#, Ok(())),
            // Case tells names apart.
            (r#"{"a":1,"A":1}"#, Ok(())),
            (r#" [ { "a" : 1 , "a" : 2 } ] "#, twice("a")),
            ("1", Ok(())),
            (&deep, Ok(())),
            (&too_deep, Err("the document has values too deep in one another".to_owned())),
        ];
        for (json, expected) in cases {
            let shown = json.get(..json.len().min(80)).unwrap_or_default();
            assert_eq!(check_names(json).map_err(|error| error.to_string()), expected, "{shown}");
        }
        assert!(matches!(check_names("{"), Err(OcpiError::Malformed(_))));
    }
}
