//! Input that is wrong: refused with file, line and column, and with exit code 2.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::{Copy, data};

const SCENARIO: &str = "settlement/price-change-in-mid-month";

/// What `kvarter settle` says when a file of the scenario was changed.
fn refusal(file: &str, text: &str, instead: &str) -> String {
    let scenario = Copy::of(SCENARIO);
    scenario.replace(&format!("when/{file}"), text, instead);
    let error = scenario.compare().expect_err(&format!("{file}: {instead} was taken"));
    error.to_string().replace(&scenario.path().display().to_string(), "")
}

fn check(file: &str, text: &str, instead: &str, expected: &str) {
    let refusal = refusal(file, text, instead);
    assert!(refusal.contains(file) || !expected.contains("line"), "{refusal}");
    assert!(refusal.contains(expected), "expected: {expected}\n     got: {refusal}");
}

#[test]
fn a_wrong_cell_is_refused_by_file_line_and_column() {
    let points = "metering_point_periods.csv";
    check(points, ";E17;;D01;", ";E99;;D01;", "line 2, type: \"E99\" is not a type of metering point: E17");
    check(points, ";D01;804", ";D09;804", "line 2, settlement_method: \"D09\" is not D01 (flex), E02");
    check(points, "PT15M", "PT5M", "line 2, resolution: \"PT5M\" is not PT1H or PT15M");
    check(
        points,
        "571313100000000010",
        "5713131",
        "line 2, metering_point_id: \"5713131\" is not a metering point id of 18",
    );
    check(
        points,
        "2019-12-31T23:00:00Z;\n",
        "2019-12-31T23:00:00Z;2019-12-31\n",
        "line 2, to_date: \"2019-12-31\" is not an instant",
    );
    check(
        points,
        "2019-12-31T23:00:00Z;\n",
        "2019-12-31T23:00:00Z;2018-12-31T23:00:00Z\n",
        "an instant after the row's from_date",
    );
    check(
        "charge_link_periods.csv",
        ";subscription;",
        ";gift;",
        "line 2, charge_type: \"gift\" is not subscription, fee or tariff",
    );
    check(
        "charge_link_periods.csv",
        "034;1;",
        "034;one;",
        "line 2, quantity: \"one\" is not a number of pieces",
    );
    check(
        "charge_price_information_periods.csv",
        "P1M",
        "P1Y",
        "line 2, resolution: \"P1Y\" is not PT1H, P1D or P1M",
    );
    check(
        "charge_price_information_periods.csv",
        "false",
        "no",
        "line 2, is_tax: \"no\" is not true or false",
    );
    check(
        "charge_price_points.csv",
        ";31;",
        ";31,5;",
        "line 2, charge_price: \"31,5\" is not a price in DKK",
    );
    check(
        "charge_price_points.csv",
        "2023-10-31T23:00:00Z",
        "31.10.2023",
        "line 2, charge_time: \"31.10.2023\" is not an instant",
    );
    check("time_series_points.csv", ";10;", ";ten;", "line 2, quantity: \"ten\" is not a number of kWh");
    check(
        "time_series_points.csv",
        "measured",
        "guessed",
        "line 2, quality: \"guessed\" is not measured, estimated",
    );
    check(
        "time_series_points.csv",
        "T10:00:00Z",
        "T25:00:00Z",
        "line 2, observation_time: \"2023-11-15T25:00:00Z\" is not",
    );
}

#[test]
fn a_wrong_table_is_refused() {
    check(
        "charge_link_periods.csv",
        "quantity",
        "amount",
        "line 1: there is no column quantity, only charge_code, charge_type",
    );
    check("time_series_points.csv", ";measured;", ";", "line 2: the row has 3 columns, the header 4");
    check("calculation_arguments.yml", "calculation-type", "kind", "calculation_type is missing");
    check(
        "calculation_arguments.yml",
        "\"wholesale_fixing\"",
        "\"gambling\"",
        "line 5, calculation_type: \"gambling\" is not one of",
    );
}

