//! Objects that partners tell: kept as they are, changed in part, never by what is older.

use axum::http::Method;
use bytes::Bytes;
use proto::roaming::cdr_service_client::CdrServiceClient;
use proto::roaming::price_sheet_service_client::PriceSheetServiceClient;
use proto::roaming::{DescribeEvseRequest, Evse, GetEvseRequest, GetPriceSheetRequest};
use serde_json::json;

use super::given::{BASE, Given, location};
use crate::grpc::supplier::TENANT;
use crate::grpc::world::run;

#[test]
fn a_location_is_told_and_changed_in_parts() {
    run(async {
        let given = Given::new().await;
        let (token, at) = (given.operator.clone(), format!("{BASE}/2.2.1/emsp/locations/NL/TNM/LOC1"));
        given.get(&at, &token).await.is(404, 2003);
        given
            .patch(&at, &token, &json!({"name": "?", "last_updated": "2026-11-02T10:00:00Z"}))
            .await
            .is(404, 2003);
        given.put(&at, &token, &location("LOC1")).await.is(201, 1000);
        given.put(&at, &token, &location("LOC1")).await.is(200, 1000);
        // With all that it had, known here or not; ids are the same in any case.
        assert_eq!(given.get(&at, &token).await.data(), &location("LOC1"));
        assert_eq!(given.get(&at.replace("LOC1", "loc1"), &token).await.data(), &location("LOC1"));

        let patch = json!({"name": "Another", "last_updated": "2026-11-02T10:00:00Z"});
        given.patch(&at, &token, &patch).await.is(200, 1000);
        let older = json!({"name": "Older", "last_updated": "2026-11-01T11:00:00Z"});
        given.patch(&at, &token, &older).await.is(200, 1000);
        given.put(&at, &token, &location("LOC1")).await.is(200, 1000);
        let held = given.get(&at, &token).await;
        assert_eq!(
            (&held.data()["name"], &held.data()["x_of_another_release"]["kept"][1]),
            (&json!("Another"), &json!(2.50))
        );

        // A charging point and a connector are parts of it.
        let evse = format!("{at}/3256");
        let status = json!({"status": "CHARGING", "last_updated": "2026-11-03T10:00:00Z"});
        given.patch(&evse, &token, &status).await.is(200, 1000);
        let held = given.get(&at, &token).await;
        assert_eq!(held.data()["evses"][0]["status"], "CHARGING");
        assert_eq!(held.data()["last_updated"], "2026-11-03T10:00:00Z");
        given
            .patch(&evse, &token, &json!({"status": "BLOCKED", "last_updated": "2026-11-02T10:00:00Z"}))
            .await
            .is(200, 1000);
        assert_eq!(given.get(&evse, &token).await.data()["status"], "CHARGING");
        let connector = json!({
            "id": "2", "standard": "CHADEMO", "format": "CABLE", "power_type": "DC", "max_voltage": 500,
            "max_amperage": 120, "last_updated": "2026-11-04T10:00:00Z"
        });
        given.put(&format!("{evse}/2"), &token, &connector).await.is(201, 1000);
        given.put(&format!("{evse}/2"), &token, &connector).await.is(200, 1000);
        assert_eq!(given.get(&format!("{evse}/2"), &token).await.data(), &connector);
        given.get(&format!("{evse}/3"), &token).await.is(404, 2000);
        given.patch(&format!("{at}/9"), &token, &status).await.is(404, 2000);
        let new = json!({"uid": "3257", "status": "AVAILABLE", "connectors": [connector], "last_updated": "2026-11-05T10:00:00Z"});
        given.put(&format!("{at}/3257"), &token, &new).await.is(201, 1000);
        assert_eq!(given.get(&at, &token).await.data()["evses"].as_array().unwrap().len(), 2);
    });
}

