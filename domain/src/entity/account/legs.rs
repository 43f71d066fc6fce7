//! Legs of sessions at the account of a partner: booked on arrival as cost against what is accrued, summed for the next
//! statement. A leg is never refused: what can't be placed stands on suspense.

use super::{Account, Event, Posted, Reply, State};
use crate::amount::Amount;
use crate::entity::{Decided, Entity, Facts, Moment, Need};
use crate::ledger::{Asset, LedgerRole, PostingHead, PostingReason, PostingSet, PostingSource};
use crate::leg::Leg;
use crate::money::Currency;
use crate::share::MonthTotals;
use crate::statement::{BookedLeg, MonthBook, Partner, PartnerEvent, ShareKey};

/// How many legs leave suspense at a time once the account is opened.
const STEP: usize = 100;

type AccountDecided = Decided<Event, Reply>;

/// Whether the leg was booked already, and the currency of statements.
pub(super) fn needs(leg: &Leg) -> Vec<Need> {
    vec![Need::Leg(leg.key()), Need::Tenant]
}

/// Books a leg. One that was booked has no effect.
pub(super) fn receive(state: &State, leg: &Leg, facts: &Facts, moment: &Moment) -> AccountDecided {
    if facts.legs.contains(&leg.key()) {
        return Decided::reply(Reply::Done);
    }
    let currency = facts.settings.as_ref().map(|settings| settings.currency);
    let month = month_set(&state.partner, leg, currency);
    let booked = BookedLeg {
        sequence: state.partner.legs.saturating_add(1),
        at: moment.now,
        booking: month.is_some().then(|| state.partner.booking_month(leg.service.month())),
        leg: leg.clone(),
    };
    let is_placed = state.details.is_some() && month.is_some();
    let set = postings(leg, is_placed);
    let posted = set.map(|set| Event::Booked(next_set(state, set, moment)));
    let booked = Event::Partner(PartnerEvent::LegBooked(Box::new(booked)));
    let events = [Some(booked), month.map(Event::Partner), posted].into_iter().flatten();
    Decided::with(events.collect(), Reply::Done)
}

/// An agreement on shares names the account.
pub(super) fn agreed(state: &State, agreement: &str) -> AccountDecided {
    if state.partner.agreements.contains(agreement) {
        return Decided::reply(Reply::Done);
    }
    let event = Event::Partner(PartnerEvent::Agreed(agreement.to_owned()));
    Decided::with(vec![event], Reply::Done)
}

/// Whether legs that came before the account was opened stand on suspense.
pub(super) fn wait(state: &State) -> bool {
    waiting(state).next().is_some()
}

/// Takes the next of them off suspense, now that the account is open.
pub(super) fn place(state: &State, moment: &Moment) -> AccountDecided {
    let mut next = state.clone();
    let mut events = Vec::new();
    for held in waiting(state).take(STEP) {
        let set = placed(held);
        let made = set.into_iter().map(|set| Event::Booked(next_set(&next, set, moment)));
        let made: Vec<Event> = made.chain([Event::SuspenseCleared(held.sequence)]).collect();
        made.iter().for_each(|event| Account::apply(&mut next, event));
        events.extend(made);
    }
    Decided::with(events, Reply::Done).continuing(true)
}

/// The sets on suspense that are legs which statements have.
fn waiting(state: &State) -> impl Iterator<Item = &Posted> {
    let currency =
        state.partner.months.values().next().map(|book| Asset::Money(book.current.shares.currency()));
    let is_leg = move |posted: &&Posted| {
        matches!(posted.set.source(), PostingSource::Leg { .. }) && Some(posted.set.asset()) == currency
    };
    state.suspense.values().filter(is_leg)
}

/// The month of service with the leg; `None` where the leg is of another currency than statements, or leaves the range.
fn month_set(partner: &Partner, leg: &Leg, currency: Option<Currency>) -> Option<PartnerEvent> {
    let currency = currency.filter(|currency| *currency == leg.amount.currency())?;
    let key = ShareKey { agreement: leg.agreement.clone(), kind: leg.kind.clone() };
    let month = leg.service.month();
    let held = partner.months.get(&(key.clone(), month)).cloned();
    let held = held.unwrap_or_else(|| MonthBook::new(currency));
    let one = MonthTotals {
        sessions: leg.sessions(),
        energy_kwh: leg.energy_kwh,
        base: leg.base,
        shares: leg.amount,
    };
    let current = held.current.checked_add(one)?;
    Some(PartnerEvent::MonthSet { key, month, book: MonthBook { current, ..held } })
}

/// Cost against what is accrued, or against suspense. `None` where nothing moves.
fn postings(leg: &Leg, is_placed: bool) -> Option<PostingSet> {
    let source = |number| PostingSource::Leg { cdr: leg.cdr.clone(), seller: leg.seller.clone(), number };
    let (against, reason) = match (is_placed, leg.reverses) {
        (false, _) => (LedgerRole::Suspense, PostingReason::Suspended),
        (true, None) => (LedgerRole::Accrued, PostingReason::Owed),
        (true, Some(_)) => (LedgerRole::Accrued, PostingReason::Corrected),
    };
    let corrects = leg.reverses.map(source);
    let asset = Asset::Money(leg.amount.currency());
    let head = PostingHead { source: source(leg.number), reason, corrects, asset };
    let amount = Amount::from_money(leg.amount)?;
    let postings = [(LedgerRole::Cost(leg.kind.to_string()), amount), (against, amount.checked_neg()?)];
    PostingSet::new(head, postings).ok().filter(|set| !set.postings().is_empty())
}

/// What stood on suspense, accrued.
fn placed(held: &Posted) -> Option<PostingSet> {
    let stands = held.set.amount(&LedgerRole::Suspense);
    let source = held.set.source().clone();
    let (reason, corrects) = (PostingReason::Placed, Some(source.clone()));
    let head = PostingHead { source, reason, corrects, asset: held.set.asset() };
    PostingSet::new(head, [(LedgerRole::Suspense, stands.checked_neg()?), (LedgerRole::Accrued, stands)]).ok()
}

/// A set behind the last of the account.
pub(super) fn next_set(state: &State, set: PostingSet, moment: &Moment) -> Posted {
    let sequence = state.posting_sets.saturating_add(1);
    Posted { sequence, at: moment.now, subject: moment.subject.clone(), set }
}
