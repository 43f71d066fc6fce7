//! Taking a record: once by its key, whatever came before it.

use super::super::{Decided, Facts, Message, Moment, Recipient};
use super::credit::{judge, take_back};
use super::record::{CdrRecord, Change, CreditRefused, Entry, Judgement, Standing};
use super::suspicions::{is_hopeless, of_record};
use super::terms::{PartyTerms, RuleAction};
use super::way::{Verdict, check, entry, rejected_by_rule, weigh};
use super::{Event, MOST_CHANGES, MOST_DOCUMENT_BYTES, MOST_WAITING, Receipt, Rejection, Reply, State};
use crate::cdr::{CdrKey, Suspicion};

type Outcome = Result<Decided<Event, Reply>, Rejection>;

/// What a record leads to, beside itself.
type Effects = (Vec<Event>, Vec<(Recipient, Message)>);

/// Takes a record.
pub(super) fn receive(state: &State, receipt: &Receipt, facts: &Facts, moment: &Moment) -> Outcome {
    if receipt.document.len() > MOST_DOCUMENT_BYTES {
        return Err(Rejection::DocumentTooLarge);
    }
    Ok(match facts.cdrs.get(receipt.cdr.key.id()) {
        Some(Entry::Held(record)) => again(record, receipt, moment),
        Some(Entry::Awaited(credits)) => first(state, receipt, credits, facts, moment),
        None => first(state, receipt, &[], facts, moment),
    })
}

/// A record of this key is there: the same content has no effect, other content is kept beside it for a person.
fn again(record: &CdrRecord, receipt: &Receipt, moment: &Moment) -> Decided<Event, Reply> {
    let content = receipt.cdr.content;
    let answer = |record: CdrRecord, is_repeat| {
        let is_changed = record.cdr.content != content;
        Reply::Record { record: Box::new(record), is_changed, is_repeat }
    };
    if record.document_of(content).is_some() || record.changes.len() >= MOST_CHANGES {
        return Decided::reply(answer(record.clone(), true));
    }
    let number = u32::try_from(record.changes.len()).unwrap_or(u32::MAX).saturating_add(1);
    let change = Change { number, content, received: moment.now, road: receipt.road.clone(), is_open: true };
    let mut next = record.clone();
    next.changes.push(change);
    let events = vec![entry(next.clone()), kept(receipt, number)];
    Decided::with(events, answer(next, false))
}

/// The first record of its key, for which these credits wait.
fn first(
    state: &State,
    receipt: &Receipt,
    credits: &[String],
    facts: &Facts,
    moment: &Moment,
) -> Decided<Event, Reply> {
    let record = CdrRecord {
        cdr: receipt.cdr.clone(),
        road: receipt.road.clone(),
        received: moment.now,
        payer: receipt.payer.clone(),
        standing: Standing::Checking,
        suspicions: Vec::new(),
        released: [].into(),
        site: None,
        booked: None,
        credited_by: None,
        changes: Vec::new(),
        dispute: None,
        judgement: None,
    };
    let waiting = credits.iter().filter_map(|id| facts.cdrs.get(id)?.record());
    let waiting = waiting.filter(|credit| credit.standing == Standing::AwaitingOriginal);
    let (record, (others, messages)) = match &record.cdr.credit_of {
        Some(original) => {
            let original = original.clone();
            credit((record, state.terms.as_ref()), &original, facts, moment)
        }
        None => original(state, record, waiting.clone(), moment),
    };
    let mut events = vec![Event::Received, entry(record.clone()), kept(receipt, 0)];
    events.extend(others);
    let terms = state.terms.as_ref();
    events.extend(waiting.map(|credit| entry(resolved(credit, &record, terms, moment))));
    let reply = Reply::Record { record: Box::new(record), is_changed: false, is_repeat: false };
    Decided::with(events, reply).telling(messages)
}

