//! What an account or a member may spend in a period, and the levels at which somebody is told.

use crate::amount::Amount;
use crate::day::DayRule;
use crate::instant::Instant;
use crate::ledger::Asset;

/// How long a spending limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LimitWindow {
    /// A civil day of the tenant's zone.
    Day,
    /// A civil month of the tenant's zone.
    Month,
    /// As long as the limit stands: a budget.
    Ever,
}

/// What a spending limit is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LimitKey {
    /// The member of a group whom it binds; none for the account with all its members.
    pub member: Option<String>,
    /// What is spent.
    pub asset: Asset,
    /// How long it counts.
    pub window: LimitWindow,
}

/// A spending limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// At most so much is granted in a window, what is reserved included.
    pub most: Amount,
    /// So much was spent in the window, by whoever it binds; forced debits count, corrections do not.
    pub spent: Amount,
    /// The beginning of the window in which that was spent.
    pub since: Instant,
}

/// Where a threshold stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// The funds are above it.
    #[default]
    Above,
    /// The funds are at it or below.
    Below,
}

impl LimitWindow {
    /// The beginning of the window in which the instant lies. A day of 23 or 25 hours is one day.
    #[must_use]
    pub fn start(self, now: Instant, rule: &DayRule) -> Instant {
        match self {
            Self::Day => rule.start(rule.day_of(now)),
            Self::Month => rule.start(rule.day_of(now).month().first_day()),
            Self::Ever => Instant::MIN,
        }
    }
}

impl Limit {
    /// What was spent in the window that began then.
    #[must_use]
    pub fn spent_since(&self, start: Instant) -> Amount {
        if self.since == start { self.spent } else { Amount::ZERO }
    }
}

impl LimitKey {
    /// Whether it binds what this member spends of this asset; no member is the account itself.
    #[must_use]
    pub fn binds(&self, member: Option<&str>, asset: Asset) -> bool {
        self.asset == asset && (self.member.is_none() || self.member.as_deref() == member)
    }
}

impl Side {
    /// The side of a threshold on which so much is.
    #[must_use]
    pub fn of(funds: Amount, level: Amount) -> Self {
        if funds <= level { Self::Below } else { Self::Above }
    }
}
