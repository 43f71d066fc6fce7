//! `kvarter dispute export`: what a statement, or an invoice of a party, of its sessions is for.
//!
//! A statement of ours has the legs that it has. What a party invoices itself is not held here: then days of service say which
//! records it is for.

use clap::Args;
use domain::day::Day;
use domain::instant::Instant;
use domain::money::Money;
use domain::verification::{Counts, Dispute, Verdict, Verification};
use proto::name;
use proto::roaming::{Cdr, CdrState};

use super::super::client::Client;
use super::super::failure::Failure;
use super::super::sheet::say;
use super::super::show;
use super::stated::{Stated, account_of, stated};
use super::{dispute, party, records};
use crate::ocpi::reconciliation::{
    Reconciled, Reconciliation, ReconciliationFault, record_json, report_json,
};

/// What is exported.
#[derive(Args, Clone, Debug)]
pub(super) struct ExportArguments {
    /// Whose sessions it is about, as NL-TNM
    #[arg(long)]
    pub(super) party: String,
    /// Who issues the invoice or statement, as NL-OWN
    #[arg(long)]
    issuer: String,
    /// The number of the statement, or of the invoice that the party issued
    #[arg(long, value_name = "NUMBER")]
    pub(super) invoice: String,
    /// The id of the reconciliation record
    #[arg(long)]
    id: String,
    /// The account whose statement it is; if not said, that which is agreed with the party
    #[arg(long)]
    account: Option<String>,
    /// Of an invoice: the first day of service
    #[arg(long, value_name = "DAY", value_parser = show::parse_day, requires = "to")]
    from: Option<Day>,
    /// Of an invoice: the last day of service
    #[arg(long, value_name = "DAY", value_parser = show::parse_day, requires = "from")]
    to: Option<Day>,
    /// When it was issued, such as 2024-11-03T09:00:00Z; a statement if not said: the midnight (UTC) its date begins with
    #[arg(long, value_name = "TIME", value_parser = show::parse_instant)]
    issued: Option<Instant>,
    /// The record of OCPI alone, without amounts and disputes
    #[arg(long)]
    record: bool,
}

/// What an invoice or a statement is for.
struct Span {
    start: Day,
    end: Day,
    issued: Instant,
    held: Vec<Held>,
}

/// A record of the book with what is exported of it.
struct Held {
    id: String,
    verification: Verification,
    dispute: Option<Dispute>,
    billed: Option<Money>,
}

/// Writes what is exported.
pub(super) async fn run(client: &Client, arguments: &ExportArguments) -> Result<(), Failure> {
    let account = match &arguments.account {
        Some(account) => Some(account.clone()),
        None => account_of(client, &arguments.party).await?,
    };
    let found = match &account {
        Some(account) => stated(client, account, arguments).await?,
        None => None,
    };
    let parent = name::PARTY.name([client.tenant(), &arguments.party]);
    let span = match found {
        Some(stated) => arguments.of_statement(stated, &records(client, &parent).await?)?,
        None => {
            let days = arguments.days(account.as_deref())?;
            of_days(days, &records(client, &parent).await?)
        }
    };
    let currency = span.held.first().map(|held| held.verification.price.currency());
    let nothing = || Failure::Usage("nothing was bought of the party in these days".to_owned());
    let reconciliation = Reconciliation {
        issuer: party("--issuer", &arguments.issuer)?,
        partner: party("--party", &arguments.party)?,
        id: &arguments.id,
        invoice: &arguments.invoice,
        issued: span.issued,
        start: span.start,
        end: span.end,
        currency: currency.ok_or_else(nothing)?,
        records: span.held.iter().map(Held::reconciled).collect(),
    };
    let text = if arguments.record { record_json(&reconciliation) } else { report_json(&reconciliation) };
    say(text.map_err(|fault| Failure::Usage(words(&fault)))?)
}

impl ExportArguments {
    /// What can be told before anybody is asked.
    pub(super) fn check(&self) -> Result<(), Failure> {
        party("--issuer", &self.issuer)?;
        party("--party", &self.party)?;
        match self.from.zip(self.to).filter(|(from, to)| from > to) {
            Some((from, to)) => Err(Failure::Usage(format!(
                "--from: {from} is after --to, {to}; --to is the last day of service"
            ))),
            None => Ok(()),
        }
    }

    /// The days of an invoice that the party issued, and when it did.
    fn days(&self, account: Option<&str>) -> Result<(Day, Day, Instant), Failure> {
        let invoice = "for an invoice that the party issued itself, give --from, --to and --issued";
        let Some(((from, to), issued)) = self.from.zip(self.to).zip(self.issued) else {
            return Err(Failure::Usage(match account {
                Some(account) => format!(
                    "--invoice: {account} has no statement {}; look for what there is with `kvarter statement list \
                     {account}`, or {invoice}",
                    self.invoice
                ),
                None => format!(
                    "--invoice: no account is agreed with {}, so there is no statement; name one with --account, or \
                     {invoice}",
                    self.party
                ),
            }));
        };
        Ok((from, to, issued))
    }

