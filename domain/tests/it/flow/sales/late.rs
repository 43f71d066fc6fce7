//! Sessions that come after their month was invoiced.

use std::collections::BTreeMap;

use domain::charging_contract::LatePolicy;

use super::*;

fn invoiced(late: LatePolicy) -> World {
    let mut world = charging_world("anna", &["01"]);
    set(&mut world, "anna", ChargingContract { late, ..contract("driver", &["01"]) });
    sell(&mut world, "anna", &sale("1", "2024-10-20", "10", &card("01"))).unwrap();
    bill(&mut world, "october", october());
    world
}

#[test]
fn a_late_session_is_on_the_next_invoice() {
    let mut world = invoiced(LatePolicy::NextInvoice);
    sell(&mut world, "anna", &sale("2", "2024-10-21", "20", &card("01"))).unwrap();
    sell(&mut world, "anna", &sale("3", "2024-11-21", "10", &card("01"))).unwrap();
    bill(&mut world, "november", october().next());
    let expected = [line("Charging sessions", "4.50", "10"), line("Charging sessions", "8.50", "30")];
    assert_eq!(lines(&world), expected);
}

#[test]
fn a_late_session_is_on_an_invoice_apart() {
    let mut world = invoiced(LatePolicy::SeparateInvoice);
    sell(&mut world, "anna", &sale("2", "2024-10-21", "20", &card("01"))).unwrap();
    sell(&mut world, "anna", &sale("3", "2024-11-21", "10", &card("01"))).unwrap();
    bill(&mut world, "november", october().next());
    assert_eq!(lines(&world), [line("Charging sessions", "4.50", "10")]);
    bill(&mut world, "late", october());
    assert_eq!(lines(&world), [line("Charging sessions", "8.50", "20")]);
    assert_eq!(world.rows.invoices.len(), 3);
    // A credit of the late session stands apart as well.
    take_back(&mut world, "anna", "2");
    bill(&mut world, "later", october());
    assert_eq!(lines(&world), [line("Charging sessions", "-8.50", "0")]);
}

#[test]
fn a_session_that_comes_too_late_is_refused() {
    let mut world = invoiced(LatePolicy::RefuseAfter(10));
    let arriving = |id: &str, received: &str| SessionSale {
        received: given::instant(received),
        ..sale(id, "2024-10-21", "20", &card("01"))
    };
    // By the clock of Amsterdam the eleventh day begins at 23:00 UTC.
    let late = arriving("2", "2024-10-31T23:00:00Z");
    assert_eq!(sell(&mut world, "anna", &late), Err(SaleRefused::TooLate));
    assert!(sell(&mut world, "anna", &arriving("2", "2024-10-31T22:59:00Z")).is_ok());
    // What no invoice was made for is not late, whenever it comes.
    let late = LatePolicy::RefuseAfter(10);
    let mut world = charging_world("anna", &["01"]);
    set(&mut world, "anna", ChargingContract { late, ..contract("driver", &["01"]) });
    assert!(sell(&mut world, "anna", &arriving("2", "2025-01-31T23:00:00Z")).is_ok());
}

/// What all invoices come to, by line, once sessions `1` (10 kWh), `2` (20 kWh) and `3` (5 kWh) of October arrived in this order
/// with invoices of October (`O`) and November (`N`) between them. 15 kWh of a month are included.
fn with_included(steps: &str) -> Vec<(String, i64)> {
    let mut world = charging_world("anna", &["01"]);
    let included_kwh = Some(Quantity::parse("15").unwrap());
    let membership = Membership { included_kwh, ..Membership::default() };
    let late = LatePolicy::SeparateInvoice;
    set(&mut world, "anna", ChargingContract { late, membership, ..contract("driver", &["01"]) });
    for (number, step) in steps.chars().enumerate() {
        match step {
            'O' => drop(bill(&mut world, &format!("run-{number}"), october())),
            'N' => drop(bill(&mut world, &format!("run-{number}"), october().next())),
            _ => {
                let kwh = [("1", "10"), ("2", "20"), ("3", "5")];
                let (id, kwh) = kwh.into_iter().find(|(id, _)| id.starts_with(step)).unwrap();
                sell(&mut world, "anna", &sale(id, "2024-10-20", kwh, &card("01"))).unwrap();
            }
        }
    }
    assert_balanced(&world);
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    let points = world.rows.invoices.iter().flat_map(|invoice| &invoice.points);
    for line in points.flat_map(|point| &point.lines) {
        *sums.entry(line.name.clone()).or_default() += line.net.minor();
    }
    sums.into_iter().collect()
}

#[test]
fn included_energy_counts_late_sessions_in_whatever_order_they_come() {
    // 35 kWh came to 14.00: 15 of them are 6.00.
    let expected = [("Charging sessions".to_owned(), 1_550), ("Included energy".to_owned(), -600)];
    for steps in [
        "123O", "321O", "1O23O", "1O32O", "2O13O", "3O1O2O", "O123O", "1O2N3O", "1O23NO", "1ON32O", "12O3ON",
        "3O2NO1ON",
    ] {
        assert_eq!(with_included(steps), expected, "{steps}");
    }
}
