//! What is wrong is told by the field, with the status of HTTP and of OCPI; nothing of it is kept as if it were right.

use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, HOST};
use axum::http::{Method, Request};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::Full;
use serde_json::{Value, json};

use super::given::{BASE, Given, Line, cdr, location};
use crate::grpc::world::run;

/// A document with one field as it should not be, or without it.
fn wrong(mut document: Value, pointer: &str, value: Option<Value>) -> String {
    let (within, name) = pointer.rsplit_once('/').unwrap();
    let within = document.pointer_mut(within).unwrap();
    match value {
        Some(value) => within[name] = value,
        None => drop(within.as_object_mut().unwrap().remove(name)),
    }
    document.to_string()
}

/// A document with another value in front of that of a field.
fn doubled(document: &Value, name: &str) -> String {
    let field = format!("\"{name}\":");
    document.to_string().replacen(&field, &format!("{field}0.01,{field}"), 1)
}

#[test]
fn what_is_wrong_is_told_by_the_field() {
    run(async {
        let given = Given::new().await;
        let cdrs = format!("{BASE}/2.2.1/emsp/cdrs");
        let at = format!("{BASE}/2.2.1/emsp/locations/NL/TNM/LOC1");
        let tariffs = format!("{BASE}/2.2.1/emsp/tariffs/NL/TNM/T1");
        let tariff = json!({
            "country_code": "NL", "party_id": "TNM", "id": "T1", "currency": "EUR",
            "elements": [{"price_components": [{"type": "ENERGY", "price": 0.25, "step_size": 1}]}],
            "last_updated": "2026-11-01T10:00:00Z"
        });
        let of_cdr = |pointer: &str, value: Option<Value>| {
            (Method::POST, cdrs.clone(), wrong(cdr("C1"), pointer, value))
        };
        let of_location = |pointer: &str, value: Option<Value>| {
            (Method::PUT, at.clone(), wrong(location("LOC1"), pointer, value))
        };
        let of_tariff = |pointer: &str, value: Option<Value>| {
            (Method::PUT, tariffs.clone(), wrong(tariff.clone(), pointer, value))
        };
        let cases = [
            // Malformed JSON is an error of the transport.
            ((Method::POST, cdrs.clone(), "{".to_owned()), 400, 2001, "no JSON"),
            ((Method::PUT, at.clone(), "\u{feff}".to_owned()), 400, 2001, "no JSON"),
            ((Method::PUT, at.clone(), String::new()), 400, 2001, "no JSON"),
            ((Method::PUT, at.clone(), "[]".to_owned()), 200, 2001, "no object"),
            ((Method::POST, cdrs.clone(), "[]".to_owned()), 200, 2001, "object"),
            ((Method::PUT, at.clone(), "[".repeat(100_000)), 400, 2001, "no JSON"),
            // Records.
            (of_cdr("/currency", None), 200, 2001, "currency: is missing"),
            (of_cdr("/currency", Some(json!("XXX"))), 200, 2001, "currency: is no currency"),
            (of_cdr("/id", None), 200, 2001, "id: is missing"),
            (of_cdr("/id", Some(json!("x".repeat(40)))), 200, 2001, "id: is no id"),
            (of_cdr("/party_id", Some(json!("TOOLONG"))), 200, 2001, "party_id"),
            (of_cdr("/party_id", Some(json!("ABC"))), 200, 2001, "does not speak for NL*ABC"),
            (of_cdr("/cdr_token/uid", None), 200, 2001, "cdr_token.uid: is missing"),
            (
                of_cdr("/total_cost/excl_vat", Some(json!("4.00"))),
                200,
                2001,
                "total_cost.excl_vat: is no number",
            ),
            (of_cdr("/start_date_time", Some(json!("yesterday"))), 200, 2001, "start_date_time: is no time"),
            (of_cdr("/charging_periods", Some(json!({}))), 200, 2001, "charging_periods: is no array"),
            (
                of_cdr("/charging_periods/0/dimensions/0/volume", Some(json!("15"))),
                200,
                2001,
                "charging_periods[0].dimensions[0].volume: is no number",
            ),
            (of_cdr("/credit", Some(json!(true))), 200, 2001, "credit_reference_id: is missing"),
            (of_cdr("/cdr_location/evse_id", Some(json!("!"))), 200, 2001, "cdr_location.evse_id"),
            // Objects.
            (of_location("/time_zone", None), 200, 2001, "time_zone: is missing"),
            (of_location("/id", Some(json!("LOC2"))), 200, 2001, "not that of the address"),
            (of_location("/last_updated", Some(json!("now"))), 200, 2001, "last_updated: is no time"),
            (of_location("/x", Some(json!("y".repeat(500_000)))), 200, 2001, "more bytes than are kept"),
            (
                (Method::PATCH, at.clone(), json!({"name": "?"}).to_string()),
                200,
                2001,
                "last_updated: is missing",
            ),
            (of_tariff("/currency", Some(json!("GALLEONS"))), 200, 2001, "currency: is no currency"),
            (of_tariff("/elements", Some(json!([]))), 200, 2001, "elements: has no element"),
            (
                of_tariff("/elements/0/price_components/0/price", Some(json!("0.25"))),
                200,
                2001,
                "elements[0].price_components[0].price: is no number",
            ),
            // What costs more than it is worth.
            (
                of_tariff("/elements", Some(json!(vec![tariff["elements"][0].clone(); 1_001]))),
                200,
                2001,
                "elements: are more than 1000",
            ),
            (
                of_location("/evses", Some(json!(vec![location("LOC1")["evses"][0].clone(); 501]))),
                200,
                2001,
                "evses: are more than 500",
            ),
            (
                of_location("/evses/0/connectors", Some(json!(vec![json!({"id": "1"}); 33]))),
                200,
                2001,
                "evses[0].connectors: are more than 32",
            ),
            // What stands twice means one thing to one reader and another to the next.
            (
                (Method::POST, cdrs.clone(), doubled(&cdr("C1"), "total_energy")),
                200,
                2001,
                "field total_energy twice",
            ),
            ((Method::POST, cdrs.clone(), doubled(&cdr("C1"), "volume")), 200, 2001, "field volume twice"),
            (
                (Method::PUT, at.clone(), doubled(&location("LOC1"), "max_voltage")),
                200,
                2001,
                "field max_voltage twice",
            ),
            ((Method::PUT, tariffs.clone(), doubled(&tariff, "price")), 200, 2001, "field price twice"),
            // Addresses.
            (
                (Method::PUT, at.replace("LOC1", &"L".repeat(65)), location("LOC1").to_string()),
                200,
                2001,
                "id",
            ),
            ((Method::PUT, at.replace("/NL/", "/NLD/"), location("LOC1").to_string()), 404, 2000, "nothing"),
            (
                (Method::PUT, at.replace("LOC1", "%FF"), location("LOC1").to_string()),
                404,
                2000,
                "can't be read",
            ),
        ];
        for ((method, path, body), status, code, text) in cases {
            let told = given.ask(method, &path, &given.operator, body.clone().into()).await;
            let shown = body.get(..body.len().min(120)).unwrap_or_default();
            assert_eq!((told.status.as_u16(), told.code()), (status, code), "{path} {shown}: {told:?}");
            assert!(told.message().contains(text), "{shown}: {}", told.message());
        }
        given.get(&at, &given.operator).await.is(404, 2003);
        given.get(&tariffs, &given.operator).await.is(404, 2000);
        given.get(&format!("{cdrs}/NL/TNM/C1"), &given.operator).await.is(404, 2000);
    });
}

