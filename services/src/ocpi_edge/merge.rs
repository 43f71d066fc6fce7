//! Changes of a part of an object, made on its text: what is not named stays as it was written, known here or not.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;

use super::answer::Fault;
use crate::ocpi::check_names;

/// The fields of an object as they were written.
#[derive(Clone, Debug, Default)]
pub(super) struct Object {
    fields: BTreeMap<String, Box<RawValue>>,
}

impl Object {
    /// Reads an object, in which each field stands once, as in the objects within it.
    pub(super) fn read(text: &str) -> Result<Self, Fault> {
        let read: Result<BTreeMap<String, Box<RawValue>>, _> = serde_json::from_str(text);
        let fields = read.map_err(|error| match serde_json::from_str::<&RawValue>(text) {
            Ok(_) => Fault::parameters("the body is no object of JSON"),
            Err(_) => Fault::malformed(&error),
        })?;
        check_names(text).map_err(super::intake::fault)?;
        Ok(Self { fields })
    }

    /// As it is written.
    pub(super) fn write(&self) -> Result<String, Fault> {
        serde_json::to_string(&self.fields).map_err(|error| Fault::defect(&error.to_string()))
    }

    /// The text of a field as JSON, where it stands and is not null.
    pub(super) fn raw(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(|raw| raw.get()).filter(|raw| *raw != "null")
    }

    /// A field that is a text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.raw(name)?).ok()
    }

    /// The fields of another replace these.
    pub(super) fn patch(&mut self, other: &Self) {
        for (name, raw) in &other.fields {
            self.fields.insert(name.clone(), raw.clone());
        }
    }

    /// Sets a field to a text.
    pub(super) fn set_text(&mut self, name: &str, text: &str) -> Result<(), Fault> {
        let raw = serde_json::value::to_raw_value(text);
        let raw = raw.map_err(|error| Fault::defect(&error.to_string()))?;
        self.fields.insert(name.to_owned(), raw);
        Ok(())
    }

    /// The objects of a field that is a list; none where it is not there.
    pub(super) fn list(&self, name: &str) -> Result<Vec<Self>, Fault> {
        let Some(raw) = self.raw(name) else { return Ok(Vec::new()) };
        let items: Vec<BTreeMap<String, Box<RawValue>>> = serde_json::from_str(raw)
            .map_err(|_| Fault::parameters(format!("{name}: is no list of objects")))?;
        Ok(items.into_iter().map(|fields| Self { fields }).collect())
    }

    /// Sets a field to a list of objects.
    pub(super) fn set_list(&mut self, name: &str, list: &[Self]) -> Result<(), Fault> {
        let items: Vec<&BTreeMap<String, Box<RawValue>>> = list.iter().map(|item| &item.fields).collect();
        let raw = serde_json::value::to_raw_value(&items);
        let raw = raw.map_err(|error| Fault::defect(&error.to_string()))?;
        self.fields.insert(name.to_owned(), raw);
        Ok(())
    }
}

/// The ids in a list, in capitals: for whoever asks about many, since each is read but once.
pub(super) fn names(list: &[Object], name: &str) -> BTreeSet<String> {
    list.iter().filter_map(|item| item.text(name)).map(|id| id.to_ascii_uppercase()).collect()
}

/// Where an object of this id is in a list; ids are compared without regard to case. All of the list is read for it.
pub(super) fn place(list: &[Object], name: &str, id: &str) -> Option<usize> {
    let is_it = |item: &Object| item.text(name).is_some_and(|held| held.eq_ignore_ascii_case(id));
    list.iter().position(is_it)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_stays_as_it_was_written() {
        let mut object =
            Object::read(r#"{"id":"LOC1","x_own":{"a":[1,2]},"price":0.10,"big":12345678901234567890.50}"#)
                .unwrap();
        object.patch(&Object::read(r#"{"id":"LOC1","name":"A","x_own":null}"#).unwrap());
        let expected = r#"{"big":12345678901234567890.50,"id":"LOC1","name":"A","price":0.10,"x_own":null}"#;
        assert_eq!(object.write().unwrap(), expected);
        assert_eq!(object.raw("x_own"), None);
        for text in ["[]", "1", "\"a\""] {
            assert!(Object::read(text).unwrap_err().text.contains("no object"), "{text}");
        }
        assert!(Object::read("{").unwrap_err().text.contains("no JSON"));
        let error = Object::read(r#"{"id":"LOC1","evses":[{"uid":"1","uid":"2"}]}"#).unwrap_err();
        assert_eq!(error.text, "the document has the field uid twice");
    }
}
