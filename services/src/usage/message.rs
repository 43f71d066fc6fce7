//! A message of the protocol from JSON, by the protocol's own description.
//!
//! It is the JSON of protocol buffers (fields by their name in the protocol or in camel case, values of enumerations by
//! their name, what is null or left out is not set), with five things otherwise: a decimal is text, a date is
//! `2024-10-01`, a time of day `06:30`, money `50.00 EUR`, and no field may be unknown.

use std::collections::BTreeMap;
use std::fmt;

use domain::money::{Currency, Money};
use prost::Message;
use prost::encoding::{WireType, encode_key, encode_varint};
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet};
use serde_json::{Map, Value};

/// How deep messages may be in one another.
const MOST_DEPTH: usize = 16;

/// A field of the JSON that the message does not have so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonFault {
    /// Its path: `components[0].tiers.tiers[2].price`.
    pub path: String,
    /// What is wrong.
    pub wrong: String,
}

impl fmt::Display for JsonFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.wrong)
        } else {
            write!(f, "{}: {}", self.path, self.wrong)
        }
    }
}

impl std::error::Error for JsonFault {}

/// Reads a message of this full name.
pub(crate) fn read<M: Message + Default>(name: &str, value: &Value) -> Result<M, JsonFault> {
    let unreadable = |error: prost::DecodeError| fault("", &error.to_string());
    let files = FileDescriptorSet::decode(proto::FILE_DESCRIPTOR_SET).map_err(unreadable)?;
    let protocol = Protocol::of(&files);
    let mut bytes = Vec::new();
    protocol.write(name, value, &Place { path: "", depth: 0 }, &mut bytes)?;
    M::decode(bytes.as_slice()).map_err(unreadable)
}

/// Messages and enumerations by their full name, which begins with a point.
struct Protocol<'a> {
    messages: BTreeMap<String, &'a DescriptorProto>,
    enumerations: BTreeMap<String, &'a EnumDescriptorProto>,
}

/// Where a value stands.
struct Place<'a> {
    path: &'a str,
    depth: usize,
}

impl<'a> Protocol<'a> {
    fn of(files: &'a FileDescriptorSet) -> Self {
        let (mut messages, mut enumerations) = (BTreeMap::new(), BTreeMap::new());
        for file in &files.file {
            let named = |name: &str| format!(".{}.{name}", file.package());
            messages.extend(file.message_type.iter().map(|message| (named(message.name()), message)));
            enumerations.extend(file.enum_type.iter().map(|kind| (named(kind.name()), kind)));
        }
        Self { messages, enumerations }
    }

    /// Writes the message's fields as they go over the wire.
    fn write(&self, name: &str, value: &Value, at: &Place<'_>, bytes: &mut Vec<u8>) -> Result<(), JsonFault> {
        let full_name = if name.starts_with('.') { name.to_owned() } else { format!(".{name}") };
        let message = self.messages.get(&full_name);
        let message = message.ok_or_else(|| fault(at.path, "is of a message that is not known here"))?;
        let shortened = short(&full_name, value, at.path)?;
        let fields = match shortened.as_ref().unwrap_or(value) {
            Value::Object(fields) => fields,
            _ => return Err(fault(at.path, expected(&full_name))),
        };
        if at.depth > MOST_DEPTH {
            return Err(fault(at.path, "is nested too deep"));
        }
        one_of_each(message, fields, at.path)?;
        for (key, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
            let path = if at.path.is_empty() { key.clone() } else { format!("{}.{key}", at.path) };
            let field = message.field.iter().find(|field| field.name() == key || field.json_name() == key);
            let field = field.ok_or_else(|| fault(&path, "is a field that is not known here"))?;
            self.write_field(field, value, &Place { path: &path, depth: at.depth.saturating_add(1) }, bytes)?;
        }
        Ok(())
    }

    fn write_field(
        &self,
        field: &FieldDescriptorProto,
        value: &Value,
        at: &Place<'_>,
        bytes: &mut Vec<u8>,
    ) -> Result<(), JsonFault> {
        if field.label() != Label::Repeated {
            return self.write_value(field, value, at, bytes);
        }
        let items = value.as_array().ok_or_else(|| fault(at.path, "is no array"))?;
        for (index, item) in items.iter().enumerate() {
            let path = format!("{}[{index}]", at.path);
            self.write_value(field, item, &Place { path: &path, depth: at.depth }, bytes)?;
        }
        Ok(())
    }

