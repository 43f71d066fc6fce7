//! A message of the protocol as JSON, by the protocol's own description: the JSON of protocol buffers, in which fields have
//! their name in camel case, whole numbers of 64 bits are text, and what has its default is left out.

use std::collections::BTreeMap;

use domain::instant::Instant;
use prost::Message;
use prost::bytes::Buf;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{FieldDescriptorProto, FileDescriptorSet, Timestamp};
use serde_json::{Map, Value};

const TIMESTAMP: &str = ".google.protobuf.Timestamp";

/// Messages and enumerations by their full name, which begins with a point.
#[derive(Debug)]
pub(super) struct Protocol {
    messages: BTreeMap<String, BTreeMap<u32, FieldDescriptorProto>>,
    enumerations: BTreeMap<String, BTreeMap<i32, String>>,
}

/// A message that is not as the protocol says, or of a kind that no JSON is made of: a defect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct NoJson(String);

impl Protocol {
    /// The protocol of this release.
    pub(super) fn new() -> Result<Self, NoJson> {
        let files = FileDescriptorSet::decode(proto::FILE_DESCRIPTOR_SET).map_err(malformed)?;
        let mut protocol = Self { messages: BTreeMap::new(), enumerations: BTreeMap::new() };
        for file in files.file {
            let named = |name: &str| format!(".{}.{name}", file.package());
            for message in &file.message_type {
                let fields = message.field.iter().cloned();
                let fields = fields.filter_map(|field| Some((u32::try_from(field.number()).ok()?, field)));
                protocol.messages.insert(named(message.name()), fields.collect());
            }
            for kind in &file.enum_type {
                let values = kind.value.iter().map(|value| (value.number(), value.name().to_owned()));
                protocol.enumerations.insert(named(kind.name()), values.collect());
            }
        }
        Ok(protocol)
    }

    /// A message of this full name.
    pub(super) fn json(&self, name: &str, message: &impl Message) -> Result<Value, NoJson> {
        self.message(&format!(".{name}"), message.encode_to_vec().as_slice())
    }

    fn message(&self, name: &str, mut bytes: &[u8]) -> Result<Value, NoJson> {
        if name == TIMESTAMP {
            return time(bytes);
        }
        let known = self.messages.get(name);
        let known = known.ok_or_else(|| NoJson(format!("{name} is not known here")))?;
        let mut fields = Map::new();
        while bytes.has_remaining() {
            let (number, wire) = decode_key(&mut bytes).map_err(malformed)?;
            let Some(field) = known.get(&number) else {
                skip_field(wire, number, &mut bytes, DecodeContext::default()).map_err(malformed)?;
                continue;
            };
            for value in self.values(field, wire, &mut bytes)? {
                match field.label() {
                    Label::Repeated => {
                        let list =
                            fields.entry(field.json_name()).or_insert_with(|| Value::Array(Vec::new()));
                        list.as_array_mut().into_iter().for_each(|list| list.push(value.clone()));
                    }
                    _ => drop(fields.insert(field.json_name().to_owned(), value)),
                }
            }
        }
        Ok(Value::Object(fields))
    }

    /// The value of a field; several where a list of numbers is packed.
    fn values(
        &self,
        field: &FieldDescriptorProto,
        wire: WireType,
        bytes: &mut &[u8],
    ) -> Result<Vec<Value>, NoJson> {
        if wire == WireType::Varint {
            return Ok(vec![self.number(field, decode_varint(bytes).map_err(malformed)?)?]);
        }
        let length = match wire {
            WireType::LengthDelimited => usize::try_from(decode_varint(bytes).map_err(malformed)?).ok(),
            _ => None,
        };
        let cut = length.and_then(|length| bytes.split_at_checked(length));
        let (mut part, rest) = cut.ok_or_else(|| unsupported(field))?;
        *bytes = rest;
        match field.r#type() {
            Type::String => Ok(vec![Value::String(String::from_utf8_lossy(part).into_owned())]),
            Type::Message => Ok(vec![self.message(field.type_name(), part)?]),
            _ => {
                let mut values = Vec::new();
                while part.has_remaining() {
                    values.push(self.number(field, decode_varint(&mut part).map_err(malformed)?)?);
                }
                Ok(values)
            }
        }
    }

    fn number(&self, field: &FieldDescriptorProto, number: u64) -> Result<Value, NoJson> {
        match field.r#type() {
            Type::Bool => Ok(Value::Bool(number != 0)),
            Type::Uint64 => Ok(Value::String(number.to_string())),
            Type::Int64 => Ok(Value::String(number.cast_signed().to_string())),
            Type::Uint32 | Type::Int32 => Ok(Value::from(number.cast_signed())),
            Type::Enum => {
                let number = i32::try_from(number.cast_signed()).unwrap_or_default();
                let values = self.enumerations.get(field.type_name());
                let name = values.and_then(|values| values.get(&number));
                Ok(name.map_or_else(|| Value::from(number), |name| Value::String(name.clone())))
            }
            _ => Err(unsupported(field)),
        }
    }
}

