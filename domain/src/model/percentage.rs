//! Percentages: a rate on the amount of each event, with a fixed amount, free events and bounds.
//!
//! Engines take the parts in different orders: Lago bounds the rate together with the fixed amount and ends the free
//! events with the free amount, whichever is first; others bound the rate alone or keep both allowances apart. Every such
//! choice is a field here.

use crate::amount::Amount;
use crate::price::Price;
use crate::quantity::Quantity;

/// What the bounds of an event hold for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BoundsOn {
    /// The rate alone; the fixed amount comes on top.
    Rate,
    /// The rate and the fixed amount together.
    RateAndFixed,
}

/// Which events bear the fixed amount. A free event never does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FixedOn {
    /// Every event that is not one of the free events, also where the free amount covers all of it.
    EveryEvent,
    /// Events of which a part is charged.
    ChargedEvents,
}

/// How free events and a free amount stand to one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FreeAllowances {
    /// Each on its own: the first events are free whatever they amount to; the free amount is taken off those after them.
    Apart,
    /// Both end with whichever is used up first; the event that exceeds the free amount is charged for what is beyond it.
    /// Where only one is given it ends alone.
    WhicheverEndsFirst,
}

/// How a percentage is charged. The rate is the component's price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PercentageTerms {
    /// What each event costs besides; zero where nothing.
    pub fixed: Price,
    /// Which events bear it.
    pub fixed_on: FixedOn,
    /// How many events of the period are free; zero where none.
    pub free_events: u32,
    /// How much of the period's amounts is free of the rate, in main units; zero where nothing.
    pub free_amount: Quantity,
    /// How both stand to one another.
    pub free: FreeAllowances,
    /// The least that a charged event costs; `None` where there is no least.
    pub minimum: Option<Price>,
    /// The most that a charged event costs; `None` where there is no most.
    pub maximum: Option<Price>,
    /// What both hold for.
    pub bounds_on: BoundsOn,
}

/// How much of what is free in the period was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowance {
    events: u32,
    amount: Quantity,
    is_over: bool,
}

/// What one event costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventCharge {
    /// What was not free of its amount.
    pub charged: Quantity,
    /// The rate on that.
    pub rate: Amount,
    /// The fixed amount.
    pub fixed: Amount,
    /// What its bounds added, or took off where below zero.
    pub bounds: Amount,
}

impl EventCharge {
    /// What it costs in all. `None` beyond the range.
    #[must_use]
    pub fn total(&self) -> Option<Amount> {
        self.rate.checked_add(self.fixed)?.checked_add(self.bounds)
    }

    /// The same the other way. `None` beyond the range.
    #[must_use]
    pub fn negated(&self) -> Option<Self> {
        Some(Self {
            charged: self.charged.checked_neg()?,
            rate: self.rate.checked_neg()?,
            fixed: self.fixed.checked_neg()?,
            bounds: self.bounds.checked_neg()?,
        })
    }
}

impl PercentageTerms {
    /// What an event of an amount of zero or more costs, after what was free before it. An event without an amount that is
    /// not free is charged: it bears the fixed amount and the least. `None` beyond the range.
    #[must_use]
    pub fn charge(&self, allowance: &mut Allowance, amount: Quantity, rate: Price) -> Option<EventCharge> {
        match self.charged(allowance, amount)? {
            None => Some(EventCharge::default()),
            Some(charged) if charged == Quantity::ZERO && amount > Quantity::ZERO => {
                let is_due = self.fixed_on == FixedOn::EveryEvent;
                let fixed = if is_due { Amount::of(Quantity::ONE, self.fixed)? } else { Amount::ZERO };
                Some(EventCharge { fixed, ..EventCharge::default() })
            }
            Some(charged) => self.in_full(charged, rate),
        }
    }

    /// What an amount costs of which nothing is free. `None` beyond the range.
    #[must_use]
    pub fn in_full(&self, charged: Quantity, rate: Price) -> Option<EventCharge> {
        let (rate, fixed) = (Amount::of(charged, rate)?, Amount::of(Quantity::ONE, self.fixed)?);
        let base = match self.bounds_on {
            BoundsOn::Rate => rate,
            BoundsOn::RateAndFixed => rate.checked_add(fixed)?,
        };
        let bound = |price: Price| Amount::of(Quantity::ONE, price);
        let mut bounded = base;
        if let Some(least) = self.minimum {
            bounded = bounded.max(bound(least)?);
        }
        if let Some(most) = self.maximum {
            bounded = bounded.min(bound(most)?);
        }
        Some(EventCharge { charged, rate, fixed, bounds: bounded.checked_sub(base)? })
    }

    /// What is not free of the amount; `None` inside where the event as such is free.
    fn charged(&self, allowance: &mut Allowance, amount: Quantity) -> Option<Option<Quantity>> {
        let has_events_left = allowance.events < self.free_events;
        if self.free == FreeAllowances::WhicheverEndsFirst && self.has_both() {
            if allowance.is_over {
                return Some(Some(amount));
            }
            allowance.events = allowance.events.saturating_add(1);
            let charged = self.beyond_free_amount(allowance, amount)?;
            allowance.is_over = charged > Quantity::ZERO || allowance.events >= self.free_events;
            return Some((charged > Quantity::ZERO).then_some(charged));
        }
        if has_events_left {
            allowance.events = allowance.events.saturating_add(1);
            return Some(None);
        }
        self.beyond_free_amount(allowance, amount).map(Some)
    }

    fn has_both(&self) -> bool {
        self.free_events > 0 && self.free_amount > Quantity::ZERO
    }

    fn beyond_free_amount(&self, allowance: &mut Allowance, amount: Quantity) -> Option<Quantity> {
        let free = self.free_amount.checked_sub(allowance.amount)?.max(Quantity::ZERO).min(amount);
        allowance.amount = allowance.amount.checked_add(free)?;
        amount.checked_sub(free)
    }
}
