//! What a card with limits has used, through sessions and credits.

use domain::charging_contract::CardLimits;

use super::*;

/// Steps: `limited` and `free` set the contract with and without limits; `+1 27` sells session 1 of that day of October 2024,
/// `+1 11-02` one of another month, for 12.10 with tax; `-1` credits it. Expected are the last day counted, what was used on it and in
/// its month.
fn check(steps: &str, expected: Option<(&str, &str, &str)>) {
    let mut world = charging_world("anna", &["01"]);
    let card_limits = CardLimits { per_day: Some(euros("100.00")), per_month: Some(euros("400.00")) };
    for step in steps.split(", ") {
        let words: Vec<&str> = step.split(' ').collect();
        match words.as_slice() {
            ["limited"] => {
                set(&mut world, "anna", ChargingContract { card_limits, ..contract("it", &["01"]) })
            }
            ["free"] => set(&mut world, "anna", contract("it", &["01"])),
            [sold, day] => {
                let day = if day.contains('-') { format!("2024-{day}") } else { format!("2024-10-{day}") };
                let sale = sale(sold.strip_prefix('+').unwrap(), &day, "23.75", &card("01"));
                sell(&mut world, "anna", &sale).unwrap();
            }
            [back] => take_back(&mut world, "anna", back.strip_prefix('-').unwrap()),
            _ => unreachable!("{step}"),
        }
    }
    let used = world.accounts["anna"].charging.card_use.get(&card("01"));
    let used = used.map(|used| (used.day.to_string(), used.of_day.to_text(), used.of_month.to_text()));
    let expected =
        expected.map(|(day, of_day, of_month)| (day.to_owned(), of_day.to_owned(), of_month.to_owned()));
    assert_eq!(used, expected, "{steps}");
}

#[test]
fn a_credit_takes_back_what_was_counted_and_nothing_else() {
    for (steps, expected) in [
        ("limited, +1 27", Some(("2024-10-27", "12.10", "12.10"))),
        ("limited, +1 27, -1", Some(("2024-10-27", "0.00", "0.00"))),
        // A credit twice is one.
        ("limited, +1 27, +2 27, -1, -1", Some(("2024-10-27", "12.10", "12.10"))),
        // Of an older day: of the month, as it was counted.
        ("limited, +1 26, +2 27, -1", Some(("2024-10-27", "12.10", "12.10"))),
        ("limited, +1 27, +2 26, -2", Some(("2024-10-27", "12.10", "12.10"))),
        ("limited, +1 27, +2 26, -1", Some(("2024-10-27", "0.00", "12.10"))),
        // Of an older month: the window has passed.
        ("limited, +1 27, +2 11-02, -1", Some(("2024-11-02", "12.10", "12.10"))),
        ("limited, +1 11-02, +2 27, -2", Some(("2024-11-02", "12.10", "12.10"))),
        // Of what was sold without limits: nothing, on the day, in the month, nor behind them.
        ("free, +1 27, -1", None),
        ("free, +1 27, limited, -1", None),
        ("free, +1 27, limited, +2 27, -1", Some(("2024-10-27", "12.10", "12.10"))),
        ("free, +1 26, limited, +2 27, -1", Some(("2024-10-27", "12.10", "12.10"))),
        ("limited, +1 26, free, +2 27, -2", Some(("2024-10-26", "12.10", "12.10"))),
        ("limited, +1 27, free, +2 11-02, -2", Some(("2024-10-27", "12.10", "12.10"))),
        // What was counted under limits is given back without them as well.
        ("limited, +1 27, free, -1", Some(("2024-10-27", "0.00", "0.00"))),
    ] {
        check(steps, expected);
    }
}