/// A credit that waited, now that what it names is there.
fn resolved(
    credit: &CdrRecord,
    original: &CdrRecord,
    terms: Option<&PartyTerms>,
    moment: &Moment,
) -> CdrRecord {
    let why = match &original.credited_by {
        Some(by) if by == credit.cdr.key.id() => {
            return CdrRecord { standing: Standing::Applied, ..credit.clone() };
        }
        Some(_) => CreditRefused::SecondCredit,
        None => judge(original, &credit.cdr).err().unwrap_or(CreditRefused::OtherAmount),
    };
    refused(credit.clone(), why, terms, moment)
}

/// A credit without effect. It waits for a person, unless a rule rejects such.
fn refused(
    mut credit: CdrRecord,
    why: CreditRefused,
    terms: Option<&PartyTerms>,
    moment: &Moment,
) -> CdrRecord {
    let code = Suspicion::CreditRefused.code();
    let rule = terms.and_then(|terms| terms.rules.get(code));
    credit.standing = Standing::Refused(why);
    if rule == Some(&RuleAction::Reject) {
        credit.judgement = Some(Judgement::of_rule(code, moment));
    }
    credit
}

/// A session: the first of the credits that waited for it takes it back at once; else it is sent on its way or held.
fn original<'a>(
    state: &State,
    mut record: CdrRecord,
    mut waiting: impl Iterator<Item = &'a CdrRecord>,
    moment: &Moment,
) -> (CdrRecord, Effects) {
    if let Some(credit) = waiting.find(|credit| judge(&record, &credit.cdr).is_ok()) {
        record.standing = Standing::Credited;
        record.credited_by = Some(credit.cdr.key.id().to_owned());
        return (record, Effects::default());
    }
    let terms = state.terms.as_ref();
    let found = of_record(&record.cdr, record.payer.as_deref(), terms, record.received);
    match weigh(&record, found, terms) {
        Verdict::Rejected(reason) => (rejected_by_rule(record, reason, moment), Effects::default()),
        Verdict::Held(held) if held.iter().any(misleads) => {
            record.standing = Standing::Quarantined;
            record.suspicions = held;
            (record, Effects::default())
        }
        // What else is suspect is weighed again with what the charging point says.
        Verdict::Held(_) | Verdict::GoesOn => {
            let asked = check(&record);
            (record, (Vec::new(), vec![asked]))
        }
    }
}

/// Whether a session would make others at its charging point suspect, because its time can't be trusted.
fn misleads(suspicion: &Suspicion) -> bool {
    is_hopeless(suspicion) || matches!(suspicion, Suspicion::ClockNotSet | Suspicion::FromTheFuture)
}

/// A credit: it takes its original back, waits for it, or is refused.
fn credit(
    (mut record, terms): (CdrRecord, Option<&PartyTerms>),
    original: &str,
    facts: &Facts,
    moment: &Moment,
) -> (CdrRecord, Effects) {
    let id = record.cdr.key.id().to_owned();
    let is_itself = CdrKey::compared(original) == CdrKey::compared(&id);
    let held = if is_itself { None } else { facts.cdrs.get(original) };
    let mut effects = Effects::default();
    let without_effect = match held {
        _ if is_itself => Some(CreditRefused::CreditOfCredit),
        Some(Entry::Held(held)) => judge(held, &record.cdr).err(),
        Some(Entry::Awaited(credits)) if credits.len() >= MOST_WAITING => Some(CreditRefused::TooMany),
        _ => None,
    };
    if let Some(why) = without_effect {
        return (refused(record, why, terms, moment), effects);
    }
    record.standing = match held {
        Some(Entry::Held(held)) => {
            let (next, messages) = take_back(held, &record.cdr.key, moment);
            effects = (vec![entry(next)], messages);
            Standing::Applied
        }
        awaited => {
            let mut credits = match awaited {
                Some(Entry::Awaited(credits)) => credits.clone(),
                _ => Vec::new(),
            };
            credits.push(id);
            effects.0.push(Event::EntrySet { id: original.to_owned(), entry: Entry::Awaited(credits) });
            Standing::AwaitingOriginal
        }
    };
    (record, effects)
}

fn kept(receipt: &Receipt, number: u32) -> Event {
    let id = receipt.cdr.key.id().to_owned();
    Event::DocumentKept { id, number, document: receipt.document.clone() }
}
