//! Included kWh: what of the energy's price is credited, to the cent.

use domain::charging_contract::{ChargingContract, Membership};
use domain::entity::catalog;
use domain::quantity::Quantity;

use super::{assert_balanced, bill, card, charging_world, contract, line, lines, october, sale, sell, set};
use crate::session::given;

/// The lines of October's invoice for sessions of these kWh under a sheet, where so many kWh are included.
fn billed(sheet: &str, included: &str, kwh: &[&str]) -> Vec<(String, String, String)> {
    let mut world = charging_world("anna", &["01"]);
    let put =
        catalog::Command::PutPriceSheet { id: "other".to_owned(), sheet: Box::new(given::sheet(sheet)) };
    world.catalog(&put).unwrap();
    let included_kwh = Some(Quantity::parse(included).unwrap());
    let membership = Membership { included_kwh, ..Membership::default() };
    let sheet = "other".to_owned();
    set(&mut world, "anna", ChargingContract { membership, sheet, ..contract("driver", &["01"]) });
    for (number, kwh) in kwh.iter().enumerate() {
        sell(&mut world, "anna", &sale(&number.to_string(), "2024-10-20", kwh, &card("01"))).unwrap();
    }
    bill(&mut world, "run", october());
    assert_balanced(&world);
    lines(&world)
}

#[test]
fn a_driver_whose_kwh_are_all_included_pays_nothing_for_energy() {
    // 1.01 kWh at 0.50 are sold for 0.51 each.
    assert_eq!(
        billed("energy 0.50", "500", &["1.01"; 120]),
        [line("Charging sessions", "61.20", "121.2"), line("Included energy", "-61.20", "-121.2")]
    );
    assert_eq!(
        billed("flat 0.35, energy 0.50", "500", &["1.01"; 4]),
        // 0.855 is sold for 0.86, of which 0.51 are energy.
        [line("Charging sessions", "3.44", "4.04"), line("Included energy", "-2.04", "-4.04")]
    );
}

#[test]
fn some_are_credited_at_the_mean_price_of_what_was_sold() {
    // 6.00 x 10 / 12.036
    assert_eq!(
        billed("energy 0.50", "10", &["3.009"; 4]),
        [line("Charging sessions", "6.00", "12.036"), line("Included energy", "-4.99", "-10")]
    );
}
