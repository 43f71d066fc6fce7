//! A balance: so much of one asset, with what it may be spent on, and when.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::amount::Amount;
use crate::identity::MeteringPointId;
use crate::instant::{Instant, Period};
use crate::ledger::Asset;

/// What runs, or ran: the facts by which a balance's scope is judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Where, if that is known.
    pub metering_point: Option<MeteringPointId>,
    /// What is counted: `energy`, `time`, `parking`; possibly empty.
    pub dimension: String,
    /// The product by which it is priced; possibly empty. The account fills it in from the agreement.
    pub product: String,
    /// The agreement by which it is charged; empty where the account is to find the one that covers it.
    pub agreement: String,
}

/// What a balance may be spent on. An empty set lets everything pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only at these metering points.
    pub metering_points: BTreeSet<MeteringPointId>,
    /// Only on these dimensions.
    pub dimensions: BTreeSet<String>,
    /// Only by these products.
    pub products: BTreeSet<String>,
}

/// The dimension of what pays off old debt. What has terms was given for something else: only the main balance pays it.
pub const DEBT_DIMENSION: &str = "debt";

/// How a balance came about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// It was paid for.
    #[default]
    Purchased,
    /// It was given.
    Granted,
}

/// The terms of a balance that has some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalanceTerms {
    /// The lower, the earlier it is consumed.
    pub priority: u16,
    /// What it may be spent on.
    pub scope: Scope,
    /// When it may be spent; what is left at its end expires.
    pub validity: Period,
    /// How it came about.
    pub origin: Origin,
}

/// So much of one asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Of what.
    pub asset: Asset,
    /// How much: the sum of its postings, negated. Only the main balance may be below zero.
    pub amount: Amount,
    /// How much of it open reservations hold.
    pub reserved: Amount,
    /// Its terms; none for the main balance of a currency, which is spent last, on anything, for ever.
    pub terms: Option<BalanceTerms>,
}

/// First of all things, for ever, on anything, paid for.
impl Default for BalanceTerms {
    fn default() -> Self {
        Self { priority: 0, scope: Scope::default(), validity: Period::ALWAYS, origin: Origin::Purchased }
    }
}

impl Scope {
    /// Whether the usage is in it. Old debt is in none.
    #[must_use]
    pub fn covers(&self, usage: &Usage) -> bool {
        if usage.dimension == DEBT_DIMENSION {
            return false;
        }
        let at = usage.metering_point.as_ref();
        (self.metering_points.is_empty() || at.is_some_and(|at| self.metering_points.contains(at)))
            && (self.dimensions.is_empty() || self.dimensions.contains(&usage.dimension))
            && (self.products.is_empty() || self.products.contains(&usage.product))
    }
}

impl Balance {
    /// An empty balance.
    #[must_use]
    pub fn new(asset: Asset, terms: Option<BalanceTerms>) -> Self {
        Self { asset, amount: Amount::ZERO, reserved: Amount::ZERO, terms }
    }

    /// Whether it may be spent on this at this time.
    #[must_use]
    pub fn is_usable(&self, usage: &Usage, now: Instant) -> bool {
        let terms = self.terms.as_ref();
        terms.is_none_or(|terms| terms.validity.contains(now) && terms.scope.covers(usage))
    }

    /// When what is free of it expires, if there is anything. What is held does not.
    #[must_use]
    pub fn expires(&self) -> Option<Instant> {
        let validity = self.terms.as_ref()?.validity;
        (!validity.is_open() && self.amount > self.reserved).then_some(validity.end())
    }

    /// Whether nothing is left of it and nothing can come back to it.
    pub(super) fn is_used_up(&self) -> bool {
        self.terms.is_some() && self.amount == Amount::ZERO && self.reserved == Amount::ZERO
    }

    /// Which of two is consumed first: by priority, then earliest expiry; among equals the older one. The main balance
    /// comes last.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let place = |balance: &Self| {
            let terms = balance.terms.as_ref();
            terms.map_or((true, 0, Instant::MAX), |terms| (false, terms.priority, terms.validity.end()))
        };
        place(self).cmp(&place(other))
    }
}
