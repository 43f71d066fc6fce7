//! The universal JSON of an invoice: everything a line was computed from, in a fixed order of fields.
//!
//! The form is described in `docs/reference/invoice-json.md` and its schema. Every field is always present; what does
//! not apply is null, an empty text or an empty list.

mod line;
mod point;

use domain::address::Address;
use domain::day::Day;
use domain::day_span::DaySpan;
use domain::invoice::{Instalment, Invoice, Seller, VatEntry};
use serde::Serialize;

use self::point::PointJson;

/// The name and version of the form.
const FORMAT: &str = "kvarter.invoice/1";

/// The invoice as JSON text that ends in a line feed.
#[must_use]
pub fn invoice_json(invoice: &Invoice) -> String {
    #[expect(
        clippy::expect_used,
        reason = "structs of texts, numbers and lists can't fail to be written to memory"
    )]
    let mut text = serde_json::to_string_pretty(&InvoiceJson::of(invoice)).expect("an invoice as JSON");
    text.push('\n');
    text
}

#[derive(Serialize)]
struct InvoiceJson<'a> {
    format: &'static str,
    kind: &'static str,
    number: &'a str,
    issued_on: String,
    due_on: String,
    payment_reference: &'a str,
    booking_month: String,
    currency: &'static str,
    seller: SellerJson<'a>,
    payer: PayerJson<'a>,
    points: Vec<PointJson<'a>>,
    vat: Vec<VatJson<'a>>,
    net: String,
    vat_total: String,
    total: String,
    balance_brought_forward: String,
    instalments: Vec<InstalmentJson<'a>>,
    due: String,
    postings: Vec<PostingJson>,
}

/// What issuing books: a role of the ledger and an exact amount. All of them sum to zero.
#[derive(Serialize)]
struct PostingJson {
    role: String,
    amount: String,
}

#[derive(Serialize)]
struct SellerJson<'a> {
    name: &'a str,
    address: AddressJson<'a>,
    vat_id: &'a str,
    iban: &'a str,
    contact: ContactJson<'a>,
}

#[derive(Serialize)]
struct ContactJson<'a> {
    email: &'a str,
    phone: &'a str,
    web: &'a str,
}

#[derive(Serialize)]
struct PayerJson<'a> {
    account: &'a str,
    name: &'a str,
    address: AddressJson<'a>,
    vat_id: &'a str,
}

#[derive(Serialize)]
struct AddressJson<'a> {
    street: &'a str,
    postal_code: &'a str,
    city: &'a str,
    country: &'a str,
}

/// Days by the first and the last of them.
#[derive(Serialize)]
struct DaysJson {
    first: String,
    last: String,
}

#[derive(Serialize)]
struct VatJson<'a> {
    tax_class: &'a str,
    rate_percent: String,
    net: String,
    vat: String,
}

#[derive(Serialize)]
struct InstalmentJson<'a> {
    paid_on: String,
    reference: &'a str,
    amount: String,
}

impl<'a> InvoiceJson<'a> {
    fn of(invoice: &'a Invoice) -> Self {
        Self {
            format: FORMAT,
            kind: invoice.kind.word(),
            number: &invoice.number,
            issued_on: invoice.issued_on.to_string(),
            due_on: invoice.due_on.to_string(),
            payment_reference: &invoice.payment_reference,
            booking_month: invoice.booking_month.to_string(),
            currency: invoice.currency.code(),
            seller: SellerJson::of(&invoice.seller),
            payer: PayerJson {
                account: &invoice.payer.account,
                name: &invoice.payer.name,
                address: AddressJson::of(&invoice.payer.address),
                vat_id: &invoice.payer.vat_id,
            },
            points: invoice.points.iter().map(PointJson::of).collect(),
            vat: invoice.vat.iter().map(VatJson::of).collect(),
            net: invoice.net.to_text(),
            vat_total: invoice.vat_total.to_text(),
            total: invoice.total.to_text(),
            balance_brought_forward: invoice.balance_brought_forward.to_text(),
            instalments: invoice.instalments.iter().map(InstalmentJson::of).collect(),
            due: invoice.due.to_text(),
            postings: postings(invoice),
        }
    }
}

/// None where a sum leaves its range: such an invoice can't be issued.
fn postings(invoice: &Invoice) -> Vec<PostingJson> {
    let set = invoice.postings().ok();
    let postings = set.iter().flat_map(|set| set.postings());
    postings
        .map(|posting| PostingJson { role: posting.role.to_string(), amount: posting.amount.to_string() })
        .collect()
}

impl<'a> SellerJson<'a> {
    fn of(seller: &'a Seller) -> Self {
        let contact = &seller.contact;
        Self {
            name: &seller.name,
            address: AddressJson::of(&seller.address),
            vat_id: &seller.vat_id,
            iban: &seller.iban,
            contact: ContactJson { email: &contact.email, phone: &contact.phone, web: &contact.web },
        }
    }
}

impl<'a> AddressJson<'a> {
    fn of(address: &'a Address) -> Self {
        let Address { street, postal_code, city, country } = address;
        Self { street, postal_code, city, country }
    }
}

impl DaysJson {
    fn of(span: DaySpan) -> Self {
        Self::between(span.first(), span.end().previous())
    }

    fn between(first: Day, last: Day) -> Self {
        Self { first: first.to_string(), last: last.to_string() }
    }
}

impl<'a> VatJson<'a> {
    fn of(entry: &'a VatEntry) -> Self {
        Self {
            tax_class: entry.tax_class.name(),
            rate_percent: entry.rate.percent_text(),
            net: entry.net.to_text(),
            vat: entry.vat.to_text(),
        }
    }
}

impl<'a> InstalmentJson<'a> {
    fn of(instalment: &'a Instalment) -> Self {
        Self {
            paid_on: instalment.paid_on.to_string(),
            reference: &instalment.reference,
            amount: instalment.amount.to_text(),
        }
    }
}
