//! What accounts told, as a person lists it.

use std::fs;

use super::program::{Node, succeed};

const ACCOUNTS: &str =
    "account_id,name,street,postal_code,city,country_code\nK-1,Anna,,,,NL\nK-2,Bert,,,,NL\n";

#[test]
fn what_accounts_told_is_listed() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let accounts = folder.path().join("accounts.csv");
    fs::write(&accounts, ACCOUNTS).unwrap();
    let node = Node::start(data.path());
    let done = |arguments: &[&str]| {
        let connection = ["--server", node.server.as_str(), "--tenant", "example"];
        succeed(&[arguments, &connection].concat())
    };
    done(&["import", accounts.to_str().unwrap()]);
    assert!(done(&["list", "events"]).contains("nothing was told"));
    for account in ["K-1", "K-2", "K-1"] {
        done(&["charging", "top-up", account, "25.00", "EUR", "--id", "bank-17"]);
    }
    // The log is told a moment after the account has answered.
    let listed = loop {
        let listed = done(&["list", "events", "--account", "K-1", "--output", "csv"]);
        if listed.contains("K-1") {
            break listed;
        }
    };
    let told: Vec<&str> = listed.lines().skip(1).collect();
    assert_eq!(told.len(), 1, "the same top-up again tells nothing: {listed}");
    assert!(
        told[0].starts_with("11-1,") && told[0].ends_with(",K-1,topped_up,25 EUR by bank-17"),
        "{listed}"
    );
}
