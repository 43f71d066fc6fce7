//! What a month gives beside its sessions: tiers, a fixed amount, a guaranteed least, a most.
//!
//! It is computed of totals alone, so that the order of sessions changes nothing; a session that is taken back later, or
//! arrives late, changes the totals of its own month of service.

use super::{ShareRule, ShareTiers, TierCount};
use crate::amount::Amount;
use crate::fixed;
use crate::model::graduated;
use crate::model::tier::ZeroUsage;
use crate::money::{Currency, Money};
use crate::price::Price;
use crate::quantity::Quantity;

/// What the sessions of a month of service come to under one rule. What was taken back counts negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthTotals {
    /// How many sessions.
    pub sessions: i64,
    /// Their energy in kWh.
    pub energy_kwh: Quantity,
    /// What the rate was taken of.
    pub base: Money,
    /// What the rule gave for them, session by session.
    pub shares: Money,
}

/// What a month gives beside its sessions, in the order in which it is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MonthComponent {
    /// What the tiers give, less what the sessions gave one by one.
    Tiers,
    /// The fixed amount.
    Fixed,
    /// What was lacking to the guaranteed least.
    Least,
    /// What was beyond the most; negative.
    Most,
}

impl MonthTotals {
    /// No sessions.
    #[must_use]
    pub const fn none(currency: Currency) -> Self {
        let nothing = Money::zero(currency);
        Self { sessions: 0, energy_kwh: Quantity::ZERO, base: nothing, shares: nothing }
    }

    /// Both together; `None` beyond the range or across currencies.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Some(Self {
            sessions: self.sessions.checked_add(other.sessions)?,
            energy_kwh: self.energy_kwh.checked_add(other.energy_kwh)?,
            base: self.base.checked_add(other.base)?,
            shares: self.shares.checked_add(other.shares)?,
        })
    }
}

/// What a rule gives for a month beside its sessions: each component that is not nothing, in minor units. What the sessions
/// gave and the components add up to what the month gives in all, rounded once. `None` beyond the range of amounts.
#[must_use]
pub fn of_month(rule: &ShareRule, totals: &MonthTotals) -> Option<Vec<(MonthComponent, Money)>> {
    let currency = totals.shares.currency();
    let terms = &rule.month;
    let rounding = rule.rounding.unwrap_or_default();
    let flat = |price: Price| Amount::of(Quantity::ONE, price);
    let mut steps = Vec::new();
    let mut total = Amount::from_money(totals.shares)?;
    if let Some(tiers) = &terms.tiers {
        total = tiers.of(totals)?;
        steps.push((MonthComponent::Tiers, total));
    }
    total = total.checked_add(flat(terms.fixed)?)?;
    steps.push((MonthComponent::Fixed, total));
    if let Some(least) = terms.least {
        total = total.max(flat(least)?);
        steps.push((MonthComponent::Least, total));
    }
    if let Some(most) = terms.most {
        total = total.min(flat(most)?);
        steps.push((MonthComponent::Most, total));
    }
    let mut given = totals.shares;
    let mut components = Vec::new();
    for (component, total) in steps {
        let total = total.to_money(currency, rounding)?;
        let amount = total.checked_sub(given)?;
        if amount.minor() != 0 {
            components.push((component, amount));
        }
        given = total;
    }
    Some(components)
}

impl ShareTiers {
    /// What the sessions of the month give by the tiers; fewer than none give the mirror image.
    fn of(&self, totals: &MonthTotals) -> Option<Amount> {
        let count = match self.count {
            TierCount::Energy => totals.energy_kwh,
            TierCount::Sessions => Quantity::from_units(totals.sessions)?,
            TierCount::Base => quantity_of(totals.base)?,
        };
        let is_negative = count < Quantity::ZERO;
        let counted = if is_negative { count.checked_neg()? } else { count };
        let parts = graduated::parts(&self.tiers, ZeroUsage::NothingDue, counted)?;
        let amount = parts.iter().try_fold(Amount::ZERO, |sum, part| sum.checked_add(part.amount))?;
        if is_negative { amount.checked_neg() } else { Some(amount) }
    }
}

/// Money as a count of main units.
fn quantity_of(money: Money) -> Option<Quantity> {
    let finer = Quantity::SCALE.checked_sub(money.currency().decimals())?;
    let micros = i128::from(money.minor()).checked_mul(fixed::power_of_ten(finer)?)?;
    i64::try_from(micros).ok().map(Quantity::from_micros)
}

impl MonthComponent {
    /// Every component, in order.
    pub const ALL: [Self; 4] = [Self::Tiers, Self::Fixed, Self::Least, Self::Most];

    /// The word for it in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Tiers => "tiers",
            Self::Fixed => "fixed",
            Self::Least => "least",
            Self::Most => "most",
        }
    }
}
