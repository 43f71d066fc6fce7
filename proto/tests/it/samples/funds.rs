//! Funds: what is asked of them, answered, remembered and stored.

use std::sync::Arc;

use domain::agreement::{Agreement, AgreementCommand, Unpriced};
use domain::funds::{
    Ask, Asked, Balance, BalanceTerms, ChargedPart, Commit, Correct, Debit, DebitMode, Extend, Funds,
    FundsCommand, FundsRefused, FundsReply, Grant, Limit, LimitKey, LimitWindow, MemberStanding, Origin,
    OverUse, Part, PartFault, Payout, Place, Placement, Recent, Record, Recorded, Reservation, Reserve,
    Scope, Shortage, Side, Standing, Taken, TopUp, Usage, Used,
};
use domain::ledger::BalanceNumber;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::billing::source;
use super::values::*;

fn usage() -> impl Strategy<Value = Usage> {
    (option::of(point()), word(), word(), word()).prop_map(
        |(metering_point, dimension, product, agreement)| Usage {
            metering_point,
            dimension,
            product,
            agreement,
        },
    )
}

fn terms() -> impl Strategy<Value = BalanceTerms> {
    let scope = (btree_set(point(), 0..3), btree_set(word(), 0..3), btree_set(word(), 0..3))
        .prop_map(|(metering_points, dimensions, products)| Scope { metering_points, dimensions, products });
    (any::<u16>(), scope, period(), select(vec![Origin::Purchased, Origin::Granted]))
        .prop_map(|(priority, scope, validity, origin)| BalanceTerms { priority, scope, validity, origin })
}

fn number() -> impl Strategy<Value = BalanceNumber> {
    any::<u32>().prop_map(BalanceNumber)
}

fn balance() -> impl Strategy<Value = Balance> {
    (asset(), amount(), amount(), option::of(terms())).prop_map(|(asset, amount, reserved, terms)| Balance {
        asset,
        amount,
        reserved,
        terms,
    })
}

fn asked() -> impl Strategy<Value = Asked> {
    prop_oneof![
        (quantity(), unit()).prop_map(|(quantity, unit)| Asked::Quantity(quantity, unit)),
        (amount(), currency()).prop_map(|(amount, currency)| Asked::Amount(amount, currency)),
    ]
}

pub(crate) fn charged() -> impl Strategy<Value = Vec<ChargedPart>> {
    let part = (word(), tax_class(), vat_rate(), amount(), amount()).prop_map(
        |(revenue_role, tax_class, rate, net, tax)| ChargedPart { revenue_role, tax_class, rate, net, tax },
    );
    vec(part, 0..3)
}

fn used() -> impl Strategy<Value = Used> {
    prop_oneof![
        (quantity(), unit()).prop_map(|(quantity, unit)| Used::Quantity(quantity, unit)),
        (currency(), charged()).prop_map(|(currency, parts)| Used::Charged(currency, parts)),
    ]
}

fn part() -> impl Strategy<Value = Part> {
    (number(), asset(), amount()).prop_map(|(balance, asset, amount)| Part { balance, asset, amount })
}

pub(crate) fn reservation() -> impl Strategy<Value = Reservation> {
    (operation(), option::of(word()), usage(), asked(), quantity(), vec(part(), 0..3), instant()).prop_map(
        |(id, member, usage, granted, money_quantity, holds, expires)| Reservation {
            id,
            member,
            usage,
            granted,
            money_quantity,
            holds,
            expires,
        },
    )
}

fn limit_key() -> impl Strategy<Value = LimitKey> {
    let window = select(vec![LimitWindow::Day, LimitWindow::Month, LimitWindow::Ever]);
    (option::of(word()), asset(), window).prop_map(|(member, asset, window)| LimitKey {
        member,
        asset,
        window,
    })
}

fn shortage() -> impl Strategy<Value = Shortage> {
    prop_oneof![Just(Shortage::Funds), limit_key().prop_map(Shortage::Limit)]
}

fn member_standing() -> impl Strategy<Value = MemberStanding> {
    select(vec![MemberStanding::Active, MemberStanding::Blocked])
}

fn standing() -> impl Strategy<Value = Standing> {
    select(vec![Standing::Active, Standing::Blocked, Standing::Suspended])
}

fn side() -> impl Strategy<Value = Side> {
    select(vec![Side::Above, Side::Below])
}

pub(crate) fn payout() -> impl Strategy<Value = Payout> {
    (operation(), currency(), amount()).prop_map(|(operation, currency, amount)| Payout {
        operation,
        currency,
        amount,
    })
}

pub(crate) fn over_use() -> impl Strategy<Value = OverUse> {
    (source(), currency(), amount(), amount()).prop_map(|(source, currency, beyond_hold, beyond_limit)| {
        OverUse { source, currency, beyond_hold, beyond_limit }
    })
}

