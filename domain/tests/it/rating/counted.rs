//! A month of a metering point under models that count: tiers, packages, capacity, minimum, cap and discount, over every
//! kind of cut.

use domain::model::{ChargeModel, Proration};
use domain::product::{Component, ProductDefect, QuantitySource};
use domain::quantity::{Quantity, Unit};
use domain::rating::NotReady;
use domain::resolution::Resolution;
use domain::series::{Direction, Quality, Value};

use super::given::{Given, OCTOBER, always, check, component, dated, monthly, on_spot, price, surcharge};
use crate::model::given::{component as counted, conditions};

/// A component on consumption with a model and conditions in words.
fn energy(model: &str, words: &str) -> Component {
    let unit = if model.starts_with("capacity") { Unit::Kilowatt } else { Unit::KilowattHour };
    let source = QuantitySource::Channel(Direction::Consumption);
    Component { id: "energy".to_owned(), quantity: source, unit, ..counted(model, words) }
}

/// 745 hours of 1 kWh.
fn october(components: Vec<Component>) -> Given {
    Given::new(components).hourly()
}

const GRADUATED: &str = "graduated zero=none 360:0.30 700:0.25 ..:0.20";

#[test]
fn a_month_counts_as_a_whole() {
    // 360 x 0.30 + 340 x 0.25 + 45 x 0.20
    check(&october(vec![energy(GRADUATED, "")]), &["energy 2024-10-01/2024-11-01 745 kWh 202"]);
    check(
        &october(vec![energy("volume 700:0.30 ..:0.20", "")]),
        &["energy 2024-10-01/2024-11-01 745 kWh 149"],
    );
    // 745 - 45 = 700 are seven packages.
    let package = energy("package size=100 free=45 price=5", "");
    check(&october(vec![package]), &["energy 2024-10-01/2024-11-01 745 kWh 35"]);
    check(&october(vec![energy("unit 0.20", "max=100")]), &["energy 2024-10-01/2024-11-01 745 kWh 100"]);
    check(&october(vec![energy("unit 0.20", "min=200")]), &["energy 2024-10-01/2024-11-01 745 kWh 200"]);
    // 149 less a tenth.
    check(
        &october(vec![energy("unit 0.20", "discount=0.1")]),
        &["energy 2024-10-01/2024-11-01 745 kWh 134.1"],
    );
}

#[test]
fn a_minimum_is_due_by_days_and_without_usage() {
    let given = Given::new(vec![energy("unit 0.20", "min=31 limits=days")])
        .of_days("2024-10-11/2024-11-01")
        .values(Direction::Consumption, "2024-10-11/2024-11-01", Resolution::Hour, "0");
    check(&given, &["energy 2024-10-11/2024-11-01 0 kWh 21"]);
}

#[test]
fn tiers_run_on_over_a_change_of_tax() {
    // 15 days of 24 hours: 360 x 0.30. Then 385 hours: 340 x 0.25 + 45 x 0.20.
    let given = october(vec![energy(GRADUATED, "")]).taxed("standard", "2024-10-16", 900);
    check(&given, &["energy 2024-10-01/2024-10-16 360 kWh 108", "energy 2024-10-16/2024-11-01 385 kWh 94"]);
    // A volume is charged what the month costs behind the cut less what it cost before it: 149 - 108.
    let given = october(vec![energy("volume 700:0.30 ..:0.20", "")]).taxed("standard", "2024-10-16", 900);
    check(&given, &["energy 2024-10-01/2024-10-16 360 kWh 108", "energy 2024-10-16/2024-11-01 385 kWh 41"]);
}

#[test]
fn a_piece_depends_on_what_was_counted_before_it() {
    let given = october(vec![energy(GRADUATED, "")]).taxed("standard", "2024-10-16", 900);
    let positions = given.rate().unwrap();
    let days: Vec<usize> = positions.iter().map(|position| position.provenance.days.len()).collect();
    assert_eq!(days, [15, 31]);
    let estimated =
        given.values_by(Direction::Consumption, "2024-10-01/2024-10-02", Resolution::Hour, |_| Value {
            quantity: Quantity::ONE,
            quality: Quality::Estimated,
        });
    assert!(estimated.rate().unwrap().iter().all(|position| position.is_estimated));
}

