//! Reservations: funds held for something that runs.

use super::balance::Usage;
use crate::amount::Amount;
use crate::instant::Instant;
use crate::ledger::{Asset, BalanceNumber};
use crate::money::Currency;
use crate::operation::OperationId;
use crate::quantity::{Quantity, Unit};

/// How much is asked for, or granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A quantity, priced as it runs.
    Quantity(Quantity, Unit),
    /// An amount of money.
    Amount(Amount, Currency),
}

/// A part of a balance that is held or was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The balance.
    pub balance: BalanceNumber,
    /// What it is a balance of.
    pub asset: Asset,
    /// How much.
    pub amount: Amount,
}

/// An open reservation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// Its id.
    pub id: OperationId,
    /// The member of a group who reserved.
    pub member: Option<String>,
    /// What runs.
    pub usage: Usage,
    /// How much was granted in all.
    pub granted: Asked,
    /// The part of a granted quantity that money pays, priced from its own zero; units pay the rest.
    pub money_quantity: Quantity,
    /// What is held, one part of a balance, in the order in which it will be taken: that in which they were first held.
    pub holds: Vec<Part>,
    /// When it expires, never earlier.
    pub expires: Instant,
}

/// How a reservation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// What was used was booked.
    Committed,
    /// All was returned because it was asked for.
    Released,
    /// All was returned because its time was over.
    Expired,
}

impl Reservation {
    /// What it holds of an asset. `None` beyond the range.
    #[must_use]
    pub fn held(&self, asset: Asset) -> Option<Amount> {
        let mut held = self.holds.iter().filter(|hold| hold.asset == asset);
        held.try_fold(Amount::ZERO, |sum, hold| sum.checked_add(hold.amount))
    }
}