    /// The records of a statement, each with what the statement has of it.
    fn of_statement(&self, stated: Stated, cdrs: &[Cdr]) -> Result<Span, Failure> {
        if self.from.is_some() {
            let text = format!(
                "--from, --to: the statement {} says itself which sessions it has; leave both out",
                self.invoice
            );
            return Err(Failure::Usage(text));
        }
        let mut held = Vec::new();
        for cdr in cdrs {
            let billed = record_id(cdr).and_then(|id| stated.billed.get(&id).copied());
            let Some(billed) = billed else { continue };
            let Some(found) = of_book(cdr) else { continue };
            // What takes back more than it adds is there because of the credit.
            let is_credit = !cdr.credited_by_cdr_id.is_empty() && is_against(billed, found.stands());
            let entry = if is_credit { found.taken_back(&cdr.credited_by_cdr_id) } else { Some(found) };
            let out_of_range = || Failure::Unexpected("an amount is out of range".to_owned());
            held.push(Held { billed: Some(billed), ..entry.ok_or_else(out_of_range)? });
        }
        if held.is_empty() {
            let text =
                format!("the statement {} has no session that was bought of {}", self.invoice, self.party);
            return Err(Failure::Usage(text));
        }
        let issued = self.issued.unwrap_or(stated.issued);
        Ok(Span { start: stated.start, end: stated.end, issued, held })
    }
}

/// The records that were bought and served in the days.
fn of_days((from, to, issued): (Day, Day, Instant), cdrs: &[Cdr]) -> Span {
    let covers = |cdr: &&Cdr| {
        let service = cdr.sale.as_ref().and_then(|sale| Day::try_from(sale.service_date?).ok());
        cdr.state() == CdrState::Booked && service.is_some_and(|day| from <= day && day <= to)
    };
    let held = cdrs.iter().filter(covers).filter_map(of_book).collect();
    Span { start: from, end: to.next(), issued, held }
}

/// Whether the first takes back what the second is.
fn is_against(billed: Money, stands: Money) -> bool {
    billed.minor().signum() == stands.minor().signum().saturating_neg()
}

impl Held {
    /// What stands of the record, or stood until it was taken back.
    fn stands(&self) -> Money {
        self.dispute.as_ref().map_or(self.verification.price, |dispute| dispute.price)
    }

    /// The credit of the record: it states the negated cost, by ours it comes to the negated price, and it takes back what
    /// stood. `None` beyond the range.
    fn taken_back(self, credit: &str) -> Option<Self> {
        let each = |money: Option<Money>| money.map_or(Some(None), |money| money.checked_neg().map(Some));
        let (stood, verification) = (self.stands(), self.verification);
        let verification = Verification {
            price: stood.checked_neg()?,
            theirs: each(verification.theirs)?,
            ours: each(verification.ours)?,
            difference: each(verification.difference)?,
            ..verification
        };
        let dispute = match self.dispute {
            Some(dispute) => Some(Dispute {
                theirs: each(dispute.theirs)?,
                ours: each(dispute.ours)?,
                price: stood.checked_neg()?,
                ..dispute
            }),
            None => None,
        };
        Some(Self { id: credit.to_owned(), verification, dispute, billed: self.billed })
    }

    fn reconciled(&self) -> Reconciled<'_> {
        Reconciled {
            cdr: &self.id,
            verification: &self.verification,
            dispute: self.dispute.as_ref(),
            billed: self.billed,
        }
    }
}

/// What the book keeps of comparing: both prices and the dispute. Differences of parts are in its reasons alone.
fn of_book(cdr: &Cdr) -> Option<Held> {
    let money = |of: &Option<proto::google_type::Money>| Money::try_from(of.clone()?).ok();
    let purchase = cdr.purchase.as_ref()?;
    let (theirs, ours) = (money(&purchase.stated), money(&purchase.priced));
    let difference = theirs.zip(ours).and_then(|(theirs, ours)| theirs.checked_sub(ours));
    let dispute = dispute(cdr);
    let verdict = match (&dispute, difference) {
        (Some(dispute), _) => Verdict::Disputed(dispute.reasons.clone()),
        (None, Some(difference)) if difference.minor() != 0 => Verdict::WithinTolerance,
        _ => Verdict::Agreed,
    };
    let counted = if purchase.price_sheet_id.is_empty() { Counts::Theirs } else { Counts::Ours };
    let price = money(&purchase.amount)?;
    let parts = Vec::new();
    let with_tax = dispute.as_ref().map(|dispute| dispute.with_tax).unwrap_or_default();
    let verification = Verification { price, counted, theirs, ours, difference, with_tax, parts, verdict };
    Some(Held { id: record_id(cdr)?, verification, dispute, billed: None })
}

fn record_id(cdr: &Cdr) -> Option<String> {
    let [_, _, id] = name::CDR.parse(&cdr.name).ok()?;
    Some(id)
}

fn words(fault: &ReconciliationFault) -> String {
    match fault {
        ReconciliationFault::WrongId => "--id: is not 1 to 36 printable characters".to_owned(),
        ReconciliationFault::WrongInvoice => "--invoice: is not 1 to 255 printable characters".to_owned(),
        ReconciliationFault::NoRecord => "there is no record".to_owned(),
        ReconciliationFault::OtherCurrency(id) => {
            format!("{id}: is in another currency than the first record")
        }
        ReconciliationFault::OutOfRange => "a sum is out of range".to_owned(),
    }
}
