//! Share agreements: who gets what of a charging session that was sold, and of a month of them.
//!
//! An agreement is an ordered list of rules, each for one recipient: the owner of the site, the platform, the hub. What
//! a rule gives for one session depends on that session alone ([`split`]): sale, purchase and energy. What depends on the
//! whole month (a fixed sum, tiers, a guaranteed least, a most) is computed from the month's totals ([`of_month`]), so
//! that the order in which sessions arrive changes nothing. [`clear`] divides the price of a bundle among its providers.
//!
//! Amounts are exact inside; whole minor units come last, and always add up to what was divided.

mod apportion;
mod clearing;
mod defect;
mod month;
mod split;

use crate::day::Day;
use crate::day_span::DaySpan;
use crate::fixed::Rounding;
use crate::leg::LegKind;
use crate::model::Tier;
use crate::money::Currency;
use crate::price::Price;

pub use clearing::{Claim, ClaimBasis, Cleared, ClearingRefused, clear};
pub use defect::ShareDefect;
pub use month::{MonthComponent, MonthTotals, of_month};
pub use split::{SharePart, SharedSession, Split, SplitRefused, split};

/// Most rules of an agreement.
pub const MOST_RULES: usize = 32;

/// A version of an agreement on shares. It never changes; what changes is a new version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareAgreement {
    /// Its id.
    pub id: String,
    /// Counts its versions, from 1.
    pub version: u32,
    /// Its name for people.
    pub name: String,
    /// The currency of all its amounts.
    pub currency: Currency,
    /// The days of service for which it holds. Of several versions that hold on a day the latest counts.
    pub span: DaySpan,
    /// Its rules, in the order in which they are applied and in which minor units are given out among equals.
    pub rules: Vec<ShareRule>,
}

/// What one recipient gets. Recipient and kind name the rule in its agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareRule {
    /// The account that gets it.
    pub recipient: String,
    /// What for: a share, a fee of the platform, a fee of roaming.
    pub kind: LegKind,
    /// What a session gives.
    pub session: SessionTerms,
    /// What a month gives beside its sessions.
    pub month: MonthTerms,
    /// How the rule's part of a session is rounded to minor units, by itself, at the cost of the own part; `None` where it
    /// is rounded together with the others, by the largest remainder.
    pub rounding: Option<Rounding>,
}

/// What a percentage is taken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ShareBase {
    /// The sale without tax.
    Sale,
    /// The sale less the purchase.
    Margin,
    /// The sale less the purchase and what the rules before give, before rounding.
    Remainder,
}

/// What a session gives: rate x base + per kWh + per session, within floor and cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionTerms {
    /// What the rate is of.
    pub base: ShareBase,
    /// The rate, a plain factor: 0.05 is 5 %. Zero where there is none.
    pub rate: Price,
    /// An amount per kWh; zero where there is none.
    pub per_kwh: Price,
    /// An amount per session; zero where there is none.
    pub per_session: Price,
    /// The least of a session.
    pub floor: Option<Price>,
    /// The most of a session.
    pub cap: Option<Price>,
}

/// What a month of service gives, computed of its totals. Amounts are of the whole month, however many of its days the
/// agreement holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MonthTerms {
    /// Tiers that say what the month's sessions give in all; what they gave one by one is then paid in advance.
    pub tiers: Option<ShareTiers>,
    /// A fixed amount, due without sessions too; zero where there is none.
    pub fixed: Price,
    /// The guaranteed least, due without sessions too.
    pub least: Option<Price>,
    /// The most.
    pub most: Option<Price>,
}

/// Tiers of a month: each prices the part of the count that lies in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareTiers {
    /// What is counted.
    pub count: TierCount,
    /// The tiers, in ascending order. A price is per kWh, per session, or a rate of the base.
    pub tiers: Vec<Tier>,
}

/// What the tiers of a month count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TierCount {
    /// Energy in kWh.
    Energy,
    /// Sessions.
    Sessions,
    /// The base amounts of the sessions, in main units of the currency.
    Base,
}

impl ShareAgreement {
    /// The version that counts on a day of service; `None` where none holds. `versions` are in their order.
    #[must_use]
    pub fn on<'a>(versions: impl IntoIterator<Item = &'a Self>, service: Day) -> Option<&'a Self> {
        versions.into_iter().filter(|version| version.span.contains(service)).last()
    }

    /// The rule for a recipient and kind.
    #[must_use]
    pub fn rule(&self, recipient: &str, kind: &LegKind) -> Option<&ShareRule> {
        self.rules.iter().find(|rule| rule.recipient == recipient && rule.kind == *kind)
    }
}

impl Default for SessionTerms {
    /// Nothing for a session.
    fn default() -> Self {
        let (rate, per_kwh, per_session) = (Price::ZERO, Price::ZERO, Price::ZERO);
        Self { base: ShareBase::Sale, rate, per_kwh, per_session, floor: None, cap: None }
    }
}

impl MonthTerms {
    /// Whether there is anything to compute for a month.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
