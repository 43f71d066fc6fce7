//! Prepaid supply: terms, orders, rated totals, what is shown, asked, answered and stored.

use domain::contract::Share;
use domain::funds::Side;
use domain::ledger::BalanceNumber;
use domain::prepaid::{
    BookedTotal, CreditView, Debt, Emergency, EmergencyCredit, FriendlyHours, FriendlyWindow, PointSupply,
    Prepaid, PrepaidCommand, PrepaidReply, PrepaidTerms, RatedKey, RatedParts, RatedPeriod, RatedTotal,
    RecentShown, Reconnection, Recovery, ShownTopUp, Supply, SupplyOrder, SwitchedOn,
};
use domain::product::Weekdays;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::funds;
use super::values::*;

fn window() -> impl Strategy<Value = FriendlyWindow> {
    (btree_set(1_i8..=7, 0..7), 0_u16..1_440, 0_u16..=1_440).prop_map(|(days, from_minute, to_minute)| {
        FriendlyWindow { weekdays: Weekdays::of(days).unwrap(), from_minute, to_minute }
    })
}

fn recovery() -> impl Strategy<Value = Recovery> {
    prop_oneof![
        (1_u32..=Share::WHOLE).prop_map(|share| Recovery::ShareOfTopUp(Share::new(share).unwrap())),
        (amount(), day()).prop_map(|(amount, first)| Recovery::PerWeek { amount, first }),
    ]
}

pub(crate) fn terms() -> BoxedStrategy<PrepaidTerms> {
    let friendly = (vec(window(), 0..3), btree_set(day(), 0..3))
        .prop_map(|(windows, holidays)| FriendlyHours { windows, holidays });
    let emergency =
        (amount(), amount()).prop_map(|(amount, offered_at)| EmergencyCredit { amount, offered_at });
    let reconnection = (amount(), select(vec![SwitchedOn::ByOrder, SwitchedOn::AtMeter]))
        .prop_map(|(least, switched_on)| Reconnection { least, switched_on });
    let levels = (amount(), amount(), any::<u16>());
    (
        btree_set(point(), 0..3),
        currency(),
        levels,
        friendly,
        option::of(emergency),
        option::of(recovery()),
        reconnection,
    )
        .prop_map(
            |(
                points,
                currency,
                (low_credit, zero_credit, average_days),
                friendly,
                emergency,
                recovery,
                reconnection,
            )| {
                PrepaidTerms {
                    points,
                    currency,
                    low_credit,
                    zero_credit,
                    friendly,
                    emergency,
                    recovery,
                    reconnection,
                    average_days,
                }
            },
        )
        .boxed()
}

fn supply() -> impl Strategy<Value = Supply> {
    select(vec![Supply::On, Supply::Ready, Supply::Off])
}

pub(crate) fn order() -> impl Strategy<Value = SupplyOrder> {
    (word(), any::<u64>(), supply(), flag(), option::of(day())).prop_map(
        |(account, version, supply, is_prepaid, day)| SupplyOrder {
            account,
            version,
            supply,
            is_prepaid,
            day,
        },
    )
}

fn emergency() -> impl Strategy<Value = Emergency> {
    prop_oneof![
        Just(Emergency::NotOffered),
        any::<u32>().prop_map(Emergency::Offered),
        any::<u32>().prop_map(Emergency::InUse),
        any::<u32>().prop_map(Emergency::Spent),
    ]
}

pub(crate) fn key() -> impl Strategy<Value = RatedKey> {
    let period = prop_oneof![day().prop_map(RatedPeriod::Day), month().prop_map(RatedPeriod::Month)];
    (point(), word(), period, currency()).prop_map(|(metering_point, contract, period, currency)| RatedKey {
        metering_point,
        contract,
        period,
        currency,
    })
}

pub(crate) fn total() -> BoxedStrategy<RatedTotal> {
    (key(), any::<u64>(), funds::charged(), btree_map(day(), quantity(), 0..3))
        .prop_map(|(key, version, parts, used)| RatedTotal {
            key,
            version,
            rated: RatedParts { parts, used },
        })
        .boxed()
}

fn booked() -> impl Strategy<Value = BookedTotal> {
    (any::<u64>(), funds::charged(), funds::charged(), option::of(operation())).prop_map(
        |(version, parts, suspended, operation)| BookedTotal { version, parts, suspended, operation },
    )
}

