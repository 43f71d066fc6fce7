//! A tenant that sells charging sessions: a driver, a partner that is bought from, the owner of the sites, and what is asked
//! of all three.

use std::time::Duration;

use proto::account::CreateAccountRequest;
use proto::admin::GetTrialBalanceRequest;
use proto::directory::directory_service_client::DirectoryServiceClient;
use proto::directory::{ClaimTokenRequest, Token};
use proto::google_type::{Date, Money};
use proto::roaming::cdr_service_client::CdrServiceClient;
use proto::roaming::charging_contract::Covers;
use proto::roaming::charging_contract_service_client::ChargingContractServiceClient;
use proto::roaming::price_sheet_service_client::PriceSheetServiceClient;
use proto::roaming::share_agreement_service_client::ShareAgreementServiceClient;
use proto::roaming::statement_service_client::StatementServiceClient;
use proto::roaming::{
    BookedLeg, Cdr, CdrState, ChargingContract, CreatePriceSheetRequest, CreateShareAgreementRequest,
    GetCdrRequest, IssueStatementRequest, LegKind, ListLegsRequest, ListedToken, ListedTokens,
    PartnerPayment, PartnerStatement, PartyTerms, PreviewStatementRequest, PreviewStatementResponse,
    ReceiveCdrRequest, RecordPaymentRequest, SessionTerms, SetChargingContractRequest, SetPartyTermsRequest,
    ShareAgreement, ShareBase, ShareRule,
};
use proto::types::DaySpan;
use tonic::Status;
use tonic::transport::Channel;

use super::supplier::{TENANT, account, account_name, date, decimal};
use super::world::{World, request_id, run};

/// The party of the tenant.
pub(crate) const OWN: &str = "LGT";
/// The party of the partner.
pub(crate) const PARTNER: &str = "TNM";

/// A node and the clients of roaming.
pub(crate) struct Network {
    pub(crate) world: World,
    pub(crate) cdrs: CdrServiceClient<Channel>,
    pub(crate) sheets: PriceSheetServiceClient<Channel>,
    pub(crate) agreements: ShareAgreementServiceClient<Channel>,
    pub(crate) statements: StatementServiceClient<Channel>,
}

/// Runs a test on a network without anything agreed: settings, and the accounts `anna`, `tnm` and `owner`, of which the last
/// has a VAT id.
pub(crate) fn on_network(test: impl AsyncFn(Network)) {
    run(async { test(Network::new().await).await });
}

/// An amount in minor units of the euro.
pub(crate) fn eur(minor: i64) -> Money {
    money(minor, "EUR")
}

/// An amount in hundredths of a currency.
pub(crate) fn money(minor: i64, currency_code: &str) -> Money {
    let nanos = i32::try_from(minor % 100).unwrap() * 10_000_000;
    Money { currency_code: currency_code.to_owned(), units: minor / 100, nanos }
}

/// Hundredths of whatever currency an amount is in.
pub(crate) fn minor(money: Option<&Money>) -> i64 {
    let money = money.unwrap();
    money.units * 100 + i64::from(money.nanos) / 10_000_000
}

/// A month of 2024, as messages have it.
pub(crate) fn month(month: i32) -> Date {
    date(2024, month, 0)
}

/// A tariff of so much per kWh.
pub(crate) fn tariff(id: &str, currency: &str, per_kwh: &str) -> String {
    format!(
        r#"{{"country_code":"NL","party_id":"LGT","id":"{id}","currency":"{currency}","last_updated":"2024-01-01T00:00:00Z",
        "elements":[{{"price_components":[{{"type":"ENERGY","price":{per_kwh},"vat":21.0,"step_size":1}}]}}]}}"#
    )
}

/// The record of a session of 10 kWh in the night of a day of 2024, for which the party states 5.00.
pub(crate) fn document(party: &str, id: &str, day: &str) -> String {
    format!(
        r#"{{"country_code":"NL","party_id":"{party}","id":"{id}","start_date_time":"2024-{day}T01:00:00Z",
        "end_date_time":"2024-{day}T02:00:00Z","session_id":"S-{id}","auth_method":"WHITELIST",
        "cdr_token":{{"country_code":"DE","party_id":"MSP","uid":"04:A2:2B:3C","type":"RFID","contract_id":"DE-MSP-C1"}},
        "cdr_location":{{"id":"L1","evse_uid":"1","evse_id":"NL*{party}*E1","connector_id":"1"}},"currency":"EUR",
        "charging_periods":[{{"start_date_time":"2024-{day}T01:00:00Z",
        "dimensions":[{{"type":"ENERGY","volume":10}}]}}],
        "total_cost":{{"excl_vat":5.00}},"total_energy":10,"total_time":1,"last_updated":"2024-{day}T03:00:00Z"}}"#
    )
}

