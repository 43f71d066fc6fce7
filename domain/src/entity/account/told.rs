//! What an account tells whoever listens outside: one message per decision, where there is anything to tell.

use super::{Event, Reply, State};
use crate::account_event::AccountEvent;
use crate::day::{Day, DayRule};
use crate::entity::event_log::Partition;
use crate::entity::message::{Message, Recipient};
use crate::entity::{Decided, Facts, Moment};
use crate::funds::{FundsEvent, Resolution};
use crate::ledger::{LedgerRole, PostingReason, PostingSet, PostingSource};
use crate::money::Currency;
use crate::prepaid::PrepaidEvent;
use crate::zone::Zone;

/// The decision, telling the log of events what listeners want to know of it.
pub(super) fn with_events(
    decided: Decided<Event, Reply>,
    state: &State,
    facts: &Facts,
    moment: &Moment,
) -> Decided<Event, Reply> {
    let Some(details) = &state.details else { return decided };
    let zone = facts.settings.as_ref().map_or_else(Zone::utc, |settings| settings.zone.clone());
    let today = DayRule::civil(zone).day_of(moment.now);
    let currency = state.prepaid.terms.as_ref().map(|terms| terms.currency);
    let mut events = events_for_listeners(&decided.events, currency);
    events.retain_mut(|event| is_to_tell(event, state, today));
    if events.is_empty() {
        return decided;
    }
    let account = details.id.clone();
    let to = Recipient::EventLog(Partition::of_account(&account));
    decided.telling([(to, Message::EventsTold { account, at: moment.now, events })])
}

/// Whether anybody is to be told. Of orders to meters only those are told that a meter has: at points of which the account
/// knows that it pays for them alone today.
fn is_to_tell(event: &mut AccountEvent, state: &State, today: Day) -> bool {
    let AccountEvent::SupplyOrdered { points, .. } = event else { return true };
    points.retain(|point| state.paid_alone(*point).any(|contract| contract.span.contains(today)));
    !points.is_empty()
}

/// What of a decision somebody outside wants to know, in its order. `currency` is that of prepaid supply before the
/// decision.
fn events_for_listeners(events: &[Event], mut currency: Option<Currency>) -> Vec<AccountEvent> {
    let mut told = Vec::new();
    for event in events {
        match event {
            Event::Booked(posted) => told.extend(topped_up(&posted.set)),
            Event::Funds(event) => told.extend(of_funds(event)),
            Event::Prepaid(PrepaidEvent::TermsSet(Some(terms))) => currency = Some(terms.currency),
            Event::Prepaid(event) => told.extend(of_prepaid(event, currency)),
            _ => {}
        }
    }
    told
}

fn topped_up(set: &PostingSet) -> Option<AccountEvent> {
    let (role, is_granted) = match set.reason() {
        PostingReason::ToppedUp => (LedgerRole::TopUp, false),
        PostingReason::Granted => (LedgerRole::Granted, true),
        _ => return None,
    };
    let PostingSource::Operation(operation) = set.source() else { return None };
    let posting = set.postings().iter().find(|posting| posting.role == role)?;
    let (operation, asset, amount) = (operation.clone(), set.asset(), posting.amount);
    Some(AccountEvent::ToppedUp { operation, asset, amount, is_granted })
}

fn of_funds(event: &FundsEvent) -> Option<AccountEvent> {
    match event {
        FundsEvent::Crossed { asset, level, side, funds } => {
            let (asset, level, side, funds) = (*asset, *level, *side, *funds);
            Some(AccountEvent::ThresholdCrossed { asset, level, side, funds })
        }
        FundsEvent::OverUsed(over) => Some(AccountEvent::OverUsed(over.clone())),
        FundsEvent::StandingSet(standing) => Some(AccountEvent::StandingChanged(*standing)),
        FundsEvent::ReservationGone(id, Resolution::Expired) => {
            Some(AccountEvent::ReservationExpired(id.clone()))
        }
        _ => None,
    }
}

fn of_prepaid(event: &PrepaidEvent, currency: Option<Currency>) -> Option<AccountEvent> {
    match event {
        PrepaidEvent::Funds(event) => of_funds(event),
        PrepaidEvent::Crossed { level, side, credit } => {
            let (level, side, credit, currency) = (*level, *side, *credit, currency?);
            Some(AccountEvent::CreditCrossed { level, side, credit, currency })
        }
        PrepaidEvent::SupplyOrdered { order, points } => {
            Some(AccountEvent::SupplyOrdered { order: order.clone(), points: points.clone() })
        }
        _ => None,
    }
}
