//! Months: computed of totals, whatever the order of sessions.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use domain::leg::LegKind;
use domain::model::Tier;
use domain::money::{Currency, Money};
use domain::price::Price;
use domain::quantity::Quantity;
use domain::share::{
    MonthComponent, MonthTerms, MonthTotals, SessionTerms, ShareRule, ShareTiers, TierCount, of_month,
};

use super::dice::{Dice, number_from};

fn price(text: &str) -> Price {
    Price::parse(text).unwrap()
}

fn eur(text: &str) -> Money {
    Money::parse(text, Currency::Eur).unwrap()
}

fn rule(month: MonthTerms) -> ShareRule {
    let (recipient, kind) = ("owner".to_owned(), LegKind::Share("site_owner".to_owned()));
    ShareRule { recipient, kind, session: SessionTerms::default(), month, rounding: None }
}

/// Sessions, kWh, base and shares of a month.
fn totals((sessions, energy, base, shares): (i64, &str, &str, &str)) -> MonthTotals {
    MonthTotals {
        sessions,
        energy_kwh: Quantity::parse(energy).unwrap(),
        base: eur(base),
        shares: eur(shares),
    }
}

fn check(month: MonthTerms, of: (i64, &str, &str, &str), expected: &[(MonthComponent, &str)]) {
    let expected: Vec<_> = expected.iter().map(|(component, amount)| (*component, eur(amount))).collect();
    assert_eq!(of_month(&rule(month.clone()), &totals(of)), Some(expected), "{month:?} {of:?}");
}

#[test]
fn components_of_a_month() {
    use MonthComponent::{Fixed, Least, Most, Tiers};
    let nothing = MonthTerms::default();
    check(nothing.clone(), (3, "60", "30.00", "3.00"), &[]);
    let fixed = MonthTerms { fixed: price("25"), ..nothing.clone() };
    check(fixed.clone(), (0, "0", "0", "0"), &[(Fixed, "25.00")]);
    check(fixed.clone(), (3, "60", "30.00", "3.00"), &[(Fixed, "25.00")]);
    let least = MonthTerms { least: Some(price("50")), ..fixed };
    check(least.clone(), (0, "0", "0", "0"), &[(Fixed, "25.00"), (Least, "25.00")]);
    check(least.clone(), (3, "60", "30.00", "3.00"), &[(Fixed, "25.00"), (Least, "22.00")]);
    check(least, (90, "1800", "900.00", "90.00"), &[(Fixed, "25.00")]);
    let most = MonthTerms { most: Some(price("80")), ..nothing.clone() };
    check(most.clone(), (90, "1800", "900.00", "90.00"), &[(Most, "-10.00")]);
    check(most, (70, "1400", "700.00", "70.00"), &[]);
    let tier = |up_to: Option<&str>, rate| Tier {
        up_to: up_to.map(|up_to| Quantity::parse(up_to).unwrap()),
        price: price(rate),
        flat_fee: Price::ZERO,
    };
    let tiers =
        |count, tiers| MonthTerms { tiers: Some(ShareTiers { count, tiers }), ..MonthTerms::default() };
    let by_energy = tiers(TierCount::Energy, vec![tier(Some("1000"), "0.02"), tier(None, "0.03")]);
    check(by_energy.clone(), (90, "1800", "900.00", "36.00"), &[(Tiers, "8.00")]);
    check(by_energy.clone(), (0, "0", "0", "0"), &[]);
    check(by_energy, (-1, "-20", "-8.00", "-0.40"), &[]);
    let by_sessions = tiers(TierCount::Sessions, vec![tier(Some("50"), "0.10"), tier(None, "0.05")]);
    check(by_sessions, (90, "1800", "900.00", "9.00"), &[(Tiers, "-2.00")]);
    let by_base = tiers(TierCount::Base, vec![tier(Some("500"), "0.10"), tier(None, "0.05")]);
    check(by_base, (90, "1800", "900.00", "90.00"), &[(Tiers, "-20.00")]);
}

/// What sessions and components give is what the month gives in all; sessions in another order give the same.
#[test]
fn the_order_of_sessions_changes_nothing() {
    let months = number_from("KVARTER_OPERATIONS", 20_000) / 20;
    let mut dice = Dice(number_from("KVARTER_SEED", 3));
    for _ in 0..months {
        let rule = dice.rule(1);
        let sessions: Vec<MonthTotals> = (0..8)
            .map(|_| MonthTotals {
                sessions: if dice.chance(20) { -1 } else { 1 },
                energy_kwh: dice.energy(),
                base: dice.money(Currency::Eur),
                shares: dice.money(Currency::Eur),
            })
            .collect();
        let sum = |sessions: &[MonthTotals]| {
            let none = MonthTotals::none(Currency::Eur);
            sessions.iter().try_fold(none, |sum, one| sum.checked_add(*one)).unwrap()
        };
        let mut shuffled = sessions.clone();
        for place in (1..shuffled.len()).rev() {
            shuffled.swap(place, usize::try_from(dice.below(place as u64 + 1)).unwrap());
        }
        let components = of_month(&rule, &sum(&sessions)).unwrap();
        assert_eq!(of_month(&rule, &sum(&shuffled)).unwrap(), components);
        let given = components.iter().map(|(_, amount)| amount.minor()).sum::<i64>();
        let total = sum(&sessions).shares.minor() + given;
        let bound = |price: Option<Price>| price.map(|price| price.raw().div_euclid(1_000_000));
        if let Some(least) = bound(rule.month.least) {
            let is_capped = bound(rule.month.most).is_some_and(|most| total >= most - 1);
            assert!(total >= least || is_capped, "{rule:?} {components:?}");
        }
        if let Some(most) = bound(rule.month.most) {
            assert!(total <= most + 1, "{rule:?} {components:?}");
        }
    }
}
