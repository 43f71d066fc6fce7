//! What is the tenant's own, no partner hands in: not a hub, which speaks for everybody else, by whatever road.

use axum::http::Method;
use proto::roaming::cdr_service_client::CdrServiceClient;
use proto::roaming::{ListCdrsRequest, ListUnreadableCdrsRequest, PullPartnerRequest, RoamingModule};
use serde_json::{Value, json};

use super::given::{BASE, Given, cdr, location};
use super::oicp;
use crate::grpc::supplier::TENANT;
use crate::grpc::world::run;

fn own(mut document: Value) -> Value {
    document["party_id"] = json!("LGT");
    document
}

async fn refused(given: &mut Given, module: RoamingModule) -> u32 {
    let name = format!("{TENANT}/partners/hub");
    let request = PullPartnerRequest { name, module: module.into(), from_time: None };
    let pulled = given.partners.pull_partner(request).await.unwrap().into_inner();
    assert_eq!((pulled.taken, pulled.unchanged), (1, 0), "{module:?}");
    pulled.refused
}

#[test]
fn nobody_hands_in_what_is_the_tenants_own() {
    run(async {
        let mut given = Given::new().await;
        let hub = given.hub().await;
        let told = given.post(&format!("{BASE}/2.2.1/emsp/cdrs"), &hub, &own(cdr("C1"))).await;
        told.is(200, 2001);
        assert!(told.message().starts_with("party_id: NL*LGT is this platform's own"), "{}", told.message());
        assert!(told.message().contains("; kept as DE"), "{}", told.message());

        given.platform.has("cdrs", vec![own(cdr("C2")), cdr("C3")]);
        given.platform.has("locations", vec![own(location("LOC1")), location("LOC2")]);
        assert_eq!(refused(&mut given, RoamingModule::Cdrs).await, 1);
        assert_eq!(refused(&mut given, RoamingModule::Locations).await, 1);

        let mut record = oicp::record();
        record["EvseID"] = json!("NL*LGT*E1");
        let at = oicp::AT.replace("DE*XYZ", "NL*LGT");
        let told = given.ask(Method::POST, &at, &hub, record.to_string().into()).await;
        assert_eq!((told.status.as_u16(), &told.body["Result"]), (400, &json!(false)));
        let info = told.body["StatusCode"]["AdditionalInfo"].as_str().unwrap();
        assert!(info.contains("this platform's own"), "{info}");

        // Nothing of it is in the book; all of it is kept for a person.
        let mut records = CdrServiceClient::new(given.world.channel.clone());
        let parent = format!("{TENANT}/parties/NL-LGT");
        let held = records.list_cdrs(ListCdrsRequest { parent, ..Default::default() }).await;
        assert!(held.is_ok_and(|held| held.into_inner().cdrs.is_empty()));
        let parent = format!("{TENANT}/parties/DE-HUB");
        let list = ListUnreadableCdrsRequest { parent, ..Default::default() };
        let kept = records.list_unreadable_cdrs(list).await.unwrap().into_inner();
        assert_eq!(kept.documents.len(), 3, "{kept:?}");
    });
}
