//! A value of a JSON document with its path, so that what is wrong can be told by the field.

use std::collections::BTreeMap;

use domain::fixed::DecimalError;
use domain::instant::Instant;
use domain::money::Currency;
use serde_json::value::RawValue;

use super::OcpiError;
use super::members::Members;

/// A value that is not null.
#[derive(Clone, Debug)]
pub(crate) struct Node<'a> {
    path: String,
    raw: &'a RawValue,
}

/// The fields of an object.
#[derive(Clone, Debug)]
pub(crate) struct Fields<'a> {
    path: String,
    members: BTreeMap<String, &'a RawValue>,
}

impl<'a> Node<'a> {
    /// The root of a document.
    pub(crate) fn read(text: &'a str) -> Result<Self, OcpiError> {
        let raw = serde_json::from_str(text).map_err(OcpiError::Malformed)?;
        Ok(Self { path: String::new(), raw })
    }

    pub(crate) fn is_array(&self) -> bool {
        self.raw.get().starts_with('[')
    }

    pub(crate) fn is_object(&self) -> bool {
        self.raw.get().starts_with('{')
    }

    pub(crate) fn fields(&self) -> Result<Fields<'a>, OcpiError> {
        if !self.is_object() {
            return Err(self.wrong("is no object"));
        }
        let members = Members::read(self.raw.get()).map_err(|error| match error {
            OcpiError::Value { wrong, .. } => self.wrong(wrong),
            _ => self.wrong("is no object"),
        });
        let Members(members) = members?;
        Ok(Fields { path: self.path.clone(), members })
    }

    pub(crate) fn items(&self) -> Result<Vec<Self>, OcpiError> {
        if !self.is_array() {
            return Err(self.wrong("is no array"));
        }
        let items: Vec<&RawValue> =
            serde_json::from_str(self.raw.get()).map_err(|_| self.wrong("is no array"))?;
        let node = |(index, raw)| Self { path: format!("{}[{index}]", self.path), raw };
        Ok(items.into_iter().enumerate().map(node).collect())
    }

    pub(crate) fn text(&self) -> Result<String, OcpiError> {
        serde_json::from_str(self.raw.get()).map_err(|_| self.wrong("is no text"))
    }

    pub(crate) fn boolean(&self) -> Result<bool, OcpiError> {
        serde_json::from_str(self.raw.get()).map_err(|_| self.wrong("is neither true nor false"))
    }

    /// A number, read from its digits by one of the domain's types.
    pub(crate) fn number<T>(&self, parse: fn(&str) -> Result<T, DecimalError>) -> Result<T, OcpiError> {
        let digits = self.raw.get();
        if !digits.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
            return Err(self.wrong("is no number; numbers stand without quotes"));
        }
        parse(digits).map_err(|error| self.wrong(error.to_string()))
    }

    /// A whole number from zero on.
    pub(crate) fn count(&self) -> Result<u32, OcpiError> {
        let number = self.number(|digits| domain::fixed::parse(digits, 0))?;
        u32::try_from(number).map_err(|_| self.wrong("is no whole number from 0 to 4294967295"))
    }

    /// A time in RFC 3339; OCPI takes one without a zone to be in UTC.
    pub(crate) fn instant(&self) -> Result<Instant, OcpiError> {
        let text = self.text()?;
        let zoned = Instant::parse(&text).or_else(|| Instant::parse(&format!("{text}Z")));
        zoned.ok_or_else(|| self.wrong("is no time such as 2024-10-01T12:00:00Z, to the millisecond"))
    }

    pub(crate) fn currency(&self) -> Result<Currency, OcpiError> {
        let code = self.text()?;
        Currency::from_code(&code).ok_or_else(|| self.wrong("is no currency known here"))
    }

    pub(crate) fn wrong(&self, wrong: impl Into<String>) -> OcpiError {
        OcpiError::Value { path: self.path.clone(), wrong: wrong.into() }
    }
}

impl<'a> Fields<'a> {
    /// A field; what is null counts as left out.
    pub(crate) fn get(&self, name: &str) -> Option<Node<'a>> {
        let raw = *self.members.get(name)?;
        (raw.get() != "null").then(|| Node { path: self.path_of(name), raw })
    }

    pub(crate) fn need(&self, name: &str) -> Result<Node<'a>, OcpiError> {
        self.get(name).ok_or_else(|| OcpiError::Missing { path: self.path_of(name) })
    }

    /// A field read in some way, where it stands.
    pub(crate) fn read<T>(
        &self,
        name: &str,
        read: impl Fn(&Node<'a>) -> Result<T, OcpiError>,
    ) -> Result<Option<T>, OcpiError> {
        self.get(name).map(|node| read(&node)).transpose()
    }

    /// A number, where it stands.
    pub(crate) fn number<T>(
        &self,
        name: &str,
        parse: fn(&str) -> Result<T, DecimalError>,
    ) -> Result<Option<T>, OcpiError> {
        self.read(name, |node| node.number(parse))
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}
