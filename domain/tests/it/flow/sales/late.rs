//! Sessions that come after their month was invoiced.

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
}
