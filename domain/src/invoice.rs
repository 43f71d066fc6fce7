//! The invoice: what a payer owes for a booking period, line by line, with tax, totals and the postings it makes.
//!
//! A line is the difference between what its position costs by all that is known now, rounded once, and what was
//! issued under its key before. The sum of all invoices is therefore the correct bill after every correction, and
//! nothing is ever computed from a difference of quantities. Value added tax is taken once per class and rate on the sum of rounded lines.

mod build;
mod line;
mod party;
mod point;
mod postings;

use crate::day::{Day, Month};
use crate::money::{Currency, Money};
use crate::tax::{TaxClass, VatRate};

pub use build::{InvoiceError, OpenInvoice};
pub use line::{Issued, Line, LinePart, LinePrice, OpenLine};
pub use party::{Contact, Party, Seller};
pub use point::{BilledPoint, ChannelUsage, OpenPoint, UsageDay};

/// Whether the document asks for money or gives it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InvoiceKind {
    /// The total is zero or more.
    Invoice,
    /// The total is negative; all numbers keep the sign they would have on an invoice.
    CreditNote,
}

impl InvoiceKind {
    /// The word for it in files: `invoice`, `credit-note`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::CreditNote => "credit-note",
        }
    }
}

/// An invoice or credit note. Built by [`OpenInvoice::build`]; an issued one never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    /// Its number in the issuer's series; empty as long as it is a preview.
    pub number: String,
    /// What it is.
    pub kind: InvoiceKind,
    /// The date of issue.
    pub issued_on: Day,
    /// The last day for payment.
    pub due_on: Day,
    /// What the payer quotes when paying.
    pub payment_reference: String,
    /// The month whose run made it; corrections of earlier months name their own.
    pub booking_month: Month,
    /// The currency of every sum.
    pub currency: Currency,
    /// Who issues it.
    pub seller: Seller,
    /// Who pays.
    pub payer: Party,
    /// What is billed, by metering point and contract.
    pub points: Vec<BilledPoint>,
    /// Value added tax, once per class and rate.
    pub vat: Vec<VatEntry>,
    /// The sum of the lines.
    pub net: Money,
    /// The sum of the tax.
    pub vat_total: Money,
    /// Net and tax.
    pub total: Money,
    /// What was owed before; negative where the payer has credit.
    pub balance_brought_forward: Money,
    /// What was paid in advance for this period.
    pub instalments: Vec<Instalment>,
    /// What is to be paid: the total and the balance brought forward less the instalments. Negative where it is paid out.
    pub due: Money,
}

/// The tax of one class and rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VatEntry {
    /// The class of goods.
    pub tax_class: TaxClass,
    /// The rate.
    pub rate: VatRate,
    /// The sum of the lines it is due on.
    pub net: Money,
    /// The tax, rounded once, half away from zero.
    pub vat: Money,
}

/// A payment in advance that the invoice takes into account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instalment {
    /// When it was paid.
    pub paid_on: Day,
    /// The number or reference it was asked for under.
    pub reference: String,
    /// How much, tax included.
    pub amount: Money,
}

impl Invoice {
    /// Every part of every line, and those that moved less than a minor unit and make no line: all that the invoice
    /// settles. The account adds each to what is issued under its key ([`Issued::add`]).
    pub fn parts(&self) -> impl Iterator<Item = (&BilledPoint, &LinePart)> {
        self.points.iter().flat_map(|point| {
            let shown = point.lines.iter().flat_map(|line| &line.parts);
            shown.chain(&point.unshown).map(move |part| (point, part))
        })
    }
}
