//! Mistakes that are found before any node is asked.

use super::program::run;

#[test]
fn a_wrong_command_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("bad.csv"), "tax_class,valid_from,rate_percent\nstandard,soon,21\n").unwrap();
    std::fs::create_dir(path("empty")).unwrap();
    let (bad, empty, missing) = (path("bad.csv"), path("empty"), path("missing.csv"));
    let nobody = "http://127.0.0.1:1";
    let cases: &[(&[&str], i32, &str)] = &[
        (&["frobnicate"], 2, "unrecognized subcommand"),
        (&["demo", "--points", "3"], 2, "3 is not in 10..=20000"),
        (&["import"], 2, "<FILE>..."),
        (&["import", &missing, "--tenant", "t"], 2, "missing.csv: "),
        (&["import", &empty, "--tenant", "t"], 2, "the folder has no .csv, .json, .ndjson or .xml file"),
        (
            &["import", &bad, "--tenant", "t"],
            2,
            "bad.csv, line 2, column valid_from: found \"soon\", expected a day",
        ),
        (&["list", "points"], 2, "name the tenant with --tenant"),
        (&["list", "points", "--tenant", "t", "--server", "not a url"], 2, "write http://HOST:PORT"),
        (&["cluster", "status", "--server", "https://127.0.0.1:1"], 2, "a node speaks plain HTTP/2"),
        (&["cluster", "status", "--server", "grpc://127.0.0.1:1"], 2, "write http://HOST:PORT"),
        (
            &["list", "points", "--tenant", "t", "--server", nobody],
            1,
            "start one with `kvarter node --data DIR`",
        ),
        (&["list", "invoices", "--tenant", "t"], 2, "--run"),
        (&["list", "points", "--tenant", "t", "--output", "yaml"], 2, "[possible values: table, json, csv]"),
        (&["get", "days", "1", "--from", "18.10.2024", "--to", "2024-10-19"], 2, "write a day as 2024-10-01"),
        (&["get", "rating", "1", "--month", "October"], 2, "write a month as 2024-10"),
        (
            &["get", "days", "1", "--from", "2024-10-18", "--to", "2024-10-19", "--as-of", "now"],
            2,
            "write an instant",
        ),
        (&["run", "approve", "r", "--hash", "00", "--tenant", "t"], 2, "--hash is not 64 hexadecimal digits"),
        (&["rate", "usage", "--product", &missing, "--usage", &bad], 2, "missing.csv: "),
        (&["rate", "usage", "--product", &bad, "--usage", &bad], 2, "bad.csv: expected ident at line 1"),
        (&["webhook", "set", "w", "--url", "http://x/", "--kinds", "rain"], 2, "is no kind of event"),
        (&["webhook", "rotate", "w", "--secret-file", &missing, "--tenant", "t"], 2, "missing.csv: "),
        (
            &[
                "dispute",
                "export",
                "--party",
                "NL-TNM",
                "--issuer",
                "NL-OWN",
                "--invoice",
                "F-1",
                "--id",
                "R-1",
                "--from",
                "2024-10-05",
                "--to",
                "2024-10-01",
                "--tenant",
                "t",
                "--server",
                nobody,
            ],
            2,
            "--from: 2024-10-05 is after --to, 2024-10-01",
        ),
        (&["node", "--data", &bad], 1, "bad.csv"),
        (&["node", "--data", &empty, "--listen", "nowhere"], 2, "invalid value 'nowhere'"),
    ];
    for (arguments, code, words) in cases {
        check(arguments, *code, words);
    }
}

