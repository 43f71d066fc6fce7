//! Where a month is cut: the contract, the product's version, a dated price, the rate of tax.

use domain::position::ShownPrice;
use domain::product::{ChargeModel, QuantitySource};
use domain::quantity::{Quantity, Unit};

use super::given::{
    Given, OCTOBER, always, check, component, dated, energy, monthly, price, surcharge, told,
};

#[test]
fn a_full_month_costs_the_price_of_the_month_to_the_cent() {
    let standing = |month: &str| Given::new(vec![monthly(always("5.95"))]).of_month(month);
    check(&standing("2024-10"), &["standing 2024-10-01/2024-11-01 31 day 5.95"]);
    check(&standing("2024-02"), &["standing 2024-02-01/2024-03-01 29 day 5.95"]);
    check(&standing("2023-02"), &["standing 2023-02-01/2023-03-01 28 day 5.95"]);
    check(&standing("2024-11"), &["standing 2024-11-01/2024-12-01 30 day 5.95"]);
}

#[test]
fn a_part_of_a_month_costs_its_days() {
    // Moved in on the 12th: 5.95 x 20 / 31 = 119 / 31; whoever was there before: 5.95 x 11 / 31 = 65.45 / 31.
    let given = Given::new(vec![monthly(always("5.95"))]);
    check(&given.clone().of_days("2024-10-12/2025-10-12"), &["standing 2024-10-12/2024-11-01 20 day 119/31"]);
    check(
        &given.clone().of_days("2023-01-01/2024-10-12"),
        &["standing 2024-10-01/2024-10-12 11 day 1309/620"],
    );
    check(&given.clone().of_days("2024-10-31/2024-11-15"), &["standing 2024-10-31/2024-11-01 1 day 119/620"]);
    check(&given.of_days("2024-11-01/2024-12-01"), &[]);
}

#[test]
fn a_price_per_day_counts_days_and_a_fee_is_due_on_the_first_day() {
    let daily = component("daily", QuantitySource::Days, Unit::Day, always("0.1234"), ChargeModel::PerUnit);
    let joining = component("joining", QuantitySource::Count, Unit::Piece, always("25"), ChargeModel::Fixed);
    let given = Given::new(vec![daily, joining]);
    // 20 x 0.1234.
    check(
        &given.clone().of_days("2024-10-12/2025-10-12"),
        &["daily 2024-10-12/2024-11-01 20 day 2.468", "joining 2024-10-12/2024-11-01 1 pcs 25"],
    );
    check(&given, &["daily 2024-10-01/2024-11-01 31 day 3.8254"]);
}

#[test]
fn a_version_of_the_product_serves_from_its_first_day() {
    // 6.20 x 15 / 31 = 3.00; 9.30 x 16 / 31 = 4.80.
    let given =
        Given::new(vec![monthly(always("6.20"))]).version(2, "2024-10-16", vec![monthly(always("9.30"))]);
    check(&given, &["standing 2024-10-01/2024-10-16 15 day 3", "standing 2024-10-16/2024-11-01 16 day 4.8"]);
    let versions: Vec<u32> =
        given.rate().unwrap().iter().map(|position| position.provenance.product_version).collect();
    assert_eq!(versions, [1, 2]);
}

#[test]
fn a_rate_of_tax_cuts_what_it_taxes_and_nothing_else() {
    let mut untaxed = monthly(always("3.10"));
    (untaxed.id, untaxed.tax_class) = ("untaxed".to_owned(), domain::tax::TaxClass::outside());
    let given = Given::new(vec![monthly(always("6.20")), untaxed]).taxed("standard", "2024-10-15", 900);
    check(
        &given,
        &[
            "standing 2024-10-01/2024-10-15 14 day 2.8",
            "standing 2024-10-15/2024-11-01 17 day 3.4",
            "untaxed 2024-10-01/2024-11-01 31 day 3.1",
        ],
    );
    let rates: Vec<u32> =
        given.rate().unwrap().iter().map(|position| position.vat_rate.hundredths_of_percent()).collect();
    assert_eq!(rates, [2_100, 900, 0]);
}

#[test]
fn a_dated_price_cuts_the_values() {
    // Ten days of 24 hours at 0.10; twenty days of 24 hours and one of 25 at 0.20.
    let given = Given::new(vec![energy(dated(&[("2020-01-01", "0.10"), ("2024-10-11", "0.20")]))]).hourly();
    check(&given, &["energy 2024-10-01/2024-10-11 240 kWh 24", "energy 2024-10-11/2024-11-01 505 kWh 101"]);
    let first = &given.rate().unwrap()[0];
    assert_eq!(first.price, ShownPrice::Single(price("0.10")));
    assert_eq!(first.provenance.days.len(), 10);
}

#[test]
fn a_price_of_the_contract_is_found_by_name() {
    let mut given =
        Given::new(vec![energy(domain::product::PriceSource::Parameter("agreed".to_owned()))]).hourly();
    given.contract.parameters.insert("agreed".to_owned(), price("0.3"));
    check(&given, &["energy 2024-10-01/2024-11-01 745 kWh 223.5"]);
}

#[test]
fn a_surcharge_takes_a_part_of_exact_amounts() {
    // 745 x 0.1 = 74.50 and 6.20: 5 % of 80.70.
    let components = |factor| {
        vec![energy(always("0.1")), monthly(always("6.20")), surcharge(&["energy", "standing"], factor)]
    };
    let given = Given::new(components(always("0.05"))).hourly();
    let positions = given.rate().unwrap();
    assert_eq!(told(&positions[2]), "surcharge 2024-10-01/2024-11-01 1 pcs 4.035");
    assert_eq!(positions[2].price, ShownPrice::Factor(price("0.05")));
    assert_eq!(positions[2].provenance.days.len(), 31);
    // From the 16th 10 %: 360 h and 15 days at 5 %, 385 h and 16 days at 10 %; what it is taken of is cut there as well.
    let given = Given::new(components(dated(&[("2020-01-01", "0.05"), ("2024-10-16", "0.1")]))).hourly();
    check(
        &given,
        &[
            "energy 2024-10-01/2024-10-16 360 kWh 36",
            "energy 2024-10-16/2024-11-01 385 kWh 38.5",
            "standing 2024-10-01/2024-10-16 15 day 3",
            "standing 2024-10-16/2024-11-01 16 day 3.2",
            "surcharge 2024-10-01/2024-10-16 1 pcs 1.95",
            "surcharge 2024-10-16/2024-11-01 1 pcs 4.17",
        ],
    );
    assert_eq!(positions[2].quantity, Quantity::ONE);
}

#[test]
fn a_surcharge_on_nothing_is_no_position_and_on_an_estimate_an_estimate() {
    let joining = component("joining", QuantitySource::Count, Unit::Piece, always("25"), ChargeModel::Fixed);
    check(&Given::new(vec![joining, surcharge(&["joining"], always("0.1"))]), &[]);
    let estimated =
        |_| domain::series::Value { quantity: Quantity::ONE, quality: domain::series::Quality::Estimated };
    let components = vec![energy(always("0.1")), surcharge(&["energy"], always("0.1"))];
    let (direction, resolution) =
        (domain::series::Direction::Consumption, domain::resolution::Resolution::Hour);
    let given = Given::new(components).values_by(direction, OCTOBER, resolution, estimated);
    assert!(given.rate().unwrap().iter().all(|position| position.is_estimated));
}
