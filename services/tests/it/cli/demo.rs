//! The demo: the same bytes every time, and its special points come to what was computed beside the program.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use serde_json::Value;

use super::program::{run, succeed};

fn demo(folder: &Path) -> String {
    succeed(&["demo", "--points", "10", "--output", folder.to_str().unwrap()])
}

/// Every file below a folder by its path.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// What an invoice comes to: its sums, and every line by point, name and first day. The expected files and issued
/// invoices name the first day in two ways.
fn figures(invoice: &Value) -> Value {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut lines: Vec<[String; 4]> = Vec::new();
    for point in invoice["points"].as_array().unwrap() {
        for line in point["lines"].as_array().unwrap() {
            let first = if line["first"].is_null() { &line["service"]["first"] } else { &line["first"] };
            lines.push([
                text(&point["metering_point"]),
                text(&line["name"]),
                text(first),
                text(&line["net"]),
            ]);
        }
    }
    lines.sort();
    let sums = ["kind", "net", "vat_total", "total"].map(|name| invoice[name].clone());
    serde_json::json!([sums, invoice["vat"], lines])
}

#[test]
fn two_runs_give_the_same_bytes_and_the_expected_figures() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let told = thread::scope(|scope| {
        let second = scope.spawn(|| demo(other.path()));
        let first = demo(one.path());
        second.join().unwrap();
        first
    });
    assert!(
        told.contains("Not billed: 1") && told.contains("A-0005 871699000000000059: 5 intervals"),
        "{told}"
    );
    let written = files(one.path());
    assert!(written == files(other.path()), "two runs differ");

    let invoices =
        written.keys().filter(|path| path.starts_with("invoices") && path.extension().unwrap() == "json");
    let issued: BTreeMap<String, Value> = invoices
        .map(|path| json(&one.path().join(path)))
        .map(|invoice| (invoice["payer"]["account"].as_str().unwrap().to_owned(), invoice))
        .collect();
    assert_eq!(issued.len(), 9);
    let expected = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/demo");
    let mut seen = 0;
    for (path, _) in files(&expected).iter().filter(|(path, _)| path.extension().unwrap() == "json") {
        let expected = json(&expected.join(path));
        for invoice in expected["invoices"].as_array().unwrap() {
            let account = invoice["account"].as_str().unwrap();
            assert_eq!(figures(&issued[account]), figures(invoice), "{account}");
        }
        seen += 1;
    }
    assert_eq!(seen, 10);
    let not_ready = json(&one.path().join("not-ready.json"));
    assert_eq!(not_ready[0]["reasons"][0]["code"], "MISSING_VALUES");
}

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.txt"), "mine").unwrap();
    let ran = run(&["demo", "--output", folder.path().to_str().unwrap()]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("the folder is not empty"), "{}", ran.err);
}
