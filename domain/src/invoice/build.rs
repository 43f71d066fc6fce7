//! From what is open to the invoice: lines, bundles, tax, totals.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::line::{Line, LinePart, OpenLine, sum};
use super::{BilledPoint, Instalment, Invoice, InvoiceKind, OpenPoint, Party, Seller, VatEntry};
use crate::day::{Day, Month};
use crate::day_span::DaySpan;
use crate::ledger::PostingRefusal;
use crate::money::{Currency, Money};
use crate::position::PositionKey;
use crate::tax::{TaxClass, VatRate};

/// Everything that is open for a payer in a booking period, and what the document says beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenInvoice {
    /// The number; empty for a preview.
    pub number: String,
    /// The date of issue.
    pub issued_on: Day,
    /// The last day for payment.
    pub due_on: Day,
    /// What the payer quotes when paying.
    pub payment_reference: String,
    /// The month whose run makes it.
    pub booking_month: Month,
    /// The currency; whatever is open in another belongs on another invoice.
    pub currency: Currency,
    /// Who issues it.
    pub seller: Seller,
    /// Who pays.
    pub payer: Party,
    /// What is open; the order does not matter.
    pub points: Vec<OpenPoint>,
    /// What was owed before; negative where the payer has credit.
    pub balance_brought_forward: Money,
    /// What was paid in advance for this period.
    pub instalments: Vec<Instalment>,
}

/// Why there is no invoice, in order of checking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvoiceError {
    /// A sum is in another currency than the invoice.
    MixedCurrencies,
    /// The shares of a position do not make the whole, or the payer's is not among them.
    BrokenShares,
    /// A sum left its range.
    OutOfRange,
    /// No line is left: nothing is open, or nothing moved by a minor unit.
    NothingToBill,
    /// It has more positions than one document may settle.
    TooManyPositions,
    /// The postings do not make a set.
    Postings(PostingRefusal),
}

impl fmt::Display for InvoiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MixedCurrencies => write!(f, "a sum is in another currency than the invoice"),
            Self::BrokenShares => write!(f, "the shares of a position do not make the whole"),
            Self::OutOfRange => write!(f, "a sum of the invoice is out of range"),
            Self::NothingToBill => write!(f, "there is nothing to bill"),
            Self::TooManyPositions => write!(f, "there are more positions than one invoice can hold"),
            Self::Postings(refusal) => write!(f, "{refusal}"),
        }
    }
}

impl std::error::Error for InvoiceError {}

impl OpenInvoice {
    /// Builds the invoice. The same input in any order gives the same invoice.
    ///
    /// # Errors
    /// [`InvoiceError`] where there is nothing to bill or the input does not add up.
    pub fn build(self) -> Result<Invoice, InvoiceError> {
        let points = billed_points(self.points, self.currency)?;
        let vat = vat_table(&points, self.currency)?;
        let zero = Money::zero(self.currency);
        let net = vat.iter().try_fold(zero, |total, entry| sum(total, entry.net))?;
        let vat_total = vat.iter().try_fold(zero, |total, entry| sum(total, entry.vat))?;
        let total = sum(net, vat_total)?;
        let paid = self.instalments.iter().try_fold(zero, |total, one| sum(total, one.amount))?;
        let owed = sum(total, self.balance_brought_forward)?;
        let due = owed.checked_sub(paid).ok_or(InvoiceError::OutOfRange)?;
        if points.iter().all(|point| point.lines.is_empty()) {
            return Err(InvoiceError::NothingToBill);
        }
        Ok(Invoice {
            number: self.number,
            kind: if total.minor() < 0 { InvoiceKind::CreditNote } else { InvoiceKind::Invoice },
            issued_on: self.issued_on,
            due_on: self.due_on,
            payment_reference: self.payment_reference,
            booking_month: self.booking_month,
            currency: self.currency,
            seller: self.seller,
            payer: self.payer,
            points,
            vat,
            net,
            vat_total,
            total,
            balance_brought_forward: self.balance_brought_forward,
            instalments: self.instalments,
            due,
        })
    }
}

fn billed_points(open: Vec<OpenPoint>, currency: Currency) -> Result<Vec<BilledPoint>, InvoiceError> {
    let mut points = Vec::new();
    for point in open {
        points.extend(billed_point(point, currency)?);
    }
    points.sort_by(|one, other| {
        let rank = |point: &BilledPoint| (point.metering_point, point.service.first());
        rank(one).cmp(&rank(other)).then_with(|| one.contract.cmp(&other.contract))
    });
    Ok(points)
}

