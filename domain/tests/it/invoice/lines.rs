//! How an open position becomes a line.

use domain::day::Day;
use domain::day_span::DaySpan;
use domain::fixed::Rounding;
use domain::invoice::{InvoiceError, Issued, LinePrice, OpenLine};
use domain::ledger::LedgerRole;
use domain::money::{Currency, Money};
use domain::position::ShownPrice;
use domain::price::Price;
use domain::quantity::{Quantity, Unit};
use domain::tax::{TaxClass, VatRate};

use super::given::{build, issued, month, open, position};

/// Net to date and net now of the only part of the only line.
fn check_net(line: OpenLine, to_date: &str, now: &str) {
    let name = line.latest.position.name.clone();
    let invoice = build(vec![line]).unwrap();
    assert_eq!(invoice.parts().count(), 1, "{name}");
    let (_, part) = invoice.parts().next().unwrap();
    assert_eq!(
        (part.net_to_date.to_text(), part.net.to_text()),
        (to_date.to_owned(), now.to_owned()),
        "{name}"
    );
    assert_eq!(part.is_correction, part.net != part.net_to_date, "{name}");
}

fn paid_by(amount: &str, shares: &[u32], own: usize) -> OpenLine {
    OpenLine {
        shares: shares.to_vec(),
        own,
        ..open(position(&format!("{amount} of {shares:?}[{own}]"), amount))
    }
}

fn rounded(amount: &str, rounding: Rounding) -> OpenLine {
    let mut line = open(position(&format!("{amount} {rounding:?}"), amount));
    line.latest.position.rounding = rounding;
    line
}

fn corrected(mut line: OpenLine, net: &str) -> OpenLine {
    line.issued = vec![issued(&line.latest.position, net)];
    line
}

#[test]
fn a_position_is_rounded_once_and_split() {
    use Rounding::{AwayFromZero, HalfEven, TowardsZero};
    check_net(open(position("half up", "12.345")), "12.35", "12.35");
    check_net(open(position("half down", "-12.345")), "-12.35", "-12.35");
    check_net(rounded("12.345", HalfEven), "12.34", "12.34");
    check_net(rounded("12.349", TowardsZero), "12.34", "12.34");
    check_net(rounded("12.341", AwayFromZero), "12.35", "12.35");
    // 100.01 x 0.7 = 70.007 and x 0.3 = 30.003: the cent left over goes to the larger remainder.
    check_net(paid_by("100.014", &[7_000, 3_000], 0), "70.01", "70.01");
    check_net(paid_by("100.014", &[7_000, 3_000], 1), "30.00", "30.00");
    // 0.01 in halves: the first takes it; of a credit as well.
    check_net(paid_by("0.01", &[5_000, 5_000], 0), "0.01", "0.01");
    check_net(paid_by("0.01", &[5_000, 5_000], 1), "0.00", "0.00");
    check_net(paid_by("-0.03", &[5_000, 5_000], 0), "-0.02", "-0.02");
    check_net(paid_by("-0.03", &[5_000, 5_000], 1), "-0.01", "-0.01");
}

#[test]
fn a_correction_is_what_the_cumulative_net_moved_by() {
    check_net(corrected(open(position("up", "12.396")), "12.35"), "12.40", "0.05");
    check_net(corrected(open(position("down", "12.304")), "12.35"), "12.30", "-0.05");
    let mut gone = open(position("gone", "0"));
    gone.latest.position = gone.latest.position.reversed();
    check_net(corrected(gone, "12.35"), "0.00", "-12.35");
    // Moved out: the former payer gets back what was issued to it.
    check_net(corrected(paid_by("12.35", &[10_000, 0], 1), "5.00"), "0.00", "-5.00");
    // The remaining payer takes over what the other had.
    check_net(corrected(paid_by("12.35", &[10_000, 0], 0), "7.35"), "12.35", "5.00");
}

#[test]
fn whatever_moves_less_than_a_cent_makes_no_line_but_is_settled() {
    let same = corrected(open(position("moved", "12.3514")), "12.35");
    assert_eq!(build(vec![same.clone()]), Err(InvoiceError::NothingToBill));
    let mut next = open(position("next", "1"));
    next.latest.position.key.month = month("2024-11");
    let invoice = build(vec![same, next]).unwrap();
    let point = &invoice.points[0];
    assert_eq!(point.lines.len(), 1);
    assert_eq!(point.unshown.len(), 1);
    assert_eq!(point.unshown[0].cleared.to_string(), "0.0014");
    assert_eq!(invoice.postings().unwrap().amount(&LedgerRole::Rounding).to_string(), "0.0014");
}

#[test]
fn an_unchanged_or_empty_position_says_nothing() {
    let mut empty = open(position("empty", "0"));
    empty.latest.position.quantity = Quantity::ZERO;
    let unchanged = corrected(open(position("unchanged", "12.35")), "12.35");
    assert_eq!(build(vec![empty, unchanged]), Err(InvoiceError::NothingToBill));
    assert_eq!(build(Vec::new()), Err(InvoiceError::NothingToBill));
    // A price of zero is told: the reader sees what was counted.
    let free = build(vec![open(position("free", "0"))]).unwrap();
    assert_eq!(free.points[0].lines[0].net.to_text(), "0.00");
}

