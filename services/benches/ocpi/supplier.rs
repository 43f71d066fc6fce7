//! Who sells: settings, prices, terms of every party, and the account of each driver.

use proto::account::account_service_client::AccountServiceClient;
use proto::account::{Account, CreateAccountRequest};
use proto::catalog::catalog_service_client::CatalogServiceClient;
use proto::catalog::{
    CheckDigitPolicy, PutTaxRatesRequest, PutTenantSettingsRequest, TaxRate, TenantSettings,
};
use proto::directory::directory_service_client::DirectoryServiceClient;
use proto::directory::{ClaimTokenRequest, Token};
use proto::google_type::Date;
use proto::roaming::cdr_service_client::CdrServiceClient;
use proto::roaming::charging_contract::Covers;
use proto::roaming::charging_contract_service_client::ChargingContractServiceClient;
use proto::roaming::price_sheet_service_client::PriceSheetServiceClient;
use proto::roaming::{
    CdrState, ChargingContract, CreatePriceSheetRequest, GetCdrRequest, ListedToken, ListedTokens,
    PartyTerms, SetChargingContractRequest, SetPartyTermsRequest,
};
use proto::types::{Address, DaySpan};
use tonic::transport::Channel;

/// How many drivers charge, each with an account and a card.
pub(crate) const DRIVERS: usize = 256;

const TENANT: &str = "tenants/bench";
const SHEET: &str = r#"{"id":"public","currency":"EUR","elements":[{"price_components":[
{"type":"FLAT","price":0.39,"step_size":1},{"type":"ENERGY","price":0.437,"step_size":1}]}]}"#;

/// The card of a driver.
pub(crate) fn card(driver: usize) -> String {
    format!("CA4D{driver:04}")
}

/// Tells the node everything that sessions of these parties need to be sold and bought.
pub(crate) async fn set_up(node: &Channel, parties: usize) {
    let mut catalog = CatalogServiceClient::new(node.clone());
    let settings = TenantSettings {
        seller_name: "Bench".to_owned(),
        seller_address: Some(Address::default()),
        currency_code: "EUR".to_owned(),
        zone: "Europe/Amsterdam".to_owned(),
        payment_days: 14,
        invoice_number_prefix: "B-".to_owned(),
        check_digit_policy: CheckDigitPolicy::Warn.into(),
        ..TenantSettings::default()
    };
    let (parent, settings) = (TENANT.to_owned(), Some(settings));
    let put = PutTenantSettingsRequest { parent, settings, ..PutTenantSettingsRequest::default() };
    catalog.put_tenant_settings(put).await.unwrap();
    let rate =
        TaxRate { tax_class: "standard".to_owned(), valid_from: Some(first_day()), rate_basis_points: 2_100 };
    let (parent, tax_rates) = (TENANT.to_owned(), vec![rate]);
    let put = PutTaxRatesRequest { parent, tax_rates, ..PutTaxRatesRequest::default() };
    catalog.put_tax_rates(put).await.unwrap();
    let create = CreatePriceSheetRequest {
        parent: TENANT.to_owned(),
        tariff: SHEET.into(),
        ..CreatePriceSheetRequest::default()
    };
    PriceSheetServiceClient::new(node.clone()).create_price_sheet(create).await.unwrap();
    for party in 0..parties {
        set_terms(node, party).await;
    }
    for driver in 0..DRIVERS {
        open(node, driver).await;
    }
}

/// The operator states its price and is owed it.
async fn set_terms(node: &Channel, party: usize) {
    let account_id = format!("operator-{party}");
    create_account(node, &account_id).await;
    let terms = PartyTerms {
        name: format!("{TENANT}/parties/NL-P{party:02}"),
        account_id,
        currency_code: "EUR".to_owned(),
        ..PartyTerms::default()
    };
    let set = SetPartyTermsRequest { terms: Some(terms), ..SetPartyTermsRequest::default() };
    CdrServiceClient::new(node.clone()).set_party_terms(set).await.unwrap();
}

/// A driver with a card and a contract for it.
async fn open(node: &Channel, driver: usize) {
    let id = format!("driver-{driver}");
    create_account(node, &id).await;
    let account = format!("{TENANT}/accounts/{id}");
    let token = Token { token_type: "rfid".to_owned(), value: card(driver), ..Token::default() };
    let (parent, token) = (account.clone(), Some(token));
    let claim = ClaimTokenRequest { parent, token, ..ClaimTokenRequest::default() };
    DirectoryServiceClient::new(node.clone()).claim_token(claim).await.unwrap();
    let listed = ListedToken { token_type: "rfid".to_owned(), value: card(driver) };
    let contract = ChargingContract {
        charging_contract_id: "card".to_owned(),
        display_name: "Card".to_owned(),
        span: Some(DaySpan { first_day: Some(first_day()), end_day: None }),
        price_sheet_id: "public".to_owned(),
        covers: Some(Covers::ListedTokens(ListedTokens { tokens: vec![listed] })),
        ..ChargingContract::default()
    };
    let set = SetChargingContractRequest { account, charging_contract: Some(contract) };
    ChargingContractServiceClient::new(node.clone()).set_charging_contract(set).await.unwrap();
}

async fn create_account(node: &Channel, id: &str) {
    let account = Account {
        account_id: id.to_owned(),
        display_name: id.to_owned(),
        address: Some(Address::default()),
        ..Account::default()
    };
    let (parent, account) = (TENANT.to_owned(), Some(account));
    let create = CreateAccountRequest { parent, account, ..CreateAccountRequest::default() };
    AccountServiceClient::new(node.clone()).create_account(create).await.unwrap();
}

/// Waits until a record is booked.
pub(crate) async fn booked(node: &Channel, party: &str, id: &str) {
    let name = format!("{TENANT}/parties/NL-{party}/cdrs/{id}");
    loop {
        let get = GetCdrRequest { name: name.clone() };
        let cdr = CdrServiceClient::new(node.clone()).get_cdr(get).await.unwrap().into_inner();
        match cdr.state() {
            CdrState::Booked => return,
            CdrState::Checking | CdrState::Rating => tokio::time::sleep(PAUSE).await,
            _ => panic!("{name} is {:?}: {:?}", cdr.state(), cdr.reasons),
        }
    }
}

/// Between two looks.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(2);

fn first_day() -> Date {
    Date { year: 2026, month: 1, day: 1 }
}
