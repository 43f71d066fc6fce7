//! What the tenant shows of its own, in pages.

use proto::roaming::RoamingModule;
use serde_json::{Value, json};

use super::given::{BASE, Given, location};
use crate::grpc::world::{reason, run};

fn own(id: u32) -> Value {
    let mut own = location(&format!("OWN{id}"));
    own["party_id"] = json!("LGT");
    own["evses"][0]["evse_id"] = json!(format!("NL*LGT*E{id}"));
    own["last_updated"] = json!(format!("2026-11-{:02}T10:00:00Z", id + 1));
    own
}

#[test]
fn a_list_is_followed_page_by_page() {
    run(async {
        let mut given = Given::new().await;
        // In another order than that of their changes.
        for id in [4, 0, 3, 1, 2] {
            assert!(given.publish(RoamingModule::Locations, &own(id)).await);
        }
        let mut older = own(4);
        older["last_updated"] = json!("2026-11-01T09:00:00Z");
        assert!(!given.publish(RoamingModule::Locations, &older).await);
        let at = format!("{BASE}/2.2.1/cpo/locations");
        let all = given.get(&at, &given.provider).await;
        all.is(200, 1000);
        assert_eq!(
            (all.header("x-total-count"), all.header("x-limit"), all.header("link")),
            ("5", "200", "")
        );
        assert_eq!(all.data(), &json!([own(0), own(1), own(2), own(3), own(4)]));

        let mut path = format!("{at}?limit=2&date_from=2026-11-02T10:00:00Z&date_to=2026-11-05T10:00:00Z");
        let mut seen = Vec::new();
        loop {
            let page = given.get(&path, &given.provider).await;
            assert_eq!(page.header("x-total-count"), "3");
            seen.extend(
                page.data().as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()),
            );
            let Some(link) = page.headers.get("link") else { break };
            let link =
                link.to_str().unwrap().strip_prefix('<').unwrap().split_once(">; rel=\"next\"").unwrap().0;
            path = link.split_once(&given.address().to_string()).unwrap().1.to_owned();
        }
        assert_eq!(seen, ["OWN1", "OWN2", "OWN3"]);
        // An object that changes moves to the end, and is there once.
        let mut changed = own(0);
        changed["last_updated"] = json!("2026-11-20T10:00:00Z");
        assert!(given.publish(RoamingModule::Locations, &changed).await);
        let all = given.get(&at, &given.provider).await;
        assert_eq!(all.data(), &json!([own(1), own(2), own(3), own(4), changed]));

        given.get(&format!("{at}/OWN1/3256"), &given.provider).await.is(200, 1000);
        assert_eq!(given.get(&format!("{at}/own1/3256/1"), &given.provider).await.data()["format"], "CABLE");
        given.get(&format!("{at}/LOC1"), &given.provider).await.is(404, 2000);
        for query in ["limit=two", "offset=-1", "date_from=then", "limit=%"] {
            given.get(&format!("{at}?{query}"), &given.provider).await.is(200, 2001);
        }
    });
}

#[test]
fn what_changes_between_pages_passes_over_nothing() {
    run(async {
        let mut given = Given::new().await;
        for id in 0..5 {
            given.publish(RoamingModule::Locations, &own(id)).await;
        }
        let mut path = format!("{BASE}/2.2.1/cpo/locations?limit=2");
        let mut pages = Vec::new();
        loop {
            let page = given.get(&path, &given.provider).await;
            assert_eq!(page.header("x-total-count"), "5");
            let ids = page.data().as_array().unwrap().iter();
            pages.push(ids.map(|one| one["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>());
            let Some((_, rest)) = page.header("link").split_once(&given.address().to_string()) else { break };
            path = rest.split_once('>').unwrap().0.to_owned();
            // What stood on the first page moves to the end, and those behind it move up.
            let mut changed = own(0);
            changed["last_updated"] = json!("2026-11-20T10:00:00Z");
            given.publish(RoamingModule::Locations, &changed).await;
        }
        assert_eq!(pages, [["OWN0", "OWN1"], ["OWN2", "OWN3"], ["OWN4", "OWN0"]]);
        let told = given.get(&format!("{BASE}/2.2.1/cpo/locations?behind=then"), &given.provider).await;
        told.is(200, 2001);
    });
}

#[test]
fn a_session_is_shown_to_the_provider_whose_it_is() {
    run(async {
        let mut given = Given::new().await;
        let session = |id: &str, provider: &str| {
            json!({
                "country_code": "NL", "party_id": "LGT", "id": id, "start_date_time": "2026-11-20T22:39:09Z", "kwh": 1.5,
                "cdr_token": {
                    "country_code": "DE", "party_id": provider, "uid": "1", "type": "RFID", "contract_id": "DE-DCB-C1"
                },
                "auth_method": "WHITELIST", "location_id": "OWN1", "evse_uid": "3256", "connector_id": "1",
                "currency": "EUR", "status": "ACTIVE", "last_updated": "2026-11-20T22:39:09Z"
            })
        };
        for (id, provider) in [("1", "DCB"), ("2", "ABC"), ("3", "DCB")] {
            given.publish(RoamingModule::Sessions, &session(id, provider)).await;
        }
        let told = given.get(&format!("{BASE}/2.2.1/cpo/sessions"), &given.provider).await;
        assert_eq!(told.data(), &json!([session("1", "DCB"), session("3", "DCB")]));
        for module in ["tariffs", "cdrs"] {
            let told = given.get(&format!("{BASE}/2.2.1/cpo/{module}"), &given.provider).await;
            told.is(200, 1000);
            assert_eq!(told.data(), &json!([]), "{module}");
        }
        given.get(&format!("{BASE}/2.2.1/cpo/commands"), &given.provider).await.is(404, 2000);
    });
}

#[test]
fn only_what_is_its_own_is_shown() {
    run(async {
        let mut given = Given::new().await;
        let refused = |object: Value, module: RoamingModule| proto::roaming::PublishObjectRequest {
            parent: crate::grpc::supplier::TENANT.to_owned(),
            module: module.into(),
            json: object.to_string(),
        };
        for (object, module, name) in [
            (location("LOC1"), RoamingModule::Locations, "OBJECT_REFUSED"),
            (json!({"id": "1"}), RoamingModule::Locations, "OBJECT_REFUSED"),
            (json!([]), RoamingModule::Tariffs, "OBJECT_REFUSED"),
            (json!({}), RoamingModule::Cdrs, "INVALID"),
        ] {
            let status = given.partners.publish_object(refused(object, module)).await.unwrap_err();
            assert_eq!(reason(&status).1, name, "{status:?}");
        }
    });
}
