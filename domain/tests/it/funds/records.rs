//! Remembered answers: which are known, and which have to be read.

use domain::funds::{
    Ask, Asked, Commit, Extend, FundsCommand, OperationKey, RECENT_RECORDS, Reserve, TopUp, Usage, Used,
};
use domain::money::Currency;
use domain::quantity::{Quantity, Unit};

use super::script;
use super::world::{World, amount, id};

/// An id of a UUID of version 7 that was made so many milliseconds after 10:00.
fn made(after_ms: i64) -> String {
    let millis = 1_772_445_600_000 + after_ms;
    let digits = format!("{millis:012x}");
    let (high, low) = digits.split_at(8);
    format!("{high}-{low}-7abc-8def-0123456789ab")
}

fn top_up(name: &str) -> FundsCommand {
    let (operation, amount) = (id(name), amount("10"));
    FundsCommand::TopUp(TopUp { operation, asset: Currency::Eur.into(), amount, terms: None })
}

fn energy() -> Asked {
    Asked::Quantity(Quantity::ONE, Unit::KilowattHour)
}

fn reserve(name: &str) -> FundsCommand {
    let ask = Ask { member: None, usage: Usage::default(), asked: energy() };
    FundsCommand::Reserve(Reserve { reservation: id(name), ask, ttl_ms: 60_000 })
}

#[test]
fn what_can_be_known_is_not_read() {
    let mut world = World::new();
    // Nothing was ever remembered: whatever the id, there is no row.
    assert_eq!(world.funds.needs(&top_up("t1")), []);
    world.give(&top_up("t1")).unwrap();
    world.give(&reserve("r1")).unwrap();
    assert_eq!(world.funds.needs(&top_up("t1")), []);
    world.restart();
    assert_eq!(world.funds.needs(&top_up("t1")), [OperationKey::Operation(id("t1"))]);
    assert_eq!(world.funds.needs(&reserve("r2")), [OperationKey::Reserve(id("r2"))]);
    // An id that was made more than five minutes after the last record can't have one.
    let cases = [(300_000, true), (300_001, false), (0, true), (-1, true)];
    for (after_ms, is_read) in cases {
        assert_eq!(world.funds.needs(&reserve(&made(after_ms))).len(), usize::from(is_read), "{after_ms}");
    }
    // What is open was not resolved.
    let used = Used::Quantity(Quantity::ONE, Unit::KilowattHour);
    let commit = |name: &str| {
        FundsCommand::Commit(Commit { reservation: id(name), used: used.clone(), used_at: None })
    };
    assert_eq!(world.funds.needs(&commit("r1")), []);
    assert_eq!(world.funds.needs(&commit("r2")), [OperationKey::Resolve(id("r2"))]);
    let extend = |name: &str| {
        let (operation, reservation) = (id("x1"), id(name));
        FundsCommand::Extend(Extend { operation, reservation, more: energy(), ttl_ms: 0 })
    };
    assert_eq!(world.funds.needs(&extend("r1")), [OperationKey::Operation(id("x1"))]);
    assert_eq!(
        world.funds.needs(&extend("r2")),
        [OperationKey::Operation(id("x1")), OperationKey::Resolve(id("r2"))]
    );
    for command in [FundsCommand::Elapse, FundsCommand::Get] {
        assert_eq!(world.funds.needs(&command), []);
    }
}

#[test]
fn an_answer_that_left_the_state_is_read() {
    let count = RECENT_RECORDS + 6;
    let top_ups: String = (1..=count).map(|number| format!("topup t{number} 1 EUR -> on 1\n")).collect();
    script::check(
        "the first answer",
        &format!(
            "{top_ups}
             topup t1 1 EUR -> on 1
             topup t1 2 EUR -> bad IdReused amount
             topup t{count} 1 EUR -> on 1
             funds -> 1={count} EUR"
        ),
    );
}

#[test]
fn the_state_of_an_account_stays_small() {
    let mut world = World::new();
    world.give(&top_up("t")).unwrap();
    for number in 0..1_000 {
        world.give(&reserve(&format!("r{number}"))).unwrap();
        let used = Used::Quantity(Quantity::ONE, Unit::KilowattHour);
        let commit = Commit { reservation: id(&format!("r{number}")), used, used_at: None };
        world.give(&FundsCommand::Commit(commit)).unwrap();
        world.give(&top_up(&format!("t{number}"))).unwrap();
    }
    assert_eq!((world.funds.balances.len(), world.funds.reservations.len()), (1, 0));
    world.restart();
    let stored = format!("{:?}", world.funds);
    assert!(stored.len() < 1_000, "{stored}");
}
