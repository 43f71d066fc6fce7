//! The descriptor that is checked in is the one the protocol compiles to, and it only ever grows.
//!
//! After a change of the protocol this test fails; with `KVARTER_UPDATE=1` it writes the descriptor anew, where nothing
//! that was there is gone or different. What breaks the protocol on purpose is written with `KVARTER_UPDATE=breaking`.

use std::collections::BTreeMap;
use std::{env, fs};

use prost::Message;
use prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorSet};

const CHECKED_IN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/descriptor.binpb");

#[test]
fn the_descriptor_is_up_to_date() {
    let held = fs::read(CHECKED_IN).unwrap_or_default();
    if held == proto::FILE_DESCRIPTOR_SET {
        return;
    }
    let wanted = env::var("KVARTER_UPDATE").unwrap_or_default();
    let broken = breakages(&held, proto::FILE_DESCRIPTOR_SET);
    assert!(broken.is_empty() || wanted == "breaking", "the protocol breaks:\n{}", broken.join("\n"));
    assert!(!wanted.is_empty(), "proto/descriptor.binpb is out of date: run this test with KVARTER_UPDATE=1");
    fs::write(CHECKED_IN, proto::FILE_DESCRIPTOR_SET).unwrap();
}

#[test]
fn what_goes_away_is_noticed() {
    let set = FileDescriptorSet::decode(proto::FILE_DESCRIPTOR_SET).unwrap();
    let mut less = set.clone();
    let file = less.file.iter_mut().find(|file| file.name() == "kvarter/metering/v1/contract.proto").unwrap();
    file.message_type[0].field.remove(2);
    file.message_type[1].field[0].number = Some(9);
    assert_eq!(
        breakages(&set.encode_to_vec(), &less.encode_to_vec()),
        [
            "field kvarter.metering.v1.Contract.version is gone or different",
            "field kvarter.metering.v1.Payer.account_id is gone or different",
        ]
    );
    assert!(breakages(&less.encode_to_vec(), &less.encode_to_vec()).is_empty());
}

/// What stands in the first descriptor and not, or not so, in the second.
fn breakages(before: &[u8], after: &[u8]) -> Vec<String> {
    let (before, after) = (parts(before), parts(after));
    let gone = before.iter().filter(|(name, shape)| after.get(*name) != Some(*shape));
    gone.map(|(name, _)| format!("{name} is gone or different")).collect()
}

/// Every part of a protocol that somebody may rely on: its kind and full name, and all that matters of it.
fn parts(descriptor: &[u8]) -> BTreeMap<String, String> {
    let mut parts = BTreeMap::new();
    for file in FileDescriptorSet::decode(descriptor).unwrap().file {
        for message in &file.message_type {
            message_parts(file.package(), message, &mut parts);
        }
        for kind in &file.enum_type {
            enum_parts(file.package(), kind, &mut parts);
        }
        for service in &file.service {
            for method in &service.method {
                let name = format!("method {}.{}.{}", file.package(), service.name(), method.name());
                parts.insert(name, format!("{method:?}"));
            }
        }
    }
    parts
}

fn message_parts(within: &str, message: &DescriptorProto, parts: &mut BTreeMap<String, String>) {
    let name = format!("{within}.{}", message.name());
    parts.insert(format!("message {name}"), String::new());
    for field in &message.field {
        parts.insert(format!("field {name}.{}", field.name()), format!("{field:?}"));
    }
    message.nested_type.iter().for_each(|nested| message_parts(&name, nested, parts));
    message.enum_type.iter().for_each(|nested| enum_parts(&name, nested, parts));
}

fn enum_parts(within: &str, kind: &EnumDescriptorProto, parts: &mut BTreeMap<String, String>) {
    for value in &kind.value {
        parts.insert(format!("value {within}.{}.{}", kind.name(), value.name()), value.number().to_string());
    }
}
