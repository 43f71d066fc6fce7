//! What members pay: prices of a contract in place of a price sheet's, and energy that a subscription includes.
//!
//! OCPI knows no members: the sheet's components stay as they are, and what members pay less stands beside them as a
//! component of our own, so that both the operator's price and the discount can be told. The sheet's least and most bind
//! what is left. Reservations have no prices for members.

use super::given::{Cost, RoundingPolicy};
use super::priced::{MemberDiscount, Micros, SessionDimension};
use super::steps::Used;
use super::total::{amount_of, cost_of};
use crate::amount::Amount;
use crate::contract::Share;
use crate::price::Price;
use crate::quantity::Quantity;

/// The prices of a member. Those of the default are the sheet's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemberPrices {
    /// Of a kWh.
    pub energy: Option<MemberPrice>,
    /// Of an hour of charging.
    pub time: Option<MemberPrice>,
    /// Of an hour of parking.
    pub parking: Option<MemberPrice>,
    /// Of what is due once.
    pub flat: Option<MemberPrice>,
    /// The first energy of the session, in kWh, that costs nothing more: what is left of what the subscription includes.
    pub included_kwh: Quantity,
}

/// What a member pays where the sheet has a price. Where it has none, a member pays nothing either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberPrice {
    /// So much of the price less.
    Discount(Share),
    /// So much a unit less, but never below zero.
    Less(Price),
    /// This price, whatever the sheet's is. It has the sheet's tax: without it, or with it where those of the sheet include it.
    Instead(Price),
}

impl MemberPrices {
    /// The price of what a session has; `None` where a member pays the sheet's.
    #[must_use]
    pub fn of(&self, dimension: SessionDimension) -> Option<MemberPrice> {
        match dimension {
            SessionDimension::Energy => self.energy,
            SessionDimension::Time => self.time,
            SessionDimension::ParkingTime => self.parking,
            SessionDimension::Flat => self.flat,
            _ => None,
        }
    }

    /// How much of so much energy is included, where so much of the session's came before it.
    pub(super) fn included(&self, before: Micros, energy: Micros) -> Option<Micros> {
        Some(self.included_kwh.micros().checked_sub(before)?.clamp(0, energy.max(0)))
    }

    /// What a member pays less for a component, below zero; `None` where that is nothing.
    pub(super) fn discount(
        &self,
        used: &Used,
        rounding: Option<RoundingPolicy>,
    ) -> Option<Option<MemberDiscount>> {
        let of = used.position.dimension;
        let paid = used.used.checked_add(used.surplus)?.checked_sub(used.included)?;
        let less = match self.of(of) {
            None => Amount::ZERO,
            Some(MemberPrice::Discount(share)) => share_of(amount_of(of, paid, used.price)?, share)?,
            Some(MemberPrice::Less(less)) => amount_of(of, paid, less.min(used.price).max(Price::ZERO))?,
            Some(MemberPrice::Instead(price)) => {
                amount_of(of, paid, used.price)?.checked_sub(amount_of(of, paid, price)?)?
            }
        };
        let amount = amount_of(of, used.included, used.price)?.checked_add(less)?.checked_neg()?;
        if amount == Amount::ZERO {
            return Some(None);
        }
        let cost = cost_of(amount, used.vat, used.includes_vat)?;
        let cost = rounding.map_or(Some(cost), |policy| policy.round(cost))?;
        Some(Some(MemberDiscount { position: used.position, included: used.included, cost }))
    }
}

/// A share of an amount: exact, but for prices with all of their eight decimals and times to the millisecond, whose share is
/// rounded to the scale of amounts.
fn share_of(amount: Amount, share: Share) -> Option<Amount> {
    let count = i64::from(share.ten_thousandths());
    amount.fraction(count, 10_000).or_else(|| amount.times(Price::from_raw(count.checked_mul(10_000)?)))
}

/// The sum of what a member pays less.
pub(super) fn sum(discounts: &[MemberDiscount]) -> Option<Cost> {
    discounts.iter().try_fold(Cost::ZERO, |sum, discount| sum.checked_add(discount.cost))
}
