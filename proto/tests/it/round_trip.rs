//! Every value comes back from its message as it was, and no message makes a conversion do worse than refuse it.

use std::fmt::Debug;

use domain::amount::Amount;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use prost::Message;
use proto::convert::{FieldError, amount_text, parse_amount, parse_role, role_text};
use proto::{
    account, catalog, charging, events as told, google_type, invoicing, metering, roaming, store, types,
};

use crate::samples::{
    billing, cdrs, charging as charging_samples, entities, events, funds, metering as points, partners,
    prepaid, shares, statements, tokens, values, webhooks,
};

/// A value goes through its message's bytes and back; then some of the bytes are changed, which may be refused.
fn there_and_back<D, M>(value: &D, damage: &[(usize, u8)]) -> TestCaseResult
where
    D: TryFrom<M, Error = FieldError> + PartialEq + Debug,
    M: for<'a> From<&'a D> + Message + Default,
{
    let mut bytes = M::from(value).encode_to_vec();
    let read = D::try_from(M::decode(bytes.as_slice()).unwrap());
    prop_assert_eq!(read.as_ref(), Ok(value));
    for (place, byte) in damage {
        let place = place % bytes.len().max(1);
        if let Some(at) = bytes.get_mut(place) {
            *at = *byte;
        }
    }
    if let Ok(damaged) = M::decode(bytes.as_slice()) {
        let _ = D::try_from(damaged).map_err(|error| error.to_string());
    }
    Ok(())
}

fn damage() -> impl Strategy<Value = Vec<(usize, u8)>> {
    prop::collection::vec((any::<usize>(), any::<u8>()), 1..4)
}

macro_rules! come_back {
    ($($name:ident: $value:expr => $message:ty;)+) => {
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(64))]
            $(
                #[test]
                fn $name(value in $value, damage in damage()) {
                    there_and_back::<_, $message>(&value, &damage)?;
                }
            )+
        }
    };
}

come_back! {
    days: values::day() => google_type::Date;
    months: values::month() => google_type::Date;
    spans_of_days: values::span() => types::DaySpan;
    periods: values::period() => google_type::Interval;
    sums_of_money: values::money() => google_type::Money;
    prices: values::price() => google_type::Decimal;
    quantities: values::quantity() => google_type::Decimal;
    addresses: values::address() => types::Address;
    time_series: values::series() => types::TimeSeries;
    charges: values::charge() => catalog::Charge;
    charge_links: values::charge_link() => catalog::ChargeLink;
    price_months: values::price_month() => catalog::PriceMonth;
    tax_rates: values::tax_rate() => catalog::TaxRate;
    tenant_settings: entities::settings() => catalog::TenantSettings;
    products: points::product() => catalog::Product;
    contracts: points::contract() => metering::Contract;
    metering_points: points::details() => metering::MeteringPoint;
    day_versions: points::day_version() => metering::DayVersion;
    packed_days: points::day_version() => store::PackedDay;
    rated_versions: points::rated() => metering::RatedVersion;
    reasons_for_not_ready: points::not_ready() => metering::NotReady;
    rated_contracts: points::rated_contract() => metering::RatedContract;
    document_headers: points::header() => metering::DocumentHeader;
    invoices: billing::invoice() => invoicing::Invoice;
    posting_sets: billing::posted() => account::PostingSet;
    issued_invoices: billing::issued_invoice() => account::IssuedInvoice;
    account_details: entities::account_details() => account::Account;
    registered_products: entities::registered(points::product()) => store::RegisteredProduct;
    price_sheets: shares::price_sheet() => roaming::PriceSheet;
    share_agreements: shares::share_agreement() => roaming::ShareAgreement;
    registered_price_sheets: entities::registered(shares::price_sheet()) => store::RegisteredPriceSheet;
    registered_share_agreements:
        entities::registered(shares::share_agreement()) => store::RegisteredShareAgreement;
    partner_statements: statements::statement() => roaming::PartnerStatement;
    issued_statements: statements::issued() => roaming::IssuedStatement;
    booked_legs: statements::booked_leg() => roaming::BookedLeg;
    partner_states: statements::partner() => store::PartnerState;
    partner_commands: statements::command() => store::PartnerCommand;
    partner_replies: statements::reply() => store::PartnerReply;
    registered_charges: entities::registered(values::charge()) => store::RegisteredCharge;
    document_series: entities::document_series() => store::DocumentSeries;
    messages: entities::message() => store::Message;
    metering_point_commands: entities::point_command() => store::MeteringPointCommand;
    metering_point_replies: entities::point_reply() => store::MeteringPointReply;
    metering_point_states: entities::point_state() => store::MeteringPointState;
    account_commands: entities::account_command() => store::AccountCommand;
    account_replies: entities::account_reply() => store::AccountReply;
    funds_commands: funds::command() => store::FundsCommand;
    funds_replies: funds::reply() => store::FundsReply;
    funds_records: funds::record() => store::FundsRecord;
    funds_states: funds::funds() => store::FundsState;
    funds_refusals: funds::refused() => charging::FundsRefusal;
    over_uses: funds::over_use() => charging::OverUse;
    prepaid_terms: prepaid::terms() => charging::PrepaidTerms;
    supply_orders: prepaid::order() => charging::SupplyOrder;
    shown_top_ups: prepaid::shown() => charging::ShownTopUp;
    rated_totals: prepaid::total() => store::RatedTotal;
    prepaid_commands: prepaid::command() => store::PrepaidCommand;
    prepaid_replies: prepaid::reply() => store::PrepaidReply;
    prepaid_states: prepaid::prepaid() => store::PrepaidState;
    supplies_of_points: prepaid::point_supply() => store::PointSupply;
    charging_contracts: charging_samples::contract() => roaming::ChargingContract;
    charging_contract_commands: charging_samples::command() => store::ChargingContractCommand;
    charging_contract_replies: charging_samples::reply() => store::ChargingContractReply;
    charging_contract_states: charging_samples::contracts() => store::ChargingContracts;
    sold_sessions: charging_samples::sold() => roaming::SoldSession;
    account_states: entities::account_state() => store::AccountState;
    catalog_commands: entities::catalog_command() => store::CatalogCommand;
    catalog_replies: entities::catalog_reply() => store::CatalogReply;
    catalog_states: entities::catalog_state() => store::CatalogState;
    document_commands: entities::document_command() => store::MarketDocumentCommand;
    document_replies: entities::document_reply() => store::MarketDocumentReply;
    run_commands: entities::run_command() => store::InvoiceRunCommand;
    run_replies: entities::run_reply() => store::InvoiceRunReply;
    number_series_commands: entities::numbers_command() => store::NumberSeriesCommand;
    number_series_replies: entities::numbers_reply() => store::NumberSeriesReply;
    directory_commands: entities::directory_command() => store::DirectoryCommand;
    directory_replies: tokens::directory_reply() => store::DirectoryReply;
    directory_states: tokens::directory_state() => store::DirectoryState;
    event_log_commands: events::command() => store::EventLogCommand;
    event_log_replies: events::reply() => store::EventLogReply;
    event_log_states: events::state() => store::EventLogState;
    logged_events: events::logged() => told::AccountEvent;
    partners_commands: partners::command() => store::PartnersCommand;
    partners_replies: partners::reply() => store::PartnersReply;
    partners_states: partners::state() => store::PartnersState;
    roaming_object_commands: partners::object_command() => store::RoamingObjectCommand;
    roaming_object_replies: partners::object_reply() => store::RoamingObjectReply;
    roaming_object_states: partners::object_state() => store::RoamingObjectState;
    webhooks_commands: webhooks::command() => store::WebhooksCommand;
    webhooks_replies: webhooks::reply() => store::WebhooksReply;
    webhooks_states: webhooks::state() => store::WebhooksState;
    cdr_book_commands: cdrs::book_command() => store::CdrBookCommand;
    cdr_book_replies: cdrs::book_reply() => store::CdrBookReply;
    cdr_book_states: cdrs::book_state() => store::CdrBookState;
    cdr_entries: cdrs::entry() => store::CdrEntry;
    evse_commands: cdrs::evse_command() => store::EvseCommand;
    evse_replies: cdrs::evse_reply() => store::EvseReply;
    evse_states: cdrs::evse_state() => store::EvseState;
    part_commands: entities::part_command() => store::RunPartCommand;
    part_replies: entities::part_reply() => store::RunPartReply;
}

