//! The stored form of what an account has to spend: the first balances, reservations and limits in the root, the others in
//! parts of their own; records of operations are rows.

use std::collections::BTreeMap;

use domain::amount::Amount;
use domain::entity::Moment;
use domain::entity::account::{Event, State};
use domain::funds::{Funds, FundsEvent, LimitKey, OperationKey, Record};
use domain::ledger::{Asset, BalanceNumber, LedgerRole};
use domain::operation::OperationId;
use prost::Message as _;
use proto::convert::FundsEntries;
use proto::{charging, store as stored};

use super::super::binding::Writes;
use super::super::row;
use super::super::shelf::{Shelf, Shelved};

/// How many ledger accounts stand in the root.
pub(super) const MOST_LEDGER: usize = 8;
/// How many balances of the funds do.
const MOST_BALANCES: usize = 4;
/// How many open reservations do.
const MOST_RESERVATIONS: usize = 2;
/// How many spending limits do.
const MOST_LIMITS: usize = 4;
/// Members and thresholds rarely change: none.
const NONE: usize = 0;

/// What a decision touches, as it stands before.
pub(super) struct Before {
    ledger: Shelf<(LedgerRole, Asset)>,
    balances: Shelf<BalanceNumber>,
    reservations: Shelf<OperationId>,
    limits: Shelf<LimitKey>,
    members: Shelf<String>,
    thresholds: Shelf<(Asset, Amount)>,
}

impl Before {
    /// The state before these events.
    pub(super) fn of(state: &State, events: &[Event]) -> Self {
        let funds = &state.funds;
        Self {
            ledger: Shelf::new(&state.balances, MOST_LEDGER, || touched(events, ledger_of)),
            balances: Shelf::new(&funds.balances, MOST_BALANCES, || touched(events, balance_of)),
            reservations: Shelf::new(&funds.reservations, MOST_RESERVATIONS, || {
                touched(events, reservation_of)
            }),
            limits: Shelf::new(&funds.limits, MOST_LIMITS, || touched(events, limit_of)),
            members: Shelf::new(&funds.members, NONE, || touched(events, member_of)),
            thresholds: Shelf::new(&funds.thresholds, NONE, || touched(events, threshold_of)),
        }
    }

    /// Writes the parts that differ after the events.
    pub(super) fn write(&self, state: &State, writes: &mut Writes) {
        let funds = &state.funds;
        let part = |funds| stored::AccountState { funds: Some(funds), ..stored::AccountState::default() };
        put(writes, &self.ledger, &state.balances, ledger_name, |role, amount| {
            let one = State { balances: [(role.clone(), *amount)].into(), ..State::default() };
            stored::AccountState::from(&one)
        });
        put(writes, &self.balances, &funds.balances, balance_name, |number, balance| {
            part(stored::FundsState { balances: vec![(number, balance).into()], ..Default::default() })
        });
        put(writes, &self.reservations, &funds.reservations, reservation_name, |_, reservation| {
            part(stored::FundsState { reservations: vec![reservation.into()], ..Default::default() })
        });
        put(writes, &self.limits, &funds.limits, limit_name, |key, limit| {
            part(stored::FundsState { limits: vec![(key, limit).into()], ..Default::default() })
        });
        put(writes, &self.members, &funds.members, member_name, |member, standing| {
            part(stored::FundsState { members: vec![(member, standing).into()], ..Default::default() })
        });
        put(writes, &self.thresholds, &funds.thresholds, threshold_name, |level, side| {
            part(stored::FundsState { thresholds: vec![(level, side).into()], ..Default::default() })
        });
    }
}

/// What these events touch of one collection.
fn touched<K>(events: &[Event], of: impl Fn(&Event) -> Vec<K>) -> Vec<K> {
    events.iter().flat_map(of).collect()
}

fn ledger_of(event: &Event) -> Vec<(LedgerRole, Asset)> {
    let Event::Booked(posted) = event else { return Vec::new() };
    let roles = posted.set.postings().iter().map(|posting| posting.role.clone());
    let kept = roles.filter(|role| !matches!(role, LedgerRole::Funds(_)));
    kept.map(|role| (role, posted.set.asset())).collect()
}

