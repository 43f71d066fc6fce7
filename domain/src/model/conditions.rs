//! The conditions of a component: over what it counts, what a count below zero means, where it rounds, and what is done
//! to its amount: minimum, discount, cap.

use super::proration::Fraction;
use crate::amount::Amount;
use crate::price::Price;

/// Where the count of tiers, packages, free units, events, minimum and cap begins anew besides at the start of a month or
/// of the contract in it.
///
/// A change of tax, of a dated price or of a surcharge on the component never begins it anew. Of a new version of the
/// product engines disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counting {
    /// Nowhere: a later version of the product counts on where the earlier one stood.
    Month,
    /// With each version of the product.
    Version,
}

/// What is charged where corrections take the count of a month below zero. A negative event is priced by what it does
/// to the cumulative count, at any other time as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BelowZero {
    /// It can't be: the usage is refused.
    Refused,
    /// Nothing, as if nothing had been counted. Under a percentage a negative event is not charged at all.
    Nothing,
    /// The negated amount of as much above zero. Under a percentage a negative event is charged the negated amount of as
    /// much without anything free.
    Mirrored,
}

/// Where an amount is rounded to the minor unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RoundingPoint {
    /// Once, on the line of the bill.
    Line,
    /// What each event adds, before discount, minimum and cap; then the line once more.
    Event,
}

/// What the minimum commitment is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MinimumMeets {
    /// The amount before the discount, which then takes its part of the minimum too.
    Undiscounted,
    /// The amount after the discount.
    Discounted,
}

/// The conditions of a component. Everything is said; nothing stands for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// Where the count begins anew.
    pub counting: Counting,
    /// What a count below zero means.
    pub below_zero: BelowZero,
    /// Where it is rounded.
    pub rounding_point: RoundingPoint,
    /// The part that is taken off, from 0 to 1; before the cap.
    pub discount: Price,
    /// The least of a month, due without any usage too; `None` where there is no least.
    pub minimum: Option<Price>,
    /// What the minimum is compared with.
    pub minimum_meets: MinimumMeets,
    /// The most of a month; `None` where there is no most.
    pub maximum: Option<Price>,
    /// What becomes of minimum and maximum where the service is not a whole month.
    pub limits: super::Proration,
}

/// What discount, minimum and cap add to an amount, each below zero where it takes off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// The discount.
    pub discount: Amount,
    /// What was lacking to the minimum.
    pub minimum: Amount,
    /// What was beyond the cap.
    pub maximum: Amount,
    /// The amount with all of them.
    pub amount: Amount,
}

impl Conditions {
    /// Minimum, discount and cap on an amount of a service that bears this part of a month, in the order that the
    /// conditions say; the cap is last. A discount with more than four decimals may round, at the last place of an amount.
    /// `None` beyond the range.
    #[must_use]
    pub fn settle(&self, amount: Amount, month: Fraction) -> Option<Settled> {
        let limit = |price: Option<Price>| match price {
            None => Some(None),
            Some(price) => {
                let whole = Amount::of(crate::quantity::Quantity::ONE, price)?;
                month.of(whole).map(Some)
            }
        };
        let (least, most) = (limit(self.minimum)?, limit(self.maximum)?);
        let lacking = |amount: Amount| match least {
            Some(least) if least > amount => least.checked_sub(amount),
            _ => Some(Amount::ZERO),
        };
        let mut settled = Settled { amount, ..Settled::default() };
        if self.minimum_meets == MinimumMeets::Undiscounted {
            settled.minimum = lacking(settled.amount)?;
            settled.amount = settled.amount.checked_add(settled.minimum)?;
        }
        settled.discount = settled.amount.times(self.discount)?.checked_neg()?;
        settled.amount = settled.amount.checked_add(settled.discount)?;
        if self.minimum_meets == MinimumMeets::Discounted {
            settled.minimum = lacking(settled.amount)?;
            settled.amount = settled.amount.checked_add(settled.minimum)?;
        }
        if let Some(most) = most.filter(|most| *most < settled.amount) {
            settled.maximum = most.checked_sub(settled.amount)?;
            settled.amount = most;
        }
        Some(settled)
    }
}
