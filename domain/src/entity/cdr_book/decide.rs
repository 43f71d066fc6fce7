//! What a book reads, and what it answers.

use super::super::{Decided, Entity, Facts, Message, Moment, Need, Recipient};
use super::dispute;
use super::purchase::{agreement_id, sheet_id};
use super::receive::receive;
use super::record::{CdrRecord, Entry, Standing};
use super::suspicions::is_releasable;
use super::terms::{PartyTerms, RuleAction};
use super::way::{checked, rated};
use super::worklist::{reject, release};
use super::{Command, Event, Rejection, Reply, State};
use crate::cdr::{CdrKey, EvseSite, Suspicion};

/// A book of charge detail records as an entity.
#[derive(Debug)]
pub struct CdrBook;

/// How many charging points are told in one decision.
const MOST_TOLD: usize = 60;

impl Entity for CdrBook {
    type State = State;
    type Command = Command;
    type Event = Event;
    type Reply = Reply;
    type Rejection = Rejection;

    fn needs(state: &State, command: &Command, facts: &Facts) -> Vec<Need> {
        let of = |id: &str| Need::Cdr(id.to_owned());
        let needs = match command {
            Command::Receive(receipt) => {
                let cdr = &receipt.cdr;
                let waiting = match facts.cdrs.get(cdr.key.id()) {
                    Some(Entry::Awaited(credits)) => credits.clone(),
                    _ => Vec::new(),
                };
                let named = [Some(cdr.key.id().to_owned()), cdr.credit_of.clone()].into_iter().flatten();
                named.chain(waiting).map(Need::Cdr).collect()
            }
            Command::Get(id) | Command::Release { id, .. } | Command::DecideDispute { id, .. } => {
                vec![of(id)]
            }
            Command::Reject { id, .. } => {
                let waiting = facts.cdrs.get(id).and_then(Entry::record);
                let waiting = waiting.filter(|credit| credit.standing == Standing::AwaitingOriginal);
                let awaited = waiting.and_then(|credit| credit.cdr.credit_of.as_deref());
                [id.as_str()].into_iter().chain(awaited).map(of).collect()
            }
            Command::Message(Message::SessionChecked { cdr, site, .. }) => {
                of_way(state, cdr, Some(site), facts)
            }
            Command::Message(Message::SaleRated { cdr, .. }) => of_way(state, cdr, None, facts),
            Command::KeepUnreadable(_) | Command::SetTerms(_) | Command::GetTerms => Vec::new(),
            Command::Message(_) | Command::Continue => Vec::new(),
        };
        facts.missing(needs)
    }

    fn decide(
        state: &State,
        command: &Command,
        facts: &Facts,
        moment: &Moment,
    ) -> Result<Decided<Event, Reply>, Rejection> {
        match command {
            Command::Receive(receipt) => receive(state, receipt, facts, moment),
            Command::KeepUnreadable(document) => {
                let (number, document) = (state.unreadable, document.clone());
                let event = Event::UnreadableKept { number, received: moment.now, document };
                Ok(Decided::with(vec![event], Reply::Kept { number }))
            }
            Command::Get(id) => {
                let record = Box::new(find(facts, id)?.clone());
                Ok(Decided::reply(Reply::Record { record, is_changed: false, is_repeat: true }))
            }
            Command::SetTerms(terms) => set_terms(state, terms),
            Command::GetTerms => {
                let terms = state.terms.clone().ok_or(Rejection::NoTerms)?;
                Ok(Decided::reply(Reply::Terms(Box::new(terms))))
            }
            Command::Release { id, payer, note } => {
                release(state, find(facts, id)?, payer.as_deref(), note, moment)
            }
            Command::Reject { id, change, note } => reject(find(facts, id)?, *change, note, facts, moment),
            Command::DecideDispute { id, decision, note } => {
                dispute::decide(find(facts, id)?, *decision, note, moment)
            }
            Command::Message(message) => Ok(told(state, message, facts, moment)),
            Command::Continue => Ok(withdraw(state)),
        }
    }

