//! What a charging point answers to books.

use super::super::{Decided, Entity, Facts, Message, Moment, Recipient};
use super::check::suspicions;
use super::{
    Command, Event, EvseDetails, KnownSession, MOST_SESSIONS, REMEMBERED_MS, Rejection, Reply, State,
};
use crate::cdr::{CdrKey, EvseSite, SeenSession, Suspicion};
use crate::instant::Instant;
use crate::quantity::Quantity;

/// A charging point as an entity.
#[derive(Debug)]
pub struct Evse;

/// How many books are told in one decision.
const MOST_TOLD: usize = 60;
/// How many sessions are forgotten in one decision: the next one goes on.
const MOST_FORGOTTEN: usize = 100;

impl Entity for Evse {
    type State = State;
    type Command = Command;
    type Event = Event;
    type Reply = Reply;
    type Rejection = Rejection;

    fn decide(
        state: &State,
        command: &Command,
        _: &Facts,
        moment: &Moment,
    ) -> Result<Decided<Event, Reply>, Rejection> {
        match command {
            Command::Describe(details) => describe(state, details),
            Command::Get => get(state),
            Command::Message(Message::CheckSession(session)) => Ok(check(state, session, moment.now)),
            Command::Message(Message::WithdrawSession(cdr)) => Ok(withdraw(state, cdr)),
            Command::Message(_) => Ok(Decided::reply(Reply::Done)),
            Command::Continue => Ok(look_again(state, 0, Vec::new())),
        }
    }

    fn apply(state: &mut State, event: &Event) {
        match event {
            Event::Described(details) => state.details = Some(details.clone()),
            Event::SessionSet { number, known } => {
                state.arrived = state.arrived.max(*number);
                state.numbers.insert(known.session.cdr.clone(), *number);
                state.sessions.insert(*number, known.clone());
            }
            Event::SessionGone { number } => {
                if let Some(known) = state.sessions.remove(number) {
                    state.numbers.remove(&known.session.cdr);
                }
            }
        }
    }
}

impl State {
    /// What is suspect about a session of this number, given those that came before it and still stand; the other number
    /// does not count.
    fn suspicions(&self, session: &SeenSession, (number, without): (u64, u64)) -> Vec<Suspicion> {
        let earlier = self.sessions.range(..number).filter(move |(number, _)| **number != without);
        suspicions(session, self.details.as_ref(), earlier.map(|(_, known)| known))
    }

    fn site(&self) -> EvseSite {
        self.details.as_ref().map(|details| details.site.clone()).unwrap_or_default()
    }

    /// What the book of a session is told.
    fn told(&self, cdr: &CdrKey, suspicions: Vec<Suspicion>) -> (Recipient, Message) {
        let told = Message::SessionChecked { cdr: cdr.clone(), site: self.site(), suspicions };
        (Recipient::CdrBook(cdr.party()), told)
    }
}

fn describe(state: &State, details: &EvseDetails) -> Result<Decided<Event, Reply>, Rejection> {
    if details.most_power_kw.is_some_and(|most| most <= Quantity::ZERO) {
        return Err(Rejection::NoPower);
    }
    let is_new = state.details.as_ref() != Some(details);
    let events = if is_new { vec![Event::Described(details.clone())] } else { Vec::new() };
    Ok(Decided::with(events, Reply::Done))
}

fn get(state: &State) -> Result<Decided<Event, Reply>, Rejection> {
    if state.details.is_none() && state.arrived == 0 {
        return Err(Rejection::UnknownEvse);
    }
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let suspect = state.sessions.values().filter(|known| !known.suspicions.is_empty()).count();
    let (details, sessions) = (state.details.clone(), count(state.sessions.len()));
    Ok(Decided::reply(Reply::Evse { details, sessions, suspect: count(suspect) }))
}

/// Holds a session against those before it. One that is known is looked at again, in its place.
fn check(state: &State, session: &SeenSession, now: Instant) -> Decided<Event, Reply> {
    let held = state.numbers.get(&session.cdr).copied();
    let number = held.unwrap_or_else(|| state.arrived.saturating_add(1));
    let suspicions = state.suspicions(session, (number, 0));
    let known = KnownSession { session: session.clone(), suspicions: suspicions.clone() };
    let mut events = forgotten(state, session, now);
    if state.sessions.get(&number) != Some(&known) {
        events.push(Event::SessionSet { number, known });
    }
    Decided::with(events, Reply::Done).telling([state.told(&session.cdr, suspicions)])
}

/// Sessions that are forgotten when a new one comes: those that were over 400 days before the newest, and the oldest where
/// there are too many. A station whose clock runs ahead makes nothing be forgotten.
fn forgotten(state: &State, coming: &SeenSession, now: Instant) -> Vec<Event> {
    let others = state.sessions.values().map(|known| known.session.end);
    let newest = others.chain([coming.end]).filter(|end| *end <= now).max();
    let edge = newest.and_then(|newest| newest.plus_millis(-REMEMBERED_MS)).unwrap_or(Instant::MIN);
    let is_old = |known: &KnownSession| known.session.end < edge && known.session.cdr != coming.cdr;
    let old = state.sessions.iter().filter(|(_, known)| is_old(known)).map(|(number, _)| *number);
    let mut numbers: Vec<u64> = old.take(MOST_FORGOTTEN).collect();
    if numbers.is_empty() && state.sessions.len() >= MOST_SESSIONS {
        let oldest = state.sessions.iter().min_by_key(|(_, known)| known.session.end);
        numbers.extend(oldest.map(|(number, _)| *number));
    }
    numbers.into_iter().map(|number| Event::SessionGone { number }).collect()
}

fn withdraw(state: &State, cdr: &CdrKey) -> Decided<Event, Reply> {
    let Some(number) = state.numbers.get(cdr).copied() else { return Decided::reply(Reply::Done) };
    look_again(state, number, vec![Event::SessionGone { number }])
}

/// Tells the books of suspect sessions that came after a number, which does not count, where something else is suspect about
/// them now; so many at once.
fn look_again(state: &State, after: u64, events: Vec<Event>) -> Decided<Event, Reply> {
    let mut decided = Decided::with(events, Reply::Done);
    let behind = state.sessions.range(after.saturating_add(1)..);
    for (number, known) in behind.filter(|(_, known)| !known.suspicions.is_empty()) {
        let suspicions = state.suspicions(&known.session, (*number, after));
        if suspicions == known.suspicions {
            continue;
        }
        if decided.messages.len() >= MOST_TOLD {
            return decided.continuing(true);
        }
        let session = known.session.clone();
        decided.messages.push(state.told(&session.cdr, suspicions.clone()));
        let known = KnownSession { session, suspicions };
        decided.events.push(Event::SessionSet { number: *number, known });
    }
    decided
}