#[test]
fn a_session_is_priced_by_whole_arguments_alone() {
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("bad.json").to_str().unwrap().to_owned();
    std::fs::write(&bad, "nothing").unwrap();
    let prices = folder.path().join("prices.csv").to_str().unwrap().to_owned();
    std::fs::write(&prices, "start,end,price\n2024-10-01T14:00:00Z,0.1\n").unwrap();
    let cases: &[(&[&str], &str)] = &[
        (&["Nowhere"], "--timezone: Nowhere is no time zone"),
        (&["Europe/Berlin"], "bad.json: expected ident"),
        (&["UTC", "--rounding", "half-even"], "--decimals"),
        (&["UTC", "--decimals", "19"], "19 is not in 0..=18"),
        (&["UTC", "--idle-free", "22-7"], "--idle-price"),
        (&["UTC", "--idle-price", "1", "--idle-free", "22-7"], "--idle-free: 22-7 is not two times"),
        (&["UTC", "--idle-price=-1"], "--idle-price: -1 is not a price"),
        (&["UTC", "--idle-price", "1", "--idle-vat", "120"], "--idle-vat: 120 is not a percentage"),
        (&["UTC", "--member-energy", "10%"], "--member-energy: 10% is not a price such as 0.39, or less"),
        (&["UTC", "--member-time", "-101%"], "--member-time: -101% is not a price"),
        (&["UTC", "--member-flat", "--1"], "--member-flat: --1 is not a price"),
        (&["UTC", "--included-kwh=-1"], "--included-kwh: -1 is not a number of kWh"),
        (&["UTC", "--spot-factor", "1.05"], "--spot-prices"),
        (
            &["UTC", "--spot-prices", &bad, "--spot-factor", "1.00001"],
            "--spot-factor: 1.00001 is not a number",
        ),
        (&["UTC", "--spot-prices", &prices], "prices.csv: line 2: is no start, end and price"),
    ];
    for (more, words) in cases {
        let arguments = [&["rate", "cdr", "--tariff", &bad, "--cdr", &bad, "--timezone"], *more].concat();
        check(&arguments, 2, words);
    }
}

fn check(arguments: &[&str], code: i32, words: &str) {
    let ran = run(arguments);
    assert_eq!(ran.code, Some(code), "{arguments:?}: {}", ran.err);
    assert!(ran.err.contains(words), "{arguments:?}: {}\n  lacks: {words}", ran.err);
    assert!(ran.out.is_empty(), "{arguments:?} prints {}", ran.out);
}

#[test]
fn a_bundle_is_cleared_by_whole_arguments_alone() {
    let given = |bundle, amount, currency, date, claim| {
        [
            "statement",
            "clear",
            "seller",
            "--tenant",
            "t",
            "--bundle",
            bundle,
            "--amount",
            amount,
            "--currency",
            currency,
            "--date",
            date,
            "--claim",
            claim,
        ]
    };
    let good = "bus=weight:1";
    let cases = [
        (given("T-1", "49.00", "EUR", "2026-11-05", good), "write a bundle as NL-LGT/TICKET-1"),
        (given("NL*LGT/T-1", "49.00", "EUR", "2026-11-05", good), "write a bundle as NL-LGT/TICKET-1"),
        (given("NL-LGT/", "49.00", "EUR", "2026-11-05", good), "write a bundle as NL-LGT/TICKET-1"),
        (given("NL-LGT/T-1", "49.00", "XXX", "2026-11-05", good), "is no currency that is known here"),
        (given("NL-LGT/T-1", "49.00", "EUR", "05.11.2026", good), "write a day as 2024-10-01"),
        (given("NL-LGT/T-1", "49.00", "EUR", "2026-11-05", "bus"), "write a claim as bus=price:12.50"),
        (given("NL-LGT/T-1", "49.00", "EUR", "2026-11-05", "=weight:1"), "write a claim as bus=price:12.50"),
        (
            given("NL-LGT/T-1", "49.00", "EUR", "2026-11-05", "bus=weight:-1"),
            "write a claim as bus=price:12.50",
        ),
        (given("NL-LGT/T-1", "49.00", "EUR", "2026-11-05", "bus=uses:3"), "write a claim as bus=price:12.50"),
        (
            given("NL-LGT/T-1", "49.00", "EUR", "2026-11-05", "bus=uses:x0.3"),
            "write a claim as bus=price:12.50",
        ),
        (
            given("NL-LGT/T-1", "49.00", "EUR", "2026-11-05", "bus=price:much"),
            "write a claim as bus=price:12.50",
        ),
    ];
    for (arguments, words) in cases {
        check(&arguments, 2, words);
    }
    check(&given("NL-LGT/T-1", "49.00", "EUR", "2026-11-05", good)[..13], 2, "--claim <CLAIM>");
}

#[test]
fn every_command_explains_itself_with_examples() {
    for command in
        ["demo", "node", "import", "rate", "run", "get", "list", "webhook", "invoice", "settle", "statement"]
    {
        let ran = run(&[command, "--help"]);
        assert_eq!(ran.code, Some(0), "{command}");
        assert!(ran.out.contains(&format!("Examples:\n  kvarter {command}")), "{}", ran.out);
        assert!(ran.out.contains("Exit codes: 0"), "{}", ran.out);
    }
}