proptest! {
    #[test]
    fn amounts_come_back_from_text(amount in values::amount()) {
        prop_assert_eq!(parse_amount(&amount_text(amount)), Ok(amount));
    }

    #[test]
    fn no_text_of_an_amount_is_a_surprise(text in "[-0-9./]{0,60}") {
        if let Ok(amount) = parse_amount(&text) {
            prop_assert_eq!(parse_amount(&amount_text(amount)), Ok(amount));
        }
    }

    #[test]
    fn roles_come_back_from_text(role in billing::role()) {
        prop_assert_eq!(parse_role(&role_text(&role)), Some(role));
    }

    /// Parts of a state that are stored apart make the whole when their bytes follow each other.
    #[test]
    fn parts_of_a_state_make_the_whole(state in entities::account_state()) {
        let whole = store::AccountState::from(&state);
        let lines = whole.lines.iter().map(|line| store::AccountState {
            lines: vec![line.clone()],
            ..store::AccountState::default()
        });
        let mut bytes: Vec<u8> = lines.flat_map(|part| part.encode_to_vec()).collect();
        store::AccountState { lines: Vec::new(), ..whole.clone() }.encode(&mut bytes).unwrap();
        prop_assert_eq!(store::AccountState::decode(bytes.as_slice()).unwrap(), whole);
    }
}

#[test]
fn amounts_are_read_exactly_or_refused() {
    let unit = 56_637_i128 * 1_000_000_000_000_000_000;
    let cases = [
        ("0", Some(0)),
        ("1", Some(unit)),
        ("-0.5", Some(-unit / 2)),
        ("425/31", Some(unit / 31 * 425)),
        ("-1/7", Some(-unit / 7)),
        ("2/4", Some(unit / 2)),
        ("1/11", None),
        ("1/0", None),
        ("1/-7", None),
        ("1/", None),
        ("/7", None),
        ("1e3/7", None),
        ("99999999999999999999999999", None),
        ("0.0000000000000000001", None),
    ];
    for (text, expected) in cases {
        assert_eq!(parse_amount(text).ok(), expected.map(Amount::from_raw), "{text}");
    }
}

#[test]
fn an_error_names_its_field() {
    let column = catalog::ConstantPrice {
        prices: vec![catalog::DatedPrice {
            valid_from: Some(google_type::Date { year: 2024, month: 2, day: 30 }),
            price: Some(google_type::Decimal { value: "0.1".to_owned() }),
        }],
    };
    let component = catalog::Component {
        quantity: Some(catalog::component::Quantity::Days(())),
        unit: types::Unit::Day.into(),
        price: Some(catalog::component::Price::Constant(column)),
        ..catalog::Component::default()
    };
    let product = catalog::Product {
        currency_code: "EUR".to_owned(),
        valid_from: Some(google_type::Date { year: 2024, month: 1, day: 1 }),
        components: vec![component],
        ..catalog::Product::default()
    };
    let error = domain::product::Product::try_from(product).unwrap_err();
    assert_eq!(error.to_string(), "components[0].constant.prices[0].valid_from: is no day of the calendar");
}