#[test]
fn what_a_location_says_is_told_to_its_charging_points() {
    run(async {
        let given = Given::new().await;
        let at = format!("{BASE}/2.2.1/emsp/locations/NL/TNM/LOC1");
        given.put(&at, &given.operator, &location("LOC1")).await.is(201, 1000);
        let mut records = CdrServiceClient::new(given.world.channel.clone());
        let name = format!("{TENANT}/evses/NLTNME041503001");
        let evse = records.get_evse(GetEvseRequest { name }).await.unwrap().into_inner();
        let told = format!("{evse:?}");
        // Three phases of 230 V and 32 A.
        for said in ["Europe/Brussels", "LOC1", "22.08"] {
            assert!(told.contains(said), "{said}: {told}");
        }
    });
}

#[test]
fn a_partner_tells_only_of_charging_points_for_which_it_speaks() {
    run(async {
        let mut given = Given::new().await;
        let hub = given.hub().await;
        let mut records = CdrServiceClient::new(given.world.channel.clone());
        let name = |id: &str| format!("{TENANT}/evses/{id}");
        // One that is known as own, though its id begins with the operator's; one of the tenant's by its id alone.
        let own =
            Evse { name: name("NLTNME9"), zone: "Asia/Tokyo".to_owned(), is_own: true, ..Evse::default() };
        records.describe_evse(DescribeEvseRequest { evse: Some(own), validate_only: false }).await.unwrap();
        let told_of = |named: [(&str, &str); 2]| {
            let mut told = location("LOC1");
            for (field, id) in named {
                told["evses"][0][field] = json!(id);
            }
            told
        };
        let at = format!("{BASE}/2.2.1/emsp/locations/NL/TNM/LOC1");
        let none: Option<&str> = None;
        for (evse_id, uid, token, point, zone) in [
            ("NL*TNM*E9", "1", &given.operator, "NLTNME9", Some("Asia/Tokyo")),
            ("NL*LGT*E1", "1", &given.operator, "NLLGTE1", none),
            ("NL*LGT*E1", "1", &hub, "NLLGTE1", none),
            ("NL*ABC*E1", "1", &given.operator, "NLABCE1", none),
            ("", "NL*LGT*A1", &given.operator, "NLLGTA1", none),
            ("", "NLABCE2", &given.operator, "NLABCE2", none),
            ("NL*ABC*E1", "1", &hub, "NLABCE1", Some("Europe/Brussels")),
            ("nl-tnm-7", "1", &given.operator, "NLTNM7", Some("Europe/Brussels")),
            // The operator's own ids, which only look like more.
            ("", "3256", &given.operator, "3256", Some("Europe/Brussels")),
            ("", "af3b81c4-99", &given.operator, "AF3B81C499", Some("Europe/Brussels")),
        ] {
            let mut told = told_of([("evse_id", evse_id), ("uid", uid)]);
            if evse_id.is_empty() {
                told["evses"][0].as_object_mut().unwrap().remove("evse_id");
            }
            assert_eq!(given.put(&at, token, &told).await.code(), 1000);
            // The location is kept as it is told, all the same.
            assert_eq!(given.get(&at, token).await.data(), &told);
            let held = records.get_evse(GetEvseRequest { name: name(point) }).await;
            let held = held.ok().map(|held| held.into_inner().zone);
            assert_eq!(held.as_deref(), zone, "{evse_id} {uid}");
        }
    });
}

