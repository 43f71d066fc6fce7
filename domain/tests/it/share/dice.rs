//! Agreements, sessions and bundles by chance, the same for the same seed.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

use std::env;

use domain::day::Day;
use domain::day_span::DaySpan;
use domain::fixed::Rounding;
use domain::leg::LegKind;
use domain::model::Tier;
use domain::money::{Currency, Money};
use domain::price::Price;
use domain::quantity::Quantity;
use domain::share::{
    Claim, ClaimBasis, MonthTerms, SessionTerms, ShareAgreement, ShareBase, ShareRule, ShareTiers, TierCount,
};

const ROUNDINGS: [Rounding; 4] =
    [Rounding::HalfAwayFromZero, Rounding::HalfEven, Rounding::TowardsZero, Rounding::AwayFromZero];
const BASES: [ShareBase; 3] = [ShareBase::Sale, ShareBase::Margin, ShareBase::Remainder];
const COUNTS: [TierCount; 3] = [TierCount::Energy, TierCount::Sessions, TierCount::Base];
const CURRENCIES: [Currency; 3] = [Currency::Eur, Currency::Jpy, Currency::Kwd];

/// A sequence of numbers that is the same for the same seed (SplitMix64).
pub(super) struct Dice(pub(super) u64);

/// A number from the environment.
pub(super) fn number_from(name: &str, otherwise: u64) -> u64 {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

impl Dice {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub(super) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }

    /// Either sign, as many small as large.
    pub(super) fn signed(&mut self, most_digits: u64) -> i64 {
        let bound = 10_u64.pow(u32::try_from(self.below(most_digits + 1)).unwrap());
        let magnitude = i64::try_from(self.below(bound)).unwrap();
        if self.chance(30) { -magnitude } else { magnitude }
    }

    fn price(&mut self, most_digits: u64) -> Price {
        Price::from_raw(self.signed(most_digits))
    }

    fn maybe<T>(&mut self, percent: u64, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.chance(percent).then(|| make(self))
    }

    pub(super) fn money(&mut self, currency: Currency) -> Money {
        Money::new(self.signed(9), currency)
    }

    pub(super) fn energy(&mut self) -> Quantity {
        Quantity::from_micros(self.signed(11).abs())
    }

    /// Two bounds in order.
    fn bounds(&mut self) -> (Option<Price>, Option<Price>) {
        let (one, other) = (self.maybe(25, |dice| dice.price(10)), self.maybe(25, |dice| dice.price(10)));
        match (one, other) {
            (Some(one), Some(other)) => (Some(one.min(other)), Some(one.max(other))),
            bounds => bounds,
        }
    }

    fn tiers(&mut self) -> ShareTiers {
        let mut tiers = Vec::new();
        let mut bound = 0_i64;
        for _ in 0..self.below(3) {
            bound += 1 + i64::try_from(self.below(5_000_000_000)).unwrap();
            tiers.push(self.tier(Some(Quantity::from_micros(bound))));
        }
        tiers.push(self.tier(None));
        ShareTiers { count: self.pick(&COUNTS), tiers }
    }

    fn tier(&mut self, up_to: Option<Quantity>) -> Tier {
        let flat_fee = if self.chance(20) { self.price(9) } else { Price::ZERO };
        Tier { up_to, price: self.price(8), flat_fee }
    }

    pub(super) fn rule(&mut self, number: u64) -> ShareRule {
        let kind = match self.below(3) {
            0 => LegKind::Share(format!("role {number}")),
            1 => LegKind::PlatformFee,
            _ => LegKind::RoamingFee,
        };
        let (floor, cap) = self.bounds();
        let (least, most) = self.bounds();
        let session = SessionTerms {
            base: self.pick(&BASES),
            rate: self.maybe(70, |dice| dice.price(8)).unwrap_or_default(),
            per_kwh: self.maybe(30, |dice| dice.price(7)).unwrap_or_default(),
            per_session: self.maybe(30, |dice| dice.price(8)).unwrap_or_default(),
            floor,
            cap,
        };
        let fixed = self.maybe(30, |dice| dice.price(10)).unwrap_or_default();
        let month = MonthTerms { tiers: self.maybe(30, Self::tiers), fixed, least, most };
        let rounding = self.maybe(30, |dice| dice.pick(&ROUNDINGS));
        ShareRule { recipient: format!("account {number}"), kind, session, month, rounding }
    }

    pub(super) fn agreement(&mut self) -> ShareAgreement {
        let last = self.below(5);
        let rules = (0..=last).map(|number| self.rule(number)).collect();
        ShareAgreement {
            id: "agreement".to_owned(),
            version: 1,
            name: String::new(),
            currency: self.pick(&CURRENCIES),
            span: DaySpan::since(Day::new(2026, 1, 1).unwrap()).unwrap(),
            rules,
        }
    }

    pub(super) fn claims(&mut self) -> Vec<Claim> {
        let claimants = self.below(6);
        (0..=claimants).map(|number| self.claim(number)).collect()
    }

    fn claim(&mut self, number: u64) -> Claim {
        let basis = match self.below(3) {
            0 => ClaimBasis::Price(Price::from_raw(self.signed(11).abs())),
            1 => ClaimBasis::PerUse {
                uses: u32::try_from(self.below(60)).unwrap(),
                price: Price::from_raw(self.signed(9).abs()),
            },
            _ => ClaimBasis::Weight(u32::try_from(self.below(10_000)).unwrap()),
        };
        Claim { recipient: format!("operator {number}"), basis }
    }
}
