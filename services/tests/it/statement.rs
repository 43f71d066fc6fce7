//! The JSON of partners' statements keeps to its schema.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::Path;

use domain::address::Address;
use domain::day::{Day, Month};
use domain::invoice::{Party, Seller, VatEntry};
use domain::leg::LegKind;
use domain::money::{Currency, Money};
use domain::operation::OperationId;
use domain::quantity::Quantity;
use domain::share::MonthComponent;
use domain::statement::{PartnerPayment, PartnerStatement, StatementLine, StatementSection};
use domain::tax::{TaxClass, VatRate};
use services::render::statement_json;

use crate::render::schema;

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::Eur)
}

fn line(section: StatementSection, kind: LegKind, component: Option<MonthComponent>) -> StatementLine {
    StatementLine {
        section,
        month: Month::new(2026, 11).unwrap(),
        agreement: "A".to_owned(),
        kind,
        component,
        sessions: -3,
        energy_kwh: Quantity::parse("-60.5").unwrap(),
        net: eur(-1_000),
        tax_class: TaxClass::new("standard"),
        vat_rate: VatRate::new(2_100).unwrap(),
    }
}

fn statement() -> PartnerStatement {
    let day = |day| Day::new(2026, 12, day).unwrap();
    let share = LegKind::Share("site_owner".to_owned());
    let address = Address { street: "Kade 9".to_owned(), ..Address::default() };
    PartnerStatement {
        number: "L-S-owner-00001".to_owned(),
        issued_on: day(2),
        due_on: day(16),
        month: Month::new(2026, 11).unwrap(),
        previous: None,
        currency: Currency::Eur,
        issuer: Seller::default(),
        partner: Party { account: "owner".to_owned(), address, ..Party::default() },
        opening_balance: eur(5),
        payments: vec![PartnerPayment {
            operation: OperationId::new("bank-1").unwrap(),
            paid_on: day(1),
            amount: eur(5),
            stated_in: None,
        }],
        lines: vec![
            line(StatementSection::Sessions, share.clone(), None),
            line(StatementSection::Monthly, share, Some(MonthComponent::Most)),
            line(StatementSection::Reimbursement, LegKind::HomeCharging, None),
            line(StatementSection::Correction, LegKind::Purchase, None),
        ],
        vat: vec![VatEntry {
            tax_class: TaxClass::new("standard"),
            rate: VatRate::new(2_100).unwrap(),
            net: eur(-4_000),
            vat: eur(-840),
        }],
        net: eur(-4_000),
        vat_total: eur(-840),
        total: eur(-4_840),
        closing_balance: eur(-4_840),
    }
}

#[test]
fn json_keeps_to_its_schema() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/partner-statement.schema.json");
    let schema: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let json: serde_json::Value = serde_json::from_str(&statement_json(&statement())).unwrap();
    assert_eq!(schema::offences(&schema, &json), Vec::<String>::new());
    assert_eq!(json["lines"][1]["component"], "most");
    assert_eq!(json["closing_balance"], "-48.40");
    let mut broken = json;
    broken["lines"][0]["net"] = serde_json::Value::from(12.5);
    assert!(!schema::offences(&schema, &broken).is_empty());
}