#[test]
fn a_suspect_clock_is_held_back_and_said() {
    run(async {
        let given = Given::new().await;
        let mut record = cdr("C1970");
        for (pointer, value) in [
            ("/start_date_time", "1970-01-01T00:00:00Z"),
            ("/end_date_time", "1970-01-01T01:58:23Z"),
            ("/charging_periods/0/start_date_time", "1970-01-01T00:00:00Z"),
        ] {
            *record.pointer_mut(pointer).unwrap() = json!(value);
        }
        let told = given.post(&format!("{BASE}/2.2.1/emsp/cdrs"), &given.operator, &record).await;
        told.is(201, 1000);
        assert!(told.message().contains("held back"), "{}", told.message());
        assert!(told.message().contains("CLOCK_NOT_SET"), "{}", told.message());
    });
}

#[test]
fn a_body_of_ten_megabytes_is_not_taken() {
    run(async {
        let given = Given::new().await;
        let path = format!("{BASE}/2.2.1/emsp/cdrs");
        let mut line = Line::open(given.address()).await;
        let shown = format!("Token {}", STANDARD.encode(&given.operator));
        let request = Request::builder().method(Method::POST).uri(&path).header(HOST, "here");
        let request = request.header(AUTHORIZATION, shown).header(CONTENT_LENGTH, 10 << 20);
        let told = line.send(request.body(Full::new(Bytes::from(vec![b' '; 10 << 20]))).unwrap()).await;
        told.is(413, 2001);
        assert!(told.message().contains("1048576 bytes"), "{}", told.message());
        // Its beginning is kept for a person.
        assert!(told.message().contains("kept as NL*TNM/0"), "{}", told.message());
        // Others are served.
        given.post(&path, &given.operator, &cdr("C1")).await.is(201, 1000);
    });
}
