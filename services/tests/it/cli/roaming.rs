//! Roaming by hand: what a statement is for, and refusals in the words of the command line.

use proto::roaming::{DecideDisputeRequest, DisputeDecision, DisputeVerdict};
use serde_json::Value;

use super::program::{Ran, run, succeed};
use crate::grpc::roamed::{Network, PARTNER, cdr_name, credit, on_network, tariff as sheet};

impl Network {
    /// The arguments with the connection that all commands need.
    fn at<'a>(&'a self, arguments: &[&'a str], server: &'a str) -> Vec<&'a str> {
        [arguments, &["--server", server, "--tenant", "light"]].concat()
    }

    fn server(&self) -> String {
        format!("http://{}", self.world.node.address())
    }

    /// Theirs, ours and what stands, of each record and in all.
    fn compared(&self, number: &str) -> (Vec<[String; 3]>, [String; 3]) {
        let server = self.server();
        let arguments = ["dispute", "export", "--party", "NL-TNM", "--issuer", "NL-LGT", "--id", "R-1"];
        let printed = succeed(&self.at(&[&arguments[..], &["--invoice", number]].concat(), &server));
        let report: Value = serde_json::from_str(&printed).unwrap();
        let of = |entry: &Value| {
            ["theirs", "ours", "agreed"].map(|field| entry[field]["before_taxes"].to_string())
        };
        (report["cdrs"].as_array().unwrap().iter().map(of).collect(), of(&report["totals"]))
    }

    /// Id, sum and total of what a statement is for.
    fn exported(&self, number: &str) -> (Vec<(String, String)>, String) {
        let server = self.server();
        let arguments = ["dispute", "export", "--party", "NL-TNM", "--issuer", "NL-LGT", "--id", "R-1"];
        let printed = succeed(&self.at(&[&arguments[..], &["--invoice", number]].concat(), &server));
        let report: Value = serde_json::from_str(&printed).unwrap();
        assert_eq!(report["record"]["invoice_id"], number);
        let entries = report["cdrs"].as_array().unwrap().iter();
        let billed = |entry: &Value| entry["billed"]["before_taxes"].to_string();
        let entries = entries.map(|entry| (entry["id"].as_str().unwrap().to_owned(), billed(entry)));
        (entries.collect(), billed(&report["totals"]))
    }
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(id, sum)| ((*id).to_owned(), (*sum).to_owned())).collect()
}

#[test]
fn an_export_is_what_the_statement_has() {
    on_network(async |mut network| {
        network.agreed().await;
        for (id, day) in [("A", "10-01"), ("B", "10-02")] {
            network.sold(PARTNER, id, day).await;
        }
        network.legs("tnm", 10, 2).await;
        let first = network.issued("tnm", 10).await.number;
        // What comes after the statement is of the same days, and on the next one.
        network.sold(PARTNER, "C", "10-03").await;
        network.send(&credit(PARTNER, "B-credit", "B", "10-02")).await;
        let decision =
            DisputeDecision { verdict: DisputeVerdict::Insist.into(), ..DisputeDecision::default() };
        let name = cdr_name(PARTNER, "A");
        let decide = DecideDisputeRequest { name, decision: Some(decision) };
        network.cdrs.decide_dispute(decide).await.unwrap();
        network.legs("tnm", 11, 3).await;
        let second = network.issued("tnm", 11).await.number;
        let expected = (pairs(&[("A", "5.0"), ("B", "5.0")]), "10.0".to_owned());
        assert_eq!(network.exported(&first), expected);
        let expected = pairs(&[("A", "-0.6"), ("B-credit", "-5.0"), ("C", "5.0")]);
        assert_eq!(network.exported(&second), (expected, "-0.6".to_owned()));
        let shown = succeed(&network.at(&["cdr", "get", "NL-TNM/B", "--output", "csv"], &network.server()));
        assert_eq!(shown.matches(", taken back").count(), 3, "sold, bought and left: {shown}");
        let listed =
            succeed(&network.at(&["cdr", "list", "--party", "NL-TNM", "--output", "csv"], &network.server()));
        let is_empty = |id: &str| listed.lines().any(|line| line.contains(id) && line.ends_with(','));
        assert!(is_empty("/B,") && !is_empty("/A,"), "{listed}");
        // A credit has one sign throughout, and each total is of the same records.
        let expected = [["5.0", "4.4", "4.4"], ["-5.0", "-4.4", "-5.0"], ["5.0", "4.4", "5.0"]];
        let expected = expected.map(|row| row.map(str::to_owned)).to_vec();
        assert_eq!(network.compared(&second), (expected, ["5.0", "4.4", "4.4"].map(str::to_owned)));
    });
}

