//! What an account tells whoever listens.

use std::collections::BTreeSet;

use domain::account_event::{AccountEvent, AccountEventKind, LoggedEvent};
use domain::identity::MeteringPointId;
use domain::prepaid::CreditLevel;

use super::field::same_names;
use super::{FieldError, field, number, posting, text, time};
use crate::charging;
use crate::events::account_event::Event as Wire;
use crate::events::{self as message};

same_names!(CreditLevel, message::CreditLevel, [Low, Zero]);
same_names!(
    AccountEventKind,
    message::AccountEventKind,
    [
        BelowThreshold,
        AboveThreshold,
        LowCredit,
        CreditAgain,
        ZeroCredit,
        CreditAboveZero,
        Blocked,
        Suspended,
        Unblocked,
        ToppedUp,
        OverUsed,
        SupplyOn,
        SupplyReady,
        SupplyOff,
        ReservationExpired,
    ]
);

impl From<&LoggedEvent> for message::AccountEvent {
    fn from(entry: &LoggedEvent) -> Self {
        let LoggedEvent { account, at, event } = entry;
        let registered_time = Some(time::timestamp(*at));
        Self { account_id: account.clone(), registered_time, ..Self::from(event) }
    }
}

impl TryFrom<message::AccountEvent> for LoggedEvent {
    type Error = FieldError;

    fn try_from(mut entry: message::AccountEvent) -> Result<Self, FieldError> {
        let account = std::mem::take(&mut entry.account_id);
        let at = time::required_instant("registered_time", entry.registered_time)?;
        Ok(Self { account, at, event: entry.try_into()? })
    }
}

/// What an account tells, without whose it is and since when.
impl From<&AccountEvent> for message::AccountEvent {
    fn from(event: &AccountEvent) -> Self {
        let kind = field::number::<message::AccountEventKind, _>(event.kind());
        Self { kind, event: Some(event.into()), ..Self::default() }
    }
}

impl From<&AccountEvent> for Wire {
    fn from(event: &AccountEvent) -> Self {
        match event {
            AccountEvent::ThresholdCrossed { asset, level, side, funds } => {
                Self::ThresholdCrossed(charging::ThresholdCrossed::of(*asset, *level, *side, *funds))
            }
            AccountEvent::CreditCrossed { level, side, credit, currency } => {
                Self::CreditCrossed(message::CreditCrossed {
                    level: field::number::<message::CreditLevel, _>(*level),
                    side: field::number::<charging::ThresholdSide, _>(*side),
                    currency_code: currency.code().to_owned(),
                    exact_credit: number::amount_text(*credit),
                })
            }
            AccountEvent::StandingChanged(standing) => {
                Self::StandingChanged(field::number::<charging::FundsStanding, _>(*standing))
            }
            AccountEvent::ToppedUp { operation, asset, amount, is_granted } => {
                let (currency_code, unit) = number::asset_codes(*asset);
                Self::ToppedUp(message::ToppedUp {
                    operation_id: operation.to_string(),
                    currency_code,
                    unit,
                    exact_amount: number::amount_text(*amount),
                    granted: *is_granted,
                })
            }
            AccountEvent::OverUsed(over) => Self::OverUsed(over.into()),
            AccountEvent::SupplyOrdered { order, points } => Self::SupplyOrdered(message::SupplyOrdered {
                order: Some(order.into()),
                metering_point_ids: points.iter().map(ToString::to_string).collect(),
            }),
            AccountEvent::ReservationExpired(id) => {
                Self::ReservationExpired(message::ReservationExpired { reservation_id: id.to_string() })
            }
        }
    }
}

impl TryFrom<message::AccountEvent> for AccountEvent {
    type Error = FieldError;

    fn try_from(event: message::AccountEvent) -> Result<Self, FieldError> {
        match field::chosen("event", event.event)? {
            Wire::ThresholdCrossed(crossed) => {
                threshold_crossed(&crossed).map_err(|error| error.within("threshold_crossed"))
            }
            Wire::CreditCrossed(crossed) => {
                credit_crossed(&crossed).map_err(|error| error.within("credit_crossed"))
            }
            Wire::StandingChanged(standing) => {
                let standing = field::known::<charging::FundsStanding, _>("standing_changed", standing)?;
                Ok(Self::StandingChanged(standing))
            }
            Wire::ToppedUp(topped) => topped_up(&topped).map_err(|error| error.within("topped_up")),
            Wire::OverUsed(over) => Ok(Self::OverUsed(field::required("over_used", Some(over))?)),
            Wire::SupplyOrdered(ordered) => {
                supply_ordered(ordered).map_err(|error| error.within("supply_ordered"))
            }
            Wire::ReservationExpired(expired) => {
                let id = posting::operation("reservation_expired.reservation_id", &expired.reservation_id)?;
                Ok(Self::ReservationExpired(id))
            }
        }
    }
}

fn threshold_crossed(crossed: &charging::ThresholdCrossed) -> Result<AccountEvent, FieldError> {
    Ok(AccountEvent::ThresholdCrossed {
        asset: number::asset(&crossed.currency_code, &crossed.unit)?,
        level: number::amount("exact_level", &crossed.exact_level)?,
        side: field::known::<charging::ThresholdSide, _>("side", crossed.side)?,
        funds: number::amount("exact_funds", &crossed.exact_funds)?,
    })
}

fn credit_crossed(crossed: &message::CreditCrossed) -> Result<AccountEvent, FieldError> {
    Ok(AccountEvent::CreditCrossed {
        level: field::known::<message::CreditLevel, _>("level", crossed.level)?,
        side: field::known::<charging::ThresholdSide, _>("side", crossed.side)?,
        credit: number::amount("exact_credit", &crossed.exact_credit)?,
        currency: number::currency("currency_code", &crossed.currency_code)?,
    })
}

fn topped_up(topped: &message::ToppedUp) -> Result<AccountEvent, FieldError> {
    Ok(AccountEvent::ToppedUp {
        operation: posting::operation("operation_id", &topped.operation_id)?,
        asset: number::asset(&topped.currency_code, &topped.unit)?,
        amount: number::amount("exact_amount", &topped.exact_amount)?,
        is_granted: topped.granted,
    })
}

fn supply_ordered(ordered: message::SupplyOrdered) -> Result<AccountEvent, FieldError> {
    let point = |id: String| text::metering_point("", &id);
    let points: BTreeSet<MeteringPointId> =
        field::each_by("metering_point_ids", ordered.metering_point_ids, point)?;
    Ok(AccountEvent::SupplyOrdered { order: field::required("order", ordered.order)?, points })
}
