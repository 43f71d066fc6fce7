//! Records of the tenant's own, shown to the provider whose account was charged by them.

use proto::roaming::cdr_service_client::CdrServiceClient;
use proto::roaming::charging_contract::Covers;
use proto::roaming::charging_contract_service_client::ChargingContractServiceClient;
use proto::roaming::price_sheet_service_client::PriceSheetServiceClient;
use proto::roaming::{
    CdrState, ChargingContract, CreatePriceSheetRequest, GetCdrRequest, PartyTerms, ReceiveCdrRequest,
    RejectCdrRequest, RoamingModule, RoamingParty, SetChargingContractRequest, SetPartyTermsRequest,
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
    agreed_by(given, json!({"type": "ENERGY", "price": 0.50, "step_size": 1})).await
}

/// The same at a price.
async fn agreed_by(given: &mut Given, component: Value) -> CdrServiceClient<tonic::transport::Channel> {
    let tariff = json!({
        "id": "public", "currency": "EUR", "last_updated": "2026-11-01T10:00:00Z",
        "elements": [{"price_components": [component]}]
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
        is_whole(&told.data()[0]);
        let page = given.get(&format!("{at}?offset=1&limit=1"), &given.provider).await;
        assert_eq!(ids(page.data()), ["B"]);
        assert!(page.header("link").contains("cpo/cdrs?offset=2&limit=1"));
        let none = given.get(&format!("{at}?date_to=2020-01-01T00:00:00Z"), &given.provider).await;
        assert_eq!(none.data(), &json!([]));

        receive(&mut records, &credit("A"), "A-credit").await;
        let reject = RejectCdrRequest {
            name: format!("{TENANT}/parties/NL-LGT/cdrs/B"),
            note: "the meter was broken".to_owned(),
            change_number: None,
        };
        records.reject_cdr(reject).await.unwrap();
        let told = told_once(&given, &at, 5).await;
        for (id, of) in [("A-credit", "A"), ("B-C", "B")] {
            let [of, credit] = [of, id].map(|id| one(&told, id));
            assert_eq!(credit["total_cost"], json!({"excl_vat": -2.50, "incl_vat": -3.03}), "{id}");
            let mut expected = of.clone();
            for (name, value) in
                [("id", json!(id)), ("credit", json!(true)), ("credit_reference_id", of["id"].clone())]
            {
                expected[name] = value;
            }
            for name in ["total_cost", "last_updated"] {
                expected[name] = credit[name].clone();
            }
            assert_eq!(credit, expected);
            is_whole(&credit);
        }
        // What took a sale back is later than the sale: whoever asks for what is new finds it.
        let since = one(&told, "B-C")["last_updated"].as_str().unwrap().to_owned();
        let news = given.get(&format!("{at}?date_from={since}"), &given.provider).await;
        assert!(ids(news.data()).contains(&"B-C".to_owned()) && !ids(news.data()).contains(&"A".to_owned()));
    });
}

/// A credit of a record.
fn credit(of: &str) -> Value {
    let mut credit = own(&format!("{of}-credit"), 1);
    credit["credit"] = json!(true);
    credit["credit_reference_id"] = json!(of);
    credit["total_cost"] = json!({"excl_vat": -4.00, "incl_vat": -4.40});
    credit
}

/// What is told once there are so many.
async fn told_once(given: &Given, at: &str, count: usize) -> Value {
    loop {
        let told = given.get(at, &given.provider).await;
        if told.header("x-total-count") == count.to_string() {
            return told.data().clone();
        }
        tokio::task::yield_now().await;
    }
}

fn one(told: &Value, id: &str) -> Value {
    told.as_array().unwrap().iter().find(|one| one["id"] == id).unwrap().clone()
}

/// Every field that a `CDR` of OCPI 2.2.1 has to have is there and says something.
fn is_whole(record: &Value) {
    for pointer in [
        "/country_code",
        "/party_id",
        "/id",
        "/start_date_time",
        "/end_date_time",
        "/auth_method",
        "/currency",
        "/last_updated",
        "/cdr_token/country_code",
        "/cdr_token/party_id",
        "/cdr_token/uid",
        "/cdr_token/type",
        "/cdr_token/contract_id",
        "/cdr_location/id",
        "/cdr_location/address",
        "/cdr_location/city",
        "/cdr_location/country",
        "/cdr_location/coordinates/latitude",
        "/cdr_location/coordinates/longitude",
        "/cdr_location/evse_uid",
        "/cdr_location/evse_id",
        "/cdr_location/connector_id",
        "/cdr_location/connector_standard",
        "/cdr_location/connector_format",
        "/cdr_location/connector_power_type",
        "/charging_periods/0/start_date_time",
        "/charging_periods/0/dimensions/0/type",
    ] {
        let said = record.pointer(pointer).and_then(Value::as_str);
        assert!(said.is_some_and(|said| !said.is_empty()), "{pointer} {record}");
    }
    for pointer in
        ["/total_cost/excl_vat", "/total_energy", "/total_time", "/charging_periods/0/dimensions/0/volume"]
    {
        assert!(record.pointer(pointer).is_some_and(Value::is_number), "{pointer} {record}");
    }
}

