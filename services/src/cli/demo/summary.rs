//! What the demo tells at its end.

use std::collections::BTreeMap;
use std::path::Path;

use domain::fixed;
use domain::invoice::{Invoice, InvoiceKind};
use domain::money::Money;
use domain::quantity::{Quantity, Unit};
use proto::invoicing::{InvoiceRun, NotReadyEntry};

use crate::cli::sheet::Sheet;
use crate::cli::show;
use crate::demo::Highlight;

/// How many lines are named by themselves.
const TOP: usize = 12;

/// Everything there is to tell.
pub(super) struct Told<'a> {
    pub(super) run: &'a InvoiceRun,
    pub(super) documents: usize,
    pub(super) invoices: &'a [Invoice],
    pub(super) not_ready: &'a [NotReadyEntry],
    pub(super) highlights: &'a [Highlight],
    pub(super) points: u64,
    pub(super) folder: &'a Path,
}

/// What all lines of one name come to.
#[derive(Default)]
struct LineSum {
    count: u64,
    energy_micros: i128,
    net_minor: i64,
}

impl Told<'_> {
    /// As text for a terminal.
    pub(super) fn text(&self) -> String {
        let seller = self.invoices.first().map(|invoice| invoice.seller.name.as_str()).unwrap_or_default();
        let month = show::month(self.run.month.as_ref());
        let mut text = format!(
            "\n{seller}, {month}: {} metering points, {} accounts, {} market documents\n\n",
            self.points, self.run.account_count, self.documents
        );
        for part in [self.totals().table(), self.lines().table()] {
            text.push_str(&part);
            text.push('\n');
        }
        text.push_str(&format!("Not billed: {}\n", self.not_ready.len()));
        for entry in self.not_ready {
            let reasons: Vec<&str> = entry.reasons.iter().map(|reason| reason.text.as_str()).collect();
            let (account, point) = (&entry.account_id, &entry.metering_point_id);
            text.push_str(&format!("  {account} {point}: {}\n", reasons.join("; ")));
        }
        text.push_str(&format!("\nWorth a look\n{}\n", self.highlights().table()));
        let folder = self.folder.display();
        text.push_str(&format!(
            "Written to {folder}\n  inputs/         what was imported; README.md says what is in it\n  invoices/       every \
             invoice as JSON and as a page to open in a browser\n  not-ready.json  what was not billed, and why\n"
        ));
        text
    }

    fn totals(&self) -> Sheet {
        let sum = |kind: InvoiceKind| {
            let of_kind = self.invoices.iter().filter(|invoice| invoice.kind == kind);
            of_kind.fold((0_u64, [0_i64; 3]), |(count, [net, vat, total]), invoice| {
                let sums = [
                    net.saturating_add(invoice.net.minor()),
                    vat.saturating_add(invoice.vat_total.minor()),
                    total.saturating_add(invoice.total.minor()),
                ];
                (count.saturating_add(1), sums)
            })
        };
        let row = |name: &str, (count, sums): (u64, [i64; 3])| {
            let sums = sums.map(|minor| self.money(minor));
            [vec![name.to_owned(), count.to_string()], sums.to_vec()].concat()
        };
        let rows =
            [row("invoices", sum(InvoiceKind::Invoice)), row("credit notes", sum(InvoiceKind::CreditNote))];
        Sheet::new(&["", "count", "net", "VAT", "total EUR"], &["count", "net", "VAT", "total EUR"])
            .with(rows)
    }

    fn lines(&self) -> Sheet {
        let mut sums: BTreeMap<&str, LineSum> = BTreeMap::new();
        let lines = self.invoices.iter().flat_map(|invoice| &invoice.points).flat_map(|point| &point.lines);
        for line in lines {
            let sum = sums.entry(&line.name).or_default();
            sum.count = sum.count.saturating_add(1);
            sum.net_minor = sum.net_minor.saturating_add(line.net.minor());
            for part in line.parts.iter().filter(|part| part.rated.position.unit == Unit::KilowattHour) {
                sum.energy_micros = sum.energy_micros.saturating_add(part.quantity.micros().into());
            }
        }
        let mut sums: Vec<(&str, LineSum)> = sums.into_iter().collect();
        sums.sort_by_key(|(_, sum)| std::cmp::Reverse(sum.net_minor.saturating_abs()));
        let rows = sums.into_iter().take(TOP).map(|(name, sum)| {
            let energy = if sum.energy_micros == 0 { String::new() } else { energy(sum.energy_micros) };
            vec![name.to_owned(), sum.count.to_string(), energy, self.money(sum.net_minor)]
        });
        Sheet::new(&["line", "count", "kWh", "net EUR"], &["count", "kWh", "net EUR"]).with(rows)
    }

    fn highlights(&self) -> Sheet {
        let rows = self.highlights.iter().flat_map(|highlight| {
            highlight.accounts.iter().map(|account| {
                let invoice = self.invoices.iter().find(|invoice| invoice.payer.account == *account);
                let (file, total) = invoice.map_or_else(
                    || ("not billed".to_owned(), String::new()),
                    |invoice| (format!("invoices/{}.html", invoice.number), invoice.total.to_text()),
                );
                vec![account.clone(), total, file, highlight.shows.to_owned()]
            })
        });
        Sheet::new(&["account", "total EUR", "page", "what it shows"], &["total EUR"]).with(rows)
    }

    fn money(&self, minor: i64) -> String {
        let currency = self.invoices.first().map(|invoice| invoice.currency);
        grouped(&currency.map(|currency| Money::new(minor, currency).to_text()).unwrap_or_default())
    }
}

/// Whole kilowatt-hours.
fn energy(micros: i128) -> String {
    let whole = fixed::divide(micros, Quantity::ONE.micros().into(), fixed::Rounding::HalfAwayFromZero);
    grouped(&whole.unwrap_or_default().to_string())
}

/// A number with commas between its thousands.
fn grouped(text: &str) -> String {
    let (whole, decimals) = text.split_at(text.find('.').unwrap_or(text.len()));
    let (sign, digits) = whole.split_at(usize::from(whole.starts_with('-')));
    let mut grouped = String::new();
    for (digit, behind) in digits.chars().zip((0..digits.len()).rev()) {
        grouped.push(digit);
        if behind > 0 && behind.is_multiple_of(3) {
            grouped.push(',');
        }
    }
    format!("{sign}{grouped}{decimals}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let cases =
            [("", ""), ("0.05", "0.05"), ("-1234.50", "-1,234.50"), ("123", "123"), ("1234567", "1,234,567")];
        for (text, expected) in cases {
            assert_eq!(grouped(text), expected);
        }
        assert_eq!(energy(1_234_500_000), "1,235");
    }
}
