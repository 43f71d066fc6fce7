//! Records as people read them.

use std::path::Path;

use proto::name;
use proto::roaming::{AccountLeg, Cdr, CdrRoad, DisputeState, LegKind, ReceiveCdrResponse, UnreadableCdr};

use super::super::sheet::Sheet;
use super::super::show;

/// What a list of records shows.
pub(super) const COLUMNS: &[&str] =
    &["record", "state", "reasons", "evse", "start", "end", "kwh", "payer", "sold"];
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
    "released",
    "evse",
    "start",
    "end",
    "kwh",
    "token",
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

/// A record with all that a person wants of it.
pub(super) fn one(cdr: &Cdr) -> Sheet {
    let [record, state, reasons, evse, start, end, kwh, payer, sold] = parts(cdr);
    let content = cdr.content.clone().unwrap_or_default();
    let bought = cdr.purchase.as_ref().map(|purchase| {
        let amount = show::money(purchase.amount.as_ref());
        let is_open = cdr.dispute.as_ref().is_some_and(|dispute| dispute.state() == DisputeState::Open);
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
        cdr.released_reasons.join(" "),
        evse,
        start,
        end,
        kwh,
        format!("{} {}", content.token_type, content.token_value),
        payer,
        show::time(cdr.received_time.as_ref()),
        sold,
        show::day(cdr.sale.as_ref().and_then(|sale| sale.service_date.as_ref())),
        bought.unwrap_or_default(),
        cdr.legs.iter().map(leg).collect::<Vec<_>>().join(", "),
        show::money(cdr.margin.as_ref()),
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

fn parts(cdr: &Cdr) -> [String; 9] {
    let content = cdr.content.clone().unwrap_or_default();
    let session = content.session.unwrap_or_default();
    let energy = session.stated.as_ref().and_then(|stated| stated.energy_kwh.clone());
    let record = name::CDR.parse(&cdr.name).map(|[_, party, id]| format!("{party}/{id}"));
    // A reason may be there for each of several others; its code says it once.
    let mut reasons: Vec<&str> = Vec::new();
    for reason in &cdr.reasons {
        if !reasons.contains(&reason.code.as_str()) {
            reasons.push(&reason.code);
        }
    }
    [
        record.unwrap_or_default(),
        show::word(cdr.state().as_str_name(), "CDR_STATE_").to_lowercase(),
        reasons.join(" "),
        content.evse_id,
        show::time(session.start_time.as_ref()),
        show::time(session.end_time.as_ref()),
        energy.map(|energy| energy.value).unwrap_or_default(),
        cdr.payer_account_id.clone(),
        show::money(cdr.sale.as_ref().and_then(|sale| sale.net.as_ref())),
    ]
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
