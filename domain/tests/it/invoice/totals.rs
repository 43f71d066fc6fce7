//! Bundles, tax, totals and postings.

use domain::day::Day;
use domain::invoice::{Instalment, Invoice, InvoiceError, InvoiceKind, OpenLine};
use domain::ledger::{LedgerRole, PostingReason};
use domain::money::{Currency, Money};
use domain::tax::{TaxClass, VatRate};

use super::given::{amount, build, euro, invoice_of, issued, open, point, position};

fn taxed(component: &str, text: &str, class: &str, rate: u32) -> OpenLine {
    let mut line = open(position(component, text));
    line.latest.position.tax_class = TaxClass::new(class);
    line.latest.position.vat_rate = VatRate::new(rate).unwrap();
    line
}

fn in_group(mut line: OpenLine, group: &str, order: u32) -> OpenLine {
    line.latest.position.display.group = group.to_owned();
    line.latest.position.display.is_bundled = true;
    line.latest.position.order = order;
    line
}

fn told(invoice: &Invoice) -> Vec<(String, String)> {
    let lines = invoice.points.iter().flat_map(|point| &point.lines);
    lines.map(|line| (line.name.clone(), line.net.to_text())).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn a_bundled_group_is_one_line_per_tax_with_the_same_total() {
    let lines = || {
        vec![
            in_group(taxed("tax", "1.005", "standard", 2_100), "Network", 2),
            in_group(taxed("transport", "2.005", "standard", 2_100), "Network", 1),
            in_group(taxed("levy", "3.00", "outside", 0), "Network", 3),
            taxed("energy", "10.005", "standard", 2_100),
        ]
    };
    let bundled = build(lines()).unwrap();
    // Each part is rounded by itself: 1.01 + 2.01, not 3.01.
    assert_eq!(told(&bundled), pairs(&[("energy", "10.01"), ("Network", "3.02"), ("levy", "3.00")]));
    let mut apart = lines();
    apart.iter_mut().for_each(|line| line.latest.position.display.is_bundled = false);
    let apart = build(apart).unwrap();
    assert_eq!(apart.points[0].lines.len(), 4);
    assert_eq!((apart.vat, apart.total), (bundled.vat, bundled.total));
}

#[test]
fn a_bundle_never_mixes_service_and_correction() {
    let mut before = in_group(open(position("former", "4")), "Network", 1);
    before.latest.position.key.month = super::given::month("2024-09");
    before.issued = vec![issued(&before.latest.position, "3.00")];
    let now = in_group(open(position("transport", "2")), "Network", 1);
    let invoice = build(vec![before, now]).unwrap();
    let told: Vec<_> =
        invoice.points[0].lines.iter().map(|line| (line.is_correction, line.net.to_text())).collect();
    assert_eq!(told, [(false, "2.00".to_owned()), (true, "1.00".to_owned())]);
}

fn check_vat(nets: &[(&str, &str, u32)], expected: &[&str], total: &str) {
    let lines = (0..)
        .zip(nets)
        .map(|(index, (net, class, rate)): (u32, _)| taxed(&format!("component {index}"), net, class, *rate));
    let invoice = build(lines.collect()).unwrap();
    let vat: Vec<String> = invoice.vat.iter().map(|entry| entry.vat.to_text()).collect();
    assert_eq!(vat, expected, "{nets:?}");
    assert_eq!(invoice.total.to_text(), total, "{nets:?}");
    let kind = if total.starts_with('-') { InvoiceKind::CreditNote } else { InvoiceKind::Invoice };
    assert_eq!(invoice.kind, kind, "{nets:?}");
}

#[test]
fn tax_is_taken_once_per_class_and_rate() {
    // 0.05 x 21 % = 0.0105: three lines of their own would give 0.03, once on 0.15 gives 0.0315.
    check_vat(&[("0.05", "standard", 2_100); 3], &["0.03"], "0.18");
    // 0.12 x 21 % = 0.0252 per line makes 0.09, once on 0.36 = 0.0756 makes 0.08.
    check_vat(&[("0.12", "standard", 2_100); 3], &["0.08"], "0.44");
    // The half goes away from zero, both ways: 0.50 x 21 % = 0.105.
    check_vat(&[("0.50", "standard", 2_100)], &["0.11"], "0.61");
    check_vat(&[("-0.50", "standard", 2_100)], &["-0.11"], "-0.61");
    // One class at two rates, and one outside of the tax.
    check_vat(
        &[("10", "standard", 2_100), ("10", "standard", 1_900), ("10", "outside", 0)],
        &["0.00", "1.90", "2.10"],
        "34.00",
    );
    check_vat(&[("10", "standard", 2_100), ("-10", "standard", 2_100)], &["0.00"], "0.00");
    check_vat(&[("10", "standard", 2_100), ("-25", "standard", 2_100)], &["-3.15"], "-18.15");
}

#[test]
fn what_is_due_counts_balance_and_instalments() {
    let mut open_invoice = invoice_of(vec![point(vec![open(position("energy", "100"))])]);
    open_invoice.balance_brought_forward = euro("-5.50");
    let paid_on = Day::parse("2024-10-01").unwrap();
    let instalment = Instalment { paid_on, reference: "A1".to_owned(), amount: euro("120.00") };
    open_invoice.instalments = vec![instalment];
    let invoice = open_invoice.clone().build().unwrap();
    assert_eq!((invoice.total.to_text(), invoice.due.to_text()), ("121.00".to_owned(), "-4.50".to_owned()));
    assert_eq!(invoice.kind, InvoiceKind::Invoice);
    open_invoice.balance_brought_forward = Money::zero(Currency::Dkk);
    assert_eq!(open_invoice.build(), Err(InvoiceError::MixedCurrencies));
}

#[test]
fn the_order_of_what_is_open_does_not_matter() {
    let lines = |contract: &str| {
        let line = |component: &str, order| {
            let mut line = open(position(component, "1"));
            line.latest.position.order = order;
            line.latest.position.key.contract = contract.to_owned();
            line
        };
        vec![line("b", 0), line("a", 1), line("c", 1)]
    };
    let points = || {
        ["c2", "c1"].map(|contract| domain::invoice::OpenPoint {
            contract: contract.to_owned(),
            ..point(lines(contract))
        })
    };
    let forth = invoice_of(points().to_vec()).build().unwrap();
    let mut turned = points().to_vec();
    turned.reverse();
    turned.iter_mut().for_each(|point| point.lines.reverse());
    assert_eq!(forth, invoice_of(turned).build().unwrap());
    let names: Vec<String> = told(&forth).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["b", "a", "c", "b", "a", "c"]);
}

#[test]
fn issuing_moves_exact_amounts_out_of_unbilled() {
    let mut corrected = open(position("grid", "3.3333"));
    corrected.issued = vec![issued(&corrected.latest.position, "3.00")];
    let invoice = build(vec![open(position("energy", "12.3449")), corrected]).unwrap();
    let set = invoice.postings().unwrap();
    let vat =
        LedgerRole::ValueAddedTax { class: TaxClass::new("standard"), rate: VatRate::new(2_100).unwrap() };
    // 12.34 + 0.33 = 12.67 net, 2.6607 tax; exact 12.3449 + 0.3333.
    let cases = [
        (LedgerRole::Unbilled, "-12.6782"),
        (LedgerRole::Receivable, "15.33"),
        (vat, "-2.66"),
        (LedgerRole::Rounding, "0.0082"),
    ];
    for (role, expected) in cases {
        assert_eq!(set.amount(&role), amount(expected), "{role}");
    }
    assert_eq!((set.postings().len(), set.reason()), (4, PostingReason::Issued));
}
