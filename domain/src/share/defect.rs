//! What keeps an agreement on shares from being made.

use std::collections::BTreeSet;
use std::fmt;

use super::{MOST_RULES, SessionTerms, ShareAgreement, ShareRule, TierCount};
use crate::leg::LegKind;
use crate::model::tier::{self, TierDefect};
use crate::price::Price;

/// The largest rate: all of the base.
const WHOLE: i64 = 100_000_000;

/// What keeps an agreement from being made. A rule is named by its place, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ShareDefect {
    /// It has no rule.
    Empty,
    /// It has more rules than one may have.
    TooManyRules,
    /// A rule names no recipient.
    NoRecipient(usize),
    /// A rule's kind is no share and no fee, or a share without a role.
    NotAShare(usize),
    /// Another rule before it has the same recipient and kind.
    Duplicate(usize),
    /// A rate, of a session or a tier, is more than the whole.
    RateTooLarge(usize),
    /// A term that only ever gives is below zero: this one. A least may be: it bounds what the recipient bears of a loss.
    BelowZero(usize, &'static str),
    /// A least is more than its most.
    BoundsCross(usize),
    /// The tiers can't be read.
    Tiers(usize, TierDefect),
}

impl fmt::Display for ShareDefect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "there is no rule"),
            Self::TooManyRules => write!(f, "there are more than {MOST_RULES} rules"),
            Self::NoRecipient(rule) => write!(f, "rules[{rule}] names no recipient"),
            Self::NotAShare(rule) => {
                write!(f, "rules[{rule}] is no share with a role, no platform fee and no roaming fee")
            }
            Self::Duplicate(rule) => {
                write!(f, "rules[{rule}] has the recipient and kind of a rule before it")
            }
            Self::RateTooLarge(rule) => write!(f, "rules[{rule}] has a rate of more than 1"),
            Self::BelowZero(rule, term) => write!(f, "rules[{rule}] has a {term} below zero"),
            Self::BoundsCross(rule) => write!(f, "rules[{rule}] has a least that is more than its most"),
            Self::Tiers(rule, TierDefect::Empty) => write!(f, "rules[{rule}] has a table without tiers"),
            Self::Tiers(rule, TierDefect::NotAscending) => {
                write!(f, "rules[{rule}] has tiers whose bounds do not ascend from zero")
            }
            Self::Tiers(rule, TierDefect::NotOpenAtTheEnd) => {
                write!(f, "rules[{rule}] has a last tier with a bound, or another without")
            }
        }
    }
}

impl ShareAgreement {
    /// Everything that keeps the agreement from being made; empty where it is complete.
    #[must_use]
    pub fn defects(&self) -> Vec<ShareDefect> {
        let mut defects = Vec::new();
        if self.rules.is_empty() {
            defects.push(ShareDefect::Empty);
        }
        if self.rules.len() > MOST_RULES {
            defects.push(ShareDefect::TooManyRules);
        }
        let mut known = BTreeSet::new();
        for (place, rule) in self.rules.iter().enumerate() {
            rule.check(place, &mut defects);
            if !known.insert((&rule.recipient, &rule.kind)) {
                defects.push(ShareDefect::Duplicate(place));
            }
        }
        defects
    }
}

impl ShareRule {
    fn check(&self, place: usize, defects: &mut Vec<ShareDefect>) {
        if self.recipient.is_empty() {
            defects.push(ShareDefect::NoRecipient(place));
        }
        let is_share = match &self.kind {
            LegKind::Share(role) => !role.is_empty(),
            LegKind::PlatformFee | LegKind::RoamingFee => true,
            LegKind::Purchase | LegKind::HomeCharging => false,
        };
        if !is_share {
            defects.push(ShareDefect::NotAShare(place));
        }
        let SessionTerms { rate, floor, cap, .. } = self.session;
        let of_base = self.month.tiers.iter().filter(|table| table.count == TierCount::Base);
        let mut rates = of_base.flat_map(|table| table.tiers.iter().map(|tier| tier.price)).chain([rate]);
        if rates.any(|rate| rate.raw() > WHOLE) {
            defects.push(ShareDefect::RateTooLarge(place));
        }
        let below = self.given().into_iter().find(|(_, price)| *price < Price::ZERO);
        defects.extend(below.map(|(term, _)| ShareDefect::BelowZero(place, term)));
        let cross = |least: Option<Price>, most: Option<Price>| {
            least.zip(most).is_some_and(|(least, most)| least > most)
        };
        if cross(floor, cap) || cross(self.month.least, self.month.most) {
            defects.push(ShareDefect::BoundsCross(place));
        }
        if let Some(defect) = self.month.tiers.as_ref().and_then(|table| tier::defect(&table.tiers)) {
            defects.push(ShareDefect::Tiers(place, defect));
        }
    }

    /// The terms that give the recipient something, or say how much at most.
    fn given(&self) -> Vec<(&'static str, Price)> {
        let SessionTerms { rate, per_kwh, per_session, cap, .. } = self.session;
        let tiers = self.month.tiers.iter().flat_map(|table| &table.tiers);
        let tiers = tiers.flat_map(|tier| [("tier", tier.price), ("tier", tier.flat_fee)]);
        let bounds = [("cap", cap), ("most", self.month.most)];
        [("rate", rate), ("per_kwh", per_kwh), ("per_session", per_session), ("fixed", self.month.fixed)]
            .into_iter()
            .chain(bounds.into_iter().filter_map(|(term, price)| Some((term, price?))))
            .chain(tiers)
            .collect()
    }
}
