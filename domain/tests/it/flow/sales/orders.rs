//! Original, credit and replacement in any order, before and after an invoice: the sums are the same.

use proptest::prelude::*;

use super::*;

/// What the book of records tells the account, one record after the other; a credit that comes first keeps its original from
/// being sold at all.
fn arrive(world: &mut World, seen: &mut Vec<&'static str>, record: &'static str) {
    let (original, replacement) = ("original", "replacement");
    match record {
        "credit" if seen.contains(&original) => take_back(world, "anna", original),
        "original" if !seen.contains(&"credit") => {
            sell(world, "anna", &sale(original, "2024-10-20", "23.75", &card("01"))).unwrap();
        }
        "replacement" => {
            sell(world, "anna", &sale(replacement, "2024-10-20", "48.75", &card("01"))).unwrap();
        }
        _ => {}
    }
    seen.push(record);
}

/// What was invoiced in all, without and with tax, and what the ledger has at the end.
fn outcome(order: [&'static str; 3], billed_before: usize) -> (i64, i64, BTreeMap<String, Amount>) {
    let mut world = charging_world("anna", &["01"]);
    let included_kwh = Some(Quantity::parse("5").unwrap());
    let membership = Membership { included_kwh, ..Membership::default() };
    set(&mut world, "anna", ChargingContract { membership, ..contract("driver", &["01"]) });
    let mut seen = Vec::new();
    for (number, record) in order.into_iter().enumerate() {
        if number == billed_before {
            bill(&mut world, "october", october());
        }
        arrive(&mut world, &mut seen, record);
    }
    if billed_before == 3 {
        bill(&mut world, "october", october());
    }
    bill(&mut world, "november", october().next());
    assert_balanced(&world);
    let sum = |of: fn(&domain::invoice::Invoice) -> Money| {
        world.rows.invoices.iter().map(|invoice| of(invoice).minor()).sum()
    };
    let ledger = world.accounts["anna"].ledger();
    let ledger = ledger
        .into_iter()
        .filter(|(_, amount)| *amount != Amount::ZERO)
        .map(|((role, _), amount)| (role.to_string(), amount));
    (sum(|invoice| invoice.net), sum(|invoice| invoice.total), ledger.collect())
}

#[test]
fn all_six_orders_before_and_after_an_invoice_give_the_same_sums() {
    let orders = [
        ["original", "credit", "replacement"],
        ["original", "replacement", "credit"],
        ["credit", "original", "replacement"],
        ["credit", "replacement", "original"],
        ["replacement", "original", "credit"],
        ["replacement", "credit", "original"],
    ];
    // 48.75 kWh are 20.00, of which 5 kWh are 2.00.
    let expected = outcome(orders[0], 4);
    assert_eq!((expected.0, expected.1), (1_800, 2_178));
    for order in orders {
        for billed_before in 0..=4 {
            assert_eq!(outcome(order, billed_before), expected, "{order:?}, invoice before {billed_before}");
        }
    }
}

/// A session by card, day and watt-hours, and whether it is taken back.
type Arriving = (u8, i8, u32, bool);

/// Sessions, and two orders in which they arrive.
fn arrivals() -> impl Strategy<Value = (Vec<Arriving>, Vec<usize>, Vec<usize>)> {
    let session = (0_u8..3, 1_i8..=30, 1_u32..80_000, any::<bool>());
    prop::collection::vec(session, 1..12).prop_flat_map(|sessions| {
        let order: Vec<usize> = (0..sessions.len()).collect();
        (Just(sessions), Just(order.clone()).prop_shuffle(), Just(order).prop_shuffle())
    })
}

fn months(sessions: &[Arriving], order: &[usize], backwards: bool) -> Vec<(String, Amount, Quantity)> {
    let cards = ["0A", "0B", "0C"];
    let mut world = charging_world("fleet", &cards);
    let included_kwh = Some(Quantity::parse("40").unwrap());
    let membership = Membership { included_kwh, ..Membership::default() };
    set(&mut world, "fleet", ChargingContract { membership, ..contract("fleet", &cards) });
    for (value, centre) in cards.into_iter().zip(["x", "y", ""]) {
        let agreed = Card { cost_centre: centre.to_owned(), ..Card::default() };
        let command = ChargingContractCommand::SetCard(card(value), agreed);
        world.account("fleet", &Command::Charging(command)).unwrap();
    }
    for number in order {
        let (of_card, day, wh, is_taken_back) = sessions[*number];
        let (id, kwh) = (number.to_string(), Quantity::from_micros(i64::from(wh) * 1_000).to_text(0));
        let one = sale(&id, &format!("2024-10-{day:02}"), &kwh, &card(cards[usize::from(of_card)]));
        sell(&mut world, "fleet", &one).unwrap();
        if is_taken_back && !backwards {
            take_back(&mut world, "fleet", &id);
        }
    }
    for number in order.iter().filter(|number| sessions[**number].3 && backwards) {
        take_back(&mut world, "fleet", &number.to_string());
    }
    assert_balanced(&world);
    let lines = world.accounts["fleet"].lines.values().map(|line| &line.latest.position);
    let some =
        lines.filter(|position| position.amount != Amount::ZERO || position.quantity != Quantity::ZERO);
    some.map(|position| (position.key.component.clone(), position.amount, position.quantity)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_sums_of_a_month_know_no_order((sessions, one, other) in arrivals()) {
        prop_assert_eq!(months(&sessions, &one, false), months(&sessions, &other, true));
    }
}
