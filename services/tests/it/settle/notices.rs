//! What is computed and yet not as complete as it looks is said.

use services::settle::{SettleArguments, run};

use super::Copy;

const SCENARIO: &str = "settlement/tax-with-child-and-grid-loss-by-quarters";

/// After a change of the input, a notice says so; without it, none does.
fn check(file: &str, text: &str, instead: &str, expected: &str) {
    let notices = |scenario: &Copy| {
        let arguments = SettleArguments {
            input: scenario.path().join("when"),
            output: None,
            compare: None,
            zone: "Europe/Copenhagen".to_owned(),
        };
        let notices = run(&arguments).unwrap().notices;
        notices.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let scenario = Copy::of(SCENARIO);
    let says = |notices: &[String]| notices.iter().any(|notice| notice.contains(expected));
    assert!(!says(&notices(&scenario)), "said without reason: {expected}");
    scenario.replace(&format!("when/{file}"), text, instead);
    let notices = notices(&scenario);
    assert!(says(&notices), "{expected}\n{notices:#?}");
}

#[test]
fn grid_loss_that_nobody_takes() {
    let consumption =
        "571313100000000010;E17;;D01;804;PT15M;;;;8100000000016;8200000000015;2019-12-31T23:00:00Z;";
    let points = "metering_point_periods.csv";
    let expected = "grid area 804 has no consumption point for grid loss in 4 intervals from 2024-02-15T10:00:00Z on: \
                    3.006 kWh";
    check(points, &format!("{consumption}\n"), "", expected);
    // The point's periods leave a gap.
    let after = consumption.replace("2019-12-31T23:00", "2024-02-15T11:00");
    check(points, consumption, &format!("{consumption}2024-02-14T23:00:00Z\n{after}"), expected);
}

#[test]
fn links_and_values_without_effect() {
    check(
        "charge_link_periods.csv",
        "034;1;",
        "034;2;",
        "the link in row 2 gives tax-5790000000999-tariff a quantity other than 1",
    );
    check(
        "charge_link_periods.csv",
        "\ntax;",
        "\ntoll;",
        "toll-5790000000999-tariff is linked, but has no price information",
    );
    check(
        "time_series_points.csv",
        "T10:00:00Z",
        "T10:15:00Z",
        "1 values lie between the intervals of their metering point",
    );
}

#[test]
fn rows_without_price() {
    check(
        "charge_price_points.csv",
        "tax;tariff;5790000000999;0.761;2024-01-31T23:00:00Z\n",
        "",
        "tax-5790000000999-tariff, supplier 8100000000030: 2 of 58 rows have no price",
    );
}
