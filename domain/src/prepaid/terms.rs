//! The terms of prepaid supply.

use std::collections::BTreeSet;

use super::debt::Debt;
use super::friendly::FriendlyHours;
use super::refusal::PrepaidRefused;
use super::supply::Supply;
use super::work::Work;
use super::{PrepaidEvent, PrepaidReply};
use crate::amount::Amount;
use crate::contract::Share;
use crate::day::Day;
use crate::funds::most_amount;
use crate::identity::MeteringPointId;
use crate::ledger::Asset;
use crate::money::Currency;

/// Most metering points that one account supplies in advance: each is told of an order, a decision sends 64 messages at most,
/// and it may send others beside.
pub const MOST_PREPAID_POINTS: usize = 20;
/// Most days over which the use of a day is averaged.
pub const MOST_AVERAGE_DAYS: u16 = 31;

/// What was agreed on prepaid supply: contract terms of one account. Amounts are of whole minor units of the currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrepaidTerms {
    /// The metering points that are supplied from the funds of the account. Supply is on or off for all of them.
    pub points: BTreeSet<MeteringPointId>,
    /// The currency in which it is paid.
    pub currency: Currency,
    /// Credit at which the customer is told that it runs low: at it or below. Not below the zero-credit level.
    pub low_credit: Amount,
    /// Credit at which it is used up: at it or below. Usually zero.
    pub zero_credit: Amount,
    /// When nobody is disconnected.
    pub friendly: FriendlyHours,
    /// What the customer may use beyond the zero-credit level; none where that is not offered.
    pub emergency: Option<EmergencyCredit>,
    /// How an old debt is paid off; none where it is not.
    pub recovery: Option<Recovery>,
    /// When supply comes back.
    pub reconnection: Reconnection,
    /// Over so many civil days before today the use of a day is averaged, 1 to 31.
    pub average_days: u16,
}

/// Credit that the customer may take when it is needed, and that the next top-ups repay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmergencyCredit {
    /// How far below the zero-credit level it reaches; above zero.
    pub amount: Amount,
    /// Credit at which it is offered: at it or below. Not below the zero-credit level. It is over, used or not, when the
    /// credit is above this again.
    pub offered_at: Amount,
}

/// How an old debt is paid off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// A share of each top-up onto the main balance, rounded down to whole minor units, at most what is owed.
    ShareOfTopUp(Share),
    /// So much a week, at the beginning of `first` and of every seventh day after it, at most what is owed and what the
    /// credit is above the zero-credit level. What could not be taken stays owed and is not made up for.
    PerWeek {
        /// How much, in whole minor units, above zero.
        amount: Amount,
        /// The first day, which gives the weekday.
        first: Day,
    },
}

/// When supply comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reconnection {
    /// The credit must be above the zero-credit level, and at least by so much; not below zero.
    pub least: Amount,
    /// How it is switched on.
    pub switched_on: SwitchedOn,
}

/// How supply is switched on when there is credit again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SwitchedOn {
    /// By the order itself.
    ByOrder,
    /// By the customer at the meter, whom the order lets do so: nothing that was left switched on starts unattended.
    AtMeter,
}

