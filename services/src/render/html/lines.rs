//! The lines of a metering point as a table, by group, corrections apart.

use domain::identity::MeteringPointId;
use domain::invoice::{BilledPoint, Line, LinePart, LinePrice};
use domain::money::{Currency, Money};

use super::text::{Escaped, count, days, money, per, percent, price, quantity, rate};

/// How the lines of a point are shown.
#[derive(Clone, Copy)]
struct Manner {
    currency: Currency,
    /// What an average is over.
    counted: &'static str,
}

/// The table of a point; empty where it has no line.
pub(super) fn table(point: &BilledPoint, currency: Currency) -> String {
    let counted = if point.metering_point == MeteringPointId::CHARGING { "sessions" } else { "intervals" };
    let manner = Manner { currency, counted };
    if point.lines.is_empty() {
        return String::new();
    }
    let mut table = String::from(
        "<table class=\"lines\">\n<thead><tr><th scope=\"col\">Description</th><th scope=\"col\">Period</th>\
         <th scope=\"col\" class=\"number\">Quantity</th><th scope=\"col\" class=\"number\">Price</th>\
         <th scope=\"col\" class=\"number\">VAT</th><th scope=\"col\" class=\"number\">Amount</th></tr></thead>\n",
    );
    let (corrections, service): (Vec<&Line>, Vec<&Line>) =
        point.lines.iter().partition(|line| line.is_correction);
    let mut groups: Vec<&str> = Vec::new();
    for line in &service {
        if !groups.contains(&line.group.as_str()) {
            groups.push(&line.group);
        }
    }
    for group in groups {
        let lines: Vec<&Line> = service.iter().copied().filter(|line| line.group == group).collect();
        table.push_str(&section(group, &lines, manner));
    }
    if !corrections.is_empty() {
        table.push_str(&section("Corrections of earlier invoices", &corrections, manner));
    }
    table.push_str("</table>\n");
    table
}

fn section(title: &str, lines: &[&Line], manner: Manner) -> String {
    let total = lines.iter().map(|line| line.net).try_fold(Money::zero(manner.currency), Money::checked_add);
    let mut section = format!(
        "<tbody>\n<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"5\">{}</th><td class=\"number\">{}</td></tr>\n",
        Escaped(title),
        total.map(money).unwrap_or_default(),
    );
    for line in lines {
        section.push_str(&row(line, manner));
    }
    section.push_str("</tbody>\n");
    section
}

/// A line of one position says all of it in one row; a bundle is followed by what it is made of.
fn row(line: &Line, manner: Manner) -> String {
    let single = match line.parts.as_slice() {
        [part] => Some(part),
        _ => None,
    };
    let mut notes: Vec<String> = single.map(|part| notes(part, manner)).unwrap_or_default();
    if line.is_estimated {
        notes.push("includes estimated values".to_owned());
    }
    let notes: String = notes.iter().map(|note| format!("<br/><small>{note}</small>")).collect();
    let mark = if line.is_correction { "<span class=\"mark\">Correction</span> " } else { "" };
    let mut rows = format!(
        "<tr><th scope=\"row\">{mark}{}{notes}</th><td>{}</td><td class=\"number\">{}</td>\
         <td class=\"number\">{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td></tr>\n",
        Escaped(&line.name),
        days(line.service),
        single.map(|part| quantity(part.quantity, part.rated.position.unit)).unwrap_or_default(),
        single.map(|part| price_cell(part, manner)).unwrap_or_default(),
        rate(&line.tax_class, line.vat_rate),
        money(line.net),
    );
    if single.is_none() {
        rows.extend(line.parts.iter().map(|part| part_row(part, manner)));
    }
    rows
}

fn part_row(part: &LinePart, manner: Manner) -> String {
    let notes: String =
        notes(part, manner).iter().map(|note| format!("<br/><small>{note}</small>")).collect();
    format!(
        "<tr class=\"part\"><th scope=\"row\">{}{notes}</th><td>{}</td><td class=\"number\">{}</td>\
         <td class=\"number\">{}</td><td></td><td class=\"number\">{}</td></tr>\n",
        Escaped(&part.rated.position.name),
        days(part.rated.position.key.service),
        quantity(part.quantity, part.rated.position.unit),
        price_cell(part, manner),
        money(part.net),
    )
}

fn price_cell(part: &LinePart, manner: Manner) -> String {
    let unit = part.rated.position.unit;
    match part.price {
        LinePrice::PerUnit(each) => {
            format!("{}<br/><small>per {}</small>", price(each, 2, manner.currency), per(unit))
        }
        LinePrice::Monthly { price: each, .. } => {
            format!("{}<br/><small>per month</small>", price(each, 2, manner.currency))
        }
        LinePrice::Factor(factor) => percent(factor),
        LinePrice::Average { price: None, .. } => "–".to_owned(),
        LinePrice::Average { price: Some(average), .. } => {
            format!("{}<br/><small>per {}, average</small>", price(average, 6, manner.currency), per(unit))
        }
    }
}

/// How the amount came about, where quantity and price alone do not say it.
fn notes(part: &LinePart, manner: Manner) -> Vec<String> {
    let position = &part.rated.position;
    let mut notes = Vec::new();
    match part.price {
        LinePrice::Average { intervals: 0, .. } => {}
        LinePrice::Average { intervals, .. } => {
            notes.push(format!("{} {}, each at its own price", count(intervals), manner.counted))
        }
        LinePrice::Monthly { pieces, .. } if pieces != domain::quantity::Quantity::ONE => {
            notes.push(format!("{} times per month", Escaped(&pieces.to_string())));
        }
        LinePrice::Factor(_) => notes.push("of the lines it is charged on".to_owned()),
        _ => {}
    }
    if let Some(share) = part.partial_share() {
        let whole = position.amount.to_money(manner.currency, position.rounding);
        let whole = whole.map(|whole| format!(" of {}", money(whole))).unwrap_or_default();
        notes.push(format!("your share: {share}{whole}"));
    }
    if part.net_before.minor() != 0 {
        let (to_date, before) = (money(part.net_to_date), money(part.net_before));
        notes.push(format!("now {to_date}, billed before {before}"));
    }
    notes
}
