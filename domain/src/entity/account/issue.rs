//! From what is frozen to the issued document.

use sha2::{Digest, Sha256};

use super::{Account, Event, IssuedInvoice, LineKey, OpenRun, Posted, Reply, State, part, sale};
use crate::day::{Day, Month};
use crate::entity::catalog::TenantSettings;
use crate::entity::message::Message;
use crate::entity::{Decided, Entity, Facts, Moment};
use crate::identity::MeteringPointId;
use crate::invoice::{
    Contact, Invoice, InvoiceError, Issued, OpenInvoice, OpenLine, OpenPoint, Party, Seller,
};
use crate::money::Money;

use super::ClosedContract;

/// How many positions one document may settle: with what they were computed from, all of them are in the transaction that
/// issues it.
const MOST_POSITIONS: usize = 300;

/// What would be issued, and the hash that freezes it.
pub(super) struct Draft {
    pub(super) invoice: Invoice,
    pub(super) hash: [u8; 32],
}

/// The invoice of the points that have closed; `None` where nothing is to be billed. A month that is not ready stays
/// open and holds up no other.
pub(super) fn draft(
    state: &State,
    run: &OpenRun,
    number: &str,
    facts: &Facts,
) -> Result<Option<Draft>, InvoiceError> {
    let (Some(details), Some(settings)) = (&state.details, &facts.settings) else {
        return Ok(None);
    };
    let closed = run.closed.iter();
    let closed = closed.flat_map(|(point, contracts)| contracts.iter().map(move |one| (*point, one)));
    let open = OpenInvoice {
        number: number.to_owned(),
        issued_on: run.closing.issue_date,
        due_on: days_after(run.closing.issue_date, settings.payment_days),
        payment_reference: reference(number, &details.id, run.closing.month),
        booking_month: run.closing.month,
        currency: settings.currency,
        seller: seller(settings),
        payer: Party {
            account: details.id.clone(),
            name: details.name.clone(),
            address: details.address.clone(),
            vat_id: details.vat_id.clone(),
        },
        points: closed
            .map(|(point, contract)| open_point(state, run, point, contract))
            .chain(sale::open_points(state, run))
            .collect(),
        balance_brought_forward: Money::zero(settings.currency),
        instalments: Vec::new(),
    };
    match open.build() {
        Ok(invoice) if invoice.parts().count() > MOST_POSITIONS => Err(InvoiceError::TooManyPositions),
        Ok(invoice) => Ok(Some(Draft { hash: hash(&invoice), invoice })),
        Err(InvoiceError::NothingToBill) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Issues what is frozen. Asked again for a run that has issued, it answers again.
pub(super) fn issue(
    state: &State,
    run: &str,
    number: &str,
    facts: &Facts,
    moment: &Moment,
) -> Decided<Event, Reply> {
    let Some(open) = state.open_run.as_ref().filter(|open| open.closing.run == run) else {
        return Decided::reply(Reply::Done);
    };
    let drafted = draft(state, open, number, facts).ok().flatten();
    let frozen = open.frozen;
    assert!(drafted.as_ref().map(|draft| draft.hash) == frozen, "an account issues exactly what it froze");
    let Some(Draft { invoice, .. }) = drafted else {
        return Decided::reply(Reply::Done);
    };
    let events = issued_events(state, open, invoice, moment);
    let account = state.details.as_ref().map(|details| details.id.clone()).unwrap_or_default();
    Decided::with(events, Reply::Done)
        .telling([(part(&open.closing, open.shard), Message::InvoiceIssued { account })])
}

fn issued_events(state: &State, open: &OpenRun, invoice: Invoice, moment: &Moment) -> Vec<Event> {
    let mut events = Vec::new();
    let mut next = state.clone();
    for (point, settled) in invoice.parts() {
        let key =
            LineKey { metering_point: point.metering_point, position: settled.rated.position.key.clone() };
        let Some(mut line) = next.lines.get(&key).cloned() else { continue };
        let added = Issued::add(&mut line.issued, settled);
        assert!(added.is_ok(), "what was drafted can be added to what was issued: {added:?}");
        let event = Event::LineSet { key, line: Box::new(line) };
        Account::apply(&mut next, &event);
        events.push(event);
    }
    let postings = invoice.postings();
    assert!(postings.is_ok(), "an invoice can be booked: {postings:?}");
    if let Ok(set) = postings {
        let sequence = state.posting_sets.saturating_add(1);
        events.push(Event::Booked(Posted { sequence, at: moment.now, subject: moment.subject.clone(), set }));
    }
    let issued = IssuedInvoice {
        number: invoice.number.clone(),
        run: open.closing.run.clone(),
        month: open.closing.month,
        total: invoice.total,
    };
    events.push(Event::Issued(Box::new(invoice), issued));
    events.push(Event::RunDropped { run: open.closing.run.clone() });
    events
}

/// The lines of a contract in the months up to the run's that are ready. What an abandoned run rated of later months
/// waits for theirs.
fn open_point(
    state: &State,
    run: &OpenRun,
    metering_point: MeteringPointId,
    contract: &ClosedContract,
) -> OpenPoint {
    let is_billed = |month: &Month| *month <= run.closing.month && !contract.not_ready_months.contains(month);
    let own = |key: &LineKey| {
        key.metering_point == metering_point
            && key.position.contract == contract.contract.id
            && is_billed(&key.position.month)
    };
    let lines = state.lines.iter().filter(|(key, _)| own(key)).map(|(_, line)| OpenLine {
        latest: line.latest.clone(),
        shares: line.shares.clone(),
        own: usize::try_from(line.own).unwrap_or(usize::MAX),
        issued: line.issued.clone(),
    });
    OpenPoint {
        metering_point,
        address: contract.address.clone(),
        user: None,
        contract: contract.contract.id.clone(),
        product: contract.product.clone(),
        lines: lines.collect(),
        usage: contract.usage.clone(),
    }
}

pub(super) fn seller(settings: &TenantSettings) -> Seller {
    Seller {
        name: settings.seller_name.clone(),
        address: settings.address.clone(),
        vat_id: settings.vat_id.clone(),
        iban: settings.iban.clone(),
        contact: Contact { email: settings.contact.clone(), ..Contact::default() },
    }
}

/// A hash over the exact list of positions with their versions and nets, and over the sums. Number and dates are not
/// in it: they are the run's.
fn hash(invoice: &Invoice) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update(text.as_bytes());
        hash.update([0]);
    };
    for (point, part) in invoice.parts() {
        let key = &part.rated.position.key;
        add(&point.metering_point.to_string());
        add(&key.contract);
        add(&key.component);
        add(&key.charge.as_ref().map(ToString::to_string).unwrap_or_default());
        add(&key.service.to_string());
        add(&part.rated.version.to_string());
        add(part.tax_class.name());
        add(&part.net.to_string());
    }
    add(&invoice.net.to_string());
    add(&invoice.vat_total.to_string());
    hash.finalize().into()
}

/// The number identifies a payment; a preview has none yet.
fn reference(number: &str, account: &str, month: Month) -> String {
    if number.is_empty() { format!("{account} {month}") } else { number.to_owned() }
}

pub(super) fn days_after(day: Day, count: u32) -> Day {
    let number = day.number().saturating_add(i32::try_from(count).unwrap_or(i32::MAX));
    Day::from_number(number).unwrap_or(Day::MAX)
}
