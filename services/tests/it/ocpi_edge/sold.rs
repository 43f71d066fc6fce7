//! Records of the tenant's own, shown to the provider whose account was charged by them.

use proto::roaming::cdr_service_client::CdrServiceClient;
use proto::roaming::charging_contract::Covers;
use proto::roaming::charging_contract_service_client::ChargingContractServiceClient;
use proto::roaming::price_sheet_service_client::PriceSheetServiceClient;
use proto::roaming::{
    CdrState, ChargingContract, CreatePriceSheetRequest, GetCdrRequest, PartyTerms, ReceiveCdrRequest,
    RoamingParty, SetChargingContractRequest, SetPartyTermsRequest,
};
use proto::types::DaySpan;
use serde_json::{Value, json};

use super::given::{BASE, Given, cdr};
use crate::grpc::supplier::{TENANT, account_name, date};
use crate::grpc::world::{request_id, run};

/// A record of the tenant's own party, of hour `hour`.
fn own(id: &str, hour: u32) -> Value {
    let mut own = cdr(id);
    own["party_id"] = json!("LGT");
    own["cdr_location"]["evse_id"] = json!("NL*LGT*E1");
    for (pointer, minute) in
        [("/start_date_time", 0), ("/end_date_time", 30), ("/charging_periods/0/start_date_time", 0)]
    {
        *own.pointer_mut(pointer).unwrap() = json!(format!("2026-11-20T{hour:02}:{minute:02}:00Z"));
    }
    own["charging_periods"][0]["dimensions"] = json!([{"type": "ENERGY", "volume": 5}]);
    own["total_energy"] = json!(5);
    own
}

async fn receive(records: &mut CdrServiceClient<tonic::transport::Channel>, record: &Value, id: &str) {
    let document = record.to_string().into_bytes();
    let request = ReceiveCdrRequest { parent: TENANT.to_owned(), document, ..ReceiveCdrRequest::default() };
    records.receive_cdr(request).await.unwrap();
    let name = format!("{TENANT}/parties/NL-LGT/cdrs/{id}");
    loop {
        let held = records.get_cdr(GetCdrRequest { name: name.clone() }).await.unwrap().into_inner();
        match held.state() {
            CdrState::Checking | CdrState::Rating => tokio::task::yield_now().await,
            state => return assert_ne!(state, CdrState::Quarantined, "{held:?}"),
        }
    }
}

/// The provider pays for sessions of its drivers by a contract with the tenant.
async fn agreed(given: &mut Given) -> CdrServiceClient<tonic::transport::Channel> {
    let tariff = json!({
        "id": "public", "currency": "EUR", "last_updated": "2026-11-01T10:00:00Z",
        "elements": [{"price_components": [{"type": "ENERGY", "price": 0.50, "step_size": 1}]}]
    });
    let create = CreatePriceSheetRequest {
        parent: TENANT.to_owned(),
        tariff: tariff.to_string().into_bytes(),
        request_id: request_id(),
        ..CreatePriceSheetRequest::default()
    };
    PriceSheetServiceClient::new(given.world.channel.clone()).create_price_sheet(create).await.unwrap();
    let contract = ChargingContract {
        charging_contract_id: "roaming".to_owned(),
        display_name: "Roaming".to_owned(),
        price_sheet_id: "public".to_owned(),
        span: Some(DaySpan { first_day: Some(date(2024, 1, 1)), end_day: None }),
        covers: Some(Covers::Party(RoamingParty {
            country_code: "DE".to_owned(),
            party_id: "DCB".to_owned(),
        })),
        ..ChargingContract::default()
    };
    let set = SetChargingContractRequest { account: account_name("dcb"), charging_contract: Some(contract) };
    ChargingContractServiceClient::new(given.world.channel.clone()).set_charging_contract(set).await.unwrap();
    let mut records = CdrServiceClient::new(given.world.channel.clone());
    let terms = PartyTerms {
        name: format!("{TENANT}/parties/NL-LGT"),
        is_own: true,
        currency_code: "EUR".to_owned(),
        zone: "Europe/Amsterdam".to_owned(),
        ..PartyTerms::default()
    };
    let set = SetPartyTermsRequest { terms: Some(terms), validate_only: false };
    records.set_party_terms(set).await.unwrap();
    records
}

#[test]
fn a_provider_is_shown_what_it_pays_and_what_was_taken_back() {
    run(async {
        let mut given = Given::new().await;
        let mut records = agreed(&mut given).await;
        for (id, hour) in [("A", 1), ("B", 3), ("C", 5)] {
            receive(&mut records, &own(id, hour), id).await;
        }
        let at = format!("{BASE}/2.2.1/cpo/cdrs");
        let told = given.get(&at, &given.provider).await;
        told.is(200, 1000);
        let ids = |told: &Value| -> Vec<String> {
            told.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(
            (ids(told.data()), told.header("x-total-count")),
            (vec!["A".into(), "B".into(), "C".into()], "3")
        );
        assert_eq!(told.data()[0], own("A", 1));
        let page = given.get(&format!("{at}?offset=1&limit=1"), &given.provider).await;
        assert_eq!(ids(page.data()), ["B"]);
        assert!(page.header("link").contains("cpo/cdrs?offset=2&limit=1"));
        let none = given.get(&format!("{at}?date_to=2020-01-01T00:00:00Z"), &given.provider).await;
        assert_eq!(none.data(), &json!([]));

        let mut credit = own("A-credit", 1);
        credit["credit"] = json!(true);
        credit["credit_reference_id"] = json!("A");
        credit["total_cost"] = json!({"excl_vat": -4.00, "incl_vat": -4.40});
        receive(&mut records, &credit, "A-credit").await;
        loop {
            let told = given.get(&at, &given.provider).await;
            if told.header("x-total-count") == "4" {
                assert!(ids(told.data()).contains(&"A-credit".to_owned()));
                break;
            }
            tokio::task::yield_now().await;
        }
    });
}
