//! The files that are written.

use std::fs;
use std::path::Path;

use services::settle::{Outcome, SettleArguments, run};

use super::data;

const MARKET: &str = "wholesale/01-all-charge-types-tax-gridloss";

fn write_to(folder: &Path) {
    let arguments = SettleArguments {
        input: data(MARKET).join("when"),
        output: Some(folder.to_owned()),
        compare: None,
        zone: "Europe/Copenhagen".to_owned(),
    };
    assert_eq!(run(&arguments).unwrap().outcome(), Outcome::Done);
}

fn files(folder: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for part in ["energy_results", "wholesale_results"] {
        for entry in fs::read_dir(folder.join(part)).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{part}/{}", path.file_name().unwrap().to_str().unwrap());
            files.push((name, fs::read_to_string(path).unwrap()));
        }
    }
    files.sort();
    files
}

#[test]
fn names_of_files_and_columns_are_the_markets() {
    let folder = tempfile::tempdir().unwrap();
    write_to(folder.path());
    let written = files(folder.path());
    for (name, expected) in files(&data(MARKET).join("then")) {
        let (_, content) = written.iter().find(|(other, _)| *other == name).expect(&name);
        assert_eq!(content.lines().next(), expected.lines().next(), "{name}");
        assert_eq!(content.lines().count(), expected.lines().count(), "{name}");
    }
}

#[test]
fn what_was_written_compares_with_itself() {
    let folder = tempfile::tempdir().unwrap();
    write_to(folder.path());
    let arguments = SettleArguments {
        input: data(MARKET).join("when"),
        output: None,
        compare: Some(folder.path().to_owned()),
        zone: "Europe/Copenhagen".to_owned(),
    };
    let report = run(&arguments).unwrap();
    assert_eq!(report.outcome(), Outcome::Done, "{report}");
    assert_eq!(report.comparison.unwrap().tables, 27);
}

#[test]
fn two_runs_write_the_same_bytes() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_to(one.path());
    write_to(two.path());
    assert_eq!(files(one.path()), files(two.path()));
}

#[test]
fn rows_of_one_result_share_an_id() {
    let folder = tempfile::tempdir().unwrap();
    write_to(folder.path());
    let content = fs::read_to_string(folder.path().join("energy_results/production_per_es.csv")).unwrap();
    let ids: std::collections::BTreeSet<&str> =
        content.lines().skip(1).filter_map(|line| line.split(';').nth(11)).collect();
    assert_eq!(ids.len(), 2, "one per supplier");
}
