//! Real-time authorisation: whose a token is, and whether that account may spend.

use proto::charging::charging_service_client::ChargingServiceClient;
use proto::charging::{BlockAccountRequest, TopUpRequest};
use proto::directory::directory_service_client::DirectoryServiceClient;
use proto::directory::{ClaimTokenRequest, Token};
use proto::roaming::RoamingModule;
use serde_json::{Value, json};

use super::given::{BASE, Given, location};
use crate::grpc::supplier::{TENANT, account_name};
use crate::grpc::world::{request_id, run};

async fn claim(given: &Given, account: &str, uid: &str) {
    let claim = ClaimTokenRequest {
        parent: account_name(account),
        token: Some(Token { token_type: "rfid".to_owned(), value: uid.to_owned(), ..Token::default() }),
        request_id: request_id(),
        ..ClaimTokenRequest::default()
    };
    DirectoryServiceClient::new(given.world.channel.clone()).claim_token(claim).await.unwrap();
}

#[test]
fn a_token_is_allowed_as_its_account_may_spend() {
    run(async {
        let mut given = Given::new().await;
        let mut charging = ChargingServiceClient::new(given.world.channel.clone());
        for account in ["post", "rich", "poor", "barred"] {
            given.world.open(TENANT, account).await;
            claim(&given, account, &format!("04{account}")).await;
        }
        for (account, amount) in [("rich", "10"), ("poor", "0.5"), ("barred", "10")] {
            let top_up = TopUpRequest {
                account: account_name(account),
                operation_id: "start".to_owned(),
                currency_code: "EUR".to_owned(),
                exact_amount: amount.to_owned(),
                ..TopUpRequest::default()
            };
            charging.top_up(top_up).await.unwrap();
        }
        let block = BlockAccountRequest { account: account_name("barred") };
        charging.block_account(block).await.unwrap();
        let at = |uid: &str| format!("{BASE}/2.2.1/emsp/tokens/{uid}/authorize");
        for (account, allowed) in
            [("post", "ALLOWED"), ("rich", "ALLOWED"), ("poor", "NO_CREDIT"), ("barred", "BLOCKED")]
        {
            let told = given.post(&at(&format!("04{account}")), &given.operator, &Value::Null).await;
            told.is(200, 1000);
            assert_eq!(told.data()["allowed"], allowed, "{account}");
            assert_eq!(told.data()["authorization_reference"].is_string(), allowed == "ALLOWED", "{account}");
            assert_eq!(told.data()["token"]["party_id"], "LGT");
        }
        given.post(&at("04nobody"), &given.operator, &Value::Null).await.is(404, 2004);
        given.post(&at(&"4".repeat(65)), &given.operator, &Value::Null).await.is(200, 2001);

        // At a location: one that was told, with the charging points that it has.
        let there = json!({"location_id": "LOC1", "evse_uids": ["3256", "9999"]});
        given.post(&at("04rich"), &given.operator, &there).await.is(200, 2003);
        given.post(&at("04rich"), &given.operator, &json!({"evse_uids": []})).await.is(200, 2002);
        let location_at = format!("{BASE}/2.2.1/emsp/locations/NL/TNM/LOC1");
        given.put(&location_at, &given.operator, &location("LOC1")).await.is(201, 1000);
        let told = given.post(&at("04rich"), &given.operator, &there).await;
        assert_eq!(told.data()["location"], json!({"location_id": "LOC1", "evse_uids": ["3256"]}));

        // Ids are the same in any case; more than a location may have are not looked for.
        let asked = |count: usize| {
            let uids: Vec<String> = (0..count).map(|number| format!("e{number}")).collect();
            json!({"location_id": "LOC2", "evse_uids": uids})
        };
        let mut large = location("LOC2");
        let points = (0..500).map(|number| {
            json!({"uid": format!("E{number}"), "status": "AVAILABLE", "connectors": [],
                "last_updated": "2026-11-01T10:00:00Z"})
        });
        large["evses"] = points.collect();
        let large_at = location_at.replace("LOC1", "LOC2");
        given.put(&large_at, &given.operator, &large).await.is(201, 1000);
        let told = given.post(&at("04rich"), &given.operator, &asked(500)).await;
        assert_eq!(told.data()["location"], asked(500));
        let told = given.post(&at("04rich"), &given.operator, &asked(501)).await;
        told.is(200, 2001);
        assert_eq!(told.message(), "evse_uids: are more than 500");
        // Of a token of nobody no location is looked up.
        given.post(&at("04nobody"), &given.operator, &json!({"location_id": "LOC9"})).await.is(404, 2004);

        // As it was published, where it was.
        let token = json!({
            "country_code": "NL", "party_id": "LGT", "uid": "04RICH", "type": "RFID", "contract_id": "NL-LGT-C00000001-X",
            "issuer": "Light", "valid": true, "whitelist": "ALLOWED", "last_updated": "2026-11-01T10:00:00Z"
        });
        assert!(given.publish(RoamingModule::Tokens, &token).await);
        let told = given.post(&at("04rich"), &given.operator, &Value::Null).await;
        assert_eq!(told.data()["token"], token);
    });
}
