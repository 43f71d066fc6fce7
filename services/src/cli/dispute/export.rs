//! `kvarter dispute export`: what an invoice or statement of a party's sessions is for.

use clap::Args;
use domain::cdr::Party;
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
use super::{dispute, records};
use crate::ocpi::reconciliation::{
    Reconciled, Reconciliation, ReconciliationFault, record_json, report_json,
};

/// What is exported.
#[derive(Args, Clone, Debug)]
pub(super) struct ExportArguments {
    /// Whose sessions it is about, as NL-TNM
    #[arg(long)]
    party: String,
    /// Who issues the invoice or statement, as NL-OWN
    #[arg(long)]
    issuer: String,
    /// The number of the invoice or statement
    #[arg(long)]
    invoice: String,
    /// The id of the reconciliation record
    #[arg(long)]
    id: String,
    /// The first day of service
    #[arg(long, value_name = "DAY", value_parser = show::parse_day)]
    from: Day,
    /// The last
    #[arg(long, value_name = "DAY", value_parser = show::parse_day)]
    to: Day,
    /// When it was issued, such as 2024-11-03T09:00:00Z
    #[arg(long, value_name = "TIME", value_parser = show::parse_instant)]
    issued: Instant,
    /// The record of OCPI alone, without amounts and disputes
    #[arg(long)]
    record: bool,
}

/// A record of the book with what is exported of it.
struct Held {
    id: String,
    verification: Verification,
    dispute: Option<Dispute>,
}

/// Writes what is exported.
pub(super) async fn run(client: &Client, arguments: &ExportArguments) -> Result<(), Failure> {
    let (issuer, partner) = (party("--issuer", &arguments.issuer)?, party("--party", &arguments.party)?);
    let parent = name::PARTY.name([client.tenant(), &arguments.party]);
    let cdrs = records(client, &parent).await?;
    let held: Vec<Held> = cdrs.iter().filter(|cdr| arguments.covers(cdr)).filter_map(held).collect();
    let currency = held.first().map(|held| held.verification.price.currency());
    let nothing = || Failure::Usage("nothing was bought of the party in these days".to_owned());
    let reconciliation = Reconciliation {
        issuer,
        partner,
        id: &arguments.id,
        invoice: &arguments.invoice,
        issued: arguments.issued,
        start: arguments.from,
        end: arguments.to.next(),
        currency: currency.ok_or_else(nothing)?,
        records: held.iter().map(Held::reconciled).collect(),
    };
    let text = if arguments.record { record_json(&reconciliation) } else { report_json(&reconciliation) };
    say(text.map_err(|fault| Failure::Usage(words(&fault)))?)
}

impl ExportArguments {
    /// Whether a record was bought and served in the days.
    fn covers(&self, cdr: &Cdr) -> bool {
        let service = cdr.sale.as_ref().and_then(|sale| Day::try_from(sale.service_date?).ok());
        let is_served = service.is_some_and(|day| self.from <= day && day <= self.to);
        cdr.state() == CdrState::Booked && is_served
    }
}

impl Held {
    fn reconciled(&self) -> Reconciled<'_> {
        Reconciled { cdr: &self.id, verification: &self.verification, dispute: self.dispute.as_ref() }
    }
}

/// What the book keeps of comparing: both prices and the dispute. Differences of parts are in its reasons alone.
fn held(cdr: &Cdr) -> Option<Held> {
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
    let verification = Verification { price, counted, theirs, ours, difference, parts, verdict };
    let [_, _, id] = name::CDR.parse(&cdr.name).ok()?;
    Some(Held { id, verification, dispute })
}

fn party(argument: &str, text: &str) -> Result<Party, Failure> {
    let party = text.split_once('-').and_then(|(country, id)| Party::new(country, id));
    party.ok_or_else(|| Failure::Usage(format!("{argument}: {text} is no party such as NL-TNM")))
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