pub(crate) fn shown() -> impl Strategy<Value = ShownTopUp> {
    let amounts = (amount(), amount(), amount(), amount());
    let counts = (any::<u64>(), any::<u32>(), option::of(1..u64::MAX));
    (operation(), word(), currency(), amounts, counts, option::of((quantity(), unit()))).prop_filter_map(
        "amounts within the range",
        |(operation, account, currency, (amount, to_debt, to_emergency, credit), counts, energy)| {
            let (number, balance, supply_version) = counts;
            Some(ShownTopUp {
                operation,
                account,
                number,
                currency,
                amount,
                to_debt,
                credited: amount.checked_sub(to_debt)?,
                to_emergency,
                credit,
                energy,
                balance: BalanceNumber(balance),
                supply_version,
            })
        },
    )
}

fn view() -> impl Strategy<Value = CreditView> {
    let amounts = (amount(), amount(), amount(), amount());
    let lasts = (option::of((quantity(), unit())), option::of(any::<u32>()));
    (currency(), amounts, lasts, emergency(), supply(), any::<u64>(), option::of(instant())).prop_map(
        |(
            currency,
            (credit, left, emergency_used, debt),
            (energy_left, days_left),
            emergency,
            supply,
            version,
            at,
        )| {
            CreditView {
                currency,
                credit,
                left,
                energy_left,
                days_left,
                emergency,
                emergency_used,
                debt,
                supply,
                version,
                disconnect_at: at,
            }
        },
    )
}

pub(crate) fn command() -> BoxedStrategy<PrepaidCommand> {
    prop_oneof![
        (terms(), option::of(day())).prop_map(|(terms, first)| PrepaidCommand::SetTerms(terms, first)),
        amount().prop_map(PrepaidCommand::SetDebt),
        any::<u32>().prop_map(|offer| PrepaidCommand::TakeEmergency { offer }),
        vec(total(), 0..3).prop_map(PrepaidCommand::Rated),
        funds::command().prop_map(PrepaidCommand::Funds),
        select(vec![PrepaidCommand::EndTerms, PrepaidCommand::Elapse, PrepaidCommand::Get]),
    ]
    .boxed()
}

pub(crate) fn reply() -> BoxedStrategy<PrepaidReply> {
    prop_oneof![
        Just(PrepaidReply::Done),
        funds::reply().prop_map(PrepaidReply::Funds),
        shown().prop_map(|shown| PrepaidReply::ToppedUp(Box::new(shown))),
        view().prop_map(|view| PrepaidReply::Credit(Box::new(view))),
    ]
    .boxed()
}

/// Boxed, as what holds many others is, for a thread's stack holds the whole of a strategy.
pub(crate) fn prepaid() -> BoxedStrategy<Prepaid> {
    let side = || select(vec![Side::Above, Side::Below]);
    let debt = (amount(), amount(), option::of(instant()), option::of(currency()))
        .prop_map(|(total, recovered, next, currency)| Debt { total, recovered, next, currency });
    let counts = (any::<u64>(), any::<u32>(), any::<u32>(), any::<u64>(), any::<u64>());
    let used = btree_map(day(), btree_map(point(), quantity(), 1..3), 0..3);
    let rows = (used, btree_map(key(), booked(), 0..3));
    (option::of(terms()), (supply(), option::of(instant()), side(), side()), emergency(), debt, counts, rows)
        .prop_map(|(terms, (supply, disconnect_at, low, zero), emergency, debt, counts, (used, booked))| {
            let (version, offers, offer_taken, operations, top_ups) = counts;
            Prepaid {
                terms,
                supply,
                version,
                disconnect_at,
                low,
                zero,
                emergency,
                offers,
                offer_taken,
                debt,
                operations,
                top_ups,
                used,
                booked,
                shown: RecentShown::default(),
            }
        })
        .boxed()
}

pub(crate) fn point_supply() -> impl Strategy<Value = PointSupply> {
    let advance = btree_map(word(), vec(span(), 1..3), 0..3);
    let pending = btree_set(month(), 0..3);
    (vec(order(), 0..3), vec(total(), 0..3), advance, pending).prop_map(|(orders, told, advance, pending)| {
        PointSupply {
            advance,
            pending,
            orders: orders.into_iter().map(|order| (order.account.clone(), order)).collect(),
            told: told.into_iter().map(|total| (total.key.clone(), total)).collect(),
        }
    })
}
