//! Closing a month: ask every metering point, book what it tells, freeze the invoice.

use std::collections::{BTreeMap, BTreeSet};

use super::{ClosedContract, Event, Line, LineKey, OpenRun, Posted, Reply, State, issue, part, sale};
use crate::amount::Amount;
use crate::contract::split_amount;
use crate::day::Month;
use crate::entity::message::{Closing, Message, Recipient};
use crate::entity::run_part::{AccountNotReady, AccountOutcome, FrozenInvoice, PointNotReady};
use crate::entity::{Decided, Entity, Facts, Moment};
use crate::identity::MeteringPointId;
use crate::ledger::{self, Booked, PostingSet};
use crate::position::RatedVersion;

use super::Account;

/// How many metering points are asked at a time.
const STEP: usize = 60;

type AccountDecided = Decided<Event, Reply>;

pub(super) fn begin(
    state: &State,
    (closing, shard): (&Closing, u32),
    account: &str,
    (facts, moment): (&Facts, &Moment),
) -> AccountDecided {
    let refused = match (&state.details, &facts.settings, &state.open_run) {
        (None, ..) => Some(AccountNotReady::NeverOpened),
        (_, None, _) => Some(AccountNotReady::NoSettings),
        (.., Some(other)) if other.closing.run != closing.run => {
            Some(AccountNotReady::HeldBy(other.closing.run.clone()))
        }
        _ => None,
    };
    let points = points(state, closing.month);
    let is_concerned = !points.is_empty() || sale::has_sales(state, closing);
    if refused.is_some() || !is_concerned {
        let refused = refused.filter(|_| is_concerned);
        let outcome = AccountOutcome::of(None, Vec::new(), refused);
        return told(Decided::reply(Reply::Done), (closing, shard), account, outcome);
    }
    let run = OpenRun {
        closing: closing.clone(),
        shard,
        to_ask: points,
        waiting: BTreeSet::new(),
        closed: BTreeMap::new(),
        sales: Vec::new(),
        frozen: None,
    };
    if run.to_ask.is_empty() {
        return freeze(state.clone(), run, Vec::new(), (facts, moment));
    }
    ask(run, Vec::new(), state)
}

/// Asks the next metering points, once those asked before have answered.
pub(super) fn ask_more(state: &State) -> AccountDecided {
    match &state.open_run {
        Some(run) if run.waiting.is_empty() && !run.to_ask.is_empty() => ask(run.clone(), Vec::new(), state),
        _ => Decided::reply(Reply::Done),
    }
}

/// A metering point has told everything; with the last one the invoice is frozen.
pub(super) fn point_closed(
    state: &State,
    (run_id, metering_point): (&str, MeteringPointId),
    contracts: &[ClosedContract],
    (facts, moment): (&Facts, &Moment),
) -> AccountDecided {
    let is_awaited = |run: &&OpenRun| run.closing.run == run_id && run.waiting.contains(&metering_point);
    if state.open_run.as_ref().filter(is_awaited).is_none() {
        return Decided::reply(Reply::Done);
    }
    let event = Event::PointClosed(metering_point, contracts.to_vec());
    let mut next = state.clone();
    Account::apply(&mut next, &event);
    match next.open_run.clone() {
        Some(run) if run.waiting.is_empty() && run.to_ask.is_empty() => {
            freeze(next, run, vec![event], (facts, moment))
        }
        run => {
            let is_idle = run.is_some_and(|run| run.waiting.is_empty());
            Decided::with(vec![event], Reply::Done).continuing(is_idle)
        }
    }
}

/// The points of contracts that began before the end of the month.
fn points(state: &State, month: Month) -> BTreeSet<MeteringPointId> {
    let end = month.next().first_day();
    let begun = state.contracts.iter().filter(|(_, contract)| contract.span.first() < end);
    begun.map(|((metering_point, _), _)| *metering_point).collect()
}

fn ask(mut run: OpenRun, mut events: Vec<Event>, state: &State) -> AccountDecided {
    let next: Vec<MeteringPointId> = run.to_ask.iter().take(STEP).copied().collect();
    let account = state.details.as_ref().map(|details| details.id.clone()).unwrap_or_default();
    for metering_point in &next {
        run.to_ask.remove(metering_point);
        run.waiting.insert(*metering_point);
    }
    let asked: Vec<_> = next
        .into_iter()
        .map(|metering_point| {
            let message = Message::ClosePoint { closing: run.closing.clone(), account: account.clone() };
            (Recipient::MeteringPoint(metering_point), message)
        })
        .collect();
    events.push(Event::RunSet(Box::new(run)));
    Decided::with(events, Reply::Done).telling(asked)
}