    fn write_value(
        &self,
        field: &FieldDescriptorProto,
        value: &Value,
        at: &Place<'_>,
        bytes: &mut Vec<u8>,
    ) -> Result<(), JsonFault> {
        let tag = u32::try_from(field.number()).unwrap_or_default();
        let mut part = Vec::new();
        match field.r#type() {
            Type::String => {
                let text = value.as_str().ok_or_else(|| fault(at.path, "is no text"))?;
                part.extend_from_slice(text.as_bytes());
            }
            Type::Message => self.write(field.type_name(), value, at, &mut part)?,
            other => {
                let number = match other {
                    Type::Enum => self.enumerated(field.type_name(), value, at.path)?,
                    Type::Bool => u64::from(value.as_bool().ok_or_else(|| fault(at.path, "is no boolean"))?),
                    Type::Uint32 | Type::Int32 | Type::Int64 => {
                        let number = value.as_u64().filter(|number| i32::try_from(*number).is_ok());
                        number.ok_or_else(|| fault(at.path, "is no whole number from 0 to 2147483647"))?
                    }
                    _ => return Err(fault(at.path, "is of a kind that is not read here")),
                };
                encode_key(tag, WireType::Varint, bytes);
                encode_varint(number, bytes);
                return Ok(());
            }
        }
        encode_key(tag, WireType::LengthDelimited, bytes);
        encode_varint(part.len() as u64, bytes);
        bytes.append(&mut part);
        Ok(())
    }

    fn enumerated(&self, name: &str, value: &Value, path: &str) -> Result<u64, JsonFault> {
        let values = self.enumerations.get(name).map(|kind| kind.value.as_slice()).unwrap_or_default();
        let found = values.iter().find(|named| value.as_str() == Some(named.name()));
        let number = found.and_then(|found| u64::try_from(found.number()).ok());
        number.ok_or_else(|| {
            let valid = values.iter().filter(|named| named.number() != 0).map(|named| named.name());
            fault(path, &format!("is none of {}", valid.collect::<Vec<_>>().join(", ")))
        })
    }
}

/// Refuses two fields of which at most one may be set.
fn one_of_each(message: &DescriptorProto, fields: &Map<String, Value>, path: &str) -> Result<(), JsonFault> {
    let mut set: BTreeMap<i32, &str> = BTreeMap::new();
    for field in &message.field {
        let is_set = [field.name(), field.json_name()]
            .iter()
            .any(|key| fields.get(*key).is_some_and(|value| !value.is_null()));
        let Some(choice) = field.oneof_index.filter(|_| is_set) else { continue };
        if let Some(other) = set.insert(choice, field.name()) {
            return Err(fault(path, &format!("has both {other} and {}", field.name())));
        }
    }
    Ok(())
}

/// The longer form of what may be written shorter.
fn short(name: &str, value: &Value, path: &str) -> Result<Option<Value>, JsonFault> {
    let Some(text) = value.as_str() else { return Ok(None) };
    match name {
        ".google.type.Decimal" => Ok(Some(serde_json::json!({ "value": text }))),
        ".google.type.Date" => {
            let day =
                domain::day::Day::parse(text).ok_or_else(|| fault(path, "is no day such as 2024-10-01"))?;
            let month = day.month();
            Ok(Some(serde_json::json!({
                "year": month.year(), "month": month.of_year(), "day": day.of_month(),
            })))
        }
        ".google.type.TimeOfDay" => {
            let parts =
                text.split_once(':').filter(|(hours, minutes)| (hours.len(), minutes.len()) == (2, 2));
            let number =
                |part: &str| part.bytes().all(|digit| digit.is_ascii_digit()).then_some(part)?.parse().ok();
            let parts = parts.and_then(|(hours, minutes)| Some((number(hours)?, number(minutes)?)));
            let (hours, minutes): (u8, u8) = parts.ok_or_else(|| fault(path, "is no time such as 06:30"))?;
            Ok(Some(serde_json::json!({ "hours": hours, "minutes": minutes })))
        }
        ".google.type.Money" => {
            let money = text
                .split_once(' ')
                .and_then(|(amount, code)| Money::parse(amount, Currency::from_code(code)?).ok());
            let money = money.ok_or_else(|| fault(path, "is no money such as 50.00 EUR"))?;
            let money = proto::google_type::Money::from(&money);
            Ok(Some(serde_json::json!({
                "currency_code": money.currency_code, "units": money.units, "nanos": money.nanos,
            })))
        }
        _ => Ok(None),
    }
}

/// What is wrong with a value that is neither an object nor what may be written shorter.
fn expected(name: &str) -> &'static str {
    match name {
        ".google.type.Decimal" => "is no decimal number in quotes such as \"0.25\"",
        ".google.type.Date" => "is no day in quotes such as \"2024-10-01\"",
        ".google.type.TimeOfDay" => "is no time in quotes such as \"06:30\"",
        ".google.type.Money" => "is no money in quotes such as \"50.00 EUR\"",
        _ => "is no object",
    }
}

fn fault(path: &str, wrong: &str) -> JsonFault {
    JsonFault { path: path.to_owned(), wrong: wrong.to_owned() }
}