#[test]
fn a_tariff_becomes_a_price_sheet_and_can_be_withdrawn() {
    run(async {
        let given = Given::new().await;
        let (token, at) = (given.operator.clone(), format!("{BASE}/2.2.1/emsp/tariffs/NL/TNM/T1"));
        let tariff = json!({
            "country_code": "NL", "party_id": "TNM", "id": "T1", "currency": "EUR",
            "elements": [{"price_components": [{"type": "ENERGY", "price": 0.25, "vat": 21.0, "step_size": 1}]}],
            "last_updated": "2026-11-01T10:00:00Z"
        });
        given.put(&at, &token, &tariff).await.is(201, 1000);
        assert_eq!(given.get(&at, &token).await.data(), &tariff);
        // Under the party's name, so that no partner says what another's tariff is, or one by which the tenant sells.
        let mut sheets = PriceSheetServiceClient::new(given.world.channel.clone());
        let sheet = |id: &str| GetPriceSheetRequest { name: format!("{TENANT}/priceSheets/{id}") };
        let held = sheets.get_price_sheet(sheet("NL%2ATNM%2AT1")).await.unwrap().into_inner();
        assert_eq!((held.tariff_id.as_str(), held.currency_code.as_str()), ("T1", "EUR"));
        assert!(sheets.get_price_sheet(sheet("T1")).await.is_err());
        // Its id in another case is the same tariff, and the same price sheet.
        let mut other_case = tariff.clone();
        other_case["id"] = json!("t1");
        other_case["last_updated"] = json!("2026-11-02T10:00:00Z");
        given.put(&at.replace("T1", "t1"), &token, &other_case).await.is(200, 1000);
        let held = sheets.get_price_sheet(sheet("NL%2ATNM%2AT1")).await.unwrap().into_inner();
        assert_eq!(held.tariff_id, "t1");
        given.ask(Method::DELETE, &at, &token, Bytes::new()).await.is(200, 1000);
        given.get(&at, &token).await.is(404, 2000);
        given.ask(Method::DELETE, &at, &token, Bytes::new()).await.is(404, 2000);
    });
}

#[test]
fn sessions_and_tokens_are_kept_for_their_owner() {
    run(async {
        let given = Given::new().await;
        let session = json!({
            "country_code": "NL", "party_id": "TNM", "id": "101", "start_date_time": "2026-11-20T22:39:09Z",
            "kwh": 0.0, "cdr_token": {"uid": "012345678", "type": "RFID", "contract_id": "DE-DCB-C12345678-X"},
            "auth_method": "WHITELIST", "location_id": "LOC1", "evse_uid": "3256", "connector_id": "1",
            "currency": "EUR", "status": "PENDING", "last_updated": "2026-11-20T22:39:09Z"
        });
        let at = format!("{BASE}/2.2.1/emsp/sessions/NL/TNM/101");
        given.put(&at, &given.operator, &session).await.is(201, 1000);
        let patch = json!({"kwh": 15.342, "status": "COMPLETED", "last_updated": "2026-11-20T23:39:09Z"});
        given.patch(&at, &given.operator, &patch).await.is(200, 1000);
        assert_eq!(given.get(&at, &given.operator).await.data()["kwh"], json!(15.342));

        let token = json!({
            "country_code": "DE", "party_id": "DCB", "uid": "012345678", "type": "RFID",
            "contract_id": "DE-DCB-C12345678-X", "issuer": "DCB", "valid": true, "whitelist": "ALLOWED",
            "last_updated": "2026-11-01T10:00:00Z"
        });
        let at = format!("{BASE}/2.2.1/cpo/tokens/DE/DCB/012345678");
        given.put(&at, &given.provider, &token).await.is(201, 1000);
        assert_eq!(given.get(&format!("{at}?type=RFID"), &given.provider).await.data(), &token);
        given.get(&format!("{at}?type=APP_USER"), &given.provider).await.is(404, 2004);
        let patch = json!({"valid": false, "last_updated": "2026-11-02T10:00:00Z"});
        given.patch(&at, &given.provider, &patch).await.is(200, 1000);
        assert_eq!(given.get(&at, &given.provider).await.data()["valid"], json!(false));
        // Nobody tells what is another's, or the tenant's own.
        for party in ["NL/ABC", "NL/LGT", "DE/DCB"] {
            let at = format!("{BASE}/2.2.1/emsp/sessions/{party}/101");
            given.put(&at, &given.operator, &session).await.is(404, 2000);
        }
    });
}
