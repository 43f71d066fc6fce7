//! Records as people read them.

use std::path::Path;

use domain::quantity::{Quantity, QuantitySum};
use proto::name;
use proto::roaming::{
    AccountLeg, Cdr, CdrContent, CdrRoad, CdrState, DisputeState, LegKind, ReceiveCdrResponse, UnreadableCdr,
};

use super::super::sheet::Sheet;
use super::super::show;

/// What a list of records shows: as `kwh` what is billed, as `sold` what stands.
pub(super) const COLUMNS: &[&str] =
    &["record", "state", "reasons", "evse", "start", "end", "kwh", "token", "payer", "sold"];
/// Of these the numbers.
pub(super) const NUMBERS: &[&str] = &["kwh", "sold"];
/// What taking records shows.
pub(super) const RECEIVED: &[&str] = &["file", "record", "state", "came", "reasons"];
/// What documents that can't be read show.
pub(super) const UNREADABLE: &[&str] = &["number", "received", "road", "bytes", "reason"];

const ONE: &[&str] = &[
    "record",
    "state",
    "reasons",
    "why",
    "released",
    "evse",
    "start",
    "end",
    "kwh",
    "stated_kwh",
    "token",
    "contract",
    "payer",
    "received",
    "sold",
    "service",
    "bought",
    "legs",
    "margin",
    "credit_of",
    "credited_by",
    "changes",
    "judged",
];

/// A record with all that a person wants of it, and why it waits, a line for each reason.
pub(super) fn one(cdr: &Cdr, why: &[String]) -> Sheet {
    let [record, state, reasons, evse, start, end, kwh, token, payer, _] = parts(cdr);
    let content = cdr.content.clone().unwrap_or_default();
    let stated = content.session.as_ref().and_then(|session| session.stated.clone());
    let sold = show::money(cdr.sale.as_ref().and_then(|sale| sale.net.as_ref()));
    let bought = cdr.purchase.as_ref().map(|purchase| {
        let is_open = cdr.dispute.as_ref().is_some_and(|dispute| dispute.state() == DisputeState::Open);
        let amount = standing(cdr, show::money(purchase.amount.as_ref()));
        if is_open { format!("{amount}, disputed") } else { amount }
    });
    let changes = cdr.changes.iter().map(|change| {
        let number = change.number;
        if change.is_open { format!("{number} open") } else { format!("{number} rejected") }
    });
    let judged = cdr.judgement.as_ref().map(|judgement| {
        let at = show::time(judgement.judged_time.as_ref());
        format!("{} {at} {}", judgement.subject, judgement.note)
    });
    let row = vec![
        record,
        state,
        reasons,
        why.join("\n"),
        cdr.released_reasons.join(" "),
        evse,
        start,
        end,
        kwh,
        stated.and_then(|stated| stated.energy_kwh).map(|energy| energy.value).unwrap_or_default(),
        token,
        content.contract_id,
        payer,
        show::time(cdr.received_time.as_ref()),
        standing(cdr, sold),
        show::day(cdr.sale.as_ref().and_then(|sale| sale.service_date.as_ref())),
        bought.unwrap_or_default(),
        cdr.legs.iter().map(leg).collect::<Vec<_>>().join(", "),
        standing(cdr, show::money(cdr.margin.as_ref())),
        content.credit_of_cdr_id,
        cdr.credited_by_cdr_id.clone(),
        changes.collect::<Vec<_>>().join(", "),
        judged.unwrap_or_default(),
    ];
    Sheet::one(ONE, row)
}

/// A record in a list.
pub(super) fn row(cdr: &Cdr) -> Vec<String> {
    parts(cdr).into()
}

/// What became of a file.
pub(super) fn received(file: &Path, answer: &Result<ReceiveCdrResponse, String>) -> Vec<String> {
    let file = file.display().to_string();
    let answer = match answer {
        Ok(answer) => answer,
        Err(reason) => {
            return vec![file, String::new(), "unreadable".to_owned(), String::new(), reason.clone()];
        }
    };
    let came = match (answer.is_changed, answer.is_repeat) {
        (false, false) => "first",
        (false, true) => "again",
        (true, false) => "changed",
        (true, true) => "changed again",
    };
    let [record, state, reasons, ..] = answer.cdr.as_ref().map(parts).unwrap_or_default();
    vec![file, record, state, came.to_owned(), reasons]
}

/// A document that can't be read.
pub(super) fn unreadable(document: &UnreadableCdr) -> Vec<String> {
    let road = CdrRoad::try_from(document.road).unwrap_or_default();
    let road = show::word(road.as_str_name(), "CDR_ROAD_").to_lowercase();
    vec![
        document.number.to_string(),
        show::time(document.received_time.as_ref()),
        format!("{road} {}", document.partner_id).trim_end().to_owned(),
        document.length_bytes.to_string(),
        document.reason.clone(),
    ]
}

fn parts(cdr: &Cdr) -> [String; 10] {
    let content = cdr.content.clone().unwrap_or_default();
    let energy = billed_kwh(cdr, &content).map(|energy| energy.to_string());
    let session = content.session.unwrap_or_default();
    let record = name::CDR.parse(&cdr.name).map(|[_, party, id]| format!("{party}/{id}"));
    // A reason may be there for each of several others; its code says it once.
    let mut reasons: Vec<&str> = Vec::new();
    for reason in &cdr.reasons {
        if !reasons.contains(&reason.code.as_str()) {
            reasons.push(&reason.code);
        }
    }
    let sold = cdr.sale.as_ref().filter(|_| !is_taken_back(cdr)).and_then(|sale| sale.net.as_ref());
    [
        record.unwrap_or_default(),
        show::word(cdr.state().as_str_name(), "CDR_STATE_").to_lowercase(),
        reasons.join(" "),
        content.evse_id,
        show::time(session.start_time.as_ref()),
        show::time(session.end_time.as_ref()),
        energy.unwrap_or_default(),
        format!("{} {}", content.token_type, content.token_value).trim().to_owned(),
        cdr.payer_account_id.clone(),
        show::money(sold),
    ]
}

/// The energy that is billed: what was sold, or before that what the periods have, whatever the record states in all.
fn billed_kwh(cdr: &Cdr, content: &CdrContent) -> Option<Quantity> {
    let sold = cdr.sale.as_ref().and_then(|sale| Quantity::try_from(sale.energy_kwh.clone()?).ok());
    let periods = content.session.iter().flat_map(|session| &session.periods);
    let volumes = periods.filter_map(|period| Quantity::try_from(period.energy_kwh.clone()?).ok());
    sold.or_else(|| volumes.sum::<QuantitySum>().quantity())
}

/// Whether nothing of the record stands any more.
fn is_taken_back(cdr: &Cdr) -> bool {
    matches!(cdr.state(), CdrState::Credited | CdrState::Rejected)
}

/// An amount that was booked, and whether it was taken back.
fn standing(cdr: &Cdr, amount: String) -> String {
    if amount.is_empty() || !is_taken_back(cdr) { amount } else { format!("{amount}, taken back") }
}

/// A leg: the account, what for, how much.
fn leg(held: &AccountLeg) -> String {
    let leg = held.leg.clone().unwrap_or_default();
    let kind = match leg.kind() {
        LegKind::Share => leg.role.clone(),
        kind => show::word(kind.as_str_name(), "LEG_KIND_").to_lowercase(),
    };
    format!("{} {kind} {}", held.account_id, show::money(leg.amount.as_ref()))
}
