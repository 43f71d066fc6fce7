//! What a wrong file is told, by the path of the field.

use serde_json::{Value, json};
use services::usage::{rate, read_product, read_usage};

fn conditions() -> Value {
    json!({
        "counting": "COUNTING_MONTH", "below_zero": "BELOW_ZERO_REFUSED", "rounding_point": "ROUNDING_POINT_LINE",
        "minimum_meets": "MINIMUM_MEETS_DISCOUNTED", "limits": "PRORATION_WHOLE",
    })
}

fn product() -> Value {
    json!({
        "product_id": "p", "display_name": "P", "currency_code": "EUR", "valid_from": "2024-01-01",
        "components": [{
            "component_id": "energy", "display_name": "Energy", "dimension": "energy", "unit": "UNIT_KILOWATT_HOUR",
            "tiers": {"tiers": [{"up_to": "10", "price": "0.3"}, {"price": "0.2"}]},
            "graduated": {"zero_usage": "ZERO_USAGE_NOTHING_DUE", "bounds": "PRORATION_WHOLE"},
            "conditions": conditions(), "tax_class": "standard", "display": {"group": "Energy", "is_bundled": false},
            "revenue_role": "energy", "rounding": "ROUNDING_HALF_AWAY_FROM_ZERO",
        }],
    })
}

fn usage() -> Value {
    json!({
        "zone": "Europe/Amsterdam", "from": "2024-10-01", "to": "2024-11-01",
        "events": [{
            "time": "2024-10-03T12:00:00Z", "dimension": "energy", "quantity": "12", "unit": "UNIT_KILOWATT_HOUR",
        }],
    })
}

/// The value with what stands at a path put in its place; null takes it away.
fn with(mut value: Value, pointer: &str, new: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = value.pointer_mut(parent).unwrap();
    match (parent, key.parse::<usize>()) {
        (Value::Array(items), Ok(index)) => items[index] = new,
        (parent, _) => parent[key] = new,
    }
    value
}

fn check_product(pointer: &str, new: Value, words: &str) {
    let text = with(product(), pointer, new).to_string();
    let refused = read_product(&text).unwrap_err().to_string();
    assert!(refused.contains(words), "{pointer}: {refused}\n  lacks: {words}");
}

fn check_usage(pointer: &str, new: Value, words: &str) {
    let product = read_product(&product().to_string()).unwrap();
    let usage = read_usage(&with(usage(), pointer, new).to_string());
    let refused = usage.and_then(|usage| rate(&product, &usage)).unwrap_err().to_string();
    assert!(refused.contains(words), "{pointer}: {refused}\n  lacks: {words}");
}

#[test]
fn a_wrong_product_names_its_field() {
    assert!(read_product(&product().to_string()).is_ok());
    let component = |field: &str| format!("/components/0/{field}");
    let cases = [
        ("/colour".to_owned(), json!("red"), "colour: is a field that is not known here"),
        ("/components".to_owned(), json!({}), "components: is no array"),
        ("/components".to_owned(), json!([]), "the product has no component"),
        ("/components/0".to_owned(), json!("energy"), "components[0]: is no object"),
        ("/valid_from".to_owned(), json!("2024-02-30"), "valid_from: is no day such as 2024-10-01"),
        ("/valid_from".to_owned(), Value::Null, "valid_from: is missing"),
        ("/currency_code".to_owned(), json!("XXX"), "currency_code: is no currency known here"),
        (component("unit"), json!("kWh"), "components[0].unit: is none of UNIT_KILOWATT_HOUR, "),
        (component("unit"), Value::Null, "components[0].unit: is missing"),
        (
            component("channel"),
            json!("DIRECTION_CONSUMPTION"),
            "components[0]: has both channel and dimension",
        ),
        (component("volume"), json!({}), "components[0]: has both graduated and volume"),
        (
            component("model"),
            json!("CHARGE_MODEL_PER_UNIT"),
            "components[0].model: contradicts another field",
        ),
        (component("graduated"), Value::Null, "components[0].model: is missing"),
        (component("graduated/bounds"), Value::Null, "components[0].graduated.bounds: is missing"),
        (component("conditions/counting"), Value::Null, "components[0].conditions.counting: is missing"),
        (component("conditions"), Value::Null, "the model of component energy needs conditions"),
        (
            component("tiers/tiers/0/price"),
            json!(0.3),
            "components[0].tiers.tiers[0].price: is no decimal number in quotes such as \"0.25\"",
        ),
        (
            component("tiers/tiers/0/price"),
            json!("0,3"),
            "components[0].tiers.tiers[0].price: is not a decimal number",
        ),
        (component("tiers/tiers/0/up_to"), json!("0.0000001"), "tiers[0].up_to: has more than 6 decimals"),
        (component("tiers/tiers/0/up_to"), json!("-1"), "the tiers of component energy do not ascend"),
        (component("tiers/tiers/1/up_to"), json!("20"), "the last tier of component energy"),
        (component("display/is_bundled"), json!("yes"), "components[0].display.is_bundled: is no boolean"),
        (component("tax_class"), json!(7), "components[0].tax_class: is no text"),
    ];
    for (pointer, new, words) in cases {
        check_product(&pointer, new, words);
    }
    assert!(read_product("{").unwrap_err().to_string().contains("EOF"));
}

