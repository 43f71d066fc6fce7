//! What an invoice or a statement is for, record by record: the `InvoiceReconciliationRecord` of OCPI 2.3.0, and what
//! stands behind it.
//!
//! OCPI's record (module `invoicereconciliation`, release 2.3.0, edition 2) names an invoice and the ids of the charge
//! detail records in it, and no more. Amounts, differences and disputes are no part of it: [`report_json`] puts them beside
//! the record, in prices of OCPI 2.3.0, for whoever checks an invoice.

use domain::cdr::Party;
use domain::day::Day;
use domain::instant::Instant;
use domain::money::{Currency, Money};
use domain::session::CostPart;
use domain::verification::{Counts, Dispute, DisputeReason, DisputeState, Verdict, Verification};
use serde::Serialize;
use serde_json::value::RawValue;

use super::warning::cost_field;

/// The name and version of the form.
const FORMAT: &str = "kvarter.reconciliation/1";
/// The longest id of a record in OCPI, `CiString(36)`.
const MOST_ID: usize = 36;
/// The longest number of an invoice in OCPI, `CiString(255)`.
const MOST_INVOICE: usize = 255;

/// An invoice or statement with the records that it is for.
#[derive(Clone, Debug)]
pub struct Reconciliation<'a> {
    /// Who issues it: the operator in direct billing, the provider in reverse billing.
    pub issuer: Party,
    /// Whose sessions it is about.
    pub partner: Party,
    /// The id of the reconciliation record, at most 36 printable characters.
    pub id: &'a str,
    /// The number of the invoice or statement, at most 255 printable characters.
    pub invoice: &'a str,
    /// When it was issued.
    pub issued: Instant,
    /// The first day that it covers.
    pub start: Day,
    /// The day after the last.
    pub end: Day,
    /// The currency of every amount.
    pub currency: Currency,
    /// The records, in the order in which they are to stand.
    pub records: Vec<Reconciled<'a>>,
}

/// A record with what verifying it told.
#[derive(Clone, Copy, Debug)]
pub struct Reconciled<'a> {
    /// Its id.
    pub cdr: &'a str,
    /// What verifying it told.
    pub verification: &'a Verification,
    /// The dispute about it.
    pub dispute: Option<&'a Dispute>,
    /// What the statement has of it; none where that is not known.
    pub billed: Option<Money>,
}

/// Why nothing can be exported, in order of checking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReconciliationFault {
    /// The id is empty, too long or not printable.
    WrongId,
    /// The invoice's number is empty, too long or not printable.
    WrongInvoice,
    /// It has no record.
    NoRecord,
    /// This record, by its id, is in another currency.
    OtherCurrency(String),
    /// The sum of an amount is out of range.
    OutOfRange,
}

/// The record of OCPI alone, as it is posted, ending in a line feed.
///
/// Ids of records stand as they are: they may have 39 characters where the module's table says 36.
///
/// # Errors
/// [`ReconciliationFault`] where OCPI could not hold it.
pub fn record_json(reconciliation: &Reconciliation<'_>) -> Result<String, ReconciliationFault> {
    reconciliation.check()?;
    Ok(json(&RecordEntry::of(reconciliation)))
}

/// The record of OCPI with the amounts and disputes behind it, ending in a line feed.
///
/// # Errors
/// [`ReconciliationFault`] where OCPI could not hold it, or a sum is out of range.
pub fn report_json(reconciliation: &Reconciliation<'_>) -> Result<String, ReconciliationFault> {
    reconciliation.check()?;
    let totals = totals(reconciliation).ok_or(ReconciliationFault::OutOfRange)?;
    Ok(json(&ReportFile {
        format: FORMAT,
        record: RecordEntry::of(reconciliation),
        partner: reconciliation.partner.to_string(),
        currency_code: reconciliation.currency.code(),
        start: reconciliation.start.to_string(),
        end: reconciliation.end.to_string(),
        totals,
        cdrs: reconciliation.records.iter().map(cdr_entry).collect(),
    }))
}

