//! What accounts tell whoever listens, and the log of it.

use domain::account_event::{AccountEvent, LoggedEvent};
use domain::entity::Message;
use domain::entity::event_log::{Command, Reply, State};
use domain::funds::{Side, Standing};
use domain::prepaid::CreditLevel;
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;

use super::values::*;
use super::{funds, prepaid};

fn side() -> impl Strategy<Value = Side> {
    select(vec![Side::Above, Side::Below])
}

fn event() -> impl Strategy<Value = AccountEvent> {
    let levels = select(vec![CreditLevel::Low, CreditLevel::Zero]);
    let standings = select(vec![Standing::Active, Standing::Blocked, Standing::Suspended]);
    prop_oneof![
        (asset(), amount(), side(), amount()).prop_map(|(asset, level, side, funds)| {
            AccountEvent::ThresholdCrossed { asset, level, side, funds }
        }),
        (levels, side(), amount(), currency()).prop_map(|(level, side, credit, currency)| {
            AccountEvent::CreditCrossed { level, side, credit, currency }
        }),
        standings.prop_map(AccountEvent::StandingChanged),
        (operation(), asset(), amount(), flag()).prop_map(|(operation, asset, amount, is_granted)| {
            AccountEvent::ToppedUp { operation, asset, amount, is_granted }
        }),
        funds::over_use().prop_map(AccountEvent::OverUsed),
        (prepaid::order(), btree_set(point(), 0..3))
            .prop_map(|(order, points)| AccountEvent::SupplyOrdered { order, points }),
        operation().prop_map(AccountEvent::ReservationExpired),
    ]
}

pub(crate) fn logged() -> impl Strategy<Value = LoggedEvent> {
    (word(), instant(), event()).prop_map(|(account, at, event)| LoggedEvent { account, at, event })
}

/// What an account tells the log.
pub(crate) fn message() -> impl Strategy<Value = Message> {
    (word(), instant(), vec(event(), 0..4)).prop_map(|(account, at, events)| Message::EventsTold {
        account,
        at,
        events,
    })
}

pub(crate) fn command() -> impl Strategy<Value = Command> {
    prop_oneof![Just(Command::Get), message().prop_map(Command::Message)]
}

pub(crate) fn reply() -> impl Strategy<Value = Reply> {
    prop_oneof![Just(Reply::Done), any::<u64>().prop_map(Reply::Last)]
}

pub(crate) fn state() -> impl Strategy<Value = State> {
    any::<u64>().prop_map(|last| State { last })
}
