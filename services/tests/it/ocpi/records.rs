//! Records of every version with all that a book wants of them; and the page that tells of reasons.

use std::fs;
use std::path::Path;

use domain::cdr::{Cdr, Party, Suspicion};
use domain::entity::cdr_book::CreditRefused;
use serde_json::{Value, json};
use services::ocpi::read_cdr_record;

use super::versions::cdr;

fn party() -> Party {
    Party::parse("DE*ABC").unwrap()
}

/// A record of 2.2.1.
fn record() -> Value {
    with(
        cdr(),
        json!({
            "country_code": "NL", "party_id": "TNM", "session_id": "S1",
            "cdr_token": {"uid": "04:a2:2b", "type": "RFID", "contract_id": "NL-TNM-C1"},
            "cdr_location": {"id": "L1", "evse_uid": "17", "evse_id": "NL*TNM*E1", "connector_id": "2"},
            "tariffs": [{"id": "T1"}, {"id": "T2"}], "home_charging_compensation": true,
            "signed_data": {"encoding_method": "OCMF"}, "last_updated": "2024-10-01T10:00:00Z",
        }),
    )
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

fn read(value: &Value) -> Cdr {
    read_cdr_record(&value.to_string(), Some(party())).unwrap()
}

#[test]
fn what_a_book_wants_of_a_record() {
    let read = read(&record());
    assert_eq!(read.key.to_string(), "NL*TNM*c");
    assert_eq!((read.evse.text(), read.connector.as_str(), read.location.as_str()), ("NLTNME1", "2", "L1"));
    assert_eq!((read.token.to_string().as_str(), read.contract_id.as_str()), ("rfid.04A22B", "NL-TNM-C1"));
    assert_eq!((read.session_id.as_str(), read.sheet.as_deref()), ("S1", Some("T1")));
    assert!(read.is_home && read.credit_of.is_none() && read.registers.is_none());
}

#[test]
fn the_oldest_version_names_no_party_and_one_charging_point() {
    let old = json!({
        "country_code": null, "party_id": null, "cdr_token": null, "cdr_location": null, "session_id": null,
        "end_date_time": null, "stop_date_time": "2024-10-01T09:00:00Z", "total_cost": 4.5, "auth_id": "NL-TNM-C1",
        "location": {"id": "L1", "evses": [{"uid": "17", "evse_id": "NL*TNM*E1", "connectors": [{"id": "2"}]}]},
    });
    let of_point = read(&with(record(), old.clone()));
    let new = read(&record());
    assert_eq!((&of_point.key, &of_point.evse, &of_point.connector), (&new.key, &new.evse, &new.connector));
    assert_eq!(
        (of_point.token.to_string().as_str(), of_point.contract_id.as_str()),
        ("contract_id.NLTNMC1", "NL-TNM-C1")
    );
    // A charging point without an id of eMI3 names no operator: the sender is the party.
    let mut own_id = with(record(), old);
    own_id["location"]["evses"][0] = json!({"uid": "17"});
    let of_sender = read(&own_id);
    assert_eq!((of_sender.key.party(), of_sender.evse.text()), (party(), "17"));
}

#[test]
fn types_of_tokens_and_credits() {
    for (kind, expected) in
        [("RFID", "rfid"), ("APP_USER", "app_user"), ("AD_HOC_USER", "ad_hoc_user"), ("EMAID", "contract_id")]
    {
        let token = json!({"cdr_token": {"uid": "X1", "type": kind}});
        assert_eq!(read(&with(record(), token)).token.kind().name(), expected);
    }
    let credit = json!({"credit": true, "credit_reference_id": "b", "total_cost": {"excl_vat": -4.5}});
    assert_eq!(read(&with(record(), credit)).credit_of.as_deref(), Some("b"));
}

#[test]
fn the_digest_is_of_what_is_said() {
    let first = read(&record());
    let again = with(record(), json!({"last_updated": "2025-01-01T00:00:00Z"}));
    assert_eq!(read(&again).content, first.content);
    let pretty = serde_json::to_string_pretty(&record()).unwrap();
    assert_eq!(read_cdr_record(&pretty, None).unwrap().content, first.content);
    // Fields that are not known count as well.
    assert_ne!(read(&with(record(), json!({"colour": "red"}))).content, first.content);
}

#[test]
fn the_first_field_that_is_wrong_is_named() {
    let cases = [
        (json!({"currency": null}), "currency: is missing"),
        (json!({"total_cost": {"excl_vat": "4.5"}}), "total_cost.excl_vat: is no number"),
        (json!({"credit": true}), "credit_reference_id: is missing"),
        (json!({"cdr_token": null}), "cdr_token: is missing"),
        (json!({"cdr_token": {"uid": " ", "type": "RFID"}}), "cdr_token.uid: is no value of a token"),
        (json!({"cdr_location": {"id": "L", "evse_id": "a_b"}}), "cdr_location.evse_id: is no id"),
        (json!({"cdr_location": {"id": "L"}}), "cdr_location.evse_id: is missing"),
        (json!({"id": "x".repeat(40)}), "id: is no id"),
        (json!({"party_id": "TOOLONG"}), "party_id: is, with country_code, no party"),
    ];
    for (change, expected) in cases {
        let error = read_cdr_record(&with(record(), change).to_string(), None).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn every_reason_stands_on_the_page() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/charge-detail-records.md");
    let page = fs::read_to_string(page).unwrap();
    let refused = [
        CreditRefused::CreditOfCredit,
        CreditRefused::SecondCredit,
        CreditRefused::OtherCurrency,
        CreditRefused::OtherAmount,
    ];
    for code in Suspicion::CODES.into_iter().chain(refused.map(CreditRefused::code)) {
        assert!(page.contains(&format!("| `{code}` |")), "{code} is not on the page");
    }
}
