//! Charging contracts over a connection: set, ended, listed with their cards, and every way to be refused.

use proto::google_type::Decimal;
use proto::roaming::charging_contract::{Covers, Late};
use proto::roaming::charging_contract_service_client::ChargingContractServiceClient;
use proto::roaming::price_sheet_service_client::PriceSheetServiceClient;
use proto::roaming::{
    Card, ChargingContract, CreatePriceSheetRequest, EndChargingContractRequest, HomeCharging,
    ListChargingContractsRequest, ListChargingContractsResponse, ListSoldSessionsRequest, ListedToken,
    ListedTokens, RoamingParty, SessionSettlement, SetCardRequest, SetChargingContractRequest,
};
use proto::types::DaySpan;
use tonic::transport::Channel;
use tonic::{Code, Status};

use super::roamed::{money, tariff};
use super::supplier::{TENANT, account_name, date, decimal};
use super::world::{World, reason, run};

type Client = ChargingContractServiceClient<Channel>;

/// For whatever the account holds, from 2024 on.
fn contract(id: &str) -> ChargingContract {
    ChargingContract {
        charging_contract_id: id.to_owned(),
        display_name: "Charging".to_owned(),
        price_sheet_id: "public".to_owned(),
        span: Some(DaySpan { first_day: Some(date(2024, 1, 1)), end_day: None }),
        covers: Some(Covers::HeldTokens(())),
        ..ChargingContract::default()
    }
}

fn listing(id: &str, values: &[&str]) -> ChargingContract {
    let token = |value: &&str| ListedToken { token_type: "rfid".to_owned(), value: (*value).to_owned() };
    let listed = ListedTokens { tokens: values.iter().map(token).collect() };
    ChargingContract { covers: Some(Covers::ListedTokens(listed)), ..contract(id) }
}

/// The price sheet that the contracts name.
async fn public(world: &World) {
    let tariff = tariff("public", "EUR", "0.40").into_bytes();
    let create = CreatePriceSheetRequest { parent: TENANT.to_owned(), tariff, ..Default::default() };
    PriceSheetServiceClient::new(world.channel.clone()).create_price_sheet(create).await.unwrap();
}

async fn set(
    client: &mut Client,
    account: &str,
    contract: ChargingContract,
) -> Result<ChargingContract, Status> {
    let request =
        SetChargingContractRequest { account: account_name(account), charging_contract: Some(contract) };
    client.set_charging_contract(request).await.map(tonic::Response::into_inner)
}

async fn end(client: &mut Client, id: &str, day: i32) -> Result<ChargingContract, Status> {
    let request = EndChargingContractRequest {
        account: account_name("anna"),
        charging_contract_id: id.to_owned(),
        end_day: Some(date(2024, 1, day)),
    };
    client.end_charging_contract(request).await.map(tonic::Response::into_inner)
}

async fn list(client: &mut Client, account: &str) -> Result<ListChargingContractsResponse, Status> {
    let request = ListChargingContractsRequest { account: account_name(account) };
    client.list_charging_contracts(request).await.map(tonic::Response::into_inner)
}

#[test]
fn contracts_and_cards_are_set_ended_and_listed() {
    run(async {
        let mut world = World::new().await;
        world.with_catalog().await;
        public(&world).await;
        world.open(TENANT, "anna").await;
        let mut client = ChargingContractServiceClient::new(world.channel.clone());
        let made = set(&mut client, "anna", contract("driver")).await.unwrap();
        assert_eq!(made.name, format!("{}/chargingContracts/driver", account_name("anna")));
        assert_eq!(made.settlement(), SessionSettlement::ByInvoice);
        assert_eq!((made.tax_class.as_str(), made.revenue_role.as_str()), ("standard", "charging"));
        assert_eq!(set(&mut client, "anna", contract("driver")).await.unwrap(), made);
        let ended = end(&mut client, "driver", 31).await.unwrap();
        assert_eq!(ended.span.unwrap().end_day, Some(date(2024, 1, 31)));
        let mut next = contract("next");
        next.span = Some(DaySpan { first_day: Some(date(2024, 1, 31)), end_day: None });
        set(&mut client, "anna", next).await.unwrap();

        let card = Card {
            token_type: "rfid".to_owned(),
            value: "04:a2".to_owned(),
            cost_centre: "Sales".to_owned(),
            home_account_id: String::new(),
        };
        let request = SetCardRequest { account: account_name("anna"), card: Some(card) };
        let set = client.set_card(request).await.unwrap().into_inner();
        assert_eq!(set.value, "04A2");
        let all = list(&mut client, "anna").await.unwrap();
        let ids: Vec<&str> =
            all.charging_contracts.iter().map(|one| one.charging_contract_id.as_str()).collect();
        assert_eq!((ids, all.cards), (vec!["driver", "next"], vec![set.clone()]));
        let forgotten = Card { cost_centre: String::new(), ..set };
        let request = SetCardRequest { account: account_name("anna"), card: Some(forgotten) };
        client.set_card(request).await.unwrap();
        assert!(list(&mut client, "anna").await.unwrap().cards.is_empty());

        let request = ListSoldSessionsRequest { parent: account_name("anna"), ..Default::default() };
        assert!(client.list_sold_sessions(request).await.unwrap().into_inner().sold_sessions.is_empty());
    });
}