#[test]
fn packages_and_caps_run_on_over_dated_prices() {
    let mut package = energy("package size=100 price=5", "");
    package.price = dated(&[("2020-01-01", "5"), ("2024-10-16", "6")]);
    // Four are started by 360 kWh; the other four cost 6.
    check(
        &october(vec![package]),
        &["energy 2024-10-01/2024-10-16 360 kWh 20", "energy 2024-10-16/2024-11-01 385 kWh 24"],
    );
    let mut capped = energy("unit 0.20", "max=100");
    capped.price = dated(&[("2020-01-01", "0.20"), ("2024-10-16", "0.30")]);
    // 72, then 28 of 115.50 to the cap.
    check(
        &october(vec![capped]),
        &["energy 2024-10-01/2024-10-16 360 kWh 72", "energy 2024-10-16/2024-11-01 385 kWh 28"],
    );
}

#[test]
fn a_new_version_counts_on_or_anew_as_the_conditions_say() {
    let later = "graduated zero=none 360:0.40 ..:0.10";
    let month = october(vec![energy(GRADUATED, "counting=month")]);
    let month = month.version(2, "2024-10-16", vec![energy(later, "counting=month")]);
    // 360 were counted: all that follows is in the second tier.
    check(&month, &["energy 2024-10-01/2024-10-16 360 kWh 108", "energy 2024-10-16/2024-11-01 385 kWh 38.5"]);
    let version = october(vec![energy(GRADUATED, "counting=version")]);
    let version = version.version(2, "2024-10-16", vec![energy(later, "counting=version")]);
    // Anew: 360 x 0.40 + 25 x 0.10.
    check(
        &version,
        &["energy 2024-10-01/2024-10-16 360 kWh 108", "energy 2024-10-16/2024-11-01 385 kWh 146.5"],
    );
    // A minimum by days: of a version that counts for itself 15 and 16 of 31 days, else one for the month.
    let minimum = |counting: &str| energy("unit 0.01", &format!("min=31 limits=days counting={counting}"));
    let twice = october(vec![minimum("version")]).version(2, "2024-10-16", vec![minimum("version")]);
    check(&twice, &["energy 2024-10-01/2024-10-16 360 kWh 15", "energy 2024-10-16/2024-11-01 385 kWh 16"]);
    let once = october(vec![minimum("month")]).version(2, "2024-10-16", vec![minimum("month")]);
    check(&once, &["energy 2024-10-01/2024-10-16 360 kWh 31", "energy 2024-10-16/2024-11-01 385 kWh 0"]);
}

#[test]
fn a_surcharge_meets_the_pieces_of_its_factor() {
    let factor = dated(&[("2020-01-01", "0.1"), ("2024-10-16", "0.2")]);
    let given = october(vec![energy(GRADUATED, "max=150"), surcharge(&["energy"], factor)]);
    // 108 and 42 to the cap; a tenth of the one, a fifth of the other.
    check(
        &given,
        &[
            "energy 2024-10-01/2024-10-16 360 kWh 108",
            "energy 2024-10-16/2024-11-01 385 kWh 42",
            "surcharge 2024-10-01/2024-10-16 1 pcs 10.8",
            "surcharge 2024-10-16/2024-11-01 1 pcs 8.4",
        ],
    );
}

#[test]
fn an_index_is_discounted_and_capped() {
    let component = Component { price: on_spot("1", "0"), ..energy("unit 0", "discount=0.5 max=30") };
    // 100 per MWh is 0.10 per kWh: 74.50, less a half, capped.
    let given = october(vec![component]).spot(OCTOBER, Resolution::Hour, |_| Some(price("100")));
    check(&given, &["energy 2024-10-01/2024-11-01 745 kWh 30"]);
}

