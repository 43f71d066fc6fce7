//! The JSON of a partner's statement. The form is described by `docs/reference/partner-statement.schema.json`. Every field is
//! always present; what does not apply is null, an empty text or an empty list.

use domain::share::MonthComponent;
use domain::statement::PartnerStatement;
use serde_json::{Value, json};

/// The name and version of the form.
const FORMAT: &str = "kvarter.partner-statement/1";

/// The statement as JSON text that ends in a line feed.
#[must_use]
pub fn statement_json(statement: &PartnerStatement) -> String {
    format!("{:#}\n", value(statement))
}

fn value(statement: &PartnerStatement) -> Value {
    let issuer = &statement.issuer;
    let partner = &statement.partner;
    json!({
        "format": FORMAT,
        "number": statement.number,
        "issued_on": statement.issued_on.to_string(),
        "due_on": statement.due_on.to_string(),
        "booking_month": statement.month.to_string(),
        "previous_month": statement.previous.map(|month| month.to_string()),
        "currency": statement.currency.code(),
        "issuer": {
            "name": issuer.name, "address": address(&issuer.address), "vat_id": issuer.vat_id,
        },
        "partner": {
            "account": partner.account, "name": partner.name, "address": address(&partner.address),
            "vat_id": partner.vat_id,
        },
        "opening_balance": statement.opening_balance.to_text(),
        "payments": payments(statement),
        "lines": lines(statement),
        "vat": vat(statement),
        "net": statement.net.to_text(),
        "vat_total": statement.vat_total.to_text(),
        "total": statement.total.to_text(),
        "closing_balance": statement.closing_balance.to_text(),
    })
}

fn address(address: &domain::address::Address) -> Value {
    json!({
        "street": address.street, "postal_code": address.postal_code, "city": address.city,
        "country": address.country,
    })
}

fn payments(statement: &PartnerStatement) -> Vec<Value> {
    let payment = |payment: &domain::statement::PartnerPayment| {
        json!({
            "id": payment.operation.to_string(),
            "paid_on": payment.paid_on.to_string(),
            "amount": payment.amount.to_text(),
        })
    };
    statement.payments.iter().map(payment).collect()
}

fn lines(statement: &PartnerStatement) -> Vec<Value> {
    let line = |line: &domain::statement::StatementLine| {
        json!({
            "section": line.section.word(),
            "service_month": line.month.to_string(),
            "agreement": line.agreement,
            "kind": line.kind.to_string(),
            "component": line.component.map(MonthComponent::word),
            "sessions": line.sessions,
            "energy_kwh": line.energy_kwh.to_text(0),
            "net": line.net.to_text(),
            "tax_class": line.tax_class.name(),
            "vat_percent": line.vat_rate.percent_text(),
        })
    };
    statement.lines.iter().map(line).collect()
}

fn vat(statement: &PartnerStatement) -> Vec<Value> {
    let entry = |entry: &domain::invoice::VatEntry| {
        json!({
            "tax_class": entry.tax_class.name(),
            "rate_percent": entry.rate.percent_text(),
            "net": entry.net.to_text(),
            "vat": entry.vat.to_text(),
        })
    };
    statement.vat.iter().map(entry).collect()
}
