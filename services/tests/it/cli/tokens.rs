//! Tokens, command by command.

use std::fs;

use super::program::{Node, run, succeed};

const ACCOUNTS: &str =
    "account_id,name,street,postal_code,city,country_code\nA-1,Anna,,,,NL\nA-2,Bert,,,,NL\n";
const TOKENS: &str = "token_type,value,account_id\nrfid,04:A2:2B:3C,A-1\ncontract_id,DE-8AA-CA2B3C4D5,A-1\n";

#[test]
fn tokens_are_imported_found_refused_and_given_back() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("accounts.csv"), ACCOUNTS).unwrap();
    fs::write(path("tokens.csv"), TOKENS).unwrap();
    let node = Node::start(data.path());
    let at = |arguments: &[&'static str]| -> Vec<String> {
        let connection = ["--server", node.server.as_str(), "--tenant", "example"];
        arguments.iter().copied().chain(connection).map(str::to_owned).collect()
    };
    let done = |arguments: &[&'static str]| {
        let arguments = at(arguments);
        succeed(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let refused = |arguments: &[&'static str], words: &str| {
        let arguments = at(arguments);
        let ran = run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(ran.code == Some(1) && ran.err.contains(words), "{arguments:?}: {}", ran.err);
    };
    for _ in 0..2 {
        let files = [path("tokens.csv"), path("accounts.csv")];
        let import = ["import", &files[0], &files[1], "--server", &node.server, "--tenant", "example"];
        assert!(succeed(&import).contains("tokens"));
    }

    let found = done(&["get", "token", "rfid", "04a2 2b3c", "--output", "csv"]);
    assert!(found.contains("rfid,04A22B3C,tenants/example/accounts/A-1,"), "{found}");
    let listed = done(&["list", "tokens", "--account", "A-1", "--output", "csv"]);
    assert!(
        listed.contains("contract_id,DE8AACA2B3C4D5,held,") && listed.contains("rfid,04A22B3C,held,"),
        "{listed}"
    );
    refused(
        &["token", "claim", "rfid", "04A22B3C", "--account", "A-2"],
        "tenants/example/accounts/A-1 holds the token",
    );
    refused(&["token", "release", "rfid", "77", "--account", "A-2"], "TOKEN_NOT_OWNED");
    refused(&["get", "token", "rfid", "77"], "UNKNOWN_TOKEN");
    assert!(done(&["token", "release", "rfid", "04:A2:2B:3C", "--account", "A-1"]).contains("released"));
    assert!(done(&["token", "claim", "rfid", "04A22B3C", "--account", "A-2"]).contains("held"));
    fs::write(path("tokens.csv"), TOKENS).unwrap();
    let (file, server) = (path("tokens.csv"), node.server.clone());
    let ran = run(&["import", &file, "--server", &server, "--tenant", "example"]);
    assert!(ran.code == Some(1) && ran.err.contains("accounts/A-2 holds it"), "{}", ran.err);
}
