//! Charging sessions sold to accounts, and their invoices.

mod again;
mod cards;
mod funds;
mod hands;
mod included;
mod late;
mod orders;
mod terms;
mod versions;

use domain::cdr::{CdrKey, EvseId, Party, Sale, SaleRefused, SaleReversal, SessionSale};
use domain::charging_contract::{
    Card, ChargingContract, ChargingContractCommand, Covers, HomeCharging, Membership,
};
use domain::entity::account::Command;
use domain::entity::tokens::TokenCommand;
use domain::entity::{Message, Moment};
use domain::instant::Period;
use domain::invoice::LinePrice;
use domain::money::Money;
use domain::token::Token;

use super::*;
use crate::session::given;

pub(crate) fn party() -> Party {
    Party::new("NL", "OWN").unwrap()
}

pub(crate) fn key(id: &str) -> CdrKey {
    CdrKey::new(party(), id).unwrap()
}

pub(crate) fn card(value: &str) -> Token {
    Token::new("rfid", value).unwrap()
}

pub(crate) fn since(day: (i16, i8, i8)) -> DaySpan {
    DaySpan::since(Day::new(day.0, day.1, day.2).unwrap()).unwrap()
}

/// A session of an hour that starts at noon UTC.
pub(crate) fn sale(id: &str, day: &str, kwh: &str, token: &Token) -> SessionSale {
    let text = format!("{day}T12:00Z energy {kwh} time 1; {day}T13:00Z");
    SessionSale {
        cdr: key(id),
        session: given::session(&text),
        evse: EvseId::new("NL*OWN*E1").unwrap(),
        location: "L1".to_owned(),
        zone: None,
        token: token.clone(),
        contract_id: String::new(),
        session_id: format!("session-{id}"),
        received: given::instant(&format!("{day}T13:05:00Z")),
        is_home: false,
    }
}

/// Sessions cost 0.50 and 0.40 a kWh; an account of this name is open and holds these cards since 2024-01-01.
pub(crate) fn charging_world(account: &str, cards: &[&str]) -> World {
    let mut world = world();
    let sheet = given::sheet("flat 0.50, energy 0.40");
    let put = catalog::Command::PutPriceSheet { id: "public".to_owned(), sheet: Box::new(sheet) };
    world.catalog(&put).unwrap();
    open(&mut world, account, cards);
    world
}

pub(crate) fn open(world: &mut World, account: &str, cards: &[&str]) {
    let details = AccountDetails { id: account.to_owned(), ..AccountDetails::default() };
    world.account(account, &Command::Open(details)).unwrap();
    for value in cards {
        world.account(account, &Command::Tokens(TokenCommand::Claim(card(value)))).unwrap();
    }
    world.settle();
}

/// A contract that lists these cards from 2024 on, so that it does not matter when they were claimed.
pub(crate) fn contract(id: &str, cards: &[&str]) -> ChargingContract {
    let covers = Covers::Listed(cards.iter().map(|value| card(value)).collect());
    ChargingContract { covers, ..ChargingContract::new(id, since((2024, 1, 1)), "public") }
}

pub(crate) fn set(world: &mut World, account: &str, contract: ChargingContract) {
    let command = ChargingContractCommand::Set(Box::new(contract));
    world.account(account, &Command::Charging(command)).unwrap();
}

pub(crate) fn sell(world: &mut World, account: &str, sale: &SessionSale) -> Result<Sale, SaleRefused> {
    let message = Message::RateSale { account: account.to_owned(), sale: Box::new(sale.clone()) };
    world.account(account, &Command::Message(message)).unwrap();
    world.settle();
    match world.books_told.pop() {
        Some(Message::SaleRated { account: from, cdr, outcome }) => {
            assert_eq!((from.as_str(), &cdr), (account, &sale.cdr));
            outcome.map(|sale| *sale)
        }
        other => unreachable!("a sale is answered, not {other:?}"),
    }
}

pub(crate) fn take_back(world: &mut World, account: &str, id: &str) {
    let received = given::instant("2024-11-02T00:00:00Z");
    let reversal = SaleReversal { cdr: key(id), credit: Some(key(&format!("credit-{id}"))), received };
    let message = Message::ReverseSale { account: account.to_owned(), reversal };
    world.account(account, &Command::Message(message)).unwrap();
    world.settle();
}

pub(crate) fn euros(text: &str) -> Money {
    Money::parse(text, Currency::Eur).unwrap()
}

/// Name, net and quantity of every line of the latest invoice.
pub(crate) fn lines(world: &World) -> Vec<(String, String, String)> {
    let invoice = world.rows.invoices.last().unwrap();
    let lines = invoice.points.iter().flat_map(|point| &point.lines);
    lines
        .map(|line| {
            let quantity = line.parts[0].quantity.to_text(0);
            (line.name.clone(), line.net.to_text(), quantity)
        })
        .collect()
}