#[test]
fn what_is_told_is_the_price_that_was_charged() {
    run(async {
        let mut given = Given::new().await;
        let mut records = agreed(&mut given).await;
        receive(&mut records, &own("A", 1), "A").await;
        let told = told_once(&given, &format!("{BASE}/2.2.1/cpo/cdrs"), 1).await;
        let mut told = told[0].clone();
        let registered = told["tariffs"][0]["last_updated"].take();
        assert!(registered.is_string() && told["last_updated"].take().is_string());
        let mut expected = own("A", 1);
        // The station's own price is another.
        expected["total_cost"] = json!({"excl_vat": 2.50, "incl_vat": 3.03});
        expected["total_energy_cost"] = json!({"excl_vat": 2.5, "incl_vat": 3.025});
        expected["tariffs"] = json!([{
            "country_code": "NL", "party_id": "LGT", "id": "public", "currency": "EUR", "last_updated": null,
            "elements": [{"price_components": [{"type": "ENERGY", "price": 0.5, "step_size": 1}]}]
        }]);
        expected["charging_periods"][0]["tariff_id"] = json!("public");
        expected["credit"] = json!(false);
        expected["last_updated"] = Value::Null;
        // Signed readings without any are none.
        expected.as_object_mut().unwrap().remove("signed_data");
        assert_eq!(told, expected);
    });
}

#[test]
fn a_tariff_of_another_rate_than_the_one_that_was_booked_is_not_told() {
    // The rate of the day is 21 %.
    for (vat, is_told) in [(21, true), (22, false), (0, false)] {
        run(async {
            let mut given = Given::new().await;
            let component = json!({"type": "ENERGY", "price": 0.50, "step_size": 1, "vat": vat});
            let mut records = agreed_by(&mut given, component).await;
            receive(&mut records, &own("A", 1), "A").await;
            let told = told_once(&given, &format!("{BASE}/2.2.1/cpo/cdrs"), 1).await;
            assert_eq!(told[0]["total_cost"], json!({"excl_vat": 2.50, "incl_vat": 3.03}), "{vat}");
            let tariff = (told[0].get("tariffs"), told[0]["charging_periods"][0].get("tariff_id"));
            assert_eq!((tariff.0.is_some(), tariff.1.is_some()), (is_told, is_told), "{vat}");
        });
    }
}

/// What a row of `cdrs.csv` says of a session.
fn sparse(id: &str, hour: u32) -> Value {
    let whole = own(id, hour);
    let mut sparse =
        json!({"cdr_token": {"uid": "012345678", "type": "RFID", "contract_id": "DE-DCB-C12345678-X"}});
    for name in
        ["country_code", "party_id", "id", "start_date_time", "end_date_time", "currency", "total_energy"]
    {
        sparse[name] = whole[name].clone();
    }
    sparse["cdr_location"] = json!({"id": "LOC7", "evse_id": "NL*LGT*E1"});
    sparse["charging_periods"] = whole["charging_periods"].clone();
    sparse["total_cost"] = json!({"excl_vat": 1});
    sparse
}

#[test]
fn what_a_record_lacks_is_said_by_its_location_or_has_a_stand_in() {
    run(async {
        let mut given = Given::new().await;
        let mut records = agreed(&mut given).await;
        receive(&mut records, &sparse("A", 1), "A").await;
        let at = format!("{BASE}/2.2.1/cpo/cdrs");
        let bare = told_once(&given, &at, 1).await[0].clone();
        is_whole(&bare);
        assert_eq!(
            bare["cdr_location"],
            json!({
                "id": "LOC7", "address": "unknown", "city": "unknown", "country": "NLD",
                "coordinates": {"latitude": "0.00000", "longitude": "0.00000"},
                "evse_uid": "NLLGTE1", "evse_id": "NL*LGT*E1", "connector_id": "#NA",
                "connector_standard": "IEC_62196_T2", "connector_format": "SOCKET",
                "connector_power_type": "AC_3_PHASE"
            })
        );
        assert_eq!(bare["auth_method"], "WHITELIST");
        assert_eq!(bare["cdr_token"]["party_id"], "DCB");
        assert_eq!(bare["total_time"], json!(0.5));

        let location = json!({
            "country_code": "NL", "party_id": "LGT", "id": "LOC7", "publish": true, "name": "Quay", "address": "Kade 1",
            "city": "Amsterdam", "postal_code": "1011 AB", "country": "NLD", "time_zone": "Europe/Amsterdam",
            "coordinates": {"latitude": "52.370216", "longitude": "4.895168"},
            "evses": [{
                "uid": "E-1", "evse_id": "NL*LGT*E1", "status": "AVAILABLE", "last_updated": "2026-11-01T10:00:00Z",
                "connectors": [{
                    "id": "1", "standard": "CHADEMO", "format": "CABLE", "power_type": "DC", "max_voltage": 400,
                    "max_amperage": 125, "last_updated": "2026-11-01T10:00:00Z"
                }]
            }],
            "last_updated": "2026-11-01T10:00:00Z"
        });
        assert!(given.publish(RoamingModule::Locations, &location).await);
        let told = told_once(&given, &at, 1).await[0].clone();
        assert_eq!(
            told["cdr_location"],
            json!({
                "id": "LOC7", "name": "Quay", "address": "Kade 1", "city": "Amsterdam", "postal_code": "1011 AB",
                "country": "NLD", "coordinates": {"latitude": "52.370216", "longitude": "4.895168"},
                "evse_uid": "E-1", "evse_id": "NL*LGT*E1", "connector_id": "1",
                "connector_standard": "CHADEMO", "connector_format": "CABLE", "connector_power_type": "DC"
            })
        );
    });
}
