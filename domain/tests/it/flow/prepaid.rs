//! Supply in advance from values to the order to the meter: the point rates what arrives, the account debits it and says
//! whether supply is on, and no run bills it.

use domain::funds::{FundsCommand, TopUp};
use domain::operation::OperationId;
use domain::prepaid::{
    FriendlyHours, PrepaidCommand, PrepaidReply, PrepaidTerms, Reconnection, Supply, SwitchedOn,
};

use super::*;

fn amount(text: &str) -> Amount {
    Amount::from_quantity(Quantity::parse(text).unwrap()).unwrap()
}

fn terms(point: MeteringPointId) -> PrepaidTerms {
    PrepaidTerms {
        points: [point].into(),
        currency: Currency::Eur,
        low_credit: amount("5"),
        zero_credit: Amount::ZERO,
        friendly: FriendlyHours::default(),
        emergency: None,
        recovery: None,
        reconnection: Reconnection { least: Amount::ZERO, switched_on: SwitchedOn::ByOrder },
        average_days: 7,
    }
}

mod days;
mod random;

fn prepaid(world: &mut World, command: PrepaidCommand) -> account::Reply {
    let reply = world.account("anna", &account::Command::Prepaid(command)).unwrap();
    world.settle();
    reply
}

fn top_up(world: &mut World, operation: &str, much: &str) {
    let (operation, asset) = (OperationId::new(operation).unwrap(), Currency::Eur.into());
    let top_up = TopUp { operation, asset, amount: amount(much), terms: None };
    world.account("anna", &account::Command::Funds(FundsCommand::TopUp(top_up))).unwrap();
    world.settle();
}

/// What every hour of a day of October uses; `version` orders what is said of it.
fn use_day(world: &mut World, id: MeteringPointId, of_month: i8, quantity: &str, version: i64) {
    let start = rule().start(Day::new(2024, 10, of_month).unwrap());
    store(world, id, (start, 24), quantity, version);
    world.settle();
}

fn credit(world: &mut World) -> String {
    match prepaid(world, PrepaidCommand::Get) {
        account::Reply::Prepaid(PrepaidReply::Credit(view)) => view.credit.to_string(),
        other => unreachable!("{other:?}"),
    }
}

/// What the main balance of anna is.
fn main(world: &World) -> String {
    world.accounts["anna"].funds.balances.values().next().unwrap().amount.to_string()
}

fn supply(world: &World, id: MeteringPointId) -> (u64, Supply) {
    let order = &world.points[&id].supply.orders["anna"];
    (order.version, order.supply)
}

#[test]
fn values_that_arrive_are_debited_and_switch_supply() {
    let mut world = world();
    let id = add_point(&mut world, 1, &[("anna", 10_000)]);
    top_up(&mut world, "t1", "6");
    prepaid(&mut world, PrepaidCommand::SetTerms(terms(id), Day::new(2024, 10, 1)));
    assert_eq!(supply(&world, id), (1, Supply::On));

    // 24 h x 1 kWh x 0.10 = 2.40; standing 6.20 / 31 = 0.20; with 21 % 3.146. 6 - 3.146 = 2.854.
    use_day(&mut world, id, 3, "1", 1_000);
    assert_eq!(credit(&mut world), "2.854");
    // The same again tells nobody anything.
    use_day(&mut world, id, 3, "1", 1_001);
    assert_eq!(world.accounts["anna"].prepaid.operations, 1);
    // The day before arrives late, with the same: -0.292.
    use_day(&mut world, id, 2, "1", 1_002);
    assert_eq!(credit(&mut world), "-0.292");
    assert_eq!(supply(&world, id), (2, Supply::Off));
    // It is corrected to half of that: 1.20 + 0.20 with 21 % is 1.694 instead of 3.146, and supply is on again.
    use_day(&mut world, id, 2, "0.5", 1_003);
    assert_eq!(credit(&mut world), "1.16");
    assert_eq!(supply(&world, id), (3, Supply::On));

    // The whole month at once: 29 days of 24 hours more at 3.146, and one of 25 hours at (2.50 + 0.20) x 1.21 = 3.267.
    let period = rule().month_period(october()).unwrap();
    store(&mut world, id, (period.start(), 745), "1", 1_004);
    world.settle();
    // 6 - 30 x 3.146 - 3.267 = -91.647.
    assert_eq!(credit(&mut world), "-91.647");
    assert_eq!(supply(&world, id), (4, Supply::Off));
    top_up(&mut world, "t2", "100");
    assert_eq!(supply(&world, id), (5, Supply::On));
}

#[test]
fn no_run_bills_what_was_paid_in_advance() {
    let mut world = world();
    let id = add_point(&mut world, 1, &[("anna", 10_000)]);
    let shared = add_point(&mut world, 2, &[("bert", 10_000)]);
    prepaid(&mut world, PrepaidCommand::SetTerms(terms(id), Day::new(2024, 10, 1)));
    store_month(&mut world, id, "0.5");
    store_month(&mut world, shared, "0.5");
    world.settle();
    // 745 x 0.5 x 0.10 = 37.25, + 6.20, with 21 % 52.5745: exact, where the bill is 52.57.
    assert_eq!(credit(&mut world), "-52.5745");
    bill(&mut world, "october", october());
    let billed: Vec<&str> = world.rows.invoices.iter().map(|one| one.payer.account.as_str()).collect();
    assert_eq!(billed, ["bert"]);
    // What is corrected is debited, also when the terms have ended: 24 x 0.5 x 0.10 x 1.21 = 1.452.
    use_day(&mut world, id, 5, "1", 2_000);
    bill(&mut world, "again", october());
    assert_eq!((world.rows.invoices.len(), main(&world)), (1, "-54.0265".to_owned()));
}
