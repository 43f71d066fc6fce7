//! What a wrong document is told, by the path of the field.

use serde_json::{Value, json};
use services::ocpi::{read_cdr, read_tariffs};

use super::versions::{cdr, tariff};

/// The value with what stands at a path put in its place; null counts as left out.
fn with(mut value: Value, pointer: &str, new: Value) -> String {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = value.pointer_mut(parent).unwrap();
    match (parent, key.parse::<usize>()) {
        (Value::Array(items), Ok(index)) => items[index] = new,
        (parent, _) => parent[key] = new,
    }
    value.to_string()
}

#[test]
fn a_wrong_tariff_names_its_field() {
    let component = |field: &str| format!("/elements/0/price_components/0/{field}");
    let held = |field: &str| format!("/elements/0/restrictions/{field}");
    let cases = [
        ("/id".to_owned(), Value::Null, "id: is missing"),
        ("/currency".to_owned(), Value::Null, "currency: is missing"),
        ("/currency".to_owned(), json!("XXX"), "currency: is no currency known here"),
        ("/elements".to_owned(), json!([]), "elements: has no element"),
        ("/elements".to_owned(), json!({}), "elements: is no array"),
        ("/elements/0".to_owned(), json!(7), "elements[0]: is no object"),
        ("/start_date_time".to_owned(), json!("soon"), "start_date_time: is no time such as"),
        ("/end_date_time".to_owned(), json!(5), "end_date_time: is no text"),
        ("/tax_included".to_owned(), json!("SOME"), "tax_included: is none of YES, NO, N/A"),
        ("/min_price".to_owned(), json!({"excl_vat": "1"}), "min_price.excl_vat: is no number"),
        (component("type"), json!("COLOUR"), "elements[0].price_components[0].type: is none of ENERGY, "),
        (
            component("price"),
            json!("0.35"),
            "elements[0].price_components[0].price: is no number; numbers stand",
        ),
        (component("price"), Value::Null, "elements[0].price_components[0].price: is missing"),
        (component("price"), json!(true), "price: is no number"),
        (component("vat"), json!(120), "vat: is no percentage from 0 to 100"),
        (component("vat"), json!(5.125), "vat: has more than 2 decimals"),
        (component("step_size"), json!(1.5), "step_size: has more than 0 decimals"),
        (component("step_size"), json!(-1), "step_size: is no whole number"),
        (held("start_time"), json!("8:00"), "restrictions.start_time: is no time such as 06:30"),
        (held("end_time"), json!("24:00"), "restrictions.end_time: is no time such as 06:30"),
        (held("start_date"), json!("2024-02-30"), "restrictions.start_date: is no day such as"),
        (held("day_of_week"), json!(["MONTAG"]), "restrictions.day_of_week[0]: is no day of the week"),
        (held("min_kwh"), json!("1"), "restrictions.min_kwh: is no number"),
        (held("reservation"), json!("YES"), "restrictions.reservation: is none of RESERVATION, "),
    ];
    for (pointer, new, words) in cases {
        let refused = read_tariffs(&with(tariff(), &pointer, new)).unwrap_err().to_string();
        assert!(refused.contains(words), "{pointer}: {refused}\n  lacks: {words}");
    }
    assert!(read_tariffs("{").unwrap_err().to_string().contains("EOF"));
}

#[test]
fn a_wrong_record_names_its_field() {
    let dimension = |field: &str| format!("/charging_periods/0/dimensions/0/{field}");
    let cases = [
        ("/currency".to_owned(), Value::Null, "currency: is missing"),
        ("/start_date_time".to_owned(), Value::Null, "start_date_time: is missing"),
        ("/end_date_time".to_owned(), Value::Null, "end_date_time: is missing"),
        ("/end_date_time".to_owned(), json!("2024-10-01T09:00:00.0001Z"), "to the millisecond"),
        ("/charging_periods".to_owned(), Value::Null, "charging_periods: is missing"),
        (
            "/charging_periods/0/dimensions".to_owned(),
            Value::Null,
            "charging_periods[0].dimensions: is missing",
        ),
        (dimension("volume"), json!("12"), "charging_periods[0].dimensions[0].volume: is no number"),
        (dimension("volume"), json!(0.000_000_1), "volume: has more than 6 decimals"),
        (dimension("type"), json!("TIME"), "dimensions[1].type: stands twice in the period"),
        (dimension("type"), json!(1), "dimensions[0].type: is no text"),
        ("/credit".to_owned(), json!("yes"), "credit: is neither true nor false"),
        ("/total_cost".to_owned(), json!("4.5"), "total_cost: is no number"),
    ];
    for (pointer, new, words) in cases {
        let refused = read_cdr(&with(cdr(), &pointer, new)).unwrap_err().to_string();
        assert!(refused.contains(words), "{pointer}: {refused}\n  lacks: {words}");
    }
    let unknown = read_cdr(&with(cdr(), &dimension("type"), json!("COLOUR"))).unwrap();
    assert_eq!(unknown.periods[0].unknown_dimensions, ["COLOUR"]);
    assert!(read_cdr("[]").unwrap_err().to_string().contains("the document is no object"));
}
