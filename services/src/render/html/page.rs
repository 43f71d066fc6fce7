//! The page as a whole: who, how much, until when; then each metering point; then the sums.

use std::fmt::Write;

use domain::identity::MeteringPointId;
use domain::invoice::{BilledPoint, Invoice, InvoiceKind};

use super::text::{Escaped, address_lines, days, long_day, money, month};
use super::{breakdown, chart, lines, totals};

const STYLE: &str = include_str!("style.css");

/// The invoice as one HTML page that needs no other file.
#[must_use]
pub fn invoice_html(invoice: &Invoice) -> String {
    let title = title(invoice);
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>{}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n",
        Escaped(&title),
    );
    page.push_str(&letterhead(invoice));
    page.push_str(&summary(invoice));
    page.push_str(&breakdown::breakdown(invoice));
    let shown = invoice.points.iter().filter(|point| !point.lines.is_empty());
    for (index, billed) in shown.enumerate() {
        page.push_str(&point(invoice, billed, index));
    }
    page.push_str(&totals::totals(invoice));
    page.push_str(&footer(invoice));
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn title(invoice: &Invoice) -> String {
    match (invoice.kind, invoice.number.is_empty()) {
        (_, true) => "Preview".to_owned(),
        (InvoiceKind::Invoice, false) => format!("Invoice {}", invoice.number),
        (InvoiceKind::CreditNote, false) => format!("Credit note {}", invoice.number),
    }
}

fn letterhead(invoice: &Invoice) -> String {
    let payer = &invoice.payer;
    let mut to = vec![Escaped(&payer.name).to_string()];
    to.extend(address_lines(&payer.address));
    if !payer.vat_id.is_empty() {
        to.push(format!("VAT {}", Escaped(&payer.vat_id)));
    }
    let facts = [
        ("Number", Escaped(&invoice.number).to_string()),
        ("Date", long_day(invoice.issued_on)),
        ("Period", month(invoice.booking_month)),
        ("Customer", Escaped(&payer.account).to_string()),
    ];
    let facts = facts.iter().filter(|(_, fact)| !fact.is_empty());
    let facts: String =
        facts.map(|(name, fact)| format!("<div><dt>{name}</dt><dd>{fact}</dd></div>\n")).collect();
    let kind = match invoice.kind {
        InvoiceKind::Invoice => "Invoice",
        InvoiceKind::CreditNote => "Credit note",
    };
    let preview = if invoice.number.is_empty() { " <span class=\"mark\">Preview</span>" } else { "" };
    format!(
        "<header>\n<p class=\"seller\">{}</p>\n<h1>{kind}{preview}</h1>\n<address>{}</address>\n\
         <dl class=\"facts\">\n{facts}</dl>\n</header>\n",
        Escaped(&invoice.seller.name),
        to.join("<br/>"),
    )
}

fn summary(invoice: &Invoice) -> String {
    let (name, due) = totals::due(invoice);
    format!(
        "<section class=\"summary\" aria-label=\"Summary\">\n<div class=\"amount\"><span>{name}</span>\
         <strong>{}</strong></div>\n<div class=\"payment\">\n{}</div>\n</section>\n",
        money(due),
        totals::payment(invoice),
    )
}

fn point(invoice: &Invoice, point: &BilledPoint, index: usize) -> String {
    let mut section = format!(
        "<section class=\"point\" aria-labelledby=\"point-{index}\">\n<h2 id=\"point-{index}\">{}</h2>\n<p class=\"where\">{}",
        Escaped(&point.product),
        address_lines(&point.address).join(", "),
    );
    if let Some(user) = &point.user {
        let _ = write!(section, "<br/>Used by {}", Escaped(user));
    }
    let place = match point.metering_point {
        MeteringPointId::CHARGING => "Charging sessions".to_owned(),
        metering_point => format!("Metering point {metering_point}"),
    };
    let _ = writeln!(
        section,
        "<br/><small>{place} · contract {} · {}</small></p>",
        Escaped(&point.contract),
        days(point.service),
    );
    for usage in &point.usage {
        section.push_str(&chart::chart(usage, &format!("chart-{index}-{}", usage.direction.word())));
    }
    section.push_str(&lines::table(point, invoice.currency));
    section.push_str("</section>\n");
    section
}

fn footer(invoice: &Invoice) -> String {
    let seller = &invoice.seller;
    let contact = [&seller.contact.phone, &seller.contact.email, &seller.contact.web];
    let contact: Vec<String> =
        contact.iter().filter(|way| !way.is_empty()).map(|way| Escaped(way).to_string()).collect();
    let mut about = vec![Escaped(&seller.name).to_string()];
    about.extend(address_lines(&seller.address));
    if !seller.vat_id.is_empty() {
        about.push(format!("VAT {}", Escaped(&seller.vat_id)));
    }
    let questions = match contact.is_empty() {
        true => String::new(),
        false => format!("<p><strong>Questions?</strong> {}</p>\n", contact.join(" · ")),
    };
    format!(
        "<footer>\n<p>Every value is multiplied by the price of its interval and summed exactly; each position is \
         rounded once. Value added tax is computed once per rate on the sum of the lines. A negative quantity is energy \
         or money that goes to you.</p>\n{questions}<p>{}</p>\n</footer>\n",
        about.join(" · "),
    )
}
