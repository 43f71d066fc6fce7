//! Records of OICP from a hub.

use axum::http::Method;
use proto::roaming::{PartnerRole, UpdatePartnerRequest};
use serde_json::{Value, json};

use super::given::{Given, party};
use crate::grpc::supplier::TENANT;
use crate::grpc::world::run;

/// Where records of DE*XYZ are handed in.
pub(super) const AT: &str = "/oicp/light/api/oicp/cdrmgmt/v22/operators/DE*XYZ/charge-detail-record";

/// A record of DE*XYZ.
pub(super) fn record() -> Value {
    json!({
        "SessionID": "f98efba4-02d8-4fa0-b810-9a9d50d2c527", "CPOPartnerSessionID": "1234XYZ",
        "EMPPartnerSessionID": "9876655", "EvseID": "DE*XYZ*ETEST1",
        "Identification": {"RFIDMifareFamilyIdentification": {"UID": "1234ABCD"}},
        "ChargingStart": "2026-11-20T14:17:53.038Z", "ChargingEnd": "2026-11-20T15:17:53.038Z",
        "SessionStart": "2026-11-20T14:10:00Z", "SessionEnd": "2026-11-20T15:30:00Z",
        "MeterValueStart": 100.0, "MeterValueEnd": 110.5, "ConsumedEnergy": 10.5, "HubOperatorID": "DE*ABC"
    })
}

#[test]
fn a_record_of_a_hub_is_acknowledged() {
    run(async {
        let mut given = Given::new().await;
        let token = given.hub().await;
        let send = async |body: String| given.ask(Method::POST, AT, &token, body.into()).await;
        let told = send(record().to_string()).await;
        assert_eq!(told.status, 200, "{told:?}");
        assert_eq!((&told.body["Result"], &told.body["StatusCode"]["Code"]), (&json!(true), &json!("000")));
        assert_eq!(told.body["SessionID"], "f98efba4-02d8-4fa0-b810-9a9d50d2c527");
        assert_eq!(told.body["CPOPartnerSessionID"], "1234XYZ");
        // Again, and with other content.
        assert_eq!(send(record().to_string()).await.body["Result"], true);
        let mut changed = record();
        changed["ConsumedEnergy"] = json!(11.5);
        let told = send(changed.to_string()).await;
        assert_eq!((told.status.as_u16(), &told.body["Result"]), (400, &json!(false)));
        for (field, value, text) in [
            ("ConsumedEnergy", json!("ten"), "ConsumedEnergy: is no number"),
            ("EvseID", json!(7), "EvseID: is no text"),
            ("Identification", json!({}), "Identification"),
            ("SessionID", json!("x".repeat(40)), "SessionID"),
        ] {
            let mut wrong = record();
            wrong[field] = value;
            let told = send(wrong.to_string()).await;
            assert_eq!(
                (told.status.as_u16(), &told.body["StatusCode"]["Code"]),
                (400, &json!("022")),
                "{told:?}"
            );
            let info = told.body["StatusCode"]["AdditionalInfo"].as_str().unwrap();
            assert!(info.contains(text) && info.contains("kept as DE*HUB/"), "{info}");
        }
        let twice = record().to_string().replacen("{", "{\"ConsumedEnergy\":0.5,", 1);
        let told = send(twice).await;
        assert!(told.body.to_string().contains("field ConsumedEnergy twice"), "{told:?}");
        assert_eq!(send("{".to_owned()).await.body["StatusCode"]["Code"], "022");
        // Only a hub hands them in.
        let told = given.post(AT, &given.operator, &record()).await;
        assert_eq!((told.status.as_u16(), &told.body["Result"]), (401, &json!(false)));
    });
}

#[test]
fn a_record_is_handed_in_at_the_address_of_its_operator() {
    run(async {
        let mut given = Given::new().await;
        let token = given.hub().await;
        let at = |operator: &str| AT.replace("DE*XYZ", operator);
        let send = async |given: &Given, operator: &str| {
            given.ask(Method::POST, &at(operator), &token, record().to_string().into()).await
        };
        for operator in ["DE*ABC", "DE*XYZ*E1", "+49*123", "x"] {
            let told = send(&given, operator).await;
            assert_eq!((told.status.as_u16(), &told.body["Result"]), (400, &json!(false)), "{operator}");
            let info = told.body["StatusCode"]["AdditionalInfo"].as_str().unwrap();
            assert!(
                info.starts_with("EvseID: is of DE*XYZ, and not of") && info.contains("kept as"),
                "{info}"
            );
        }
        for operator in ["DE*XYZ", "DE%2AXYZ", "de-xyz", "DEXYZ"] {
            assert_eq!(send(&given, operator).await.body["Result"], true, "{operator}");
        }
        // Stations of another that DE*ABC runs: it was agreed that the hub acts as it.
        let parties = vec![party(PartnerRole::Hub, "DE", "HUB"), party(PartnerRole::Operator, "DE", "ABC")];
        let name = format!("{TENANT}/partners/hub");
        let request = UpdatePartnerRequest { name, parties, ..UpdatePartnerRequest::default() };
        given.partners.update_partner(request).await.unwrap();
        assert_eq!(send(&given, "DE*ABC").await.body["Result"], true);
    });
}