pub(crate) fn line(name: &str, net: &str, quantity: &str) -> (String, String, String) {
    (name.to_owned(), net.to_owned(), quantity.to_owned())
}

/// Every set of postings sums to zero, and so do the balances.
pub(crate) fn assert_balanced(world: &World) {
    for (id, account) in &world.accounts {
        let ledger = account.ledger();
        let sum = ledger.values().fold(Amount::ZERO, |sum, one| sum.checked_add(*one).unwrap());
        assert_eq!(sum, Amount::ZERO, "{id}");
    }
}

#[test]
fn a_driver_without_a_metering_point_gets_an_invoice() {
    let mut world = charging_world("anna", &["04A1"]);
    set(&mut world, "anna", contract("driver", &["04A1"]));
    for (id, day, kwh, net) in [
        ("1", "2024-10-03", "10", "4.50"),
        ("2", "2024-10-20", "20", "8.50"),
        ("3", "2024-10-21", "5.5", "2.70"),
    ] {
        let sold = sell(&mut world, "anna", &sale(id, day, kwh, &card("04A1"))).unwrap();
        assert_eq!((sold.net, sold.sheet), (euros(net), ("public".to_owned(), 1)));
        // Asked again, it is sold once.
        let again = sell(&mut world, "anna", &sale(id, day, kwh, &card("04A1"))).unwrap();
        assert_eq!(again.net, euros(net));
    }
    bill(&mut world, "october", october());
    assert_eq!(lines(&world), [line("Charging sessions", "15.70", "35.5")]);
    let invoice = world.rows.invoices.last().unwrap();
    assert_eq!(invoice.total.to_text(), "19.00");
    let point = &invoice.points[0];
    assert_eq!((point.metering_point, point.product.as_str()), (MeteringPointId::CHARGING, "Charging"));
    assert!(matches!(point.lines[0].parts[0].price, LinePrice::Average { intervals: 3, .. }));
    assert_balanced(&world);
}

#[test]
fn a_fleet_has_a_line_per_cost_centre_and_its_membership() {
    let mut world = charging_world("fleet", &["01", "02", "03"]);
    let membership = Membership {
        fee_per_month: Some(Price::parse("31").unwrap()),
        included_kwh: Some(Quantity::parse("10").unwrap()),
    };
    let span = since((2024, 10, 17));
    set(&mut world, "fleet", ChargingContract { membership, span, ..contract("fleet", &["01", "02", "03"]) });
    for (value, centre) in [("01", "Sales"), ("02", "Service"), ("03", "Sales")] {
        let agreed = Card { cost_centre: centre.to_owned(), ..Card::default() };
        let command = ChargingContractCommand::SetCard(card(value), agreed);
        world.account("fleet", &Command::Charging(command)).unwrap();
    }
    for (id, value, kwh) in [("1", "01", "10"), ("2", "02", "20"), ("3", "03", "10")] {
        sell(&mut world, "fleet", &sale(id, "2024-10-20", kwh, &card(value))).unwrap();
    }
    bill(&mut world, "october", october());
    // Energy came to 40 kWh and 16.00: 10 of 40 kWh are 4.00. The fee is of 15 of 31 days.
    let expected = [
        line("Subscription", "15.00", "15"),
        line("Charging sessions, Sales", "9.00", "20"),
        line("Charging sessions, Service", "8.50", "20"),
        line("Included energy", "-4.00", "-10"),
    ];
    assert_eq!(lines(&world), expected);
    // A credit of a session of the month, once it was invoiced: the line of its cost centre, and what was included.
    take_back(&mut world, "fleet", "3");
    bill(&mut world, "november", october().next());
    let expected = [line("Subscription", "31.00", "30"), line("Charging sessions, Sales", "-4.50", "10")];
    assert_eq!(lines(&world), expected);
    assert_balanced(&world);
}

#[test]
fn energy_at_home_is_owed_to_whoever_has_the_card() {
    let mut world = charging_world("fleet", &["01", "02"]);
    let home = HomeCharging { price: Price::parse("0.255").unwrap(), account: "payroll".to_owned() };
    set(&mut world, "fleet", ChargingContract { home: Some(home), ..contract("fleet", &["01", "02"]) });
    let agreed = Card { home_account: "eve".to_owned(), ..Card::default() };
    let command = ChargingContractCommand::SetCard(card("02"), agreed);
    world.account("fleet", &Command::Charging(command)).unwrap();
    for (id, value, is_home, owed) in
        [("1", "01", true, Some("payroll")), ("2", "02", true, Some("eve")), ("3", "02", false, None)]
    {
        let sale = SessionSale { is_home, ..sale(id, "2024-10-20", "9", &card(value)) };
        let reimbursement = sell(&mut world, "fleet", &sale).unwrap().reimbursement;
        let told = reimbursement.map(|one| (one.account, one.amount));
        assert_eq!(told, owed.map(|account| (account.to_owned(), euros("2.30"))));
    }
}