#[test]
fn a_new_key_in_a_corrected_month_is_a_correction() {
    let replaced = |text, from: &str, to: &str| {
        let mut line = open(position("energy", text));
        let day = |text: &str| Day::parse(text).unwrap();
        line.latest.position.key.service = DaySpan::new(day(from), day(to)).unwrap();
        line
    };
    let whole = corrected(replaced("0", "2024-10-01", "2024-11-01"), "31.00");
    let lines =
        vec![replaced("10", "2024-10-01", "2024-10-11"), replaced("20", "2024-10-11", "2024-11-01"), whole];
    let invoice = build(lines).unwrap();
    let told: Vec<_> = invoice.points[0]
        .lines
        .iter()
        .map(|line| (line.service.to_string(), line.net.to_text(), line.is_correction))
        .collect();
    let line = |service: &str, net: &str| (service.to_owned(), net.to_owned(), true);
    assert_eq!(
        told,
        [
            line("2024-10-01/2024-10-11", "10.00"),
            line("2024-10-01/2024-11-01", "-31.00"),
            line("2024-10-11/2024-11-01", "20.00"),
        ]
    );
}

#[test]
fn a_changed_tax_gives_back_at_the_old_rate_and_takes_at_the_new() {
    let mut line = open(position("energy", "100"));
    line.issued = vec![issued(&line.latest.position, "90.00")];
    line.latest.position.tax_class = TaxClass::new("reduced");
    line.latest.position.vat_rate = VatRate::new(900).unwrap();
    let invoice = build(vec![line]).unwrap();
    let table: Vec<_> = invoice
        .vat
        .iter()
        .map(|entry| {
            (entry.tax_class.name(), entry.rate.percent_text(), entry.net.to_text(), entry.vat.to_text())
        })
        .collect();
    let entry =
        |class, rate: &str, net: &str, vat: &str| (class, rate.to_owned(), net.to_owned(), vat.to_owned());
    assert_eq!(table, [entry("reduced", "9", "100.00", "9.00"), entry("standard", "21", "-90.00", "-18.90")]);
    assert_eq!(invoice.total.to_text(), "0.10");
}

fn check_price(quantity: &str, price: ShownPrice, amount: &str, shown: &str, expected: LinePrice) {
    let mut line = open(position("priced", amount));
    line.latest.position.quantity = Quantity::parse(quantity).unwrap();
    line.latest.position.unit = Unit::KilowattHour;
    line.latest.position.price = price;
    let invoice = build(vec![line]).unwrap();
    let (_, part) = invoice.parts().next().unwrap();
    assert_eq!(
        (part.quantity.to_string().as_str(), part.price),
        (shown, expected),
        "{quantity} {price:?} {amount}"
    );
}

#[test]
fn a_price_is_shown_without_a_sign() {
    let price = |text: &str| Price::parse(text).unwrap();
    let average = |text: &str, intervals| LinePrice::Average { price: Some(price(text)), intervals };
    let single = |text: &str| ShownPrice::Single(price(text));
    let mean = |intervals| ShownPrice::Average { intervals };
    check_price("10", single("0.25"), "2.5", "10", LinePrice::PerUnit(price("0.25")));
    check_price("10", single("-0.25"), "-2.5", "-10", LinePrice::PerUnit(price("0.25")));
    check_price("-10", single("-0.25"), "2.5", "10", LinePrice::PerUnit(price("0.25")));
    check_price("-10", single("0.25"), "-2.5", "-10", LinePrice::PerUnit(price("0.25")));
    // 1 / 3 and 2 / 3, half away from zero at the sixth decimal.
    check_price("3", mean(745), "1", "3", average("0.333333", 745));
    check_price("3", mean(745), "-2", "-3", average("0.666667", 745));
    check_price("0", mean(745), "0.01", "0", LinePrice::Average { price: None, intervals: 745 });
    let pieces = Quantity::ONE;
    let monthly = |text: &str| ShownPrice::Monthly { price: price(text), pieces };
    check_price("31", monthly("5.95"), "5.95", "31", LinePrice::Monthly { price: price("5.95"), pieces });
    check_price("31", monthly("-5"), "-5", "-31", LinePrice::Monthly { price: price("5"), pieces });
    check_price("1", ShownPrice::Factor(price("0.05")), "-2", "-1", LinePrice::Factor(price("0.05")));
}

#[test]
fn what_does_not_add_up_is_refused() {
    let mut lowest = open(position("lowest", "1"));
    let held = Issued { net: Money::new(i64::MIN, Currency::Eur), ..issued(&lowest.latest.position, "0") };
    lowest.issued = vec![held];
    let cases = [
        (paid_by("1", &[7_000, 2_000], 0), InvoiceError::BrokenShares),
        (paid_by("1", &[10_000], 1), InvoiceError::BrokenShares),
        (lowest, InvoiceError::OutOfRange),
    ];
    for (line, expected) in cases {
        assert_eq!(build(vec![line]), Err(expected));
    }
    let mut foreign = open(position("foreign", "1"));
    foreign.latest.position.currency = Currency::Dkk;
    assert_eq!(build(vec![foreign]), Err(InvoiceError::MixedCurrencies));
}
