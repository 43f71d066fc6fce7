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
    // None of the ids that were used tells when it was made: one that does is none of them.
    assert_eq!(world.funds.needs(&reserve(&made(-1))), []);
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

/// Which ids have to be looked up, by when they were made.
fn check_read(world: &World, cases: &[(i64, bool)]) {
    for (after_ms, is_read) in cases {
        assert_eq!(world.funds.needs(&top_up(&made(*after_ms))).len(), usize::from(*is_read), "{after_ms}");
    }
}

#[test]
fn an_id_made_after_all_that_were_forgotten_is_not_read() {
    let mut world = World::new();
    world.give(&top_up(&made(5))).unwrap();
    world.give(&top_up(&made(0))).unwrap();
    world.give(&top_up("t1")).unwrap();
    check_read(&world, &[(-1, false), (0, false), (5, false), (6, false)]);
    world.restart();
    check_read(&world, &[(-1, true), (0, true), (5, true), (6, false), (300_001, false)]);
    // As many as are known push out those before them, and nothing else.
    let count = i64::try_from(RECENT_RECORDS).unwrap();
    (10..10 + count).for_each(|after_ms| drop(world.give(&top_up(&made(after_ms))).unwrap()));
    check_read(&world, &[(5, true), (6, false), (10, false), (10 + count, false)]);
    world.give(&top_up(&made(10 + count))).unwrap();
    check_read(&world, &[(10, true), (11, false), (11 + count, false)]);
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