fn billed_point(open: OpenPoint, currency: Currency) -> Result<Option<BilledPoint>, InvoiceError> {
    let (unshown, shown): (Vec<LinePart>, Vec<LinePart>) = parts(open.lines, currency)?
        .into_iter()
        .partition(|part| part.net.minor() == 0 && part.is_correction);
    let current = shown.iter().filter(|part| !part.is_correction).map(service);
    let service = hull(current).or_else(|| hull(shown.iter().chain(&unshown).map(service)));
    let Some(service) = service else { return Ok(None) };
    Ok(Some(BilledPoint {
        metering_point: open.metering_point,
        address: open.address,
        user: open.user,
        contract: open.contract,
        product: open.product,
        service,
        lines: bundled(shown, currency)?,
        unshown,
        usage: open.usage,
    }))
}

/// What the open positions contribute, in the order of the bill. Whatever belongs to a month of a contract of which
/// something was issued before is a correction, also under a key that is new.
fn parts(lines: Vec<OpenLine>, currency: Currency) -> Result<Vec<LinePart>, InvoiceError> {
    let month = |key: &PositionKey| (key.contract.clone(), key.month);
    let issued = lines.iter().filter(|line| !line.issued.is_empty());
    let corrected: BTreeSet<_> = issued.map(|line| month(&line.latest.position.key)).collect();
    let mut parts = Vec::new();
    for line in lines {
        let is_correction = corrected.contains(&month(&line.latest.position.key));
        parts.extend(line.parts(currency, is_correction)?);
    }
    parts.sort_by(|one, other| {
        let rank =
            |part: &LinePart| (part.is_correction, part.rated.position.key.month, part.rated.position.order);
        let (key, other_key) = (&one.rated.position.key, &other.rated.position.key);
        let by_tax = || (&one.tax_class, one.vat_rate).cmp(&(&other.tax_class, other.vat_rate));
        rank(one).cmp(&rank(other)).then_with(|| key.cmp(other_key)).then_with(by_tax)
    });
    Ok(parts)
}

/// Lines of the parts. Those of one bundled group, month and tax become one line where the first of them stands.
fn bundled(parts: Vec<LinePart>, currency: Currency) -> Result<Vec<Line>, InvoiceError> {
    let bundle = |part: &LinePart| {
        let position = &part.rated.position;
        let (display, tax) = (&position.display, (part.tax_class.clone(), part.vat_rate));
        display.is_bundled.then(|| (display.group.clone(), position.key.month, part.is_correction, tax))
    };
    let mut lines: Vec<Vec<LinePart>> = Vec::new();
    let mut places = BTreeMap::new();
    for part in parts {
        let place = match bundle(&part) {
            Some(key) => *places.entry(key).or_insert(lines.len()),
            None => lines.len(),
        };
        match lines.get_mut(place) {
            Some(line) => line.push(part),
            None => lines.push(vec![part]),
        }
    }
    lines.into_iter().filter_map(|parts| line(parts, currency).transpose()).collect()
}

fn line(parts: Vec<LinePart>, currency: Currency) -> Result<Option<Line>, InvoiceError> {
    let Some((first, service)) = parts.first().zip(hull(parts.iter().map(service))) else { return Ok(None) };
    let position = &first.rated.position;
    let net = parts.iter().try_fold(Money::zero(currency), |total, part| sum(total, part.net))?;
    let name = if parts.len() > 1 { &position.display.group } else { &position.name };
    Ok(Some(Line {
        name: name.clone(),
        group: position.display.group.clone(),
        service,
        net,
        tax_class: first.tax_class.clone(),
        vat_rate: first.vat_rate,
        is_correction: first.is_correction,
        is_estimated: parts.iter().any(|part| part.rated.position.is_estimated),
        parts,
    }))
}

/// Value added tax, once per class and rate, on the sum of the rounded lines.
fn vat_table(points: &[BilledPoint], currency: Currency) -> Result<Vec<VatEntry>, InvoiceError> {
    let mut nets: BTreeMap<(TaxClass, VatRate), Money> = BTreeMap::new();
    for line in points.iter().flat_map(|point| &point.lines) {
        let tax = (line.tax_class.clone(), line.vat_rate);
        let net = nets.entry(tax).or_insert(Money::zero(currency));
        *net = sum(*net, line.net)?;
    }
    let entry = |((tax_class, rate), net): ((TaxClass, VatRate), Money)| {
        let vat = rate.of(net).ok_or(InvoiceError::OutOfRange)?;
        Ok(VatEntry { tax_class, rate, net, vat })
    };
    nets.into_iter().map(entry).collect()
}

fn service(part: &LinePart) -> DaySpan {
    part.rated.position.key.service
}

/// From the first to the last of the days.
fn hull(spans: impl Iterator<Item = DaySpan>) -> Option<DaySpan> {
    spans.reduce(|one, other| {
        DaySpan::new(one.first().min(other.first()), one.end().max(other.end())).unwrap_or(one)
    })
}
