//! Supply in advance and what stands on suspense, as far as a person can be wrong: the page on prepaid supply shows the rest.

use std::fs;

use super::program::{Node, run, succeed};

const ACCOUNTS: &str = "account_id,name,street,postal_code,city,country_code\nK-1,Anna,,,,NL\n";
const TERMS: [&str; 11] = [
    "supply",
    "set",
    "K-1",
    "--point",
    "571313180000000005",
    "--currency",
    "EUR",
    "--low",
    "5",
    "--zero",
    "0",
];

#[test]
fn what_is_wrong_is_said_with_its_exit_code() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let accounts = folder.path().join("accounts.csv");
    fs::write(&accounts, ACCOUNTS).unwrap();
    let node = Node::start(data.path());
    let connection = ["--server", node.server.as_str(), "--tenant", "example"];
    succeed(&[["import", accounts.to_str().unwrap()].as_slice(), &connection].concat());
    let place = ["charging", "suspense", "place", "K-1", "1", "--id", "p1"];
    let with = |words: &[&'static str], more: &[&'static str]| [words, more].concat();
    let cases = [
        (with(&TERMS, &["--friendly", "mon"]), 2, "--friendly mon"),
        (with(&TERMS, &["--emergency", "5"]), 2, "--emergency 5"),
        (with(&TERMS, &["--weekly", "3@soon"]), 2, "--weekly 3@soon"),
        (with(&TERMS, &["--weekly", "3@2026-03-09", "--share", "1"]), 2, "--weekly"),
        // The tenant has no settings: no zone whose days could be in advance.
        (with(&TERMS, &[]), 1, "NO_SETTINGS"),
        (vec!["supply", "credit", "K-1"], 1, "NO_SETTINGS"),
        (vec!["supply", "terms", "K-1"], 1, "NOT_PREPAID"),
        (vec!["supply", "order", "571313180000000005"], 1, "UNKNOWN_METERING_POINT"),
        (with(&place, &["--back"]), 1, "NOT_ON_SUSPENSE"),
        (with(&place, &["--to", "K-2"]), 1, "NOT_FOUND"),
        (with(&place, &[]), 2, "--main"),
        (with(&place, &["--main", "--back"]), 2, "--back"),
    ];
    for (arguments, code, says) in cases {
        let ran = run(&[arguments.as_slice(), &connection].concat());
        assert_eq!(ran.code, Some(code), "{arguments:?}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains(says), "{arguments:?}: {}", ran.err);
    }
    let listed = succeed(&[["charging", "suspense", "list"].as_slice(), &connection].concat());
    assert!(listed.contains("nothing is on suspense"), "{listed}");
}
