//! Every scenario folder settles to its expected tables.

use std::fs;
use std::path::PathBuf;

use services::settle::{Outcome, run};

use super::{comparing, data};

/// Compares every folder there; all of them must be at least so many.
fn check_folders(folder: &str, at_least: usize) {
    let entries = fs::read_dir(data(folder)).unwrap();
    let mut scenarios: Vec<PathBuf> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    scenarios.sort();
    assert!(scenarios.len() >= at_least, "only {} scenarios in {folder}", scenarios.len());
    for scenario in scenarios {
        let report =
            run(&comparing(&scenario)).unwrap_or_else(|error| panic!("{}: {error}", scenario.display()));
        assert_eq!(report.outcome(), Outcome::Done, "{}\n{report}", scenario.display());
        let compared = report.comparison.unwrap();
        assert!(compared.tables > 0 && compared.rows > 0, "{} compares nothing", scenario.display());
    }
}

#[test]
fn the_scenarios_of_the_market() {
    check_folders("wholesale", 7);
}

#[test]
fn scenarios_with_figures_derived_by_hand() {
    check_folders("settlement", 5);
}