fn ask() -> impl Strategy<Value = Ask> {
    (option::of(word()), usage(), asked()).prop_map(|(member, usage, asked)| Ask { member, usage, asked })
}

/// What moves or holds funds.
fn operation_command() -> impl Strategy<Value = FundsCommand> {
    let top_up = (operation(), asset(), amount(), option::of(terms()))
        .prop_map(|(operation, asset, amount, terms)| TopUp { operation, asset, amount, terms });
    let reserve = (operation(), ask(), any::<i64>()).prop_map(|(reservation, ask, ttl_ms)| Reserve {
        reservation,
        ask,
        ttl_ms,
    });
    let extend = (operation(), operation(), asked(), any::<i64>())
        .prop_map(|(operation, reservation, more, ttl_ms)| Extend { operation, reservation, more, ttl_ms });
    let commit = (operation(), used(), option::of(instant()))
        .prop_map(|(reservation, used, used_at)| Commit { reservation, used, used_at });
    let mode = select(vec![DebitMode::Voluntary, DebitMode::Forced, DebitMode::Balancing]);
    let debit = (operation(), mode, option::of(word()), usage(), used(), option::of(instant())).prop_map(
        |(operation, mode, member, usage, used, used_at)| Debit {
            operation,
            mode,
            member,
            usage,
            used,
            used_at,
        },
    );
    let correct = (operation(), source(), currency(), charged())
        .prop_map(|(operation, corrects, currency, parts)| Correct { operation, corrects, currency, parts });
    prop_oneof![
        top_up.prop_map(FundsCommand::TopUp),
        ask().prop_map(FundsCommand::Authorize),
        reserve.prop_map(FundsCommand::Reserve),
        extend.prop_map(FundsCommand::Extend),
        commit.prop_map(FundsCommand::Commit),
        operation().prop_map(FundsCommand::Release),
        debit.prop_map(FundsCommand::Debit),
        correct.prop_map(FundsCommand::Correct),
        payout().prop_map(FundsCommand::Refund),
        (word(), payout()).prop_map(|(to, payout)| FundsCommand::TransferOut { to, payout }),
        (operation(), any::<u64>(), option::of(option::of(word()))).prop_map(|(operation, sequence, to)| {
            let to = match to {
                None => Placement::MainBalance,
                Some(None) => Placement::Back,
                Some(Some(account)) => Placement::Account(account),
            };
            FundsCommand::Place(Place { operation, sequence, to })
        }),
        (word(), payout()).prop_map(|(from, payout)| FundsCommand::TransferIn { from, payout }),
    ]
}

pub(crate) fn command() -> impl Strategy<Value = FundsCommand> {
    let terms = prop_oneof![
        (currency(), amount()).prop_map(|(currency, limit)| FundsCommand::SetCreditLimit(currency, limit)),
        (limit_key(), option::of(amount())).prop_map(|(key, most)| FundsCommand::SetLimit(key, most)),
        (asset(), btree_set(amount(), 0..3))
            .prop_map(|(asset, levels)| FundsCommand::SetThresholds(asset, levels)),
        (word(), option::of(member_standing()))
            .prop_map(|(member, standing)| FundsCommand::SetMember(member, standing)),
        standing().prop_map(FundsCommand::SetStanding),
        Just(FundsCommand::Elapse),
        Just(FundsCommand::Get),
    ];
    prop_oneof![operation_command(), terms]
}

pub(crate) fn refused() -> impl Strategy<Value = FundsRefused> {
    let unpriced = prop_oneof![
        word().prop_map(Unpriced::UnknownProduct),
        word().prop_map(Unpriced::NotLive),
        Just(Unpriced::NotCounted),
        word().prop_map(Unpriced::WrongUnit),
        word().prop_map(Unpriced::MissingPrice),
        tax_class().prop_map(Unpriced::UnknownTaxClass),
        word().prop_map(Unpriced::OutOfRange),
    ];
    let plain = select(vec![
        FundsRefused::IdAhead,
        FundsRefused::TooLarge,
        FundsRefused::QuantityNotPositive,
        FundsRefused::QuantityAbsurd,
        FundsRefused::AmountNotPositive,
        FundsRefused::AmountAbsurd,
        FundsRefused::OtherScale,
        FundsRefused::NotAnAsset,
        FundsRefused::UsedTime,
        FundsRefused::NoPrice,
        FundsRefused::UnknownAgreement,
        FundsRefused::AgreementOver,
        FundsRefused::NoAgreement,
        FundsRefused::SeveralAgreements,
        FundsRefused::OtherUnit,
        FundsRefused::OtherCurrency,
        FundsRefused::TimeToLive,
        FundsRefused::ValidityOver,
        FundsRefused::MemberName,
        FundsRefused::TooManyThresholds,
        FundsRefused::SameAccount,
        FundsRefused::NotOnSuspense,
        FundsRefused::NotMovable,
        FundsRefused::CardLimit,
        FundsRefused::Blocked,
        FundsRefused::Suspended,
        FundsRefused::UnknownMember,
        FundsRefused::MemberBlocked,
        FundsRefused::UnknownReservation,
        FundsRefused::ReservationExpired,
        FundsRefused::ReservationCommitted,
        FundsRefused::ReservationReleased,
        FundsRefused::OutOfCredit,
        FundsRefused::LimitBelowReserved,
        FundsRefused::MemberReserves,
        FundsRefused::BeyondFunds,
        FundsRefused::TooManyBalances,
        FundsRefused::TooManyReservations,
        FundsRefused::TooManyMembers,
        FundsRefused::TooManyLimits,
        FundsRefused::OutOfRange,
    ]);
    prop_oneof![
        5 => plain,
        1 => select(FundsCommand::FIELDS.to_vec()).prop_map(|field| FundsRefused::IdReused { field }),
        1 => amount().prop_map(|missing| FundsRefused::CommitAboveHold { missing }),
        1 => (any::<u32>(), part_fault()).prop_map(|(index, fault)| FundsRefused::Part { index, fault }),
        1 => limit_key().prop_map(FundsRefused::LimitReached),
        1 => unpriced.prop_map(FundsRefused::Unpriced),
    ]
}

