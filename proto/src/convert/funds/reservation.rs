//! Reservations and the parts of balances that they hold.

use domain::funds::{Part, Reservation};
use domain::ledger::BalanceNumber;

use super::charged::{some_usage, usage};
use crate::charging;
use crate::convert::{FieldError, field, number, posting, time};

impl From<&Part> for charging::FundsPart {
    fn from(part: &Part) -> Self {
        let (currency_code, unit) = number::asset_codes(part.asset);
        let exact_amount = number::amount_text(part.amount);
        Self { balance: part.balance.0, currency_code, unit, exact_amount }
    }
}

impl TryFrom<charging::FundsPart> for Part {
    type Error = FieldError;

    fn try_from(part: charging::FundsPart) -> Result<Self, FieldError> {
        Ok(Self {
            balance: BalanceNumber(part.balance),
            asset: number::asset(&part.currency_code, &part.unit)?,
            amount: number::amount("exact_amount", &part.exact_amount)?,
        })
    }
}

impl From<&Reservation> for charging::Reservation {
    fn from(reservation: &Reservation) -> Self {
        Self {
            reservation_id: reservation.id.to_string(),
            member: reservation.member.clone(),
            usage: some_usage(&reservation.usage),
            granted: Some((&reservation.granted).into()),
            money_quantity: Some((&reservation.money_quantity).into()),
            holds: field::messages(&reservation.holds),
            expire_time: Some(time::timestamp(reservation.expires)),
        }
    }
}

impl TryFrom<charging::Reservation> for Reservation {
    type Error = FieldError;

    fn try_from(reservation: charging::Reservation) -> Result<Self, FieldError> {
        Ok(Self {
            id: posting::operation("reservation_id", &reservation.reservation_id)?,
            member: reservation.member,
            usage: usage(reservation.usage)?,
            granted: field::required("granted", reservation.granted)?,
            money_quantity: field::required("money_quantity", reservation.money_quantity)?,
            holds: field::each("holds", reservation.holds)?,
            expires: time::required_instant("expire_time", reservation.expire_time)?,
        })
    }
}
