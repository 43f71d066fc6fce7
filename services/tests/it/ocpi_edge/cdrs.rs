//! Records by POST: taken once, kept byte for byte, never changed.

use axum::http::Method;
use bytes::Bytes;
use proto::roaming::cdr_service_client::CdrServiceClient;
use proto::roaming::{CdrFormat, GetCdrRequest, ListUnreadableCdrsRequest, ReceiveCdrRequest};
use serde_json::json;

use super::given::{BASE, Given, cdr};
use crate::grpc::supplier::TENANT;
use crate::grpc::world::run;

const CDRS: &str = "/ocpi/light/2.2.1/emsp/cdrs";

#[test]
fn a_record_is_taken_once_and_kept_as_it_came() {
    run(async {
        let given = Given::new().await;
        let told = given.post(CDRS, &given.operator, &cdr("CDR 1")).await;
        told.is(201, 1000);
        let url = told.header("location").to_owned();
        assert_eq!(url, format!("http://{}{CDRS}/NL/TNM/CDR%201", given.address()));
        let at = url.split_once(&given.address().to_string()).unwrap().1.to_owned();
        assert_eq!(given.get(&at, &given.operator).await.data(), &cdr("CDR 1"));
        // The same again, written otherwise, has no effect.
        let again = serde_json::to_vec_pretty(&cdr("CDR 1")).unwrap();
        let told = given.ask(Method::POST, CDRS, &given.operator, again.into()).await;
        told.is(200, 1000);
        assert_eq!(told.header("location"), url);
        // Other content under the same id waits for a person; the first stays as it was.
        let mut changed = cdr("CDR 1");
        changed["total_energy"] = json!(99.5);
        let told = given.post(CDRS, &given.operator, &changed).await;
        told.is(200, 2000);
        assert!(told.message().contains("other content"), "{}", told.message());
        assert_eq!(given.get(&at, &given.operator).await.data(), &cdr("CDR 1"));
        given.get(&at.replace("CDR%201", "CDR%202"), &given.operator).await.is(404, 2000);

        let mut records = CdrServiceClient::new(given.world.channel.clone());
        let name = format!("{TENANT}/parties/NL-TNM/cdrs/CDR%201");
        let held = records.get_cdr(GetCdrRequest { name }).await.unwrap().into_inner();
        assert!(format!("{held:?}").contains("012345678"));
    });
}

#[test]
fn a_credit_without_effect_is_told_with_its_reason() {
    run(async {
        let given = Given::new().await;
        given.post(CDRS, &given.operator, &cdr("CDR1")).await.is(201, 1000);
        let credit = |id: &str, cost: f64| {
            let mut credit = cdr(id);
            credit["credit"] = json!(true);
            credit["credit_reference_id"] = json!("CDR1");
            credit["total_cost"] = json!({"excl_vat": -cost, "incl_vat": -cost - 0.4});
            credit
        };
        for (id, cost, expected) in
            [("C1", 3.0, "CREDIT_OTHER_AMOUNT"), ("C2", 4.0, ""), ("C3", 4.0, "SECOND_CREDIT")]
        {
            // Sent again it is told the same.
            for _ in 0..2 {
                let told = given.post(CDRS, &given.operator, &credit(id, cost)).await;
                if expected.is_empty() {
                    assert_eq!(told.message(), "Success", "{id}");
                } else {
                    told.is(200, 2000);
                    let text = format!("the credit NL-TNM/{id} has no effect: {expected}: ");
                    assert!(told.message().starts_with(&text), "{id}: {}", told.message());
                }
            }
        }
    });
}

#[test]
fn a_record_that_can_not_be_read_is_kept_and_nothing_is_billed() {
    run(async {
        let given = Given::new().await;
        let mut records = CdrServiceClient::new(given.world.channel.clone());
        let mut without = cdr("CDR1");
        without.as_object_mut().unwrap().remove("currency");
        let told = given.post(CDRS, &given.operator, &without).await;
        told.is(200, 2001);
        assert!(told.message().starts_with("currency: is missing"), "{}", told.message());
        assert!(told.message().ends_with("kept as NL*TNM/0"), "{}", told.message());
        let told =
            given.ask(Method::POST, CDRS, &given.operator, Bytes::from_static(b"{\"id\": \"CDR1\"")).await;
        told.is(400, 2001);
        let list =
            ListUnreadableCdrsRequest { parent: format!("{TENANT}/parties/NL-TNM"), ..Default::default() };
        let kept = records.list_unreadable_cdrs(list).await.unwrap().into_inner();
        assert!(format!("{kept:?}").contains("currency"), "{kept:?}");
        // One that can be read, and is larger than its book takes, is kept as well.
        let mut long = cdr("CDR1");
        long["x_note"] = json!("x".repeat(262_145));
        let told = given.post(CDRS, &given.operator, &long).await;
        told.is(200, 2001);
        assert!(told.message().ends_with("; kept as NL*TNM/2"), "{}", told.message());
        // The right record under the same id is taken.
        given.post(CDRS, &given.operator, &cdr("CDR1")).await.is(201, 1000);
        given.get(&format!("{BASE}/2.2.1/emsp/cdrs/NL/TNM/CDR1"), &given.operator).await.is(200, 1000);
    });
}

#[test]
fn ids_of_records_are_the_same_in_any_case() {
    run(async {
        let given = Given::new().await;
        given.post(CDRS, &given.operator, &cdr("cdr-a1")).await.is(201, 1000);
        let told = given.post(CDRS, &given.operator, &cdr("CDR-A1")).await;
        told.is(200, 2000);
        assert!(told.message().contains("received before with other content"), "{}", told.message());
        // It is told as it came first, in whatever case it is asked for.
        for id in ["cdr-a1", "CDR-A1", "Cdr-A1"] {
            let told = given.get(&format!("{CDRS}/NL/TNM/{id}"), &given.operator).await;
            assert_eq!(told.data(), &cdr("cdr-a1"), "{id}");
        }
    });
}

#[test]
fn a_hub_reads_only_what_came_by_it() {
    run(async {
        let mut given = Given::new().await;
        let hub = given.hub().await;
        let of_party = |party: &str, id: &str| {
            let mut record = cdr(id);
            record["party_id"] = json!(party);
            record
        };
        given.post(CDRS, &given.operator, &cdr("OWN")).await.is(201, 1000);
        given.post(CDRS, &hub, &of_party("OTH", "HUBS")).await.is(201, 1000);
        given.post(CDRS, &hub, &of_party("TNM", "BOTH")).await.is(201, 1000);
        let import = ReceiveCdrRequest {
            parent: TENANT.to_owned(),
            document: of_party("LGT", "TENANTS").to_string().into(),
            format: CdrFormat::OcpiJson.into(),
            ..ReceiveCdrRequest::default()
        };
        let mut records = CdrServiceClient::new(given.world.channel.clone());
        records.receive_cdr(import).await.unwrap();
        for (party, id, of_hub, of_operator) in [
            ("TNM", "OWN", false, true),
            ("OTH", "HUBS", true, false),
            ("TNM", "BOTH", true, true),
            ("LGT", "TENANTS", false, false),
            ("OTH", "NONE", false, false),
        ] {
            for (token, is_told) in [(&hub, of_hub), (&given.operator, of_operator)] {
                let told = given.get(&format!("{CDRS}/NL/{party}/{id}"), token).await;
                told.is(if is_told { 200 } else { 404 }, if is_told { 1000 } else { 2000 });
            }
        }
    });
}
