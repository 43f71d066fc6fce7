//! How far a component's count has got in a month, and what is due for it.
//!
//! A course takes events in order of time. What it says is due is cumulative: a piece of the month, an event or a grant is
//! charged the difference of what is due behind it and before it, so that pieces always sum to the whole, and a
//! correction gives back what it undoes.

use std::collections::BTreeMap;
use std::fmt;

use super::conditions::{BelowZero, Settled};
use super::part::{Part, PartKind};
use super::percentage::{Allowance, EventCharge, PercentageTerms};
use super::terms::{Formula, Terms};
use crate::amount::Amount;
use crate::fixed;
use crate::money::Currency;
use crate::price::Price;
use crate::quantity::Quantity;

/// What was counted of a component since the count began, and what it comes to before discount, minimum and cap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    count: Quantity,
    /// What the model makes of it, events rounded where they are.
    raw: Amount,
    /// What rounding events changed.
    rounding: Amount,
    allowance: Allowance,
    is_begun: bool,
    /// What was priced event by event, by kind and price: quantity and amount.
    tally: BTreeMap<(PartKind, Option<Price>), (Quantity, Amount)>,
}

/// Why a course can't say what is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CourseFault {
    /// A number left its range.
    OutOfRange,
    /// The count is below zero, which the conditions refuse.
    BelowZero,
}

impl fmt::Display for CourseFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfRange => write!(f, "a number is out of range"),
            Self::BelowZero => write!(f, "the count is below zero, which the component refuses"),
        }
    }
}

impl std::error::Error for CourseFault {}

impl Course {
    /// How much was counted: units, or main units of money where the model is on amounts.
    #[must_use]
    pub const fn count(&self) -> Quantity {
        self.count
    }

    /// Begins the count, once: what is due at zero is due from here on.
    ///
    /// # Errors
    /// [`CourseFault::OutOfRange`].
    pub fn begin(&mut self, terms: &Terms) -> Result<(), CourseFault> {
        if !self.is_begun {
            let zero = terms.amount_of(Quantity::ZERO).ok_or(CourseFault::OutOfRange)?;
            self.raw = self.raw.checked_add(zero).ok_or(CourseFault::OutOfRange)?;
            self.is_begun = true;
        }
        Ok(())
    }

    /// Takes an event: so much, at a price that holds for it. Models with tiers ignore the price, and the dynamic one takes
    /// the value as the amount.
    ///
    /// # Errors
    /// [`CourseFault::BelowZero`] where the event is negative and a percentage refuses that; [`CourseFault::OutOfRange`].
    pub fn add(&mut self, terms: &Terms, value: Quantity, price: Price) -> Result<(), CourseFault> {
        self.begin(terms)?;
        if let Formula::Percentage(percentage) = &terms.formula {
            if value < Quantity::ZERO && terms.conditions.below_zero == BelowZero::Refused {
                return Err(CourseFault::BelowZero);
            }
            return self.add_percentage(terms, percentage, value, price).ok_or(CourseFault::OutOfRange);
        }
        self.add_counted(terms, value, price).ok_or(CourseFault::OutOfRange)
    }

    /// Takes what is priced elsewhere: interval by interval, or as capacity.
    ///
    /// # Errors
    /// [`CourseFault::OutOfRange`].
    pub fn add_priced(
        &mut self,
        terms: &Terms,
        value: Quantity,
        (kind, price): (PartKind, Option<Price>),
        amount: Amount,
    ) -> Result<(), CourseFault> {
        self.begin(terms)?;
        let count = self.count.checked_add(value).ok_or(CourseFault::OutOfRange)?;
        self.tell(kind, price, value, amount).ok_or(CourseFault::OutOfRange)?;
        self.count = count;
        self.take(terms, amount).ok_or(CourseFault::OutOfRange)
    }

    /// What is due for the count so far, with discount, minimum and cap; nothing before it began.
    ///
    /// # Errors
    /// [`CourseFault`].
    pub fn due(&self, terms: &Terms) -> Result<Amount, CourseFault> {
        if !self.is_begun {
            return Ok(Amount::ZERO);
        }
        self.settled(terms).map(|settled| settled.amount)
    }

    /// What would be due after an event more, or, after one of zero, with the count begun; the course stays where it is.
    ///
    /// # Errors
    /// [`CourseFault`].
    pub fn due_after(&self, terms: &Terms, value: Quantity, price: Price) -> Result<Amount, CourseFault> {
        // What it tells of its parts does not matter to what is due.
        let mut next = Self { tally: BTreeMap::new(), ..*self };
        next.begin(terms)?;
        if value != Quantity::ZERO {
            next.add(terms, value, price)?;
        }
        next.due(terms)
    }