fn time(bytes: &[u8]) -> Result<Value, NoJson> {
    let instant = proto::convert::instant("", Timestamp::decode(bytes).map_err(malformed)?);
    instant
        .map(|instant: Instant| Value::String(instant.to_string()))
        .map_err(|error| NoJson(error.to_string()))
}

fn malformed(error: prost::DecodeError) -> NoJson {
    NoJson(error.to_string())
}

fn unsupported(field: &FieldDescriptorProto) -> NoJson {
    NoJson(format!("no JSON is made of the field {}", field.name()))
}

#[cfg(test)]
mod tests {
    use proto::charging::{SupplyOrder, SupplyState};
    use proto::events::account_event::Event;
    use proto::events::{AccountEvent, AccountEventKind, SupplyOrdered, ToppedUp};

    use super::*;

    fn check(event: Event, kind: AccountEventKind, expected: &Value) {
        let event = AccountEvent {
            event_id: "11-42".to_owned(),
            account_id: "K-1".to_owned(),
            registered_time: Some(Timestamp { seconds: 1_795_336_200, nanos: 120_000_000 }),
            kind: kind.into(),
            event: Some(event),
        };
        let json = Protocol::new().unwrap().json("kvarter.events.v1.AccountEvent", &event).unwrap();
        assert_eq!(&json, expected);
    }

    #[test]
    fn an_event_is_the_json_of_protocol_buffers() {
        let topped = ToppedUp {
            operation_id: "bank-2026-0417".to_owned(),
            currency_code: "EUR".to_owned(),
            exact_amount: "25".to_owned(),
            granted: true,
            ..ToppedUp::default()
        };
        check(
            Event::ToppedUp(topped),
            AccountEventKind::ToppedUp,
            &serde_json::json!({
                "eventId": "11-42", "accountId": "K-1", "registeredTime": "2026-11-22T08:30:00.120Z",
                "kind": "ACCOUNT_EVENT_KIND_TOPPED_UP",
                "toppedUp": {
                    "operationId": "bank-2026-0417", "currencyCode": "EUR", "exactAmount": "25", "granted": true,
                },
            }),
        );
        let order = SupplyOrder {
            account_id: "K-1".to_owned(),
            version: u64::MAX,
            supply: SupplyState::Off.into(),
            prepaid: true,
            ..SupplyOrder::default()
        };
        let ordered =
            SupplyOrdered { order: Some(order), metering_point_ids: vec!["1".to_owned(), "2".to_owned()] };
        check(
            Event::SupplyOrdered(ordered),
            AccountEventKind::SupplyOff,
            &serde_json::json!({
                "eventId": "11-42", "accountId": "K-1", "registeredTime": "2026-11-22T08:30:00.120Z",
                "kind": "ACCOUNT_EVENT_KIND_SUPPLY_OFF",
                "supplyOrdered": {
                    "order": {
                        "accountId": "K-1", "version": "18446744073709551615", "supply": "SUPPLY_STATE_OFF",
                        "prepaid": true,
                    },
                    "meteringPointIds": ["1", "2"],
                },
            }),
        );
        check(
            Event::StandingChanged(2),
            AccountEventKind::Blocked,
            &serde_json::json!({
                "eventId": "11-42", "accountId": "K-1", "registeredTime": "2026-11-22T08:30:00.120Z",
                "kind": "ACCOUNT_EVENT_KIND_BLOCKED", "standingChanged": "FUNDS_STANDING_BLOCKED",
            }),
        );
    }

    /// Whatever an event can hold is something that JSON is made of.
    #[test]
    fn every_field_of_an_event_has_a_json() {
        let protocol = Protocol::new().unwrap();
        let (mut waiting, mut seen) = (vec![".kvarter.events.v1.AccountEvent".to_owned()], Vec::new());
        while let Some(name) = waiting.pop() {
            for field in protocol.messages[&name].values() {
                let kinds = [
                    Type::String,
                    Type::Bool,
                    Type::Enum,
                    Type::Uint32,
                    Type::Int32,
                    Type::Uint64,
                    Type::Int64,
                ];
                let is_message = field.r#type() == Type::Message;
                assert!(is_message || kinds.contains(&field.r#type()), "{name}.{}", field.name());
                let of = field.type_name().to_owned();
                if is_message && of != TIMESTAMP && !seen.contains(&of) {
                    seen.push(of.clone());
                    waiting.push(of);
                }
            }
        }
        assert!(seen.len() > 5, "{seen:?}");
    }
}
