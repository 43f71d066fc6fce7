//! The parts of an amount: what a reader needs to follow how a model came to it.

use crate::amount::Amount;
use crate::price::Price;
use crate::quantity::Quantity;

/// What a part of an amount stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PartKind {
    /// Quantity x price.
    Usage,
    /// The quantity in the tier of this number, from 1, at its price.
    Tier(u32),
    /// The flat fee of the tier of this number, from 1.
    FlatFee(u32),
    /// Packages at the price of one.
    Packages,
    /// The mean of the highest values at the price of a month, by the days of service.
    Capacity,
    /// A rate on what was not free of the events' amounts.
    Rate,
    /// The fixed amount per event.
    FixedPerEvent,
    /// What the minimum and maximum of single events added or took off.
    EventBounds,
    /// The amounts that the events carried.
    Carried,
    /// What is not charged because the count is below zero.
    BelowZero,
    /// What rounding each event added or took off.
    EventRounding,
    /// The discount.
    Discount,
    /// What was lacking to the minimum commitment.
    Minimum,
    /// What was beyond the cap.
    Maximum,
}

/// One part of an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it stands for.
    pub kind: PartKind,
    /// How much of it: units, packages, events, or main units of money under a rate.
    pub quantity: Quantity,
    /// The price of one; `None` where the amount is no quantity times a price.
    pub price: Option<Price>,
    /// Its amount, exact. All parts of an amount sum to it.
    pub amount: Amount,
}

impl Part {
    /// Quantity x price. `None` beyond the range of an amount.
    #[must_use]
    pub fn priced(kind: PartKind, quantity: Quantity, price: Price) -> Option<Self> {
        Some(Self { kind, quantity, price: Some(price), amount: Amount::of(quantity, price)? })
    }

    /// An amount without a price.
    #[must_use]
    pub const fn plain(kind: PartKind, amount: Amount) -> Self {
        Self { kind, quantity: Quantity::ONE, price: None, amount }
    }

    /// The same part the other way. `None` beyond the range.
    #[must_use]
    pub fn negated(self) -> Option<Self> {
        let (quantity, amount) = (self.quantity.checked_neg()?, self.amount.checked_neg()?);
        Some(Self { quantity, amount, ..self })
    }
}

/// The sum of the parts. `None` beyond the range.
#[must_use]
pub fn total(parts: &[Part]) -> Option<Amount> {
    parts.iter().try_fold(Amount::ZERO, |sum, part| sum.checked_add(part.amount))
}
