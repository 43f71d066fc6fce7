//! What an invoice is for: the record of OCPI, the report behind it, and what OCPI could not hold.

use domain::cdr::Party;
use domain::day::Day;
use domain::instant::Instant;
use domain::money::{Currency, Money};
use domain::session::{SessionTerms, price};
use domain::verification::{Decided, Decision, Dispute, Tolerance, Verification, VerificationTerms, verify};
use domain::zone::Zone;
use serde_json::{Value, json};
use services::ocpi::reconciliation::{
    Reconciled, Reconciliation, ReconciliationFault, record_json, report_json,
};
use services::ocpi::{read_cdr, read_tariffs};

use super::versions::{cdr, tariff};
use crate::render::schema::offences;
use crate::usage::schemas::{reference, schema};

/// 12.5 kWh at 0.35 are 4.375, against what the record states in all and for energy.
fn verified(total: Value, energy: Value) -> Verification {
    let mut record = cdr();
    record["total_cost"] = json!({"excl_vat": total});
    record["total_energy_cost"] = json!({"excl_vat": energy});
    let mut sheets = tariff();
    sheets["elements"][0]["restrictions"] = Value::Null;
    let (session, sheets) =
        (read_cdr(&record.to_string()).unwrap(), read_tariffs(&sheets.to_string()).unwrap());
    let priced = price(&session, &sheets, &Zone::utc(), &SessionTerms::default()).unwrap();
    let tolerance = Tolerance { minor_units: 2, ten_thousandths: 0 };
    verify(&session, Some(&priced), &VerificationTerms { tolerance, ..VerificationTerms::default() }).unwrap()
}

fn dispute(verification: &Verification) -> Dispute {
    Dispute::of(verification, Instant::parse("2024-10-02T06:00:00Z").unwrap()).unwrap()
}

fn reconciliation<'a>(records: Vec<Reconciled<'a>>) -> Reconciliation<'a> {
    Reconciliation {
        issuer: Party::new("NL", "TNM").unwrap(),
        partner: Party::new("DE", "ALL").unwrap(),
        id: "R-2024-10",
        invoice: "S-000017",
        issued: Instant::parse("2024-11-03T09:00:00Z").unwrap(),
        start: Day::parse("2024-10-01").unwrap(),
        end: Day::parse("2024-11-01").unwrap(),
        currency: Currency::Eur,
        records,
    }
}

#[test]
fn the_page_shows_what_is_written() {
    let (agreed, near, far) = (
        verified(json!(4.38), json!(4.375)),
        verified(json!(4.4), Value::Null),
        verified(json!(5), json!(4.9)),
    );
    let mut settled = dispute(&far);
    settled
        .decide(Decided {
            decision: Decision::SettleAt(Money::new(450, Currency::Eur)),
            at: Instant::parse("2024-10-20T06:00:00Z").unwrap(),
            by: "clerk".to_owned(),
            note: "half of the step".to_owned(),
        })
        .unwrap();
    let open = dispute(&far);
    let record = |cdr, verification, dispute, cents| {
        let billed = Some(Money::new(cents, Currency::Eur));
        Reconciled { cdr, verification, dispute, billed }
    };
    let records = vec![
        record("C-1", &agreed, None, 438),
        record("C-2", &near, None, 440),
        record("C-3", &far, Some(&settled), 500),
        record("C-4", &far, Some(&open), 500),
    ];
    let reconciliation = reconciliation(records);
    let report = report_json(&reconciliation).unwrap();
    let page = reference("reconciliation.md");
    assert!(page.contains(&format!("```json\n{report}```")), "the page should show\n{report}");
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(offences(&schema("reconciliation"), &report), [""; 0]);
    let alone: Value = serde_json::from_str(&record_json(&reconciliation).unwrap()).unwrap();
    assert_eq!(alone, report["record"]);
    let mut broken = report;
    broken["cdrs"][0]["verdict"] = json!("PERHAPS");
    assert!(!offences(&schema("reconciliation"), &broken).is_empty());
}

/// What a case does to a record that is right.
type Change = fn(&mut Reconciliation<'_>);

#[test]
fn what_ocpi_could_not_hold_is_refused() {
    let verification = verified(json!(4.38), Value::Null);
    let record = Reconciled { cdr: "C-1", verification: &verification, dispute: None, billed: None };
    let of = |change: Change| {
        let mut reconciliation = reconciliation(vec![record]);
        change(&mut reconciliation);
        (record_json(&reconciliation).err(), report_json(&reconciliation).err())
    };
    let cases: [(Change, Option<ReconciliationFault>); 6] = [
        (|_| (), None),
        (|of| of.id = "", Some(ReconciliationFault::WrongId)),
        (|of| of.id = "0123456789012345678901234567890123456", Some(ReconciliationFault::WrongId)),
        (|of| of.invoice = "S-\u{e9}", Some(ReconciliationFault::WrongInvoice)),
        (|of| of.records.clear(), Some(ReconciliationFault::NoRecord)),
        (|of| of.currency = Currency::Dkk, Some(ReconciliationFault::OtherCurrency("C-1".to_owned()))),
    ];
    for (change, expected) in cases {
        assert_eq!(of(change), (expected.clone(), expected));
    }
}