/// The credit of that record.
pub(crate) fn credit(party: &str, id: &str, of: &str, day: &str) -> String {
    let names = format!(r#""id":"{id}","credit":true,"credit_reference_id":"{of}""#);
    document(party, of, day).replace(&format!(r#""id":"{of}""#), &names).replace("5.00", "-5.00")
}

/// What a rule gives of a session: a share of the sale and an amount per kWh.
pub(crate) fn rule(recipient: &str, rate: &str, per_kwh: &str) -> ShareRule {
    ShareRule {
        recipient_account_id: recipient.to_owned(),
        kind: LegKind::Share.into(),
        role: "site_owner".to_owned(),
        session: Some(SessionTerms {
            base: ShareBase::Sale.into(),
            rate: Some(decimal(rate)),
            per_kwh: Some(decimal(per_kwh)),
            ..SessionTerms::default()
        }),
        ..ShareRule::default()
    }
}

/// An agreement that holds from 2024 on.
pub(crate) fn agreement(id: &str, rules: Vec<ShareRule>) -> ShareAgreement {
    ShareAgreement {
        share_agreement_id: id.to_owned(),
        display_name: id.to_owned(),
        currency_code: "EUR".to_owned(),
        span: Some(DaySpan { first_day: Some(date(2024, 1, 1)), end_day: None }),
        rules,
        ..ShareAgreement::default()
    }
}

/// What is agreed with the partner: what it states counts, unless it differs from its sheet by more than 30 cents.
pub(crate) fn partner_terms() -> PartyTerms {
    PartyTerms {
        name: party_name(PARTNER),
        account_id: "tnm".to_owned(),
        currency_code: "EUR".to_owned(),
        price_sheet_id: "theirs".to_owned(),
        tolerance_minor: 30,
        agreement_id: "site".to_owned(),
        ..PartyTerms::default()
    }
}

pub(crate) fn party_name(party: &str) -> String {
    format!("{TENANT}/parties/NL-{party}")
}

pub(crate) fn cdr_name(party: &str, id: &str) -> String {
    format!("{}/cdrs/{id}", party_name(party))
}

impl Network {
    async fn new() -> Self {
        let mut world = World::new().await;
        world.with_catalog().await;
        for id in ["anna", "tnm"] {
            world.open(TENANT, id).await;
        }
        let mut owner = account("owner");
        owner.vat_id = "NL009876543B01".to_owned();
        let parent = TENANT.to_owned();
        let create = CreateAccountRequest { parent, account: Some(owner), ..Default::default() };
        world.accounts.create_account(create).await.unwrap();
        let channel = || world.channel.clone();
        Self {
            cdrs: CdrServiceClient::new(channel()),
            sheets: PriceSheetServiceClient::new(channel()),
            agreements: ShareAgreementServiceClient::new(channel()),
            statements: StatementServiceClient::new(channel()),
            world,
        }
    }

    /// The driver pays 0.60 per kWh, of which the owner of the site gets a tenth and half a cent per kWh; the partner's
    /// price sheet has 0.44.
    pub(crate) async fn agreed(&mut self) {
        self.sheet("public", "0.60").await;
        self.sheet("theirs", "0.44").await;
        self.agree(agreement("site", vec![rule("owner", "0.10", "0.005")])).await;
        self.driver("anna").await;
        self.claim("anna").await;
        self.own_terms().await;
    }

    /// An account pays for a card, from 2024 on.
    pub(crate) async fn driver(&mut self, account: &str) {
        let listed = ListedToken { token_type: "rfid".to_owned(), value: "04A22B3C".to_owned() };
        let contract = ChargingContract {
            charging_contract_id: "driver".to_owned(),
            display_name: "Charging".to_owned(),
            price_sheet_id: "public".to_owned(),
            span: Some(DaySpan { first_day: Some(date(2024, 1, 1)), end_day: None }),
            covers: Some(Covers::ListedTokens(ListedTokens { tokens: vec![listed] })),
            ..ChargingContract::default()
        };
        let set =
            SetChargingContractRequest { account: account_name(account), charging_contract: Some(contract) };
        let mut contracts = ChargingContractServiceClient::new(self.world.channel.clone());
        contracts.set_charging_contract(set).await.unwrap();
    }

    /// An account claims that card.
    pub(crate) async fn claim(&mut self, account: &str) {
        let token = Token { token_type: "rfid".to_owned(), value: "04A22B3C".to_owned(), ..Token::default() };
        let claim =
            ClaimTokenRequest { parent: account_name(account), token: Some(token), ..Default::default() };
        DirectoryServiceClient::new(self.world.channel.clone()).claim_token(claim).await.unwrap();
    }

    async fn own_terms(&mut self) {
        let own = PartyTerms {
            name: party_name(OWN),
            is_own: true,
            currency_code: "EUR".to_owned(),
            agreement_id: "site".to_owned(),
            ..PartyTerms::default()
        };
        self.terms(own).await;
        self.terms(partner_terms()).await;
    }

    pub(crate) async fn sheet(&mut self, id: &str, per_kwh: &str) {
        let tariff = tariff(id, "EUR", per_kwh).into_bytes();
        let create = CreatePriceSheetRequest {
            parent: TENANT.to_owned(),
            tariff,
            ..CreatePriceSheetRequest::default()
        };
        self.sheets.create_price_sheet(create).await.unwrap();
    }

    pub(crate) async fn agree(&mut self, agreement: ShareAgreement) {
        let (parent, share_agreement) = (TENANT.to_owned(), Some(agreement));
        let create = CreateShareAgreementRequest { parent, share_agreement, ..Default::default() };
        self.agreements.create_share_agreement(create).await.unwrap();
    }

    pub(crate) async fn terms(&mut self, terms: PartyTerms) {
        let set = SetPartyTermsRequest { terms: Some(terms), validate_only: false };
        self.cdrs.set_party_terms(set).await.unwrap();
    }

    /// Takes a record.
    pub(crate) async fn send(&mut self, document: &str) {
        let (parent, document) = (TENANT.to_owned(), document.as_bytes().to_vec());
        let receive = ReceiveCdrRequest { parent, document, ..ReceiveCdrRequest::default() };
        self.cdrs.receive_cdr(receive).await.unwrap();
    }

    /// A record as it is now.
    pub(crate) async fn cdr(&mut self, party: &str, id: &str) -> Cdr {
        let get = GetCdrRequest { name: cdr_name(party, id) };
        self.cdrs.get_cdr(get).await.unwrap().into_inner()
    }

    /// A record once it has got to where it stays.
    pub(crate) async fn settled(&mut self, party: &str, id: &str, state: CdrState) -> Cdr {
        loop {
            let cdr = self.cdr(party, id).await;
            if !matches!(cdr.state(), CdrState::Checking | CdrState::Rating) {
                assert_eq!(cdr.state(), state, "{cdr:?}");
                return cdr;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Takes a record that is booked.
    pub(crate) async fn sold(&mut self, party: &str, id: &str, day: &str) -> Cdr {
        self.send(&document(party, id, day)).await;
        self.settled(party, id, CdrState::Booked).await
    }

    /// The legs that an account booked in a month, once there are so many.
    pub(crate) async fn legs(&mut self, account: &str, month_of_year: i32, count: usize) -> Vec<BookedLeg> {
        loop {
            let (parent, month) = (account_name(account), Some(month(month_of_year)));
            let list = ListLegsRequest { parent, month, ..ListLegsRequest::default() };
            let legs = self.statements.list_legs(list).await.unwrap().into_inner().legs;
            if legs.len() >= count {
                assert_eq!(legs.len(), count, "{legs:?}");
                return legs;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    pub(crate) async fn preview(
        &mut self,
        account: &str,
        month_of_year: i32,
    ) -> Result<PreviewStatementResponse, Status> {
        let (parent, month) = (account_name(account), Some(month(month_of_year)));
        let preview = PreviewStatementRequest { parent, month, issue_date: Some(date(2025, 1, 2)) };
        self.statements.preview_statement(preview).await.map(tonic::Response::into_inner)
    }

    pub(crate) async fn issue(
        &mut self,
        account: &str,
        month_of_year: i32,
        hash: Vec<u8>,
    ) -> Result<PartnerStatement, Status> {
        let issue = IssueStatementRequest {
            parent: account_name(account),
            month: Some(month(month_of_year)),
            issue_date: Some(date(2025, 1, 2)),
            hash,
            request_id: request_id(),
        };
        self.statements.issue_statement(issue).await.map(tonic::Response::into_inner)
    }

    /// Previews a statement and issues it as it was previewed.
    pub(crate) async fn issued(&mut self, account: &str, month_of_year: i32) -> PartnerStatement {
        let previewed = self.preview(account, month_of_year).await.unwrap();
        let issued = self.issue(account, month_of_year, previewed.hash).await.unwrap();
        let mut shown = issued.clone();
        (shown.name, shown.number) = (String::new(), String::new());
        assert_eq!(Some(shown), previewed.statement);
        issued
    }

    /// What is owed after a payment.
    pub(crate) async fn pay(&mut self, account: &str, id: &str, amount: Money) -> Result<i64, Status> {
        let payment = PartnerPayment {
            payment_id: id.to_owned(),
            paid_on: Some(date(2025, 1, 16)),
            amount: Some(amount),
            statement_number: String::new(),
        };
        let pay = RecordPaymentRequest { parent: account_name(account), payment: Some(payment) };
        let paid = self.statements.record_payment(pay).await?.into_inner();
        Ok(minor(paid.balance.as_ref()))
    }

    /// What the ledger of the tenant has by role, as text; its sum is zero.
    pub(crate) async fn ledger(&mut self) -> Vec<(String, String)> {
        let get = GetTrialBalanceRequest { parent: TENANT.to_owned() };
        let balance = self.world.admin.get_trial_balance(get).await.unwrap().into_inner();
        assert!(balance.totals.iter().all(|total| total.exact_amount == "0"), "{balance:?}");
        balance.rows.into_iter().map(|row| (row.role, row.exact_amount)).collect()
    }
}
