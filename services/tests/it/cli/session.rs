//! A node, a client and a month, command by command; the node is killed in between.

use std::fs;
use std::path::Path;

use services::demo::{DemoOptions, inputs, write_inputs};

use super::program::{Node, run, succeed};

/// The command with the connection that all of them need.
fn at<'a>(node: &'a Node, arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &["--server", &node.server, "--tenant", "example"]].concat()
}

fn refuse(node: &Node, arguments: &[&str], words: &str) {
    let ran = run(&at(node, arguments));
    assert_eq!(ran.code, Some(1), "{arguments:?}: {}", ran.err);
    assert!(ran.err.contains(words), "{arguments:?}: {}\n  lacks: {words}", ran.err);
}

fn write_demo(folder: &Path) {
    let files = inputs(DemoOptions { points: 10, ..DemoOptions::default() }).unwrap();
    write_inputs(folder, &files).unwrap();
}

#[test]
fn a_month_command_by_command() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_demo(folder.path());
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (all, contracts, one) =
        (path(""), path("contracts.csv"), path("measured/871699000000000042.restated.json"));
    let node = Node::start(data.path());

    refuse(&node, &["get", "settings"], "look for what there is with `kvarter list`");
    refuse(&node, &["import", &contracts], "import the metering point first");
    refuse(&node, &["import", &one], "1 of 1 documents were refused");
    assert_eq!(succeed(&at(&node, &["list", "points"])), "nothing\n");

    let receipts = succeed(&at(&node, &["import", &all, "--output", "csv"]));
    assert_eq!(receipts.lines().filter(|line| line.contains(",APPLIED,")).count(), 24, "{receipts}");
    let again = succeed(&at(&node, &["import", &all, "--output", "csv"]));
    let held = receipts.replace("1 months stored, 0 held already", "0 months stored, 1 held already");
    assert_eq!(again, held, "the same files have no second effect");

    #[cfg(target_os = "linux")]
    {
        let lost = super::program::run_without_room(&at(&node, &["list", "points"]));
        assert!(lost.code != Some(0) && lost.err.contains("standard output"), "{}", lost.err);
    }

    let tax = fs::read_to_string(path("charges/4-price-of-the-tax.xml")).unwrap();
    fs::write(path("other.xml"), tax.replace("0.1088", "0.2")).unwrap();
    refuse(&node, &["import", &path("other.xml")], "received with other content");
    let wrong = tax.replace("position>2<", "position>3<").replace("DEMO-D08-TAX", "WRONG");
    fs::write(path("wrong.xml"), wrong).unwrap();
    refuse(&node, &["import", &path("wrong.xml")], "document WRONG, series 1, field MktActivityRecord[1]/");

    let day = [
        "get",
        "days",
        "871699000000000042",
        "--from",
        "2024-10-18",
        "--to",
        "2024-10-19",
        "--output",
        "csv",
    ];
    let versions = succeed(&at(&node, &day));
    assert_eq!(versions.lines().count(), 3, "a header and two versions: {versions}");

    let create =
        ["run", "create", "oct", "--month", "2024-10", "--issue-date", "2024-11-05", "--output", "csv"];
    let previewed = succeed(&at(&node, &create));
    let hash = previewed.trim_end().rsplit(',').next().unwrap().to_owned();
    refuse(&node, &["run", "approve", "oct", "--hash", &"0".repeat(64)], "PREVIEW_CHANGED");
    refuse(
        &node,
        &["run", "create", "oct", "--month", "2024-10", "--issue-date", "2024-11-06"],
        "RUN_EXISTS",
    );
    let not_ready = succeed(&at(&node, &["run", "not-ready", "oct", "--output", "csv"]));
    assert!(not_ready.contains("A-0005,871699000000000059,C-0005,MISSING_VALUES"), "{not_ready}");
    node.kill();

    let node = Node::start(data.path());
    succeed(&at(&node, &["run", "approve", "oct", "--hash", &hash]));
    refuse(&node, &["run", "cancel", "oct"], "WRONG_STAGE");
    let invoices = succeed(&at(&node, &["list", "invoices", "--run", "oct", "--output", "csv"]));
    assert_eq!(invoices.lines().count(), 10, "{invoices}");
    let shown = succeed(&at(&node, &["invoice", "show", "2024-000001"]));
    assert!(shown.starts_with("invoice 2024-000001 of 2024-11-05"), "{shown}");
    let page = succeed(&at(&node, &["invoice", "render", "2024-000001", "--format", "html"]));
    assert!(page.contains("<html"), "a page");
    refuse(&node, &["invoice", "show", "2024-000999"], "NOT_FOUND");
    for what in ["points", "accounts", "products", "charges", "tax-rates", "documents"] {
        let listed = succeed(&at(&node, &["list", what, "--output", "json"]));
        assert!(listed.starts_with("[\n  {\n"), "{what}: {listed}");
    }
    for what in [&["get", "point", "871699000000000080"][..], &["get", "account", "A-0001"], &["get", "node"]]
    {
        assert!(succeed(&at(&node, what)).lines().count() > 3, "{what:?}");
    }
}
