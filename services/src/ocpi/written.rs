//! Objects of JSON as OCPI has them: what is not known is left out, and numbers keep their digits.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

/// An object that is written.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub(crate) struct Written {
    fields: BTreeMap<&'static str, Box<RawValue>>,
}

impl Written {
    /// With a field.
    pub(crate) fn with(mut self, name: &'static str, value: impl Serialize) -> Self {
        #[expect(clippy::expect_used, reason = "texts, numbers and lists can't fail to be written to memory")]
        let raw = to_raw_value(&value).expect("a value as JSON");
        self.fields.insert(name, raw);
        self
    }

    /// With a field, where there is something to say.
    pub(crate) fn with_any(self, name: &'static str, value: Option<impl Serialize>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Whether nothing is said.
    pub(crate) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// As it is written.
    pub(crate) fn text(&self) -> String {
        #[expect(clippy::expect_used, reason = "what was written once can be written again")]
        serde_json::to_string(self).expect("an object as JSON")
    }
}

/// A number by its digits.
pub(crate) fn number(digits: &str) -> Box<RawValue> {
    #[expect(clippy::expect_used, reason = "decimal text is a number of JSON")]
    RawValue::from_string(digits.to_owned()).expect("a number of JSON")
}
