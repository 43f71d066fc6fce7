//! A sale that was taken back and is asked for again: what could not be divided, sold to another and back.

use domain::charging_contract::Settles;
use domain::funds::{FundsCommand, TopUp};
use domain::operation::OperationId;

use super::*;

fn paid_by(settles: Settles) -> World {
    let mut world = charging_world("anna", &["01"]);
    set(&mut world, "anna", ChargingContract { settles, ..contract("driver", &["01"]) });
    let top_up = TopUp {
        operation: OperationId::new("t").unwrap(),
        asset: Currency::Eur.into(),
        amount: given::amount("50"),
        terms: None,
    };
    world.account("anna", &Command::Funds(FundsCommand::TopUp(top_up))).unwrap();
    world
}

/// What the account owes without tax, or has paid with it.
fn stands(world: &World, settles: Settles) -> Amount {
    let account = &world.accounts["anna"];
    let sum = |sum: Amount, amount| sum.checked_add(amount).unwrap();
    match settles {
        Settles::ByInvoice => {
            account.lines.values().map(|line| line.latest.position.amount).fold(Amount::ZERO, sum)
        }
        Settles::FromFunds => {
            let left = account.funds.balances.values().map(|one| one.amount).fold(Amount::ZERO, sum);
            given::amount("50").checked_sub(left).unwrap()
        }
    }
}

#[test]
fn a_sale_that_was_taken_back_is_sold_anew_and_never_answered_from_before() {
    // 10 kWh are 4.50, 20 kWh are 8.50; with tax 5.45 and 10.29.
    for (settles, first, second) in
        [(Settles::ByInvoice, "4.5", "8.5"), (Settles::FromFunds, "5.45", "10.29")]
    {
        let mut world = paid_by(settles);
        let mut ask = |kwh: &str, net: &str, amount: &str| {
            for _ in 0..2 {
                let sold = sell(&mut world, "anna", &sale("1", "2024-10-20", kwh, &card("01"))).unwrap();
                assert_eq!(sold.net, euros(net), "{settles:?}");
                assert_eq!(stands(&world, settles), given::amount(amount), "{settles:?}");
            }
            take_back(&mut world, "anna", "1");
            assert_eq!(stands(&world, settles), Amount::ZERO, "{settles:?}");
        };
        ask("10", "4.50", first);
        ask("20", "8.50", second);
        ask("20", "8.50", second);
        ask("10", "4.50", first);
        assert_eq!(world.rows.sold[&("anna".to_owned(), key("1"))].times, 4);
        assert_balanced(&world);
    }
}

#[test]
fn what_is_refused_the_second_time_is_refused() {
    let mut world = paid_by(Settles::ByInvoice);
    let asked = sale("1", "2024-10-20", "10", &card("01"));
    sell(&mut world, "anna", &asked).unwrap();
    take_back(&mut world, "anna", "1");
    let end = Day::new(2024, 10, 20).unwrap();
    let ended = ChargingContractCommand::End { id: "driver".to_owned(), end };
    world.account("anna", &Command::Charging(ended)).unwrap();
    assert_eq!(sell(&mut world, "anna", &asked), Err(SaleRefused::NoChargingContract));
}
