//! What happened to funds, and what it leads to.

use super::limit::{Limit, LimitKey, Side};
use super::record::{OperationKey, Record};
use super::reservation::{Reservation, Resolution};
use super::{Balance, Funds, MemberStanding, Standing};
use crate::amount::Amount;
use crate::ledger::{Asset, BalanceNumber, PostingSet, PostingSource};
use crate::money::Currency;
use crate::operation::OperationId;

/// What happened to funds. Each carries what is now the case; those without effect on the state are for the ledger and
/// for whoever listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FundsEvent {
    /// Postings were booked. Balances follow by events of their own.
    Booked(PostingSet),
    /// A balance is now this.
    BalanceSet(BalanceNumber, Balance),
    /// A balance is used up.
    BalanceGone(BalanceNumber),
    /// A reservation is now this.
    ReservationSet(Box<Reservation>),
    /// A reservation ended.
    ReservationGone(OperationId, Resolution),
    /// A spending limit is now this.
    LimitSet(LimitKey, Limit),
    /// A spending limit was removed.
    LimitGone(LimitKey),
    /// The credit limit of a currency is now this.
    CreditLimitSet(Currency, Amount),
    /// A threshold was set, the funds being on this side of it.
    ThresholdSet(Asset, Amount, Side),
    /// A threshold was removed.
    ThresholdGone(Asset, Amount),
    /// The funds crossed a threshold to this side.
    Crossed {
        /// The asset.
        asset: Asset,
        /// The level.
        level: Amount,
        /// The side they are on now.
        side: Side,
        /// What the account has of the asset now, reserved or not.
        funds: Amount,
    },
    /// More was used than could be granted.
    OverUsed(OverUse),
    /// A member of the group is now this.
    MemberSet(String, MemberStanding),
    /// A member left the group.
    MemberGone(String),
    /// The account is now this.
    StandingSet(Standing),
    /// An answer is remembered.
    Remembered(OperationKey, Box<Record>),
}

/// More was used than could be granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverUse {
    /// What booked it.
    pub source: PostingSource,
    /// The currency.
    pub currency: Currency,
    /// What was taken beyond what was held for it.
    pub beyond_hold: Amount,
    /// How far the main balance is beyond its credit limit now, what is reserved included.
    pub beyond_limit: Amount,
}

impl Funds {
    /// Changes the funds by what happened.
    pub fn apply(&mut self, event: &FundsEvent) {
        match event {
            FundsEvent::Booked(_) | FundsEvent::OverUsed(_) => {}
            FundsEvent::BalanceSet(number, balance) => {
                self.balances_made = self.balances_made.max(number.0);
                self.balances.insert(*number, balance.clone());
            }
            FundsEvent::BalanceGone(number) => {
                self.balances_made = self.balances_made.max(number.0);
                self.balances.remove(number);
            }
            FundsEvent::ReservationSet(reservation) => {
                self.reservations.insert(reservation.id.clone(), reservation.as_ref().clone());
            }
            FundsEvent::ReservationGone(id, _) => drop(self.reservations.remove(id)),
            FundsEvent::LimitSet(key, limit) => drop(self.limits.insert(key.clone(), *limit)),
            FundsEvent::LimitGone(key) => drop(self.limits.remove(key)),
            FundsEvent::CreditLimitSet(currency, limit) => {
                self.credit_limits.insert(*currency, *limit);
            }
            FundsEvent::ThresholdSet(asset, level, side) | FundsEvent::Crossed { asset, level, side, .. } => {
                self.thresholds.insert((*asset, *level), *side);
            }
            FundsEvent::ThresholdGone(asset, level) => drop(self.thresholds.remove(&(*asset, *level))),
            FundsEvent::MemberSet(member, standing) => {
                self.members.insert(member.clone(), *standing);
            }
            FundsEvent::MemberGone(member) => drop(self.members.remove(member)),
            FundsEvent::StandingSet(standing) => self.standing = *standing,
            FundsEvent::Remembered(key, record) => self.recent.put(key, record),
        }
    }
}