fn balance_of(event: &Event) -> Vec<BalanceNumber> {
    match event {
        Event::Funds(FundsEvent::BalanceSet(number, _) | FundsEvent::BalanceGone(number)) => vec![*number],
        _ => Vec::new(),
    }
}

fn reservation_of(event: &Event) -> Vec<OperationId> {
    match event {
        Event::Funds(FundsEvent::ReservationSet(reservation)) => vec![reservation.id.clone()],
        Event::Funds(FundsEvent::ReservationGone(id, _)) => vec![id.clone()],
        _ => Vec::new(),
    }
}

fn limit_of(event: &Event) -> Vec<LimitKey> {
    match event {
        Event::Funds(FundsEvent::LimitSet(key, _) | FundsEvent::LimitGone(key)) => vec![key.clone()],
        _ => Vec::new(),
    }
}

fn member_of(event: &Event) -> Vec<String> {
    match event {
        Event::Funds(FundsEvent::MemberSet(member, _) | FundsEvent::MemberGone(member)) => {
            vec![member.clone()]
        }
        _ => Vec::new(),
    }
}

fn threshold_of(event: &Event) -> Vec<(Asset, Amount)> {
    match event {
        Event::Funds(
            FundsEvent::ThresholdSet(asset, level, _)
            | FundsEvent::ThresholdGone(asset, level)
            | FundsEvent::Crossed { asset, level, .. },
        ) => vec![(*asset, *level)],
        _ => Vec::new(),
    }
}

/// What of the funds stands in the root.
pub(super) fn root(funds: &Funds) -> Option<stored::FundsState> {
    let in_root = FundsEntries {
        balances: MOST_BALANCES,
        reservations: MOST_RESERVATIONS,
        members: NONE,
        limits: MOST_LIMITS,
        thresholds: NONE,
    };
    let root = stored::FundsState::from((funds, in_root));
    (root != stored::FundsState::default()).then_some(root)
}

/// Writes the record of an operation, with the one on whose behalf it was.
pub(super) fn record(key: &OperationKey, record: &Record, moment: &Moment, writes: &mut Writes) {
    let subject = moment.subject.clone();
    let row = stored::FundsRecord { subject, ..stored::FundsRecord::from(record) };
    writes.row(row::funds_record(key), &row);
}

fn put<K: Clone + Ord, V>(
    writes: &mut Writes,
    shelf: &Shelf<K>,
    entries: &BTreeMap<K, V>,
    name: impl Fn(&K) -> Vec<u8>,
    part: impl Fn(&K, &V) -> stored::AccountState,
) {
    for shelved in shelf.written(entries) {
        match &shelved {
            Shelved::Put(key) => {
                let entry = entries.get(key).map(|value| part(key, value));
                writes.part(&name(key), entry.as_ref());
            }
            Shelved::Delete(key) => writes.part(&name(key), None::<&stored::AccountState>),
        }
    }
}

fn ledger_name((role, asset): &(LedgerRole, Asset)) -> Vec<u8> {
    [b"b", asset.code().as_bytes(), b"/", role.to_string().as_bytes()].concat()
}

fn balance_name(number: &BalanceNumber) -> Vec<u8> {
    [b"fb".as_slice(), &number.0.to_be_bytes()].concat()
}

fn reservation_name(id: &OperationId) -> Vec<u8> {
    [b"fr", id.text().as_bytes()].concat()
}

fn limit_name(key: &LimitKey) -> Vec<u8> {
    [b"fl".as_slice(), &charging::SpendingLimitKey::from(key).encode_to_vec()].concat()
}

fn member_name(member: &String) -> Vec<u8> {
    [b"fm", member.as_bytes()].concat()
}

fn threshold_name((asset, level): &(Asset, Amount)) -> Vec<u8> {
    [b"ft", asset.code().as_bytes(), b"/".as_slice(), &level.raw().to_be_bytes()].concat()
}
