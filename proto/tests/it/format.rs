//! What was stored yesterday is read today, and means the same.
//!
//! `tests/data` holds, per stored message, bytes as a release wrote them and beside them what they mean. The bytes are
//! never written anew: a file that fails here says that a release would lose or misread what others stored. With
//! `KVARTER_UPDATE=1` files for new kinds of messages are made, by chance but always the same, and meanings are written
//! anew, for a value that has learnt to say more.

use std::collections::BTreeMap;
use std::fmt::{Debug, Write};
use std::path::PathBuf;
use std::{env, fs};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use prost::Message;
use proto::convert::FieldError;
use proto::{account, catalog, events as told, invoicing, metering, roaming, store};

use crate::samples::{
    billing, cdrs, charging, entities, events, funds, metering as points, partners, tokens, values, webhooks,
};

/// Checks the file of one kind of message.
fn check<D, M>(name: &str, samples: impl Strategy<Value = D>)
where
    D: TryFrom<M, Error = FieldError> + Debug,
    M: for<'a> From<&'a D> + Message + Default,
{
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let (stored, meant) = (folder.join(format!("{name}.binpb")), folder.join(format!("{name}.txt")));
    let updates = env::var("KVARTER_UPDATE").is_ok();
    if updates && !stored.exists() {
        let written: Vec<u8> = some_of_each(samples)
            .iter()
            .flat_map(|value| M::from(value).encode_length_delimited_to_vec())
            .collect();
        fs::write(&stored, written).unwrap();
    }

    let bytes = fs::read(&stored).unwrap();
    let (mut rest, mut again, mut meaning) = (bytes.as_slice(), Vec::new(), String::new());
    while !rest.is_empty() {
        let message = M::decode_length_delimited(&mut rest).unwrap();
        let value = D::try_from(message).unwrap();
        writeln!(meaning, "{value:?}").unwrap();
        again.extend(M::from(&value).encode_length_delimited_to_vec());
    }
    if updates {
        fs::write(&meant, &meaning).unwrap();
    }
    assert_eq!(meaning, fs::read_to_string(&meant).unwrap(), "{name} means something else");
    assert_eq!(again, bytes, "{name} loses something");
}

/// Three values of each variant.
fn some_of_each<D: Debug>(samples: impl Strategy<Value = D>) -> Vec<D> {
    let mut runner = TestRunner::deterministic();
    let mut found: BTreeMap<String, Vec<D>> = BTreeMap::new();
    for _ in 0..300 {
        let value = samples.new_tree(&mut runner).unwrap().current();
        let text = format!("{value:?}");
        let variant = text.split(|character: char| !character.is_alphanumeric()).next().unwrap().to_owned();
        let found = found.entry(variant).or_default();
        if found.len() < 3 {
            found.push(value);
        }
    }
    found.into_values().flatten().collect()
}

macro_rules! stay_readable {
    ($($name:ident: $samples:expr => $message:ty;)+) => {
        $(
            #[test]
            fn $name() {
                check::<_, $message>(stringify!($name), $samples);
            }
        )+
    };
}

stay_readable! {
    account_command: entities::account_command() => store::AccountCommand;
    account_state: entities::account_state() => store::AccountState;
    catalog_command: entities::catalog_command() => store::CatalogCommand;
    cdr_book_command: cdrs::book_command() => store::CdrBookCommand;
    cdr_book_state: cdrs::book_state() => store::CdrBookState;
    cdr_entry: cdrs::entry() => store::CdrEntry;
    charging_contract_command: charging::command() => store::ChargingContractCommand;
    charging_contract_reply: charging::reply() => store::ChargingContractReply;
    charging_contracts: charging::contracts() => store::ChargingContracts;
    sold_session: charging::sold() => roaming::SoldSession;
    evse_command: cdrs::evse_command() => store::EvseCommand;
    evse_state: cdrs::evse_state() => store::EvseState;
    catalog_state: entities::catalog_state() => store::CatalogState;
    directory_command: entities::directory_command() => store::DirectoryCommand;
    directory_state: tokens::directory_state() => store::DirectoryState;
    document_command: entities::document_command() => store::MarketDocumentCommand;
    document_reply: entities::document_reply() => store::MarketDocumentReply;
    document_series: entities::document_series() => store::DocumentSeries;
    event_log_command: events::command() => store::EventLogCommand;
    event_log_state: events::state() => store::EventLogState;
    events_message: events::message() => store::Message;
    funds_command: funds::command() => store::FundsCommand;
    funds_record: funds::record() => store::FundsRecord;
    funds_state: funds::funds() => store::FundsState;
    invoice: billing::invoice() => invoicing::Invoice;
    logged_event: events::logged() => told::AccountEvent;
    message: entities::message() => store::Message;
    metering_point_command: entities::point_command() => store::MeteringPointCommand;
    metering_point_state: entities::point_state() => store::MeteringPointState;
    number_series_command: entities::numbers_command() => store::NumberSeriesCommand;
    owner_tokens: tokens::tokens() => store::Tokens;
    packed_day: points::day_version() => store::PackedDay;
    charge_models: entities::registered(points::large_product()) => store::RegisteredProduct;
    part_command: entities::part_command() => store::RunPartCommand;
    part_reply: entities::part_reply() => store::RunPartReply;
    posting_set: billing::posted() => account::PostingSet;
    price_month: values::price_month() => catalog::PriceMonth;
    rated_version: points::rated() => metering::RatedVersion;
    registered_charge: entities::registered(values::charge()) => store::RegisteredCharge;
    registered_product: entities::registered(points::product()) => store::RegisteredProduct;
    run_command: entities::run_command() => store::InvoiceRunCommand;
    run_reply: entities::run_reply() => store::InvoiceRunReply;
    token_command: tokens::command() => store::TokenCommand;
    token_message: tokens::message() => store::Message;
    token_reply: tokens::reply() => store::TokenReply;
    partners_command: partners::command() => store::PartnersCommand;
    partners_state: partners::state() => store::PartnersState;
    roaming_object_command: partners::object_command() => store::RoamingObjectCommand;
    roaming_object_state: partners::object_state() => store::RoamingObjectState;
    webhooks_command: webhooks::command() => store::WebhooksCommand;
    webhooks_state: webhooks::state() => store::WebhooksState;
}