#[test]
fn what_can_t_be_is_refused_with_its_reason() {
    run(async {
        let mut world = World::new().await;
        world.with_catalog().await;
        public(&world).await;
        world.open(TENANT, "anna").await;
        let mut client = ChargingContractServiceClient::new(world.channel.clone());
        set(&mut client, "anna", contract("held")).await.unwrap();
        set(&mut client, "anna", listing("listed", &["01", "02"])).await.unwrap();

        let of = |change: fn(&mut ChargingContract)| {
            let mut changed = contract("other");
            changed.covers = Some(Covers::Party(RoamingParty {
                country_code: "DE".to_owned(),
                party_id: "ABC".to_owned(),
            }));
            change(&mut changed);
            changed
        };
        let invalid = Code::InvalidArgument;
        let precondition = Code::FailedPrecondition;
        let cases: Vec<(ChargingContract, Code, &str)> = vec![
            (of(|one| one.charging_contract_id.clear()), invalid, "MISSING"),
            (of(|one| one.span = None), invalid, "MISSING"),
            (of(|one| one.covers = None), invalid, "MISSING"),
            (of(|one| one.display_name = "x".repeat(65)), invalid, "BAD_CHARGING_CONTRACT_TEXT"),
            (of(|one| one.fee_per_month = Some(decimal("-1"))), invalid, "CHARGING_CONTRACT_BELOW_ZERO"),
            (of(|one| one.included_kwh = Some(Decimal { value: "x".to_owned() })), invalid, "INVALID"),
            (listing("other", &[]), invalid, "BAD_LISTED_TOKENS"),
            (of(|one| one.late = Some(Late::LateRefusedAfterDays(4_000))), invalid, "BAD_LATE_DAYS"),
            (
                of(|one| {
                    one.settlement = SessionSettlement::FromFunds.into();
                    one.included_kwh = Some(decimal("10"));
                }),
                invalid,
                "MEMBERSHIP_FROM_FUNDS",
            ),
            (of(|one| one.card_limit_per_day = Some(money(50_00, "USD"))), invalid, "OTHER_CURRENCY"),
            (of(|one| one.price_sheet_id = "nothing".to_owned()), precondition, "UNKNOWN_PRICE_SHEET"),
            (
                of(|one| {
                    let account_id = "nobody".to_owned();
                    one.home_charging =
                        Some(HomeCharging { price_per_kwh: Some(decimal("0.3")), account_id });
                }),
                precondition,
                "UNKNOWN_ACCOUNT",
            ),
            (contract("other"), precondition, "CHARGING_CONTRACT_OVERLAPS"),
            (listing("other", &["02", "03"]), precondition, "CHARGING_CONTRACT_OVERLAPS"),
            (
                ChargingContract { tax_class: "reduced".to_owned(), ..contract("held") },
                precondition,
                "CHARGING_CONTRACT_FIXED",
            ),
        ];
        for (contract, code, name) in cases {
            let refused = set(&mut client, "anna", contract.clone()).await.unwrap_err();
            assert_eq!(reason(&refused), (code, name.to_owned()), "{contract:?}");
        }
        let refused = end(&mut client, "held", 1).await.unwrap_err();
        assert_eq!(reason(&refused), (precondition, "CHARGING_CONTRACT_ENDS_BEFORE_START".to_owned()));
        let refused = end(&mut client, "nothing", 2).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::NotFound, "UNKNOWN_CHARGING_CONTRACT".to_owned()));
        let refused = set(&mut client, "zoe", contract("held")).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::NotFound, "UNKNOWN_ACCOUNT".to_owned()));
        let refused = list(&mut client, "zoe").await.unwrap_err();
        assert_eq!(reason(&refused), (Code::NotFound, "UNKNOWN_ACCOUNT".to_owned()));
        assert_eq!(list(&mut client, "anna").await.unwrap().charging_contracts.len(), 2);
    });
}
