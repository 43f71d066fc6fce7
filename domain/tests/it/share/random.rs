//! Random amounts under random agreements. Of every split: shares and own part add up to the amount; the same again is the
//! same; a credit, and the negated amount under terms of rates alone, is the mirror image; a rule without rounding of its own
//! is less than a minor unit off its exact amount.
//!
//! 20,000 amounts; `KVARTER_OPERATIONS` asks for another number, `KVARTER_SEED` for another seed.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use domain::money::Money;
use domain::price::Price;
use domain::share::{SessionTerms, ShareAgreement, ShareDefect, SharedSession, Split, split};

use super::dice::{Dice, number_from};

/// How many amounts each agreement splits.
const AMOUNTS: u64 = 10;

#[test]
fn shares_and_own_part_add_up_to_the_amount() {
    let amounts = number_from("KVARTER_OPERATIONS", 20_000);
    let mut dice = Dice(number_from("KVARTER_SEED", 5));
    let mut mirrored = 0_u64;
    for _ in 0..amounts.div_ceil(AMOUNTS) {
        let agreement = dice.agreement();
        // What is below zero adds up as well, though nobody can agree it.
        let is_below = |defect: &ShareDefect| matches!(defect, ShareDefect::BelowZero(..));
        assert!(agreement.defects().iter().all(is_below), "{:?}", agreement.defects());
        let rates = of_rates(&agreement);
        for _ in 0..AMOUNTS {
            let (sale, purchase) = (dice.money(agreement.currency), dice.money(agreement.currency));
            let session = SharedSession { energy_kwh: dice.energy(), is_credit: false };
            let given = split(sale, purchase, &agreement, &session).unwrap();
            check_sum(&given, sale);
            assert_eq!(split(sale, purchase, &agreement, &session).unwrap(), given);

            let credit = SharedSession { is_credit: true, ..session };
            let back = split(negated(sale), negated(purchase), &agreement, &credit).unwrap();
            check_mirror(&given, &back);

            let given = split(sale, purchase, &rates, &session).unwrap();
            let back = split(negated(sale), negated(purchase), &rates, &session).unwrap();
            check_sum(&given, sale);
            check_mirror(&given, &back);
            mirrored += 1;
        }
    }
    assert!(mirrored >= amounts);
}

/// The same agreement with its rates alone.
fn of_rates(agreement: &ShareAgreement) -> ShareAgreement {
    let mut rates = agreement.clone();
    for rule in &mut rates.rules {
        let SessionTerms { base, rate, .. } = rule.session;
        rule.session = SessionTerms { base, rate, ..SessionTerms::default() };
    }
    rates
}

fn check_sum(split: &Split, sale: Money) {
    let sum = split.shares.iter().map(|share| i128::from(share.amount.minor())).sum::<i128>();
    assert_eq!(sum + i128::from(split.own.minor()), i128::from(sale.minor()), "{split:?}");
    assert_eq!(split.margin().unwrap().minor(), split.own.minor() - split.purchase.minor());
}

fn check_mirror(given: &Split, back: &Split) {
    assert_eq!(negated(given.own), back.own);
    for (share, other) in given.shares.iter().zip(&back.shares) {
        assert_eq!((negated(share.amount), negated(share.base)), (other.amount, other.base), "{given:?}");
    }
}

fn negated(money: Money) -> Money {
    money.checked_neg().unwrap()
}

#[test]
fn a_part_is_less_than_a_minor_unit_off() {
    let mut dice = Dice(11);
    for _ in 0..2_000 {
        let mut agreement = dice.agreement();
        agreement.rules.iter_mut().for_each(|rule| rule.rounding = None);
        for rule in &mut agreement.rules {
            rule.session = SessionTerms { rate: rule.session.rate, ..SessionTerms::default() };
        }
        let sale = dice.money(agreement.currency);
        let session = SharedSession { energy_kwh: dice.energy(), is_credit: false };
        let given = split(sale, Money::zero(agreement.currency), &agreement, &session).unwrap();
        for (rule, share) in agreement.rules.iter().zip(&given.shares) {
            let whole = 10_i128.pow(Price::SCALE);
            let exact = i128::from(sale.minor()) * i128::from(rule.session.rate.raw());
            assert!((i128::from(share.amount.minor()) * whole - exact).abs() < whole, "{given:?}");
        }
    }
}
