//! The funds of an account: what they need to know, what they book in the account's own sequence, whom they tell.

use super::{Event, Posted, Rejection, Reply, State, prepaid, price, sale, suspense};
use crate::amount::Amount;
use crate::day::DayRule;
use crate::entity::message::{Message, Recipient};
use crate::entity::{Decided, Facts, Moment, Need};
use crate::funds::{
    Asked, Funds, FundsCommand, FundsEvent, FundsFacts, FundsRefused, FundsReply, OperationKey, Payout,
};
use crate::ledger::{LedgerRole, PostingHead, PostingReason, PostingSet, PostingSource};
use crate::prepaid::{PrepaidCommand, PrepaidRefused, is_reserved};
use crate::token::Token;
use crate::zone::Zone;

type AccountDecided = Decided<Event, Reply>;

/// What has to be read before a command about funds: records of operations, and what its price and its limits need.
pub(super) fn needs(state: &State, command: &FundsCommand, facts: &Facts) -> Vec<Need> {
    let mut needs: Vec<Need> = state.funds.needs(command).into_iter().map(Need::FundsRecord).collect();
    let price = price::needs(state, command, facts);
    let counts = counts_days(&state.funds, command) || counts_cards(state, command);
    if counts && !price.contains(&Need::Tenant) {
        needs.push(Need::Tenant);
    }
    needs.extend(price);
    if goes_by_supply(state, command) {
        let of_supply = prepaid::needs(state, &PrepaidCommand::Funds(command.clone()));
        needs.extend(of_supply.into_iter().filter(|need| !needs.contains(need)).collect::<Vec<_>>());
    }
    needs
}

/// Decides a client's command, possibly of whoever shows a token, or the timer's.
pub(super) fn decide(
    state: &State,
    command: &FundsCommand,
    token: Option<&Token>,
    facts: &Facts,
    moment: &Moment,
) -> Result<AccountDecided, Rejection> {
    let account = suspense::account(state, command).ok_or(Rejection::UnknownAccount)?;
    if token.is_some_and(|token| is_of_another_holder(state, command, token, facts)) {
        return Err(Rejection::Funds(FundsRefused::IdBeforeToken));
    }
    let days = facts.settings.as_ref().map(|settings| DayRule::civil(settings.zone.clone()));
    let counts_cards = token.is_some() && counts_cards(state, command);
    if days.is_none() && (counts_cards || counts_days(&state.funds, command)) {
        return Err(Rejection::NoSettings);
    }
    let priced = price::priced(state, command, (facts, days.as_ref()), moment);
    let price = priced.price.as_ref().map(|price| price.sale_price());
    let known = FundsFacts {
        account,
        price: price.as_ref().map_err(|why| (*why).clone()),
        usage: priced.usage.as_ref(),
        barred: token.and_then(|token| barred(state, (token, command), days.as_ref(), moment)),
        allows_overuse: priced.allows_overuse,
        days: &days.unwrap_or_else(|| DayRule::civil(Zone::utc())),
        records: &facts.records,
        suspended: suspense::set(state, command),
        moment,
    };
    if goes_by_supply(state, command) {
        let decided = prepaid::decide_with(state, &PrepaidCommand::Funds(command.clone()), known, facts)?;
        return Ok(suspense::cleared(command, decided));
    }
    if is_reserved(command) || sale::is_reserved(command) {
        return Err(Rejection::Prepaid(PrepaidRefused::ReservedId));
    }
    let decided = state.funds.decide(command, &known).map_err(Rejection::Funds)?;
    let told = transferred(account, command, &decided);
    let events = booked(state.posting_sets, decided.events, moment);
    Ok(suspense::cleared(command, Decided::with(events, Reply::Funds(decided.reply)).telling(told)))
}

/// Decides a command of the account's own, about amounts that were computed elsewhere. What was used up is booked beyond what
/// is held.
pub(super) fn decide_of_account(
    state: &State,
    command: &FundsCommand,
    facts: &Facts,
    moment: &Moment,
) -> Result<AccountDecided, Rejection> {
    let account = &state.details.as_ref().ok_or(Rejection::UnknownAccount)?.id;
    let zone = facts.settings.as_ref().map_or_else(Zone::utc, |settings| settings.zone.clone());
    let known = FundsFacts {
        account,
        price: Err(FundsRefused::NoPrice),
        usage: None,
        barred: None,
        allows_overuse: true,
        days: &DayRule::civil(zone),
        records: &facts.records,
        suspended: None,
        moment,
    };
    if goes_by_supply(state, command) {
        return prepaid::decide_with(state, &PrepaidCommand::Funds(command.clone()), known, facts);
    }
    let decided = state.funds.decide(command, &known).map_err(Rejection::Funds)?;
    Ok(Decided::with(booked(state.posting_sets, decided.events, moment), Reply::Funds(decided.reply)))
}

/// Whether prepaid supply has a say: it follows whatever moves the funds, and answers a top-up that it showed as it did then,
/// even when it has ended since.
fn goes_by_supply(state: &State, command: &FundsCommand) -> bool {
    let may_be_shown = state.prepaid.top_ups > 0 && matches!(command, FundsCommand::TopUp(_));
    state.prepaid.terms.is_some() || may_be_shown
}