    /// What is due, in parts that sum to it: first the model's, then what was done to its amount.
    ///
    /// # Errors
    /// [`CourseFault`].
    pub fn parts(&self, terms: &Terms) -> Result<Vec<Part>, CourseFault> {
        let settled = self.settled(terms)?;
        let of_count = terms.parts_of(self.count).ok_or(CourseFault::OutOfRange)?;
        let told = self.tally.iter().map(|((kind, price), (quantity, amount))| Part {
            kind: *kind,
            quantity: *quantity,
            price: *price,
            amount: *amount,
        });
        let mut parts: Vec<Part> = of_count.into_iter().chain(told).collect();
        let not_charged =
            if self.counts_as_nothing(terms) { self.raw.checked_neg() } else { Some(Amount::ZERO) };
        let not_charged = not_charged.ok_or(CourseFault::OutOfRange)?;
        let others = [
            (PartKind::EventRounding, self.rounding),
            (PartKind::BelowZero, not_charged),
            (PartKind::Discount, settled.discount),
            (PartKind::Minimum, settled.minimum),
            (PartKind::Maximum, settled.maximum),
        ];
        let others = others.into_iter().filter(|(_, amount)| *amount != Amount::ZERO);
        parts.extend(others.map(|(kind, amount)| Part::plain(kind, amount)));
        Ok(parts)
    }

    fn settled(&self, terms: &Terms) -> Result<Settled, CourseFault> {
        let is_below = self.count < Quantity::ZERO;
        let is_percentage = matches!(terms.formula, Formula::Percentage(_));
        if is_below && !is_percentage && terms.conditions.below_zero == BelowZero::Refused {
            return Err(CourseFault::BelowZero);
        }
        let raw = if self.counts_as_nothing(terms) { Amount::ZERO } else { self.raw };
        terms.conditions.settle(raw, terms.limits).ok_or(CourseFault::OutOfRange)
    }

    /// Whether what was priced event by event is not charged, for its count is below zero. What is priced by its count
    /// knows of that itself.
    fn counts_as_nothing(&self, terms: &Terms) -> bool {
        let is_by_event = matches!(terms.formula, Formula::PerUnit | Formula::Carried | Formula::Priced);
        is_by_event && self.count < Quantity::ZERO && terms.conditions.below_zero == BelowZero::Nothing
    }

    fn add_counted(&mut self, terms: &Terms, value: Quantity, price: Price) -> Option<()> {
        let before = self.count;
        let count = before.checked_add(value)?;
        let added = match &terms.formula {
            Formula::Package { size, free } => {
                let packages = terms
                    .packages(*size, *free, count)?
                    .checked_sub(terms.packages(*size, *free, before)?)?;
                let amount = Amount::of(packages, price)?;
                self.tell(PartKind::Packages, Some(price), packages, amount)?;
                amount
            }
            Formula::Carried => {
                let amount = Amount::of(value, ONE)?;
                self.tell(PartKind::Carried, None, Quantity::ONE, amount)?;
                amount
            }
            Formula::Graduated { .. } | Formula::Volume { .. } => {
                terms.amount_of(count)?.checked_sub(terms.amount_of(before)?)?
            }
            Formula::PerUnit | Formula::Priced | Formula::Percentage(_) => {
                let amount = Amount::of(value, price)?;
                self.tell(PartKind::Usage, Some(price), value, amount)?;
                amount
            }
        };
        self.count = count;
        self.take(terms, added)
    }

    fn add_percentage(
        &mut self,
        terms: &Terms,
        percentage: &PercentageTerms,
        value: Quantity,
        rate: Price,
    ) -> Option<()> {
        let charge = if value >= Quantity::ZERO {
            percentage.charge(&mut self.allowance, value, rate)?
        } else if terms.conditions.below_zero == BelowZero::Mirrored {
            percentage.in_full(value.checked_neg()?, rate)?.negated()?
        } else {
            EventCharge::default()
        };
        self.count = self.count.checked_add(value)?;
        let fixed = if charge.fixed < Amount::ZERO { Quantity::ONE.checked_neg()? } else { Quantity::ONE };
        self.tell(PartKind::Rate, Some(rate), charge.charged, charge.rate)?;
        self.tell(PartKind::FixedPerEvent, Some(percentage.fixed), fixed, charge.fixed)?;
        self.tell(PartKind::EventBounds, None, Quantity::ONE, charge.bounds)?;
        self.take(terms, charge.total()?)
    }

    /// Adds what an event comes to, rounded where events are.
    fn take(&mut self, terms: &Terms, added: Amount) -> Option<()> {
        let rounded = match terms.event_rounding {
            None => added,
            Some((currency, rounding)) => rounded_to_minor(added, currency, rounding)?,
        };
        self.rounding = self.rounding.checked_add(rounded.checked_sub(added)?)?;
        self.raw = self.raw.checked_add(rounded)?;
        Some(())
    }

    fn tell(
        &mut self,
        kind: PartKind,
        price: Option<Price>,
        quantity: Quantity,
        amount: Amount,
    ) -> Option<()> {
        if amount == Amount::ZERO && (quantity == Quantity::ZERO || kind != PartKind::Usage) {
            return Some(());
        }
        let told = self.tally.entry((kind, price)).or_default();
        *told = (told.0.checked_add(quantity)?, told.1.checked_add(amount)?);
        Some(())
    }
}

/// One main unit of money per main unit of money.
const ONE: Price = Price::from_raw(100_000_000);

fn rounded_to_minor(amount: Amount, currency: Currency, rounding: fixed::Rounding) -> Option<Amount> {
    Amount::from_money(amount.to_money(currency, rounding)?)
}