#[test]
fn refusals_speak_of_options_and_commands() {
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("bad.json").to_str().unwrap().to_owned();
    std::fs::write(&bad, r#"{"id": "x", "currency": "EUR"}"#).unwrap();
    let long = "x".repeat(60);
    let hash = "ab".repeat(32);
    let party = ["party", "set", "NL*TNM", "--currency", "EUR"];
    let export = ["dispute", "export", "--party", "NL-TNM", "--issuer", "NL-LGT", "--id", "R-1", "--invoice"];
    let issue = ["statement", "issue", "tnm", "--month", "2024-10", "--date", "2024-11-02", "--hash"];
    on_network(async |mut network| {
        network.agreed().await;
        network.sold(PARTNER, "A", "10-01").await;
        network.legs("tnm", 10, 1).await;
        network.issued("tnm", 10).await;
        network.sold(PARTNER, "B", "10-02").await;
        network.legs("tnm", 11, 1).await;
        let days = ["--from", "2024-10-01", "--to", "2024-10-02"];
        let stated =
            succeed(&network.at(&["statement", "list", "tnm", "--output", "csv"], &network.server()));
        let number = stated.lines().nth(1).and_then(|line| line.split(',').next()).unwrap().to_owned();
        let later = [&issue[..4], &["2024-11", "--date", "2024-12-02", "--hash", &hash]].concat();
        let cases: &[(&[&str], i32, &str, &str)] = &[
            (&["price-sheet", "get", "none"], 1, "`kvarter price-sheet list`", "`kvarter list`"),
            (&["price-sheet", "import", &bad], 1, "bad.json: elements: is missing (INVALID)", "tariff"),
            (&["share-agreement", "get", "none"], 1, "`kvarter share-agreement list`", "`kvarter list`"),
            (
                &["charging-contract", "end", "none", "--end", "2026-12-01", "--account", "anna"],
                1,
                "`kvarter charging-contract list --account ACCOUNT`",
                "`kvarter list`",
            ),
            (
                &["charging-contract", "list", "--account", "nobody"],
                1,
                "`kvarter list accounts`",
                "`kvarter list`",
            ),
            (&["partner", "get", "none"], 1, "`kvarter partner list`", "`kvarter list`"),
            (&["partner", "own", "--name", "x", "--url", "nowhere"], 1, ": --url: is not http", "own.url"),
            (&["cdr", "get", "NL*TNM*none"], 1, "`kvarter cdr list --party PARTY`", "`kvarter list`"),
            (&["cdr", "get", "NL-TNM"], 2, "write a record as NL-TNM/CDR-1", "name:"),
            (&["cdr", "list", "--party", "xx"], 2, "write a party as NL-TNM", "parent"),
            (&[&party[..], &["--account", "none"]].concat(), 1, ": --account: the account none", "terms."),
            (&[&party[..], &["--own", "--zone", "x"]].concat(), 1, ": --zone: ", "terms."),
            (&party, 2, "--settled-elsewhere", "terms."),
            (&["evse", "set", "NL*TNM*E1", "--agreement", "none"], 1, ": --agreement: there is no", "evse.a"),
            (&["dispute", "get", "NL-TNM/none"], 1, "`kvarter cdr list --party PARTY`", "`kvarter list`"),
            (&["dispute", "get", "NLTNM/none"], 2, "NLTNM/none: write a record as NL-TNM/CDR-1", "name:"),
            (&["dispute", "list", "--party", "xx"], 2, "--party: xx is no party such as NL-TNM", "parent"),
            (&[&export[..], &["none"]].concat(), 2, "`kvarter statement list tnm`", "field"),
            (&[&export[..], &[&number], &days].concat(), 2, "leave both out", "field"),
            (&["statement", "get", "tnm", "none"], 1, "there is no statement none (NOT_FOUND)", "tenants/"),
            (&[&issue[..], &["00"]].concat(), 2, "--hash is not 64 hexadecimal digits", "32 bytes"),
            (&later, 1, "`kvarter statement preview`", "kvarter run show"),
            (
                &[
                    "statement",
                    "pay",
                    "tnm",
                    "--id",
                    "a b",
                    "--amount",
                    "1",
                    "--currency",
                    "EUR",
                    "--date",
                    "2024-11-05",
                ],
                1,
                ": --id: is no id",
                "payment",
            ),
        ];
        let tariff = folder.path().join("tariff.json").to_str().unwrap().to_owned();
        std::fs::write(&tariff, sheet("t", "EUR", "0.40")).unwrap();
        let named: &[&str] = &["price-sheet", "import", &tariff, "--id", &long];
        let long: (&[&str], i32, &str, &str) = (named, 1, ": --id: is no id", "price_sheet_id");
        for (arguments, code, words, never) in cases.iter().chain([&long]) {
            let Ran { code: ended, out, err } = run(&network.at(arguments, &network.server()));
            assert_eq!((ended, out.as_str()), (Some(*code), ""), "{arguments:?}: {err}");
            assert!(
                err.contains(words) && !err.contains(never),
                "{arguments:?}: {err}\n  {words}, never {never}"
            );
        }
    });
}
