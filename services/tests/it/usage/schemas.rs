//! The schemas say what the protocol says, and can be broken.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use prost::Message;
use prost_types::{DescriptorProto, FileDescriptorSet};
use serde_json::{Value, json};

use crate::render::schema::offences;

/// A file of the reference.
pub(crate) fn reference(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference");
    fs::read_to_string(folder.join(name)).unwrap()
}

/// The schema of a form.
pub(crate) fn schema(form: &str) -> Value {
    serde_json::from_str(&reference(&format!("{form}.schema.json"))).unwrap()
}

fn message(name: &str) -> DescriptorProto {
    let files = FileDescriptorSet::decode(proto::FILE_DESCRIPTOR_SET).unwrap().file;
    let mut catalog = files.into_iter().filter(|file| file.package() == "kvarter.catalog.v1");
    catalog.find_map(|file| file.message_type.into_iter().find(|message| message.name() == name)).unwrap()
}

fn check_fields(schema: &Value, pointer: &str, name: &str, output_only: &[&str]) {
    let described = schema.pointer(pointer).unwrap()["properties"].as_object().unwrap();
    let described: BTreeSet<&str> = described.keys().map(String::as_str).collect();
    let message = message(name);
    let fields = message.field.iter().map(prost_types::FieldDescriptorProto::name);
    let fields: BTreeSet<&str> = fields.filter(|field| !output_only.contains(field)).collect();
    assert_eq!(described, fields, "{name}");
}

#[test]
fn the_schema_of_a_product_has_the_fields_of_the_protocol() {
    let schema = schema("product");
    check_fields(&schema, "", "Product", &["name", "version", "etag"]);
    let component = "/$defs/component";
    check_fields(&schema, component, "Component", &[]);
    for (field, name) in [
        ("amount_of", "ComponentReferences"),
        ("constant", "ConstantPrice"),
        ("constant/properties/prices/items", "DatedPrice"),
        ("index", "IndexPrice"),
        ("tiers", "TierTable"),
        ("tiers/properties/tiers/items", "Tier"),
        ("packages", "PackageTerms"),
        ("percentage", "PercentageTerms"),
        ("capacity", "CapacityTerms"),
        ("display", "Display"),
    ] {
        check_fields(&schema, &format!("{component}/properties/{field}"), name, &[]);
    }
    check_fields(&schema, "/$defs/tier_terms", "TierTerms", &[]);
    check_fields(&schema, "/$defs/conditions", "Conditions", &[]);
}

#[test]
fn a_schema_can_be_broken() {
    let usage = schema("usage");
    let event = json!({"time": "2024-10-01T12:00:00Z", "dimension": "use", "amount": "1"});
    let file =
        |event: &Value| json!({"zone": "UTC", "from": "2024-10-01", "to": "2024-11-01", "events": [event]});
    assert_eq!(offences(&usage, &file(&event)), [""; 0]);
    let broken = [
        ("dimension", Value::Null, "no"),
        ("channel", json!("DIRECTION_CONSUMPTION"), "keeps to 2"),
        ("amount", json!(1), "no"),
        ("amount", json!("1,5"), "does not match"),
        ("unit", json!("kWh"), "is none of"),
        ("colour", json!("red"), "unknown field"),
    ];
    for (field, value, words) in broken {
        let mut event = event.clone();
        event[field] = value;
        let offences = offences(&usage, &file(&event));
        assert!(offences.iter().any(|offence| offence.contains(words)), "{field}: {offences:?}");
    }
}