impl PrepaidTerms {
    /// Whether the terms can be kept.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub fn check(&self) -> Result<(), PrepaidRefused> {
        if self.points.is_empty() || self.points.len() > MOST_PREPAID_POINTS {
            return Err(PrepaidRefused::Points);
        }
        if self.low_credit < self.zero_credit {
            return Err(PrepaidRefused::LevelsOutOfOrder);
        }
        self.friendly.check()?;
        if let Some(emergency) = self.emergency {
            if emergency.amount <= Amount::ZERO {
                return Err(PrepaidRefused::AmountNotPositive);
            }
            if emergency.offered_at < self.zero_credit {
                return Err(PrepaidRefused::LevelsOutOfOrder);
            }
        }
        if matches!(self.recovery, Some(Recovery::PerWeek { amount, .. }) if amount <= Amount::ZERO) {
            return Err(PrepaidRefused::AmountNotPositive);
        }
        if self.reconnection.least < Amount::ZERO {
            return Err(PrepaidRefused::AmountNotPositive);
        }
        let money = Asset::Money(self.currency);
        if !self.amounts().all(|amount| money.is_payable(amount)) {
            return Err(PrepaidRefused::OtherScale);
        }
        if !self.amounts().all(is_within_bounds) {
            return Err(PrepaidRefused::OutOfRange);
        }
        let is_span = (1..=MOST_AVERAGE_DAYS).contains(&self.average_days);
        if is_span { Ok(()) } else { Err(PrepaidRefused::AverageDays) }
    }

    /// All levels and amounts: each of whole minor units, and of a size that funds take.
    fn amounts(&self) -> impl Iterator<Item = Amount> {
        let emergency = self.emergency.map(|emergency| [emergency.amount, emergency.offered_at]);
        let weekly = match self.recovery {
            Some(Recovery::PerWeek { amount, .. }) => Some(amount),
            _ => None,
        };
        let levels = [self.low_credit, self.zero_credit, self.reconnection.least];
        levels.into_iter().chain(emergency.into_iter().flatten()).chain(weekly)
    }
}

/// Whether an amount is of a size that funds take: what could not be booked later is refused at once.
pub(super) fn is_within_bounds(amount: Amount) -> bool {
    let most = most_amount();
    amount <= most && amount.checked_neg().is_some_and(|negated| negated <= most)
}

/// Sets the terms. The first order says that supply is prepaid from today or an earlier first day on; metering points that
/// left are told that it is not from tomorrow on.
pub(super) fn set(
    work: &mut Work<'_>,
    terms: &PrepaidTerms,
    first: Option<Day>,
) -> Result<PrepaidReply, PrepaidRefused> {
    terms.check()?;
    if first.is_some_and(|first| first > work.today()) {
        return Err(PrepaidRefused::FirstDayAhead);
    }
    let held = work.prepaid.terms.clone();
    if first.is_some() && held.as_ref().is_some_and(|held| terms.points.is_subset(&held.points)) {
        return Err(PrepaidRefused::FirstDayJoined);
    }
    if held.as_ref() == Some(terms) {
        return Ok(PrepaidReply::Done);
    }
    let debt = work.prepaid.debt;
    if debt.currency.is_some_and(|currency| currency != terms.currency) {
        if debt.owed() > Amount::ZERO {
            return Err(PrepaidRefused::DebtInOtherCurrency);
        }
        work.push(PrepaidEvent::DebtSet(Debt::default()));
    }
    work.push(PrepaidEvent::TermsSet(Some(Box::new(terms.clone()))));
    if held.as_ref().and_then(|held| held.recovery) != terms.recovery {
        let debt = Debt { next: work.next_recovery(), ..work.prepaid.debt };
        work.push(PrepaidEvent::DebtSet(debt));
    }
    work.set_levels(terms)?;
    let points = held.map(|held| held.points).unwrap_or_default();
    let left: BTreeSet<_> = points.difference(&terms.points).copied().collect();
    if !left.is_empty() {
        work.order(Supply::On, false, left)?;
    }
    work.first = first;
    let version = work.prepaid.version;
    work.follow()?;
    if points != terms.points && work.prepaid.version == version {
        work.order(work.prepaid.supply, true, terms.points.clone())?;
    }
    Ok(PrepaidReply::Done)
}

/// Ends prepaid supply: the metering points are told that it is not prepaid, and on.
pub(super) fn end(work: &mut Work<'_>) -> Result<PrepaidReply, PrepaidRefused> {
    if let Some(terms) = work.prepaid.terms.clone() {
        work.order(Supply::On, false, terms.points)?;
        work.push(PrepaidEvent::TermsSet(None));
    }
    Ok(PrepaidReply::Done)
}