#[test]
fn a_session_is_refused_with_the_first_reason() {
    let mut world = charging_world("anna", &["01"]);
    let at = |day: &str, token: &str| sale("1", day, "10", &card(token));
    let mut ask = |sale: &SessionSale| sell(&mut world, "anna", sale).map(|sale| sale.contract);
    assert_eq!(ask(&at("2024-10-20", "01")), Err(SaleRefused::NoChargingContract));
    let held = ChargingContract::new("held", since((2024, 10, 1)), "public");
    set(&mut world, "anna", held);
    let mut ask = |sale: &SessionSale| sell(&mut world, "anna", sale).map(|sale| sale.contract);
    // The card was claimed on the 27th.
    assert_eq!(ask(&at("2024-10-20", "01")), Err(SaleRefused::TokenNotHeld));
    assert_eq!(ask(&at("2024-10-29", "02")), Err(SaleRefused::TokenNotHeld));
    assert_eq!(ask(&at("2024-09-20", "01")), Err(SaleRefused::NoChargingContract));
    assert_eq!(ask(&at("2024-10-29", "01")), Ok("held".to_owned()));
    let mut sheet = given::sheet("energy 0.40");
    sheet.valid = Period::since(given::instant("2025-01-01T00:00:00Z")).unwrap();
    let put = catalog::Command::PutPriceSheet { id: "from-2025".to_owned(), sheet: Box::new(sheet) };
    world.catalog(&put).unwrap();
    let other = Party::new("DE", "ABC").unwrap();
    let partner = ChargingContract {
        covers: Covers::Party(other),
        ..ChargingContract::new("partner", since((2024, 1, 1)), "from-2025")
    };
    set(&mut world, "anna", partner);
    let of_partner = SessionSale { contract_id: "DE-ABC-C1".to_owned(), ..at("2024-09-20", "05") };
    let of_partner = SessionSale { cdr: key("9"), ..of_partner };
    assert_eq!(sell(&mut world, "anna", &of_partner), Err(SaleRefused::UnknownPriceSheet));
    let mut odd = sale("8", "2024-10-29", "1", &card("01"));
    odd.session.periods.clear();
    assert!(matches!(sell(&mut world, "anna", &odd), Err(SaleRefused::CannotPrice(_))));
    assert_eq!(sell(&mut world, "zoe", &at("2024-10-20", "01")), Err(SaleRefused::UnknownAccount));
}

#[test]
fn a_session_that_comes_while_an_invoice_waits_for_approval_is_on_the_next() {
    let mut world = charging_world("anna", &["01"]);
    set(&mut world, "anna", contract("driver", &["01"]));
    sell(&mut world, "anna", &sale("1", "2024-10-20", "10", &card("01"))).unwrap();
    let create = invoice_run::Command::Create {
        run: "october".to_owned(),
        month: october(),
        known_at: None,
        issue_date: Day::new(2024, 11, 5).unwrap(),
        shard_count: 2,
    };
    world.run("october", &create).unwrap();
    world.settle();
    sell(&mut world, "anna", &sale("2", "2024-10-21", "10", &card("01"))).unwrap();
    take_back(&mut world, "anna", "1");
    let hash = world.runs["october"].preview().hash;
    world.run("october", &invoice_run::Command::Approve { hash }).unwrap();
    world.settle();
    assert_eq!(lines(&world), [line("Charging sessions", "4.50", "10")]);
    sell(&mut world, "anna", &sale("3", "2024-10-22", "20", &card("01"))).unwrap();
    bill(&mut world, "november", october().next());
    assert_eq!(lines(&world), [line("Charging sessions", "8.50", "30")]);
    assert!(world.rows.invoices.last().unwrap().points[0].lines[0].is_correction);
    assert_balanced(&world);
}

#[test]
fn a_claim_that_was_blocked_is_as_old_as_before() {
    let mut world = charging_world("anna", &["01"]);
    for command in [TokenCommand::Block(card("01")), TokenCommand::Unblock(card("01"))] {
        world.account("anna", &Command::Tokens(command)).unwrap();
    }
    let claim = &world.accounts["anna"].tokens.by_token[&card("01")];
    assert!(claim.held_since < claim.since);
    let Moment { now, .. } = world.moment();
    assert!(claim_since(&world) < now);
}

fn claim_since(world: &World) -> Instant {
    world.accounts["anna"].tokens.by_token[&card("01")].held_since
}