impl Reconciliation<'_> {
    fn check(&self) -> Result<(), ReconciliationFault> {
        let fits = |text: &str, most: usize| {
            (1..=most).contains(&text.len()) && text.bytes().all(|byte| (0x20..0x7F).contains(&byte))
        };
        if !fits(self.id, MOST_ID) {
            return Err(ReconciliationFault::WrongId);
        }
        if !fits(self.invoice, MOST_INVOICE) {
            return Err(ReconciliationFault::WrongInvoice);
        }
        if self.records.is_empty() {
            return Err(ReconciliationFault::NoRecord);
        }
        let other = |record: &&Reconciled<'_>| record.verification.price.currency() != self.currency;
        match self.records.iter().find(other) {
            Some(record) => Err(ReconciliationFault::OtherCurrency(record.cdr.to_owned())),
            None => Ok(()),
        }
    }
}

/// `InvoiceReconciliationRecord` of OCPI 2.3.0.
#[derive(Serialize)]
struct RecordEntry<'a> {
    country_code: String,
    party_id: String,
    id: &'a str,
    invoice_id: &'a str,
    cdrs: Vec<&'a str>,
    last_updated: String,
}

#[derive(Serialize)]
struct ReportFile<'a> {
    format: &'static str,
    record: RecordEntry<'a>,
    partner: String,
    currency_code: &'static str,
    start: String,
    end: String,
    totals: TotalsEntry,
    cdrs: Vec<CdrEntry<'a>>,
}

/// `Price` of OCPI 2.3.0. Taxes are no part of what is compared.
#[derive(Serialize)]
struct PriceEntry {
    before_taxes: Box<RawValue>,
}

#[derive(Serialize)]
struct TotalsEntry {
    /// Each of all records, so that any two can be compared; null where it is not known of every one.
    theirs: Option<PriceEntry>,
    ours: Option<PriceEntry>,
    difference: Option<PriceEntry>,
    agreed: PriceEntry,
    billed: Option<PriceEntry>,
    disputed: usize,
}

#[derive(Serialize)]
struct CdrEntry<'a> {
    id: &'a str,
    /// Null where there is none.
    theirs: Option<PriceEntry>,
    ours: Option<PriceEntry>,
    difference: Option<PriceEntry>,
    /// What stands: in an open dispute what counts until it is decided.
    agreed: PriceEntry,
    /// Null where it is not known.
    billed: Option<PriceEntry>,
    counted: &'static str,
    verdict: &'static str,
    parts: Vec<PartEntry>,
    dispute: Option<DisputeEntry>,
}

#[derive(Serialize)]
struct PartEntry {
    field: &'static str,
    theirs: PriceEntry,
    /// Exact, as text.
    ours: String,
    difference: String,
}

#[derive(Serialize)]
struct DisputeEntry {
    state: &'static str,
    opened: String,
    reasons: Vec<&'static str>,
    note: Option<String>,
}

impl<'a> RecordEntry<'a> {
    fn of(reconciliation: &Reconciliation<'a>) -> Self {
        Self {
            country_code: reconciliation.issuer.country().to_owned(),
            party_id: reconciliation.issuer.id().to_owned(),
            id: reconciliation.id,
            invoice_id: reconciliation.invoice,
            cdrs: reconciliation.records.iter().map(|record| record.cdr).collect(),
            last_updated: reconciliation.issued.to_string(),
        }
    }
}

