//! What the total is made of: groups and tax as bars.

use std::collections::BTreeMap;
use std::fmt::Write;

use domain::invoice::Invoice;
use domain::money::Money;

use super::text::{Escaped, money};

/// A bar per group in the order of the bill, corrections and tax last; the longest bar is the largest part.
pub(super) fn breakdown(invoice: &Invoice) -> String {
    let parts = parts(invoice);
    let largest = parts.iter().map(|(_, amount)| amount.minor().unsigned_abs()).max().unwrap_or(0);
    if parts.len() < 2 || largest == 0 {
        return String::new();
    }
    let mut list = String::from(
        "<section class=\"breakdown\" aria-labelledby=\"breakdown\">\n<h2 id=\"breakdown\">What it is made of</h2>\n<ul>\n",
    );
    for (name, amount) in parts {
        let per_mille = u128::from(amount.minor().unsigned_abs()).saturating_mul(1_000);
        let per_mille = per_mille.checked_div(u128::from(largest)).unwrap_or_default();
        let width = domain::fixed::format(i128::try_from(per_mille).unwrap_or_default(), 1, 0);
        let class = if amount.minor() < 0 { "credit" } else { "debit" };
        let _ = writeln!(
            list,
            "<li><span class=\"name\">{}</span><span class=\"track\" aria-hidden=\"true\"><span class=\"{class}\" \
             style=\"width:{width}%\"></span></span><span class=\"number\">{}</span></li>",
            Escaped(&name),
            money(amount),
        );
    }
    list.push_str("</ul>\n</section>\n");
    list
}

fn parts(invoice: &Invoice) -> Vec<(String, Money)> {
    let mut names: Vec<&str> = Vec::new();
    let mut sums: BTreeMap<&str, Money> = BTreeMap::new();
    let mut corrections = Money::zero(invoice.currency);
    for line in invoice.points.iter().flat_map(|point| &point.lines) {
        if line.is_correction {
            corrections = corrections.checked_add(line.net).unwrap_or(corrections);
            continue;
        }
        if !names.contains(&line.group.as_str()) {
            names.push(&line.group);
        }
        let sum = sums.entry(&line.group).or_insert(Money::zero(invoice.currency));
        *sum = sum.checked_add(line.net).unwrap_or(*sum);
    }
    let mut parts: Vec<(String, Money)> =
        names.iter().filter_map(|name| sums.get(name).map(|sum| ((*name).to_owned(), *sum))).collect();
    parts.push(("Corrections".to_owned(), corrections));
    parts.push(("Value added tax".to_owned(), invoice.vat_total));
    parts.retain(|(_, amount)| amount.minor() != 0);
    parts
}