fn part_fault() -> impl Strategy<Value = PartFault> {
    select(vec![
        PartFault::RevenueRole,
        PartFault::TaxClass,
        PartFault::TaxSign,
        PartFault::TaxWithoutRate,
        PartFault::TaxOffRate,
    ])
}

pub(crate) fn reply() -> impl Strategy<Value = FundsReply> {
    let grant = (asked(), quantity(), vec(part(), 0..3), option::of(instant()), option::of(shortage()))
        .prop_map(|(granted, money_quantity, parts, expires, shortage)| Grant {
            granted,
            money_quantity,
            parts,
            expires,
            shortage,
        });
    let taken = (vec(part(), 0..3), flag(), amount(), option::of(shortage()))
        .prop_map(|(parts, is_late, beyond_hold, shortage)| Taken { parts, is_late, beyond_hold, shortage });
    prop_oneof![
        Just(FundsReply::Done),
        number().prop_map(FundsReply::ToppedUp),
        grant.prop_map(FundsReply::Granted),
        taken.prop_map(FundsReply::Taken),
        vec(part(), 0..3).prop_map(FundsReply::Released),
        funds().prop_map(|funds| FundsReply::State(Box::new(funds))),
        refused().prop_map(FundsReply::Refused),
    ]
}

pub(crate) fn record() -> impl Strategy<Value = Record> {
    let outcome = prop_oneof![
        (command(), reply())
            .prop_map(|(command, reply)| Recorded::Answered(Arc::new(command), Arc::new(reply))),
        reservation().prop_map(|reservation| Recorded::Expired(Arc::new(reservation))),
    ];
    (instant(), outcome).prop_map(|(at, outcome)| Record { at, outcome })
}

/// Funds as they are read from the store: their latest records are rows.
pub(crate) fn funds() -> impl Strategy<Value = Funds> {
    let balances = (btree_map(number(), balance(), 0..3), any::<u32>());
    let credit = btree_map(currency(), amount(), 0..3);
    let reservations = vec(reservation(), 0..3)
        .prop_map(|reservations| reservations.into_iter().map(|one| (one.id.clone(), one)).collect());
    let limit = (amount(), amount(), instant()).prop_map(|(most, spent, since)| Limit { most, spent, since });
    let levels = btree_map((asset(), amount()), side(), 0..3);
    let members = btree_map(word(), member_standing(), 0..3);
    (standing(), balances, credit, reservations, members, btree_map(limit_key(), limit, 0..3), levels, last())
        .prop_map(|(standing, balances, credit_limits, reservations, members, limits, thresholds, recent)| {
            let (balances, balances_made) = balances;
            Funds {
                standing,
                balances,
                balances_made,
                credit_limits,
                reservations,
                members,
                limits,
                thresholds,
                recent,
            }
        })
}

fn last() -> impl Strategy<Value = Recent> {
    option::of(instant()).prop_map(|until| until.map(Recent::after).unwrap_or_default())
}

pub(crate) fn agreement() -> impl Strategy<Value = Agreement> {
    (word(), word(), span(), flag()).prop_map(|(id, product, span, allows_overuse)| Agreement {
        id,
        product,
        span,
        allows_overuse,
    })
}

pub(crate) fn agreement_command() -> impl Strategy<Value = AgreementCommand> {
    prop_oneof![
        agreement().prop_map(AgreementCommand::Set),
        (word(), day()).prop_map(|(id, end)| AgreementCommand::End { id, end }),
    ]
}
