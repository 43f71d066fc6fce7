//! An account as an entity: what it books in its own sequence, whom it tells, and that no way to its funds leads past its
//! prepaid supply.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;

use domain::address::Address;
use domain::contract::{Contract, Payer, Share};
use domain::day::Day;
use domain::day_span::DaySpan;
use domain::entity::account::{Account, AccountDetails, Command, Event, Rejection, Reply, State};
use domain::entity::catalog::TenantSettings;
use domain::entity::{Decided, Entity, Facts, Message, Moment, Need, Recipient, Registered};
use domain::funds::{FundsCommand, FundsReply, Payout, TopUp};
use domain::instant::Instant;
use domain::ledger::Asset;
use domain::money::Currency;
use domain::prepaid::{
    PrepaidCommand, PrepaidRefused, PrepaidReply, RatedKey, RatedParts, RatedPeriod, RatedTotal, Supply,
};
use domain::product::Product;
use domain::quantity::Quantity;
use domain::tax::{TaxClass, TaxRate, VatRate};
use domain::zone::Zone;

use super::script::{part, point_of, terms};
use super::world::{amount, id};
use crate::rating::given::{always, energy, monthly};

fn settings() -> TenantSettings {
    TenantSettings {
        seller_name: "Example Energy".to_owned(),
        address: Address::default(),
        vat_id: String::new(),
        iban: String::new(),
        contact: String::new(),
        currency: Currency::Eur,
        zone: Zone::named("Europe/Amsterdam").unwrap(),
        payment_days: 14,
        invoice_prefix: "2026-".to_owned(),
        refuses_check_digits: false,
    }
}

pub(super) struct Entry {
    pub(super) state: State,
    pub(super) facts: Facts,
    pub(super) now: Instant,
}

impl Entry {
    pub(super) fn new() -> Self {
        let facts = Facts { settings: Some(settings()), ..Facts::default() };
        Self { state: State::default(), facts, now: Instant::parse("2026-03-02T10:00Z").unwrap() }
    }

    /// An account that was opened and pays for two metering points alone.
    pub(super) fn opened() -> Self {
        let mut entry = Self::unknown();
        for point in ["1", "2"] {
            entry.under_contract(point, ("2026-01-01", None), &["anna"]);
        }
        entry
    }

    /// An account that was opened.
    pub(super) fn unknown() -> Self {
        let mut entry = Self::new();
        let details = AccountDetails { id: "anna".to_owned(), ..AccountDetails::default() };
        entry.give(&Command::Open(details)).unwrap();
        entry
    }

    /// A metering point tells of a contract that these share alike.
    pub(super) fn under_contract(&mut self, point: &str, span: (&str, Option<&str>), payers: &[&str]) {
        let first = Day::parse(span.0).unwrap();
        let end = span.1.map(|end| Day::parse(end).unwrap());
        let share = Share::new(Share::WHOLE / u32::try_from(payers.len()).unwrap()).unwrap();
        let payer = |account: &&str| Payer { account: (*account).to_owned(), share };
        let contract = Contract {
            id: "c1".to_owned(),
            version: 1,
            product: "p1".to_owned(),
            span: end.map_or(DaySpan::since(first), |end| DaySpan::new(first, end)).unwrap(),
            payers: payers.iter().map(payer).collect(),
            parameters: BTreeMap::new(),
        };
        let changed = Message::ContractChanged { metering_point: point_of(point), contract };
        self.give(&Command::Message(changed)).unwrap();
    }

    pub(super) fn give(&mut self, command: &Command) -> Result<Decided<Event, Reply>, Rejection> {
        let moment = Moment { now: self.now, shard: 0, subject: "test".to_owned() };
        let decided = Account::decide(&self.state, command, &self.facts, &moment)?;
        decided.events.iter().for_each(|event| Account::apply(&mut self.state, event));
        Ok(decided)
    }
}

pub(super) fn top_up(operation: &str, much: &str) -> Command {
    Command::Funds(FundsCommand::TopUp(TopUp {
        operation: id(operation),
        asset: Asset::Money(Currency::Eur),
        amount: amount(much),
        terms: None,
    }))
}

pub(super) fn rated(version: u64, much: &str) -> Command {
    let total = RatedTotal {
        key: RatedKey {
            metering_point: point_of("1"),
            contract: "c1".to_owned(),
            period: RatedPeriod::Day(Day::parse("2026-03-01").unwrap()),
            currency: Currency::Eur,
        },
        version,
        rated: RatedParts { parts: vec![part("energy", much, 0)], ..RatedParts::default() },
    };
    Command::Message(Message::PrepaidRated {
        account: "anna".to_owned(),
        totals: vec![total],
        forgotten: Vec::new(),
    })
}

/// The orders that points are told, in order.
fn ordered(decided: &Decided<Event, Reply>) -> Vec<(Recipient, u64, Supply)> {
    let told = decided.messages.iter().filter_map(|(to, message)| match message {
        Message::SupplyOrdered { order } => Some((to.clone(), order.version, order.supply)),
        _ => None,
    });
    told.collect()
}