/// 1 kWh in every hour, 3 in hour 18 of each day, and 2.5 in hour 19 of the first.
fn peaks(components: Vec<Component>) -> Given {
    Given::new(components).values_by(Direction::Consumption, OCTOBER, Resolution::Hour, |hour| {
        let quantity = Quantity::parse(if hour == 18 { "3" } else { "1" }).unwrap();
        Value { quantity, quality: Quality::Measured }
    })
}

#[test]
fn a_capacity_is_of_the_month_and_paid_by_days() {
    check(&peaks(vec![energy("capacity highest=3 price=8", "")]), &["energy 2024-10-01/2024-11-01 3 kW 24"]);
    // A change of tax cuts the price by days: 15 and 16 of 31.
    let given = peaks(vec![energy("capacity highest=3 price=31", "")]).taxed("standard", "2024-10-16", 900);
    check(&given, &["energy 2024-10-01/2024-10-16 3 kW 45", "energy 2024-10-16/2024-11-01 3 kW 48"]);
    // Quarters of 0.75 kWh are 3 kW.
    let quarters = Given::new(vec![energy("capacity highest=2 choice=daily price=8", "")]).values(
        Direction::Consumption,
        OCTOBER,
        Resolution::Minutes15,
        "0.75",
    );
    check(&quarters, &["energy 2024-10-01/2024-11-01 3 kW 24"]);
    // Ten days of service pay ten of 31 days where the terms say so.
    let model = "capacity highest=1 proration=days price=31";
    let given = peaks(vec![energy(model, "")]).of_days("2024-10-22/2024-11-01");
    check(&given, &["energy 2024-10-22/2024-11-01 3 kW 30"]);
}

#[test]
fn a_price_per_month_is_borne_on_the_basis_that_is_named() {
    let standing = |basis, of| Component { model: ChargeModel::Monthly(basis), ..monthly(always(of)) };
    let cut = |basis, of| Given::new(vec![standing(basis, of)]).taxed("standard", "2024-10-16", 900);
    check(
        &cut(Proration::ThirtyDays, "30"),
        &["standing 2024-10-01/2024-10-16 15 day 15", "standing 2024-10-16/2024-11-01 16 day 15"],
    );
    check(
        &cut(Proration::Whole, "31"),
        &["standing 2024-10-01/2024-10-16 15 day 15", "standing 2024-10-16/2024-11-01 16 day 16"],
    );
    let partly = |basis| Given::new(vec![standing(basis, "36.6")]).of_days("2024-10-22/2024-11-01");
    check(&partly(Proration::Whole), &["standing 2024-10-22/2024-11-01 10 day 36.6"]);
    check(&partly(Proration::ThirtyDays), &["standing 2024-10-22/2024-11-01 10 day 12.2"]);
    check(&partly(Proration::DaysOfYear), &["standing 2024-10-22/2024-11-01 10 day 12"]);
}

#[test]
fn what_no_point_can_rate_is_told() {
    let session = Component { id: "session".to_owned(), ..counted("unit 0.25", "") };
    let product = vec![energy(GRADUATED, ""), session];
    assert_eq!(october(product).rate().unwrap_err(), [NotReady::NotMetered("session".to_owned())]);
    let water = Given { unit: Unit::CubicMetre, ..october(vec![energy("capacity highest=1 price=8", "")]) };
    assert_eq!(water.rate().unwrap_err(), [NotReady::OutOfRange("energy".to_owned())]);
    let gap = Given::new(vec![energy(GRADUATED, "")]).rate().unwrap_err();
    assert!(matches!(gap[..], [NotReady::MissingValues { .. }]), "{gap:?}");
    // On channels amounts of events do not compose.
    let dynamic = energy("dynamic", "");
    let defects = crate::model::given::product(dynamic).defects();
    assert!(defects.contains(&ProductDefect::DoesNotCompose("energy".to_owned())));
    assert_eq!(conditions("").minimum, None);
    assert_eq!(
        component("x", QuantitySource::Days, Unit::Day, always("1"), ChargeModel::PerUnit).conditions,
        None
    );
}
