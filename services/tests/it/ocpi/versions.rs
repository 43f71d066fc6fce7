//! Versions 2.1.1 and 2.3.0 become the same sheets and sessions as 2.2.1.

use domain::price::Price;
use serde_json::{Value, json};
use services::ocpi::{read_cdr, read_tariffs};

pub(super) fn tariff() -> Value {
    json!({
        "country_code": "NL", "party_id": "TST", "id": "t", "currency": "EUR", "type": "REGULAR",
        "elements": [{
            "price_components": [{"type": "ENERGY", "price": 0.35, "step_size": 1, "colour": "red"}],
            "restrictions": {"start_time": "08:00", "end_time": "00:00", "day_of_week": [], "min_kwh": 1.5, "max_duration": 3600},
        }],
        "last_updated": "2024-01-01T00:00:00Z",
    })
}

pub(super) fn cdr() -> Value {
    json!({
        "id": "c", "currency": "EUR",
        "start_date_time": "2024-10-01T08:00:00Z", "end_date_time": "2024-10-01T09:00:00Z",
        "charging_periods": [{
            "start_date_time": "2024-10-01T08:00:00Z",
            "dimensions": [{"type": "ENERGY", "volume": 12.5}, {"type": "TIME", "volume": 1}],
        }],
        "total_cost": {"excl_vat": 4.5, "incl_vat": 5.445}, "total_energy": 12.5, "total_time": 1,
    })
}

/// The value with fields put in or, where null, taken away.
fn with(mut value: Value, fields: Value) -> Value {
    for (name, field) in fields.as_object().unwrap() {
        match field {
            Value::Null => drop(value.as_object_mut().unwrap().remove(name)),
            field => value[name] = field.clone(),
        }
    }
    value
}

#[test]
fn tariffs() {
    let read = |value: &Value| read_tariffs(&value.to_string()).unwrap();
    let usual = read(&tariff());
    let oldest = with(tariff(), json!({"country_code": null, "party_id": null, "type": null}));
    assert_eq!(read(&oldest), usual);
    assert_eq!(read(&json!([tariff()])), usual);
    let limits = |names: [&str; 2]| {
        let limit = json!({names[0]: 1.5, names[1]: 1.815});
        read(&with(tariff(), json!({"min_price": limit, "max_price": limit, "tax_included": "NO"})))
    };
    assert_eq!(limits(["excl_vat", "incl_vat"]), limits(["before_taxes", "after_taxes"]));
    assert_ne!(limits(["excl_vat", "incl_vat"]), usual);
}

#[test]
fn taxes_are_added_included_or_not_due() {
    let read = |word: Value| {
        let mut tariff = with(tariff(), json!({"tax_included": word}));
        tariff["elements"][0]["price_components"][0]["vat"] = json!(21);
        let sheet = read_tariffs(&tariff.to_string()).unwrap().remove(0);
        (sheet.includes_vat, sheet.elements[0].components[0].vat.map(|vat| vat.percent_text()))
    };
    let vat = || Some("21".to_owned());
    assert_eq!(read(Value::Null), (false, vat()));
    assert_eq!(read(json!("NO")), (false, vat()));
    assert_eq!(read(json!("YES")), (true, vat()));
    assert_eq!(read(json!("N/A")), (false, None));
}

#[test]
fn records() {
    let read = |value: &Value| read_cdr(&value.to_string()).unwrap();
    let usual = read(&cdr());
    let stop = json!({"end_date_time": null, "stop_date_time": "2024-10-01T09:00:00Z", "total_cost": 4.5});
    let mut oldest = read(&with(cdr(), stop));
    assert_eq!(oldest.stated.including_vat, None);
    oldest.stated.including_vat = usual.stated.including_vat;
    assert_eq!(oldest, usual);
    let taxes = json!([{"name": "VAT", "percentage": 20, "amount": 0.9}, {"name": "levy", "amount": 0.045}]);
    let newest = with(cdr(), json!({"total_cost": {"before_taxes": 4.5, "taxes": taxes}}));
    assert_eq!(read(&newest), usual);
    // Without a zone it is UTC, and fields that are not known are passed over.
    let zoneless =
        with(cdr(), json!({"start_date_time": "2024-10-01T08:00:00", "weather": {"rain": [1, 2]}}));
    assert_eq!(read(&zoneless), usual);
    assert_eq!(read(&with(cdr(), json!({"total_cost": null}))).stated.excluding_vat, None);
}

#[test]
fn numbers_are_read_from_their_digits() {
    let text = tariff().to_string().replace("0.35", "0.12345678");
    let sheets = read_tariffs(&text).unwrap();
    assert_eq!(sheets[0].elements[0].components[0].price, Price::from_raw(12_345_678));
    let text = tariff().to_string().replace("0.35", "3.5E-1");
    assert_eq!(read_tariffs(&text).unwrap(), read_tariffs(&tariff().to_string()).unwrap());
}