#[test]
fn supply_follows_whatever_moves_the_funds() {
    let mut anna = Entry::opened();
    let decided = anna.give(&top_up("t1", "5")).unwrap();
    assert!(matches!(decided.reply, Reply::Funds(FundsReply::ToppedUp(_))));
    let set = Command::Prepaid(PrepaidCommand::SetTerms(terms(&["low=0", "points=1,2"]), None));
    assert_eq!(Account::needs(&anna.state, &set, &Facts::default()), [Need::Tenant]);
    let decided = anna.give(&set).unwrap();
    let (one, two) = (Recipient::MeteringPoint(point_of("1")), Recipient::MeteringPoint(point_of("2")));
    assert_eq!(ordered(&decided), [(one.clone(), 1, Supply::On), (two.clone(), 1, Supply::On)]);

    let decided = anna.give(&rated(1, "5")).unwrap();
    assert_eq!(ordered(&decided), [(one.clone(), 2, Supply::Off), (two.clone(), 2, Supply::Off)]);
    assert_eq!(anna.state.posting_sets, 2);
    assert!(anna.give(&rated(1, "5")).unwrap().events.is_empty());

    let needs = Account::needs(&anna.state, &top_up("t2", "1"), &Facts::default());
    assert!(needs.contains(&Need::Tenant), "{needs:?}");
    let decided = anna.give(&top_up("t2", "1")).unwrap();
    assert_eq!(ordered(&decided), [(one.clone(), 3, Supply::On), (two.clone(), 3, Supply::On)]);
    let Reply::Prepaid(PrepaidReply::ToppedUp(shown)) = decided.reply else { panic!("{:?}", decided.reply) };
    assert_eq!((shown.account.as_str(), shown.number, shown.supply_version), ("anna", 1, Some(3)));

    // Money that leaves counts as money that is used, and one that another account gave as a top-up.
    let out = Payout { operation: id("o1"), currency: Currency::Eur, amount: amount("1") };
    let decided =
        anna.give(&Command::Funds(FundsCommand::TransferOut { to: "bert".to_owned(), payout: out.clone() }));
    let decided = decided.unwrap();
    assert_eq!(ordered(&decided), [(one.clone(), 4, Supply::Off), (two.clone(), 4, Supply::Off)]);
    let is_told = |message: &Message| matches!(message, Message::FundsTransferred { to, .. } if to == "bert");
    assert!(decided.messages.iter().any(|(_, message)| is_told(message)), "{:?}", decided.messages);
    let back = Message::FundsTransferred { from: "bert".to_owned(), to: "anna".to_owned(), payout: out };
    let decided = anna.give(&Command::Message(back)).unwrap();
    assert_eq!(ordered(&decided), [(one, 5, Supply::On), (two, 5, Supply::On)]);
}

#[test]
fn ids_of_debits_for_supply_are_refused_with_and_without_it() {
    let mut anna = Entry::opened();
    let reserved = Err(Rejection::Prepaid(PrepaidRefused::ReservedId));
    assert_eq!(anna.give(&top_up("prepaid:1", "5")).map(drop), reserved);
    anna.give(&Command::Prepaid(PrepaidCommand::SetTerms(terms(&[]), None))).unwrap();
    assert_eq!(anna.give(&top_up("prepaid:1", "5")).map(drop), reserved);
    let unknown = Entry::new().give(&Command::Prepaid(PrepaidCommand::Get)).map(drop);
    assert_eq!(unknown, Err(Rejection::UnknownAccount));
}

#[test]
fn the_credit_lasts_as_long_as_the_product_says() {
    let mut anna = Entry::unknown();
    let from = Day::parse("2026-01-01").unwrap();
    let components = vec![energy(always("0.30")), monthly(always("31"))];
    let product = Product {
        id: "p1".to_owned(),
        version: 1,
        name: "Advance".to_owned(),
        currency: Currency::Eur,
        valid_from: from,
        components,
    };
    let registered = Registered { at: anna.now, fact: product };
    anna.facts.products.insert("p1".to_owned(), vec![registered]);
    let (class, rate) = (TaxClass::new("standard"), VatRate::new(2_100).unwrap());
    anna.facts.taxes = vec![Registered { at: anna.now, fact: TaxRate { class, valid_from: from, rate } }];
    anna.under_contract("1", ("2026-01-01", None), &["anna"]);
    anna.give(&top_up("t1", "12")).unwrap();
    anna.give(&Command::Prepaid(PrepaidCommand::SetTerms(terms(&[]), None))).unwrap();
    let used = Quantity::parse("10").unwrap();
    let Command::Message(Message::PrepaidRated { account, mut totals, forgotten }) = rated(1, "0") else {
        unreachable!()
    };
    totals[0].rated.used.insert(Day::parse("2026-03-01").unwrap(), used);
    anna.give(&Command::Message(Message::PrepaidRated { account, totals, forgotten })).unwrap();
    let needs = Account::needs(&anna.state, &Command::Prepaid(PrepaidCommand::Get), &Facts::default());
    assert_eq!(needs, [Need::Tenant, Need::Product("p1".to_owned())]);
    let decided = anna.give(&Command::Prepaid(PrepaidCommand::Get)).unwrap();
    let Reply::Prepaid(PrepaidReply::Credit(view)) = decided.reply else { unreachable!() };
    // A kWh is 0.30 x 1.21 = 0.363: 33.057. A day is 3.63 and 31 / 31 x 1.21: 12 / 4.84 = 2.47.
    assert_eq!(view.energy_left.unwrap().0, Quantity::parse("33.057").unwrap());
    assert_eq!(view.days_left, Some(2));
}