/// The sums; `None` beyond the range.
fn totals(reconciliation: &Reconciliation<'_>) -> Option<TotalsEntry> {
    let (currency, records) = (reconciliation.currency, &reconciliation.records);
    let sum = |of: &dyn Fn(&Reconciled<'_>) -> Option<Money>| sum_of_all(currency, records.iter().map(of));
    let is_open = |record: &&Reconciled<'_>| record.dispute.is_some_and(|dispute| dispute.state.is_open());
    let agreed = sum(&|record| Some(standing(record)))?;
    Some(TotalsEntry {
        theirs: sum(&|record| record.verification.theirs)?.map(price),
        ours: sum(&|record| record.verification.ours)?.map(price),
        difference: sum(&|record| record.verification.difference)?.map(price),
        agreed: price(agreed.unwrap_or(Money::zero(currency))),
        billed: sum(&|record| record.billed)?.map(price),
        disputed: records.iter().filter(is_open).count(),
    })
}

/// The sum of amounts, none where one of them is not known; `None` beyond the range.
fn sum_of_all(currency: Currency, amounts: impl Iterator<Item = Option<Money>>) -> Option<Option<Money>> {
    let mut total = Some(Money::zero(currency));
    for amount in amounts {
        total = match total.zip(amount) {
            Some((total, amount)) => Some(total.checked_add(amount)?),
            None => None,
        };
    }
    Some(total)
}

/// What stands of a record.
fn standing(record: &Reconciled<'_>) -> Money {
    record.dispute.map_or(record.verification.price, |dispute| dispute.price)
}

fn cdr_entry<'a>(record: &Reconciled<'a>) -> CdrEntry<'a> {
    let verification = record.verification;
    let parts = verification.parts.iter().map(|part| PartEntry {
        field: cost_field(part.part),
        theirs: PriceEntry { before_taxes: number(part.theirs.to_string()) },
        ours: part.ours.to_string(),
        difference: part.difference.to_string(),
    });
    CdrEntry {
        id: record.cdr,
        theirs: verification.theirs.map(price),
        ours: verification.ours.map(price),
        difference: verification.difference.map(price),
        agreed: price(standing(record)),
        billed: record.billed.map(price),
        counted: match verification.counted {
            Counts::Theirs => "THEIRS",
            Counts::Ours => "OURS",
        },
        verdict: match verification.verdict {
            Verdict::Agreed => "AGREED",
            Verdict::WithinTolerance => "WITHIN_TOLERANCE",
            Verdict::Disputed(_) => "DISPUTED",
        },
        parts: parts.collect(),
        dispute: record.dispute.map(dispute_entry),
    }
}

fn dispute_entry(dispute: &Dispute) -> DisputeEntry {
    let note = dispute.decisions.last().map(|decided| decided.note.clone()).filter(|note| !note.is_empty());
    DisputeEntry {
        state: state_word(dispute.state),
        opened: dispute.opened.to_string(),
        reasons: dispute.reasons.iter().map(reason_word).collect(),
        note,
    }
}

/// The word for how a dispute stands.
#[must_use]
pub fn state_word(state: DisputeState) -> &'static str {
    match state {
        DisputeState::Open => "OPEN",
        DisputeState::Accepted => "ACCEPTED",
        DisputeState::Rejected => "REJECTED",
        DisputeState::Settled => "SETTLED",
        DisputeState::Withdrawn => "WITHDRAWN",
    }
}

/// The word for why a price is disputed.
#[must_use]
pub fn reason_word(reason: &DisputeReason) -> &'static str {
    match reason {
        DisputeReason::TotalDiffers => "TOTAL_DIFFERS",
        DisputeReason::TaxDiffers => "TAX_DIFFERS",
        DisputeReason::PartDiffers(CostPart::Energy) => "ENERGY_COST_DIFFERS",
        DisputeReason::PartDiffers(CostPart::Time) => "TIME_COST_DIFFERS",
        DisputeReason::PartDiffers(CostPart::Parking) => "PARKING_COST_DIFFERS",
        DisputeReason::PartDiffers(CostPart::Fixed) => "FIXED_COST_DIFFERS",
        DisputeReason::PartDiffers(CostPart::Reservation) => "RESERVATION_COST_DIFFERS",
        DisputeReason::EnergyDiffers => "ENERGY_DIFFERS",
        DisputeReason::TimeDiffers => "TIME_DIFFERS",
        DisputeReason::NotPriced => "NOT_PRICED",
    }
}

fn price(money: Money) -> PriceEntry {
    PriceEntry { before_taxes: number(money.to_text()) }
}

/// A number of JSON from its digits: no binary float stands between.
fn number(digits: String) -> Box<RawValue> {
    #[expect(clippy::expect_used, reason = "decimal text of money and prices is a number of JSON")]
    RawValue::from_string(digits).expect("a number")
}

fn json(file: &impl Serialize) -> String {
    #[expect(
        clippy::expect_used,
        reason = "structs of texts, numbers and lists can't fail to be written to memory"
    )]
    let mut text = serde_json::to_string_pretty(file).expect("a reconciliation as JSON");
    text.push('\n');
    text
}