#[test]
fn names_may_be_written_as_in_json_of_protocol_buffers() {
    let text = product().to_string();
    let camel = text.replace("component_id", "componentId").replace("display_name", "displayName");
    let camel = camel.replace("\"2024-01-01\"", r#"{"year": 2024, "month": 1, "day": 1}"#);
    let camel = camel.replace("\"price\":\"0.3\"", r#""price":{"value":"0.3"}"#);
    assert_ne!(camel, text);
    assert_eq!(read_product(&camel).unwrap(), read_product(&text).unwrap());
}

#[test]
fn wrong_usage_names_its_field() {
    let event = |field: &str| format!("/events/0/{field}");
    let cases = [
        ("/colour".to_owned(), json!("red"), "unknown field `colour`"),
        ("/zone".to_owned(), json!("Amsterdam"), "zone: is not a time zone"),
        ("/day_starts_at_hour".to_owned(), json!(24), "day_starts_at_hour: is not an hour"),
        ("/from".to_owned(), json!("1.10.2024"), "from: is not a day"),
        ("/to".to_owned(), json!("2024-10-01"), "to: is not a day after from"),
        ("/to".to_owned(), json!("2024-11-02"), "the days are not all of one month"),
        ("/from".to_owned(), json!("2023-10-01"), "from, to: the days are not all of one month"),
        ("/parameters".to_owned(), json!({"agreed": "much"}), "parameters.agreed: is not a decimal"),
        (event("time"), json!("yesterday"), "events[0].time: is not an instant"),
        (event("time"), json!("2024-11-03T12:00:00Z"), "events[0].time: is outside the days"),
        (event("dimension"), json!("parking"), "events[0]: no component counts it"),
        (event("dimension"), Value::Null, "events[0]: is not of exactly one channel or dimension"),
        (event("channel"), json!("DIRECTION_CONSUMPTION"), "events[0]: is not of exactly one"),
        (event("quantity"), json!("much"), "events[0].quantity: is not a decimal"),
        (event("quantity"), json!("-12"), "component energy: the count is below zero"),
        (event("quantity"), json!("9000000000000"), "out of range"),
        (
            event("unit"),
            json!("UNIT_HOUR"),
            "events[0].unit: does not convert exactly to that of component energy",
        ),
        (event("unit"), Value::Null, "events[0]: is not with both quantity and unit"),
    ];
    for (pointer, new, words) in cases {
        let is_range = words == "out of range";
        let product_price = if is_range { "90000000000" } else { "0.2" };
        let product = with(product(), "/components/0/tiers/tiers/1/price", json!(product_price));
        if is_range {
            let product = read_product(&product.to_string()).unwrap();
            let usage = read_usage(&with(usage(), &pointer, new).to_string()).unwrap();
            assert!(rate(&product, &usage).unwrap_err().to_string().contains(words));
        } else {
            check_usage(&pointer, new, words);
        }
    }
    let bare = json!([{"time": "2024-10-03T12:00:00Z", "dimension": "energy", "amount": "12"}]);
    check_usage("/events", bare, "events[0].quantity: is missing, and component energy counts it");
}
