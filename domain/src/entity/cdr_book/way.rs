//! The way of a record after it was received: what its charging point and the account that pays say of it.

use super::super::{Decided, Facts, Message, Moment, Recipient};
use super::credit::unsold;
use super::legs::booked;
use super::purchase::{agreement, agreement_id, dispute, purchase};
use super::record::{AccountLeg, CdrRecord, Entry, Judgement, Standing};
use super::suspicions::{energy, is_releasable, of_record};
use super::terms::{PartyTerms, RuleAction};
use super::{Event, Reply, State};
use crate::cdr::{EvseSite, Sale, SaleRefused, SeenSession, SessionSale, Suspicion};
use crate::share::SplitRefused;

/// What becomes of a record, given what is suspect about it.
pub(super) enum Verdict {
    /// Nothing holds it back.
    GoesOn,
    /// These reasons do.
    Held(Vec<Suspicion>),
    /// A rule rejects it for this reason.
    Rejected(Suspicion),
}

/// The question to a charging point about a record.
pub(super) fn check(record: &CdrRecord) -> (Recipient, Message) {
    let cdr = &record.cdr;
    let seen = SeenSession {
        cdr: cdr.key.clone(),
        start: cdr.session.start,
        end: cdr.session.end,
        connector: cdr.connector.clone(),
        token: cdr.token.clone(),
        energy_kwh: energy(&cdr.session),
        registers: cdr.registers,
    };
    (Recipient::Evse(cdr.evse.clone()), Message::CheckSession(seen))
}

/// Weighs what is suspect: what a person has released or a rule releases counts no longer.
pub(super) fn weigh(record: &CdrRecord, found: Vec<Suspicion>, terms: Option<&PartyTerms>) -> Verdict {
    let rule = |suspicion: &Suspicion| terms.and_then(|terms| terms.rules.get(suspicion.code()).copied());
    let is_passed = |suspicion: &Suspicion| {
        let code = suspicion.code();
        is_releasable(code)
            && (record.released.contains(code) || rule(suspicion) == Some(RuleAction::Release))
    };
    let held: Vec<Suspicion> = found.into_iter().filter(|suspicion| !is_passed(suspicion)).collect();
    match held.iter().find(|suspicion| rule(suspicion) == Some(RuleAction::Reject)) {
        Some(reason) => Verdict::Rejected(reason.clone()),
        None if held.is_empty() => Verdict::GoesOn,
        None => Verdict::Held(held),
    }
}

/// The record as a rule leaves it that rejects it.
pub(super) fn rejected_by_rule(mut record: CdrRecord, reason: Suspicion, moment: &Moment) -> CdrRecord {
    record.standing = Standing::Rejected;
    record.judgement = Some(Judgement::of_rule(reason.code(), moment));
    record.suspicions = vec![reason];
    record
}

/// The charging point has looked at a session, for the first time or again.
pub(super) fn checked(
    state: &State,
    record: &CdrRecord,
    (site, suspicions): (&EvseSite, &[Suspicion]),
    facts: &Facts,
    moment: &Moment,
) -> Decided<Event, Reply> {
    let is_asked = match record.standing {
        Standing::Checking => true,
        // Its session does not count there, and is looked at anew when it is released.
        Standing::Quarantined => !is_unbillable(&record.suspicions),
        _ => false,
    };
    if !is_asked {
        return Decided::reply(Reply::Done);
    }
    let terms = state.terms.as_ref();
    let mut next = CdrRecord { site: Some(site.clone()), ..record.clone() };
    let mut found = of_record(&next.cdr, next.payer.as_deref(), terms, next.received);
    for suspicion in of_facts(&next, site, terms, facts).iter().chain(suspicions) {
        if !found.contains(suspicion) {
            found.push(suspicion.clone());
        }
    }
    match weigh(&next, found, terms) {
        Verdict::GoesOn => {
            next.standing = Standing::Rating;
            next.suspicions = Vec::new();
            let asked = rate(&next, terms);
            set(next).telling(asked)
        }
        Verdict::Held(held) => {
            next.standing = Standing::Quarantined;
            next.suspicions = held;
            if is_unbillable(&next.suspicions) {
                return withdrawn_later(next);
            }
            if next == *record { Decided::reply(Reply::Done) } else { set(next) }
        }
        Verdict::Rejected(reason) => {
            let unsold = unsold(record, None, moment);
            withdrawn_later(rejected_by_rule(next, reason, moment)).telling(unsold)
        }
    }
}

