//! Charging by hand, as far as a person can be wrong, and by a token: the page on charging shows the rest.

use std::fs;

use super::program::{Node, run, succeed};

const TENANT: &str = "seller_name,street,postal_code,city,country_code,vat_id,iban,contact,currency,zone,payment_days,\
                      invoice_number_prefix\nLight,,,,NL,,,,EUR,Europe/Amsterdam,14,L-\n";
const TAX: &str = "tax_class,valid_from,rate_percent\nstandard,2026-01-01,21\n";
const ACCOUNTS: &str = "account_id,name,street,postal_code,city,country_code\nK-1,Anna,,,,NL\n";
/// A kWh costs so much, by the price named.
const PRODUCT: &str = r#"{"product_id": "charging", "display_name": "Charging", "currency_code": "EUR", "valid_from": "2026-01-01",
  "components": [{"component_id": "energy", "display_name": "Energy", "dimension": "energy", "unit": "UNIT_KILOWATT_HOUR",
  PRICE, "model": "CHARGE_MODEL_PER_UNIT", "tax_class": "standard", "display": {"group": "Charging"},
  "revenue_role": "charging", "rounding": "ROUNDING_HALF_AWAY_FROM_ZERO"}]}"#;
const CONSTANT: &str = r#""constant": {"prices": [{"valid_from": "2026-01-01", "price": "0.40"}]}"#;
const INDEX: &str = r#""index": {"index": "spot", "factor": "1", "addend": "0"}"#;

#[test]
fn what_runs_is_charged_command_by_command() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let node = Node::start(data.path());
    let at = |arguments: &[&str]| -> Vec<String> {
        let connection = ["--server", node.server.as_str(), "--tenant", "example"];
        [arguments, &connection].concat().into_iter().map(str::to_owned).collect()
    };
    let done = |arguments: &[&str]| {
        let arguments = at(arguments);
        succeed(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let refused = |arguments: &[&str], code: i32, says: &str| {
        let arguments = at(arguments);
        let ran = run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(ran.code, Some(code), "{arguments:?}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains(says), "{arguments:?}: {}\n  lacks: {says}", ran.err);
    };
    let (tenant, tax, accounts) =
        (file("tenant.csv", TENANT), file("tax.csv", TAX), file("accounts.csv", ACCOUNTS));
    let by_index = file("index.json", &PRODUCT.replace("PRICE", INDEX));
    refused(
        &["import", &by_index],
        2,
        "index.json: quantity, price and model of component energy do not go together",
    );
    let wrong = file("wrong.json", &PRODUCT.replace("PRICE", r#""konstant": {}"#));
    refused(&["import", &wrong], 2, "wrong.json: ");
    let product = file("product.json", &PRODUCT.replace("PRICE", CONSTANT));
    let taken = done(&["import", &tenant, &tax, &accounts, &product, "--output", "csv"]);
    assert_eq!(taken.lines().filter(|line| line.contains(",TAKEN,")).count(), 4, "{taken}");
    done(&["charging", "agree", "K-1", "home", "charging", "--from", "2026-01-01"]);
    done(&["token", "claim", "rfid", "04A2", "--account", "K-1"]);

    // A number below zero is no option of the command.
    let above = "is not above zero, or below zero where zero would do (AMOUNT_NOT_POSITIVE";
    refused(&["charging", "top-up", "K-1", "-5", "EUR", "--id", "t1"], 1, above);
    refused(&["charging", "reserve", "-5", "EUR", "--account", "K-1", "--id", "r1"], 1, above);
    let quantity =
        ["charging", "reserve", "-1.5", "kWh", "--account", "K-1", "--dimension", "energy", "--id", "r1"];
    refused(&quantity, 1, "asked.quantity.quantity: is not above zero");
    refused(
        &["charging", "top-up", "K-1", "1e3", "EUR", "--id", "t1"],
        1,
        "no plain decimal number such as 12.34",
    );
    refused(&["charging", "authorize", "5", "--account", "K-1"], 2, "<OF>");
    refused(&["charging", "authorize", "5", "kWh"], 2, "--account");
    refused(&["charging", "authorize", "5", "kWh", "--token", "04A2"], 2, "rfid:04A2");
    let amount = ["charging", "debit", "5", "EUR", "--account", "K-1", "--id", "d1"];
    refused(&amount, 2, "--revenue-role is missing");
    refused(&[&amount[..], &["--revenue-role", "kiosk"]].concat(), 2, "--tax-class is missing");
    refused(&[&amount[..], &["--vat", "x"]].concat(), 2, "--vat: x is no number");

    done(&["charging", "top-up", "K-1", "25.00", "EUR", "--id", "t1"]);
    let held =
        ["charging", "reserve", "10", "kWh", "--token", "rfid:04A2", "--dimension", "energy", "--id", "s-1"];
    let held = done(&[&held[..], &["--output", "csv"]].concat());
    assert!(held.lines().nth(1).unwrap().starts_with("K-1,10 kWh,4.84 EUR,"), "{held}");
    refused(&["charging", "commit", "11", "kWh", "--account", "K-1", "--id", "s-1"], 1, "COMMIT_ABOVE_HOLD");
    let taken =
        done(&["charging", "commit", "8", "kWh", "--account", "K-1", "--id", "s-1", "--output", "csv"]);
    assert_eq!(taken.lines().nth(1), Some("3.872 EUR,0,no,"));
    let booked = ["--revenue-role", "kiosk", "--tax-class", "standard", "--vat", "21", "--output", "csv"];
    let taken = done(&[&amount[..], &booked].concat());
    // 5 and 21 % of it.
    assert_eq!(taken.lines().nth(1), Some("6.05 EUR,0,no,"));
    let left = done(&[
        "charging",
        "debit",
        "100",
        "kWh",
        "--account",
        "K-1",
        "--dimension",
        "energy",
        "--id",
        "d2",
        "--mode",
        "balancing",
        "--output",
        "csv",
    ]);
    // 25 - 3.872 - 6.05 = 15.078, of which 31.152 kWh at 0.484 take 15.077568.
    assert_eq!(left.lines().nth(1), Some("15.077568 EUR,0,no,funds"));
}
