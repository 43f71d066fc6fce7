//! The comparison finds what differs, and nothing else.

use services::settle::{Difference, Outcome};

use super::Copy;

const SCENARIO: &str = "settlement/price-change-in-mid-month";
const FEES: &str = "then/wholesale_results/fee_per_co_es.csv";
const DAILY: &str = "then/wholesale_results/daily_tariff_per_co_es.csv";
const FEE_ROW: &str = "804;8100000000030;1;pcs;;2023-11-09T23:00:00Z;P1D;consumption;flex;10;10.000000;False;fee;fee;5790000000111\n";

/// What the comparison says after a change of an expected table.
fn lines(file: &str, text: &str, instead: &str) -> Vec<String> {
    let scenario = Copy::of(SCENARIO);
    scenario.replace(file, text, instead);
    let report = scenario.compare().unwrap();
    let comparison = report.comparison.as_ref().unwrap();
    let expected = if comparison.differences.is_empty() { Outcome::Done } else { Outcome::Different };
    assert_eq!(report.outcome(), expected);
    comparison.differences.iter().map(ToString::to_string).collect()
}

fn check(file: &str, text: &str, instead: &str, expected: &str) {
    let lines = lines(file, text, instead);
    assert!(lines.len() == 1 && lines.iter().all(|line| line.contains(expected)), "{expected}: {lines:#?}");
}

#[test]
fn an_altered_cell_is_named_with_its_row() {
    let key = "fee_per_co_es: grid_area_code=804 energy_supplier_id=8100000000030";
    check(FEES, "10;10.000000", "10;10.000001", key);
    check(FEES, "10;10.000000", "10;10.000001", "amount: expected 10.000001, got 10");
    check(FEES, "10;10.000000", ";10.000000", "price: expected (empty), got 10");
    check(
        DAILY,
        "['measured', 'missing']",
        "['measured']",
        "quantity_qualities: expected measured, got measured, missing",
    );
    check(DAILY, "12.515", "12.516", "time=2023-11-15T23:00:00Z");
}

#[test]
fn rows_too_few_and_too_many_are_named() {
    check(FEES, FEE_ROW, "", "extra row");
    check(FEES, FEE_ROW, &format!("{FEE_ROW}{FEE_ROW}"), "missing row");
    let moved = lines(FEES, "2023-11-09T23", "2023-11-08T23");
    assert_eq!(moved.len(), 2, "{moved:#?}");
    assert!(moved[0].contains("2023-11-08T23:00:00Z") && moved[0].contains("missing row"), "{moved:#?}");
    assert!(moved[1].contains("2023-11-09T23:00:00Z") && moved[1].contains("extra row"), "{moved:#?}");
}

#[test]
fn what_means_the_same_is_no_difference() {
    let cases = [
        (FEES, "10;10.000000", "10.00;1E1"),
        (FEES, "2023-11-09T23:00:00Z", "2023-11-09 23:00:00.000000"),
        (FEES, "False", "false"),
        (DAILY, "['measured', 'missing']", "['missing', \"measured\"]"),
    ];
    for (file, text, instead) in cases {
        assert_eq!(lines(file, text, instead), Vec::<String>::new(), "{instead}");
    }
}

#[test]
fn an_unknown_table_and_an_unknown_column_are_differences() {
    let scenario = Copy::of(SCENARIO);
    let folder = scenario.path().join("then/wholesale_results");
    std::fs::write(folder.join("guesses.csv"), "time\n2023-11-09T23:00:00Z\n").unwrap();
    let report = scenario.compare().unwrap();
    let differences = report.comparison.unwrap().differences;
    assert_eq!(differences, [Difference::UnknownTable { table: "guesses".to_owned() }]);
    check(FEES, "settlement_method", "method", "results have no column method");
}

#[test]
fn older_names_and_places_of_tables_are_known() {
    let scenario = Copy::of(SCENARIO);
    let then = scenario.path().join("then");
    std::fs::rename(then.join("wholesale_results/fee_per_co_es.csv"), then.join("fee_per_ga_co_es.csv"))
        .unwrap();
    let report = scenario.compare().unwrap();
    assert_eq!(report.outcome(), Outcome::Done, "{report}");
    assert_eq!(report.comparison.unwrap().tables, 10);
}

#[test]
fn many_differences_are_shown_in_part_and_counted_in_full() {
    let scenario = Copy::of(SCENARIO);
    let path = scenario.path().join("then/wholesale_results/subscription_per_co_es.csv");
    let content = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, content.replace(";3.333333", ";3.333334")).unwrap();
    let text = scenario.compare().unwrap().to_string();
    assert_eq!(
        text.lines().filter(|line| line.contains("expected 3.333334, got 3.333333")).count(),
        20,
        "{text}"
    );
    assert!(text.contains("subscription_per_co_es: and 10 more"), "{text}");
    assert!(text.ends_with("30 differences\n"), "{text}");
}