#[test]
fn what_cannot_be_settled_is_refused_by_its_row() {
    let points = "metering_point_periods.csv";
    check(
        points,
        ";E17;;D01;804;PT1H",
        ";E17;;;804;PT1H",
        "line 4: a consumption point needs a settlement method",
    );
    check(points, ";E17;;D01;804;PT1H", ";E20;;;804;PT1H", "line 4: an exchange point needs the areas");
    check(points, "571313100000000034", "571313100000000010", "has two periods that overlap");
    check(
        points,
        "T23:00:00Z;\n",
        "T23:00:00Z;2023-11-10T23:30:00Z\n",
        "line 2: the period begins or ends inside an hour",
    );
    check(
        "time_series_points.csv",
        ";10.015;",
        ";10.0151;",
        "line 3: the quantity has more than three decimals",
    );
    check(
        "time_series_points.csv",
        "2023-11-16T11",
        "2023-11-16T10",
        "line 4: metering point 571313100000000034 has another value",
    );
    check("charge_price_points.csv", ";31;", ";31.1234567;", "line 2: the price has more than six decimals");
    check(
        "charge_price_points.csv",
        ";100;2023-11-15",
        ";100;2023-10-31",
        "line 3: charge subscription-5790000000111-subscription has another price",
    );
    check(
        "charge_price_information_periods.csv",
        "P1M",
        "P1D",
        "line 2: the resolution does not go with charge",
    );
    check(
        "charge_price_information_periods.csv",
        ";2023-11-10T23:00:00Z",
        ";",
        "line 4: charge pause-5790000000111-subscription has two periods",
    );
    check(
        "calculation_arguments.yml",
        "2023-11-30 23:00:00",
        "2023-11-30 22:00:00",
        "does not begin and end at local midnights",
    );
    check(
        "calculation_arguments.yml",
        "2023-11-30 23:00:00",
        "2023-11-30 22:30:00",
        "not a whole number of hours",
    );
}

#[test]
fn a_file_or_folder_that_lacks_is_named() {
    let scenario = Copy::of(SCENARIO);
    fs::remove_file(scenario.path().join("when/charge_price_points.csv")).unwrap();
    let error = scenario.compare().unwrap_err().to_string();
    assert!(error.contains("charge_price_points.csv is missing; put it there"), "{error}");
    let empty = Copy::of(SCENARIO);
    fs::remove_dir_all(empty.path().join("then/wholesale_results")).unwrap();
    let error = empty.compare().unwrap_err().to_string();
    assert!(error.contains("holds no table to compare with"), "{error}");
    fs::remove_dir_all(empty.path().join("then")).unwrap();
    let error = empty.compare().unwrap_err().to_string();
    assert!(error.contains("is not a folder; give --compare the path"), "{error}");
}

fn kvarter(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kvarter")).args(arguments).output().unwrap()
}

fn check_exit(arguments: &[&str], code: i32, out: &str, err: &str) {
    let output = kvarter(arguments);
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{stdout}{stderr}");
    assert!(stdout.contains(out), "{arguments:?}\n{stdout}");
    assert!(stderr.contains(err), "{arguments:?}\n{stderr}");
}

#[test]
fn the_program_tells_by_its_exit_code() {
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let when = text(&data(SCENARIO).join("when"));
    let then = text(&data(SCENARIO).join("then"));
    check_exit(
        &["settle", "--input", &when, "--compare", &then],
        0,
        "no differences",
        "5 of 20 rows have no price",
    );
    let changed = Copy::of(SCENARIO);
    changed.replace("then/wholesale_results/fee_per_co_es.csv", "10.000000", "11.000000");
    let then = text(&changed.path().join("then"));
    check_exit(&["settle", "--input", &when, "--compare", &then], 1, "expected 11, got 10", "");
    check_exit(&["settle", "--input", "nowhere"], 2, "", "error: nowhere is not a folder; give --input");
    check_exit(
        &["settle", "--input", &when, "--zone", "Mars/Olympus"],
        2,
        "",
        "Mars/Olympus is not a time zone",
    );
    check_exit(&["settle"], 2, "", "--input");
    check_exit(&["settle", "--input", &when, "--loud"], 2, "", "--loud");
    check_exit(&["settle", "--help"], 0, "Examples:", "");
}
