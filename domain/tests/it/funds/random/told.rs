//! Answers and events in the words of the model.
#![expect(clippy::panic, reason = "a test stops at the first surprise")]

use domain::amount::Amount;
use domain::funds::{Asked, FundsEvent, FundsRefused, FundsReply, Part, Resolution, Side};
use domain::ledger::{Asset, LedgerRole, PostingReason, PostingSource};
use domain::money::Currency;

use super::super::model::{Answer, Kind, Micros, Told};

/// What an exact amount counts of a millionth.
const MICRO: i128 = 56_637_000_000_000_000;

pub(super) fn raw(micros: Micros) -> Amount {
    Amount::from_raw(micros * MICRO)
}

pub(super) fn micros(amount: Amount) -> Micros {
    assert_eq!(amount.raw() % MICRO, 0, "{amount} is finer than a millionth");
    amount.raw() / MICRO
}

pub(super) fn asset(kind: Kind) -> Asset {
    match kind {
        Kind::Money => Asset::Money(Currency::Eur),
        Kind::Energy => Asset::KilowattHour,
    }
}

fn kind(asset: Asset) -> Kind {
    if asset == Asset::KilowattHour { Kind::Energy } else { Kind::Money }
}

fn parts(parts: &[Part]) -> Vec<(u32, Micros)> {
    parts.iter().map(|part| (part.balance.0, micros(part.amount))).collect()
}

pub(super) fn answer_of(reply: &FundsReply) -> Answer {
    match reply {
        FundsReply::Done => Answer::Done,
        FundsReply::ToppedUp(number) => Answer::On(number.0),
        FundsReply::Granted(grant) => {
            let granted = match grant.granted {
                Asked::Quantity(quantity, _) => i128::from(quantity.micros()),
                Asked::Amount(amount, _) => micros(amount),
            };
            Answer::Granted { granted, parts: parts(&grant.parts), short: grant.shortage.is_some() }
        }
        FundsReply::Taken(taken) => Answer::Taken {
            parts: parts(&taken.parts),
            late: taken.is_late,
            beyond: micros(taken.beyond_hold),
            short: taken.shortage.is_some(),
        },
        FundsReply::Released(held) => Answer::Returned(parts(held)),
        FundsReply::State(_) => panic!("nobody asked for the state"),
        FundsReply::Refused(refused) => Answer::Refused(name(refused)),
    }
}

pub(super) fn name(refused: &FundsRefused) -> &'static str {
    match refused {
        FundsRefused::IdReused { .. } => "IdReused",
        FundsRefused::UnknownReservation => "UnknownReservation",
        FundsRefused::ReservationExpired => "ReservationExpired",
        FundsRefused::ReservationCommitted => "ReservationCommitted",
        FundsRefused::ReservationReleased => "ReservationReleased",
        FundsRefused::CommitAboveHold { .. } => "CommitAboveHold",
        FundsRefused::OutOfCredit => "OutOfCredit",
        FundsRefused::LimitReached(_) => "LimitReached",
        FundsRefused::LimitBelowReserved => "LimitBelowReserved",
        FundsRefused::BeyondFunds => "BeyondFunds",
        other => panic!("the model knows nothing of {other:?}"),
    }
}

pub(super) fn told_of(events: &[FundsEvent]) -> Vec<Told> {
    let told = events.iter().filter_map(|event| match event {
        FundsEvent::Crossed { asset, level, side, .. } => {
            Some(Told::Crossed(kind(*asset), micros(*level), *side == Side::Below))
        }
        FundsEvent::ReservationGone(id, Resolution::Expired) => {
            Some(Told::Gone(id.text().trim_start_matches('r').parse().ok()?))
        }
        FundsEvent::Booked(set) if set.reason() == PostingReason::Expired => match set.source() {
            PostingSource::Expiry(number) => {
                Some(Told::Lost(number.0, micros(set.amount(&LedgerRole::Funds(*number)))))
            }
            _ => None,
        },
        FundsEvent::OverUsed(over) => Some(Told::Over(micros(over.beyond_hold), micros(over.beyond_limit))),
        _ => None,
    });
    told.collect()
}