/// Books what a metering point tells of one month: the difference that each position's latest version makes to the one held.
pub(super) fn book(
    state: &State,
    metering_point: MeteringPointId,
    contracts: &[ClosedContract],
    moment: &Moment,
) -> Vec<Event> {
    let account = state.details.as_ref().map(|details| details.id.as_str()).unwrap_or_default();
    let mut events = Vec::new();
    let mut sequence = state.posting_sets;
    for contract in contracts {
        let Some(own) = (0_u32..).zip(&contract.contract.payers).find(|(_, payer)| payer.account == account)
        else {
            continue;
        };
        for rated in &contract.positions {
            let key = LineKey { metering_point, position: rated.position.key.clone() };
            let held = state.lines.get(&key);
            if held.is_some_and(|held| held.latest.version >= rated.version) {
                continue;
            }
            let line = Line {
                latest: rated.clone(),
                shares: contract.contract.shares(),
                own: own.0,
                issued: held.map(|held| held.issued.clone()).unwrap_or_default(),
            };
            if let Some(set) = difference(metering_point, held, &line) {
                sequence = sequence.saturating_add(1);
                let subject = moment.subject.clone();
                events.push(Event::Booked(Posted { sequence, at: moment.now, subject, set }));
            }
            events.push(Event::LineSet { key, line: Box::new(line) });
        }
    }
    events
}

/// The posting set of a new version; `None` where nothing moves.
///
/// A set that can't be made is a bug upstream: a position never changes its currency, and amounts that leave their
/// range were refused by the rating.
pub(super) fn difference(
    metering_point: MeteringPointId,
    held: Option<&Line>,
    line: &Line,
) -> Option<PostingSet> {
    let before = held.map(|held| Booked { rated: &held.latest, own: own_amount(&held.latest, held) });
    let after = Booked { rated: &line.latest, own: own_amount(&line.latest, line) };
    let set = ledger::unbilled(metering_point, before, after);
    assert!(set.is_ok(), "a rated position can be booked: {set:?}");
    set.ok().filter(|set| !set.postings().is_empty())
}

fn own_amount(rated: &RatedVersion, line: &Line) -> Amount {
    let parts = split_amount(rated.position.amount, &line.shares);
    usize::try_from(line.own).ok().and_then(|own| parts.get(own).copied()).unwrap_or_default()
}

/// Computes what would be issued and freezes it by its hash, with the fees of months and the sessions as they stand now.
fn freeze(
    mut state: State,
    mut run: OpenRun,
    mut events: Vec<Event>,
    (facts, moment): (&Facts, &Moment),
) -> AccountDecided {
    let not_ready = not_ready(&run);
    let (closing, shard) = (run.closing.clone(), run.shard);
    let monthly = sale::monthly(&state, &closing, facts, moment);
    let no_fee = monthly.as_ref().err().cloned();
    for event in monthly.unwrap_or_default() {
        Account::apply(&mut state, &event);
        events.push(event);
    }
    run.sales = sale::frozen(&state, &closing);
    let draft = issue::draft(&state, &run, "", facts).map_err(|error| error.to_string());
    let outcome = match no_fee.map_or(draft, Err) {
        Ok(Some(draft)) => {
            run.frozen = Some(draft.hash);
            let invoice = &draft.invoice;
            let frozen = FrozenInvoice {
                hash: draft.hash,
                net: invoice.net,
                vat: invoice.vat_total,
                total: invoice.total,
            };
            AccountOutcome::of(Some(frozen), not_ready, None)
        }
        Ok(None) => AccountOutcome::of(None, not_ready, None),
        Err(error) => AccountOutcome::of(None, not_ready, Some(AccountNotReady::CannotInvoice(error))),
    };
    if outcome.frozen.is_some() {
        events.push(Event::RunSet(Box::new(run)));
    } else {
        events.push(Event::RunDropped { run: closing.run.clone() });
    }
    let account = state.details.as_ref().map(|details| details.id.clone()).unwrap_or_default();
    told(Decided::with(events, Reply::Done), (&closing, shard), &account, outcome)
}

fn not_ready(run: &OpenRun) -> Vec<PointNotReady> {
    let contracts =
        run.closed.iter().flat_map(|(point, contracts)| contracts.iter().map(move |one| (point, one)));
    let unready = contracts.filter(|(_, contract)| !contract.not_ready.is_empty());
    let listed = unready.map(|(point, contract)| PointNotReady {
        metering_point: *point,
        contract: contract.contract.id.clone(),
        reasons: contract.not_ready.clone(),
    });
    listed.collect()
}

fn told(
    decided: AccountDecided,
    (closing, shard): (&Closing, u32),
    account: &str,
    outcome: AccountOutcome,
) -> AccountDecided {
    decided.telling([(part(closing, shard), Message::AccountClosed { account: account.to_owned(), outcome })])
}