/// Takes in what another account gave. What can't be placed is booked on suspense, where a person finds it.
pub(super) fn receive(
    state: &State,
    (from, to): (&str, &str),
    payout: &Payout,
    facts: &Facts,
    moment: &Moment,
) -> AccountDecided {
    match decide(state, &transfer_in(from, payout), None, facts, moment) {
        Ok(decided) if !matches!(decided.reply, Reply::Funds(FundsReply::Refused(_))) => decided,
        _ => suspend(state, (from, to), payout, moment),
    }
}

/// The command by which an account takes in what another gave.
pub(super) fn transfer_in(from: &str, payout: &Payout) -> FundsCommand {
    FundsCommand::TransferIn { from: from.to_owned(), payout: payout.clone() }
}

/// Whether the command may count what is spent in civil days or months.
fn counts_days(funds: &Funds, command: &FundsCommand) -> bool {
    match command {
        FundsCommand::SetLimit(_, most) => most.is_some(),
        FundsCommand::Authorize(_)
        | FundsCommand::Reserve(_)
        | FundsCommand::Extend(_)
        | FundsCommand::Commit(_)
        | FundsCommand::Debit(_) => !funds.limits.is_empty(),
        _ => false,
    }
}

/// Whether it is asked for something that a charging contract may limit by card.
fn counts_cards(state: &State, command: &FundsCommand) -> bool {
    asked(command).is_some() && state.charging.has_card_limits()
}

/// Why nothing may be charged by a token; none where it may.
fn barred(
    state: &State,
    (token, command): (&Token, &FundsCommand),
    days: Option<&DayRule>,
    moment: &Moment,
) -> Option<FundsRefused> {
    if let Err(refused) = state.tokens.may_charge(token) {
        return Some(refused);
    }
    let left = state.charging.left_for(token, days?.day_of(moment.now))?;
    let is_beyond = match asked(command)? {
        Asked::Amount(amount, currency) if currency == left.currency() => {
            Amount::from_money(left).is_none_or(|left| amount > left)
        }
        _ => left.minor() <= 0,
    };
    is_beyond.then_some(FundsRefused::CardLimit)
}

/// How much is asked for before it runs.
fn asked(command: &FundsCommand) -> Option<Asked> {
    match command {
        FundsCommand::Authorize(ask) => Some(ask.asked),
        FundsCommand::Reserve(reserve) => Some(reserve.ask.asked),
        _ => None,
    }
}

/// Whether an operation that is new here can have been another account's, which held the token when its id was made. Ids are
/// known to the account that was charged, and a token may go to another one between a call and its repeat.
fn is_of_another_holder(state: &State, command: &FundsCommand, token: &Token, facts: &Facts) -> bool {
    let Some(key) = command.key() else { return false };
    let is_open = matches!(&key, OperationKey::Resolve(id) if state.funds.reservations.contains_key(id));
    if is_open || state.funds.recent.get(&key).is_some() || facts.records.contains_key(&key) {
        return false;
    }
    let since = state.tokens.by_token.get(token).map(|claim| claim.since);
    key.id().made().zip(since).is_some_and(|(made, since)| made < since)
}

/// The events of funds as the account's: every set of postings gets its place in the account's sequence.
fn booked(mut sequence: u64, events: Vec<FundsEvent>, moment: &Moment) -> Vec<Event> {
    events.into_iter().map(|event| placed(&mut sequence, event, moment)).collect()
}

/// An event of funds as the account's: a set of postings gets the place behind the last one.
pub(super) fn placed(last: &mut u64, event: FundsEvent, moment: &Moment) -> Event {
    match event {
        FundsEvent::Booked(set) => {
            *last = last.saturating_add(1);
            Event::Booked(Posted { sequence: *last, at: moment.now, subject: moment.subject.clone(), set })
        }
        event => Event::Funds(event),
    }
}

/// What the receiver of a transfer is told, where money left with this very decision.
pub(super) fn transferred(
    account: &str,
    command: &FundsCommand,
    decided: &Decided<FundsEvent, FundsReply>,
) -> Option<(Recipient, Message)> {
    if let FundsCommand::Place(place) = command {
        return suspense::moved(account, place, &decided.events);
    }
    let FundsCommand::TransferOut { to, payout } = command else { return None };
    let source = PostingSource::Operation(payout.operation.clone());
    let left = |event: &FundsEvent| match event {
        FundsEvent::Booked(set) => set.reason() == PostingReason::TransferredOut && *set.source() == source,
        _ => false,
    };
    decided.events.iter().any(left).then(|| {
        let (from, to) = (account.to_owned(), to.clone());
        let recipient = Recipient::Account(to.clone());
        (recipient, Message::FundsTransferred { from, to, payout: payout.clone() })
    })
}

/// Books the mirror of transit against suspense.
fn suspend(state: &State, (from, to): (&str, &str), payout: &Payout, moment: &Moment) -> AccountDecided {
    let head = PostingHead {
        source: PostingSource::Operation(payout.operation.clone()),
        reason: PostingReason::Suspended,
        corrects: None,
        asset: payout.currency.into(),
    };
    let transit = LedgerRole::Transit { from: from.to_owned(), to: to.to_owned() };
    let owed = payout.amount.checked_neg().unwrap_or_default();
    let set = PostingSet::new(head, [(LedgerRole::Suspense, owed), (transit, payout.amount)]);
    // The sender's bounds on a payment keep it far within the range.
    assert!(set.is_ok(), "what was transferred can be booked: {set:?}");
    let sets = set.ok().map(FundsEvent::Booked).into_iter().collect();
    Decided::with(booked(state.posting_sets, sets, moment), Reply::Done)
}