    fn apply(state: &mut State, event: &Event) {
        match event {
            Event::TermsSet(terms) => state.terms = Some(PartyTerms::clone(terms)),
            Event::Received => state.records = state.records.saturating_add(1),
            Event::EntrySet { .. } | Event::DocumentKept { .. } => {}
            Event::UnreadableKept { .. } => state.unreadable = state.unreadable.saturating_add(1),
            Event::Withdrawing(cdr, evse) => drop(state.withdrawing.insert(cdr.clone(), evse.clone())),
            Event::Withdrawn(cdr) => drop(state.withdrawing.remove(cdr)),
        }
    }
}

/// What has to be read for a record to go on its way.
fn of_way(state: &State, cdr: &CdrKey, site: Option<&EvseSite>, facts: &Facts) -> Vec<Need> {
    let mut needs = vec![Need::Cdr(cdr.id().to_owned()), Need::Tenant];
    let Some(record) = facts.cdrs.get(cdr.id()).and_then(Entry::record) else { return needs };
    let terms = state.terms.as_ref();
    let sheet = terms.filter(|terms| !terms.is_own).and_then(|terms| sheet_id(&record.cdr, terms));
    needs.extend(sheet.map(Need::PriceSheet));
    let site = site.or(record.site.as_ref());
    let agreement = site.and_then(|site| agreement_id(site, terms));
    needs.extend(agreement.map(|id| Need::ShareAgreement(id.to_owned())));
    needs
}

fn find<'a>(facts: &'a Facts, id: &str) -> Result<&'a CdrRecord, Rejection> {
    facts.cdrs.get(id).and_then(Entry::record).ok_or(Rejection::UnknownCdr)
}

fn set_terms(state: &State, terms: &PartyTerms) -> Result<Decided<Event, Reply>, Rejection> {
    if !terms.says_who_is_owed() {
        return Err(Rejection::NoSettlement);
    }
    for (code, action) in &terms.rules {
        if !Suspicion::CODES.contains(&code.as_str()) {
            return Err(Rejection::UnknownReason(code.clone()));
        }
        if *action == RuleAction::Release && !is_releasable(code) {
            return Err(Rejection::RuleCannotRelease(code.clone()));
        }
    }
    let is_new = state.terms.as_ref() != Some(terms);
    let events = if is_new { vec![Event::TermsSet(Box::new(terms.clone()))] } else { Vec::new() };
    Ok(Decided::with(events, Reply::Terms(Box::new(terms.clone()))))
}

/// What others say of a record that is there; there is no other.
fn told(state: &State, message: &Message, facts: &Facts, moment: &Moment) -> Decided<Event, Reply> {
    let held = |cdr: &CdrKey| facts.cdrs.get(cdr.id()).and_then(Entry::record);
    match message {
        Message::SessionChecked { cdr, site, suspicions } => held(cdr).map_or_else(
            || Decided::reply(Reply::Done),
            |record| checked(state, record, (site, suspicions), facts, moment),
        ),
        Message::SaleRated { account, cdr, outcome } => held(cdr).map_or_else(
            || Decided::reply(Reply::Done),
            |record| rated(state, record, (account, outcome), facts, moment),
        ),
        _ => Decided::reply(Reply::Done),
    }
}

/// Tells charging points of records that do not count.
fn withdraw(state: &State) -> Decided<Event, Reply> {
    let told = || state.withdrawing.iter().take(MOST_TOLD);
    let events = told().map(|(cdr, _)| Event::Withdrawn(cdr.clone())).collect();
    let message = |(cdr, evse): (&CdrKey, _)| {
        (Recipient::Evse(Clone::clone(evse)), Message::WithdrawSession(cdr.clone()))
    };
    Decided::with(events, Reply::Done)
        .telling(told().map(message))
        .continuing(state.withdrawing.len() > MOST_TOLD)
}
