//! Sessions that are paid from funds.

use domain::charging_contract::{CardLimits, Settled, Settles};
use domain::funds::{Ask, Asked, FundsCommand, FundsRefused, Reserve, TopUp, Usage};
use domain::operation::OperationId;

use super::*;

fn amount(text: &str) -> Amount {
    given::amount(text)
}

fn prepaid(euros: &str) -> World {
    let mut world = charging_world("anna", &["01"]);
    set(&mut world, "anna", ChargingContract { settles: Settles::FromFunds, ..contract("driver", &["01"]) });
    let top_up = TopUp {
        operation: OperationId::new("t").unwrap(),
        asset: Currency::Eur.into(),
        amount: amount(euros),
        terms: None,
    };
    world.account("anna", &Command::Funds(FundsCommand::TopUp(top_up))).unwrap();
    world
}

fn reserve(world: &mut World, id: &str, most: &str) {
    let ask = Ask {
        member: None,
        usage: Usage { dimension: "session".to_owned(), ..Usage::default() },
        asked: Asked::Amount(amount(most), Currency::Eur),
    };
    let reservation = OperationId::new(&format!("session-{id}")).unwrap();
    let reserve = Reserve { reservation, ask, ttl_ms: 3_600_000 };
    world.account("anna", &Command::Funds(FundsCommand::Reserve(reserve))).unwrap();
}

fn left(world: &World) -> Amount {
    let balances = world.accounts["anna"].funds.balances.values();
    balances.fold(Amount::ZERO, |sum, one| sum.checked_add(one.amount).unwrap())
}

fn settled(world: &World, id: &str) -> Settled {
    world.rows.sold[&("anna".to_owned(), key(id))].settled.clone()
}

#[test]
fn the_record_commits_the_reservation_of_its_session() {
    let mut world = prepaid("50");
    reserve(&mut world, "1", "20");
    // 10.00 with 21 % is 12.10.
    sell(&mut world, "anna", &sale("1", "2024-10-28", "23.75", &card("01"))).unwrap();
    assert!(world.accounts["anna"].funds.reservations.is_empty());
    assert_eq!(left(&world), amount("37.9"));
    assert!(matches!(settled(&world, "1"), Settled::Committed(_)));
    // More than was held is booked all the same.
    reserve(&mut world, "2", "1");
    sell(&mut world, "anna", &sale("2", "2024-10-28", "23.75", &card("01"))).unwrap();
    assert_eq!(left(&world), amount("25.8"));
    // An unknown session is a forced debit, and may go below zero.
    sell(&mut world, "anna", &sale("3", "2024-10-28", "98.75", &card("01"))).unwrap();
    assert_eq!(left(&world), amount("-22.6"));
    assert!(matches!(settled(&world, "3"), Settled::Debited(_)));
    for id in ["1", "2", "3", "3"] {
        take_back(&mut world, "anna", id);
    }
    assert_eq!(left(&world), amount("50"));
    assert_balanced(&world);
    bill(&mut world, "october", october());
    assert!(world.rows.invoices.is_empty(), "nothing is left for an invoice");
}

#[test]
fn a_session_after_its_reservation_expired_is_booked_late() {
    let mut world = prepaid("50");
    reserve(&mut world, "1", "20");
    world.now += 7_200_000;
    world.account("anna", &Command::Funds(FundsCommand::Elapse)).unwrap();
    assert!(world.accounts["anna"].funds.reservations.is_empty());
    sell(&mut world, "anna", &sale("1", "2024-10-28", "23.75", &card("01"))).unwrap();
    assert!(matches!(settled(&world, "1"), Settled::Committed(_)));
    assert_eq!(left(&world), amount("37.9"));
}

#[test]
fn a_card_is_authorised_within_what_is_left_for_it() {
    let mut world = prepaid("500");
    let card_limits = CardLimits { per_day: Some(euros("30.00")), per_month: Some(euros("40.00")) };
    let limited =
        ChargingContract { card_limits, settles: Settles::FromFunds, ..contract("driver", &["01"]) };
    set(&mut world, "anna", limited);
    let ask = |world: &mut World, most: &str| {
        let ask = Ask {
            member: None,
            usage: Usage { dimension: "session".to_owned(), ..Usage::default() },
            asked: Asked::Amount(amount(most), Currency::Eur),
        };
        let asked = Command::FundsByToken(card("01"), FundsCommand::Authorize(ask));
        world.account("anna", &asked).map(|_| ())
    };
    let refused = Err(account::Rejection::Funds(FundsRefused::CardLimit));
    assert_eq!(ask(&mut world, "30"), Ok(()));
    assert_eq!(ask(&mut world, "30.01"), refused);
    // A session of 12.10 today, the 27th of October 2024, and one of yesterday.
    sell(&mut world, "anna", &sale("1", "2024-10-27", "23.75", &card("01"))).unwrap();
    assert_eq!(ask(&mut world, "17.90"), Ok(()));
    assert_eq!(ask(&mut world, "17.91"), refused);
    sell(&mut world, "anna", &sale("2", "2024-10-26", "23.75", &card("01"))).unwrap();
    assert_eq!(ask(&mut world, "15.80"), Ok(()));
    assert_eq!(ask(&mut world, "15.81"), refused);
    // What is over is billed whatever is left, and a credit gives back.
    sell(&mut world, "anna", &sale("3", "2024-10-27", "98.75", &card("01"))).unwrap();
    assert_eq!(ask(&mut world, "0.01"), refused);
    take_back(&mut world, "anna", "3");
    assert_eq!(ask(&mut world, "15.80"), Ok(()));
}

#[test]
fn a_session_on_an_invoice_returns_what_was_held_for_it() {
    let mut world = prepaid("50");
    open(&mut world, "anna", &[]);
    let mut by_invoice = contract("other", &["02"]);
    by_invoice.settles = Settles::ByInvoice;
    set(&mut world, "anna", by_invoice);
    world.account("anna", &Command::Tokens(TokenCommand::Claim(card("02")))).unwrap();
    world.settle();
    reserve(&mut world, "1", "20");
    sell(&mut world, "anna", &sale("1", "2024-10-28", "23.75", &card("02"))).unwrap();
    assert!(world.accounts["anna"].funds.reservations.is_empty());
    assert_eq!(left(&world), amount("50"));
    bill(&mut world, "october", october());
    assert_eq!(world.rows.invoices.last().unwrap().total.to_text(), "12.10");
}