/// The account has rated a sale, or refuses it.
pub(super) fn rated(
    state: &State,
    record: &CdrRecord,
    (account, outcome): (&str, &Result<Box<Sale>, SaleRefused>),
    facts: &Facts,
    moment: &Moment,
) -> Decided<Event, Reply> {
    if record.standing != Standing::Rating || record.payer.as_deref() != Some(account) {
        return Decided::reply(Reply::Done);
    }
    let terms = state.terms.as_ref();
    let mut next = record.clone();
    match outcome {
        Ok(sale) => {
            let site = next.site.clone().unwrap_or_default();
            let bought = terms.and_then(|terms| purchase(&next, &site, terms, facts));
            next.dispute = bought.as_ref().and_then(|(_, verified)| dispute(verified, moment));
            let bought = bought.map(|(purchase, _)| purchase);
            let agreement = agreement(&next, &site, terms, facts);
            let booked = match booked(&next, sale, bought, agreement.as_ref()) {
                Ok(booked) => booked,
                Err(refused) => return unsplit(record.clone(), refused),
            };
            let told: Vec<(Recipient, Message)> = booked.legs.iter().map(AccountLeg::told).collect();
            next.standing = Standing::Booked;
            next.booked = Some(booked);
            set(next).telling(told)
        }
        Err(refused) => {
            let found = vec![Suspicion::SaleRefused(refused.clone())];
            match weigh(&next, found.clone(), terms) {
                Verdict::Rejected(reason) => withdrawn_later(rejected_by_rule(next, reason, moment)),
                Verdict::GoesOn | Verdict::Held(_) => {
                    next.standing = Standing::Quarantined;
                    next.suspicions = found;
                    withdrawn_later(next)
                }
            }
        }
    }
}

/// A record whose sale can't be divided among those who are owed of it: nothing is booked here. The sale stands at the account,
/// and the session counts at its charging point,
/// until the record is released, and then is the same, or is rejected or credited, and then is taken back.
fn unsplit(mut record: CdrRecord, refused: SplitRefused) -> Decided<Event, Reply> {
    record.standing = Standing::Quarantined;
    record.suspicions = vec![match refused {
        SplitRefused::OtherCurrency => Suspicion::OtherCurrency,
        SplitRefused::OutOfRange => Suspicion::SaleRefused(SaleRefused::OutOfRange),
    }];
    set(record)
}

/// What the catalogue lacks for a session to be bought and shared. It is sold in the tenant's currency: what is owed of the
/// sale has to be in that one as well.
fn of_facts(
    record: &CdrRecord,
    site: &EvseSite,
    terms: Option<&PartyTerms>,
    facts: &Facts,
) -> Vec<Suspicion> {
    let mut found = Vec::new();
    let mut currencies = Vec::new();
    if let Some(terms) = terms.filter(|terms| !terms.is_own) {
        currencies.push(record.cdr.session.currency);
        if purchase(record, site, terms, facts).is_none() {
            found.push(Suspicion::NoPrice);
        }
    }
    if agreement_id(site, terms).is_some() {
        match agreement(record, site, terms, facts) {
            None => found.push(Suspicion::UnknownAgreement),
            Some(agreement) => currencies.extend([agreement.currency, record.cdr.session.currency]),
        }
    }
    currencies.extend(facts.settings.as_ref().map(|settings| settings.currency));
    if currencies.windows(2).any(|pair| pair.first() != pair.last()) {
        found.push(Suspicion::OtherCurrency);
    }
    found
}

/// The question to the account that pays.
fn rate(record: &CdrRecord, terms: Option<&PartyTerms>) -> Option<(Recipient, Message)> {
    let account = record.payer.clone()?;
    let cdr = record.cdr.clone();
    let of_site = record.site.as_ref().and_then(|site| site.zone.clone());
    let sale = SessionSale {
        cdr: cdr.key,
        session: cdr.session,
        evse: cdr.evse,
        location: cdr.location,
        zone: of_site.or_else(|| terms.and_then(|terms| terms.zone.clone())),
        token: cdr.token,
        contract_id: cdr.contract_id,
        session_id: cdr.session_id,
        received: record.received,
        is_home: cdr.is_home,
    };
    let asked = Message::RateSale { account: account.clone(), sale: Box::new(sale) };
    Some((Recipient::Account(account), asked))
}

/// The record is this now.
pub(super) fn set(record: CdrRecord) -> Decided<Event, Reply> {
    Decided::with(vec![entry(record)], Reply::Done)
}

/// The event by which a record is this now.
pub(super) fn entry(record: CdrRecord) -> Event {
    Event::EntrySet { id: record.cdr.key.id().to_owned(), entry: Entry::Held(Box::new(record)) }
}

/// Whether a record can't be billed as it is, so that its session may not hold up others at its charging point.
fn is_unbillable(suspicions: &[Suspicion]) -> bool {
    suspicions.iter().any(|suspicion| !is_releasable(suspicion.code()))
}

/// A rule has rejected the record, or it can't be billed as it is. Its charging point is told by the book's own work: an answer
/// to a message may not ask what comes before it.
fn withdrawn_later(record: CdrRecord) -> Decided<Event, Reply> {
    let (id, evse) = (record.cdr.key.clone(), record.cdr.evse.clone());
    Decided::with(vec![entry(record), Event::Withdrawing(id, evse)], Reply::Done).continuing(true)
}
