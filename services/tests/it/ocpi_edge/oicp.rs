//! Records of OICP from a hub.

use axum::http::Method;
use serde_json::{Value, json};

use super::given::Given;
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
        assert_eq!(send("{".to_owned()).await.body["StatusCode"]["Code"], "022");
        // Only a hub hands them in.
        let told = given.post(AT, &given.operator, &record()).await;
        assert_eq!((told.status.as_u16(), &told.body["Result"]), (401, &json!(false)));
    });
}
