//! Value added tax, totals, and what is to be paid.

use std::fmt::Write;

use domain::invoice::Invoice;
use domain::money::Money;

use super::text::{Escaped, iban, long_day, money, rate, short_day, tax_class};

/// The table of tax and the sums below it.
pub(super) fn totals(invoice: &Invoice) -> String {
    let mut table = String::from(
        "<section class=\"totals\" aria-labelledby=\"totals\">\n<h2 id=\"totals\">Total</h2>\n<table>\n<thead><tr>\
         <th scope=\"col\">Value added tax</th><th scope=\"col\" class=\"number\">Rate</th>\
         <th scope=\"col\" class=\"number\">Net</th><th scope=\"col\" class=\"number\">VAT</th></tr></thead>\n<tbody>\n",
    );
    for entry in &invoice.vat {
        let _ = writeln!(
            table,
            "<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td><td class=\"number\">{}</td>\
             <td class=\"number\">{}</td></tr>",
            tax_class(&entry.tax_class),
            rate(&entry.tax_class, entry.rate),
            money(entry.net),
            money(entry.vat),
        );
    }
    table.push_str("</tbody>\n<tfoot>\n");
    table.push_str(&sum("Net", invoice.net, ""));
    table.push_str(&sum("Value added tax", invoice.vat_total, ""));
    table.push_str(&sum("Total including VAT", invoice.total, "strong"));
    if invoice.balance_brought_forward.minor() != 0 {
        table.push_str(&sum("Balance brought forward", invoice.balance_brought_forward, ""));
    }
    for instalment in &invoice.instalments {
        let name = format!("Instalment {} paid on {}", instalment.reference, short_day(instalment.paid_on));
        let paid = instalment.amount.checked_neg().unwrap_or(instalment.amount);
        table.push_str(&sum(&name, paid, ""));
    }
    let (name, due) = due(invoice);
    table.push_str(&sum(name, due, "due"));
    table.push_str("</tfoot>\n</table>\n</section>\n");
    table
}

/// How to pay, or how money comes back.
pub(super) fn payment(invoice: &Invoice) -> String {
    let seller = &invoice.seller;
    if invoice.due.minor() < 0 {
        return format!(
            "<p>We pay <strong>{}</strong> to your account by {}.</p>\n",
            money(due(invoice).1),
            long_day(invoice.due_on),
        );
    }
    if invoice.due.minor() == 0 {
        return "<p>There is nothing to pay.</p>\n".to_owned();
    }
    format!(
        "<p>Please pay <strong>{}</strong> by <strong>{}</strong>.</p>\n<dl>\n<div><dt>To</dt><dd>{}</dd></div>\n\
         <div><dt>IBAN</dt><dd>{}</dd></div>\n<div><dt>Reference</dt><dd>{}</dd></div>\n</dl>\n",
        money(invoice.due),
        long_day(invoice.due_on),
        Escaped(&seller.name),
        iban(&seller.iban),
        Escaped(&invoice.payment_reference),
    )
}

/// What is to be paid either way, without a sign.
pub(super) fn due(invoice: &Invoice) -> (&'static str, Money) {
    if invoice.due.minor() < 0 {
        ("You receive", invoice.due.checked_neg().unwrap_or(invoice.due))
    } else {
        ("Amount due", invoice.due)
    }
}

fn sum(name: &str, amount: Money, class: &str) -> String {
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    format!(
        "<tr{class}><th scope=\"row\" colspan=\"3\">{}</th><td class=\"number\">{}</td></tr>\n",
        Escaped(name),
        money(amount),
    )
}
