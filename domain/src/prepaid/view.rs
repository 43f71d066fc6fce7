//! What the customer is shown: the credit, and how long it lasts.

use super::supply::Supply;
use super::terms::PrepaidTerms;
use super::work::Work;
use super::{Emergency, Prepaid, PrepaidRefused, PrepaidReply};
use crate::amount::Amount;
use crate::day::Day;
use crate::fixed::Rounding;
use crate::instant::Instant;
use crate::money::Currency;
use crate::quantity::{Quantity, Unit};

/// What energy costs today, with tax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TodayPrice {
    /// The unit.
    pub unit: Unit,
    /// What one of it costs.
    pub each: Amount,
    /// What a day costs whatever is used: subscriptions; zero where there are none.
    pub per_day: Amount,
}

/// The credit of prepaid supply as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditView {
    /// The currency of all amounts.
    pub currency: Currency,
    /// The credit: what the account has of the money that may be spent on supply, reserved or not. Below zero where more
    /// was used.
    pub credit: Amount,
    /// What may still be used before supply ends: the credit above the zero-credit level, with emergency credit where it
    /// is in use; not below zero.
    pub left: Amount,
    /// That in energy at today's price, rounded down to thousandths; none where no price above zero is known.
    pub energy_left: Option<(Quantity, Unit)>,
    /// Whole days for which it lasts at today's price and average use; none where either is not known, or together they
    /// cost nothing.
    pub days_left: Option<u32>,
    /// Emergency credit.
    pub emergency: Emergency,
    /// What of emergency credit has to be repaid.
    pub emergency_used: Amount,
    /// What is still owed of old debt.
    pub debt: Amount,
    /// Whether supply is on.
    pub supply: Supply,
    /// The version of the order that said so.
    pub version: u64,
    /// When supply goes off, where only friendly hours keep it on.
    pub disconnect_at: Option<Instant>,
}

impl TodayPrice {
    /// How much energy an amount buys, rounded down to thousandths of the unit. `None` where the price is not above zero,
    /// or beyond the range.
    #[must_use]
    pub fn energy_for(&self, amount: Amount) -> Option<(Quantity, Unit)> {
        (self.each > Amount::ZERO).then_some(())?;
        let micros = amount.max(Amount::ZERO).raw().checked_mul(1_000_000)?.checked_div(self.each.raw())?;
        let quantity = Quantity::from_micros(i64::try_from(micros).ok()?);
        Some((quantity.rounded(3, Rounding::TowardsZero)?, self.unit))
    }

    /// For how many whole days an amount lasts when so much was used in so many days. `None` where that costs nothing, or
    /// beyond the range. Exact where the price has no more than twelve decimals.
    fn days_for(&self, amount: Amount, used: Quantity, days: i128) -> Option<u32> {
        let energy = self.each.raw().checked_mul(i128::from(used.micros()))?.checked_div(1_000_000)?;
        let cost = self.per_day.raw().checked_mul(days)?.checked_add(energy)?;
        (cost > 0).then_some(())?;
        let lasts = amount.max(Amount::ZERO).raw().checked_mul(days)?.checked_div(cost)?;
        u32::try_from(lasts).ok()
    }
}

/// Reads the credit.
pub(super) fn get(work: &Work<'_>) -> Result<PrepaidReply, PrepaidRefused> {
    let terms = work.terms()?;
    let today = work.facts.funds.days.day_of(work.instant());
    let view = work.prepaid.view(terms, work.credit(terms)?, today, work.facts.today.as_ref());
    view.map(|view| PrepaidReply::Credit(Box::new(view))).ok_or(PrepaidRefused::OutOfRange)
}

impl Prepaid {
    /// What was used in the civil days before today over which use is averaged, all metering points together, and on how
    /// many of them: a day of which nothing is known does not count. `None` where no day is known.
    #[must_use]
    pub fn average_use(&self, terms: &PrepaidTerms, today: Day) -> Option<(Quantity, u32)> {
        let first = today.number().checked_sub(terms.average_days.into()).and_then(Day::from_number)?;
        let known = self.used.range(first..today).map(|(_, points)| points);
        let (mut sum, mut days) = (Quantity::ZERO, 0_u32);
        for points in known {
            sum = sum.checked_add(Quantity::checked_sum(points.values().copied())?)?;
            days = days.checked_add(1)?;
        }
        (days > 0).then_some((sum, days))
    }

    /// The credit as the customer is shown it. `None` beyond the range.
    pub(super) fn view(
        &self,
        terms: &PrepaidTerms,
        credit: Amount,
        today: Day,
        price: Option<&TodayPrice>,
    ) -> Option<CreditView> {
        let left = credit.checked_sub(self.floor(terms)?)?.max(Amount::ZERO);
        let days_left = price.zip(self.average_use(terms, today));
        Some(CreditView {
            currency: terms.currency,
            credit,
            left,
            energy_left: price.and_then(|price| price.energy_for(left)),
            days_left: days_left.and_then(|(price, (used, days))| price.days_for(left, used, days.into())),
            emergency: self.emergency,
            emergency_used: self.emergency_used(terms, credit)?,
            debt: self.debt.owed(),
            supply: self.supply,
            version: self.version,
            disconnect_at: self.disconnect_at,
        })
    }

    /// The credit at which supply ends: at it or below. `None` beyond the range.
    pub(super) fn floor(&self, terms: &PrepaidTerms) -> Option<Amount> {
        match (self.emergency, terms.emergency) {
            (Emergency::InUse(_), Some(emergency)) => terms.zero_credit.checked_sub(emergency.amount),
            _ => Some(terms.zero_credit),
        }
    }

    /// How much of emergency credit was used and not repaid: what the credit is below the zero-credit level, at most all
    /// of it. `None` beyond the range.
    pub(super) fn emergency_used(&self, terms: &PrepaidTerms, credit: Amount) -> Option<Amount> {
        match (self.emergency, terms.emergency) {
            (Emergency::InUse(_) | Emergency::Spent(_), Some(emergency)) => {
                Some(terms.zero_credit.checked_sub(credit)?.max(Amount::ZERO).min(emergency.amount))
            }
            _ => Some(Amount::ZERO),
        }
    }
}
