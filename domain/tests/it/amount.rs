//! The exact amount: what the field does to money leaves no remainder until somebody rounds.

#![expect(clippy::unwrap_used, reason = "a test that can't make its input has failed")]

use domain::amount::Amount;
use domain::fixed::{self, Rounding};
use domain::money::{Currency, Money};
use domain::price::Price;
use domain::quantity::Quantity;
use proptest::prelude::*;

/// Prices up to 10,000 per unit.
fn a_price() -> impl Strategy<Value = Price> {
    (-1_000_000_000_000_i64..=1_000_000_000_000).prop_map(Price::from_raw)
}

/// Quantities up to a million units.
fn a_quantity() -> impl Strategy<Value = Quantity> {
    (-1_000_000_000_000_i64..=1_000_000_000_000).prop_map(Quantity::from_micros)
}

fn sum(amounts: impl IntoIterator<Item = Amount>) -> Amount {
    amounts.into_iter().fold(Amount::ZERO, |total, amount| total.checked_add(amount).unwrap())
}

fn product(quantity: Quantity, price: Price) -> Amount {
    Amount::of(quantity, price).unwrap()
}

proptest! {
    #[test]
    fn the_days_of_a_month_sum_to_the_price_of_the_month(price in a_price(), cut in 0_i64..=28) {
        let whole = product(Quantity::ONE, price);
        for days in 28..=31 {
            let daily = whole.fraction(1, days).unwrap();
            prop_assert_eq!(sum(std::iter::repeat_n(daily, usize::try_from(days).unwrap())), whole);
            let parts = [whole.fraction(cut, days).unwrap(), whole.fraction(days - cut, days).unwrap()];
            prop_assert_eq!(sum(parts), whole);
        }
    }

    #[test]
    fn shares_of_a_product_sum_to_it(quantity in a_quantity(), price in a_price(), share in 0_i64..=10_000) {
        let whole = product(quantity, price);
        prop_assert_eq!(sum([share, 10_000 - share].map(|share| whole.fraction(share, 10_000).unwrap())), whole);
    }

    #[test]
    fn shares_of_a_day_of_a_product_sum_to_it(
        ten_thousandths in -10_000_000_000_i64..10_000_000_000, price in a_price(),
        share in 0_i64..=10_000, days in 28_i64..=31,
    ) {
        let day = product(Quantity::from_micros(ten_thousandths * 100), price).fraction(1, days).unwrap();
        prop_assert_eq!(sum([share, 10_000 - share].map(|share| day.fraction(share, 10_000).unwrap())), day);
    }

    #[test]
    fn seconds_of_an_hour_and_ninths_are_exact(quantity in a_quantity(), price in a_price(), seconds in 0_i64..3_600) {
        let whole = product(quantity, price);
        let parts = [seconds, 3_600 - seconds].map(|seconds| whole.fraction(seconds, 3_600).unwrap());
        prop_assert_eq!(sum(parts), whole);
        prop_assert!(whole.fraction(1, 9).is_some());
    }

    #[test]
    fn products_of_parts_sum_to_the_product_of_the_sum(
        quantities in prop::collection::vec(a_quantity(), 1..50), price in a_price(), seed in any::<usize>(),
    ) {
        let total = Quantity::checked_sum(quantities.iter().copied()).unwrap();
        let mut products: Vec<Amount> = quantities.iter().map(|quantity| product(*quantity, price)).collect();
        let expected = product(total, price);
        prop_assert_eq!(sum(products.clone()), expected);
        let turn = seed.checked_rem(products.len()).unwrap();
        products.rotate_left(turn);
        prop_assert_eq!(sum(products), expected);
    }

    #[test]
    fn a_sum_of_products_is_the_amount_of_the_summed_product(
        pairs in prop::collection::vec((a_quantity(), a_price()), 0..50),
    ) {
        let raw = pairs.iter().map(|(one, other)| i128::from(one.micros()) * i128::from(other.raw())).sum();
        let amounts = pairs.iter().map(|(quantity, price)| product(*quantity, *price));
        prop_assert_eq!(Amount::from_product(raw), Some(sum(amounts)));
    }

    #[test]
    fn money_is_an_exact_amount(minor in -1_000_000_000_000_i64..=1_000_000_000_000) {
        for currency in Currency::ALL {
            let money = Money::new(minor, currency);
            for rounding in [Rounding::HalfAwayFromZero, Rounding::TowardsZero, Rounding::AwayFromZero] {
                prop_assert_eq!(Amount::from_money(money).unwrap().to_money(currency, rounding), Some(money));
            }
        }
    }

    #[test]
    fn an_amount_times_a_factor_is_rounded_once(raw in any::<i64>(), factor in any::<i32>()) {
        let exact = i128::from(raw) * i128::from(factor);
        let expected = fixed::divide(exact, 100_000_000, Rounding::HalfAwayFromZero).map(Amount::from_raw);
        prop_assert_eq!(Amount::from_raw(i128::from(raw)).times(Price::from_raw(i64::from(factor))), expected);
    }
}

#[test]
fn a_factor_holds_over_the_whole_range() {
    let one = Price::parse("1").unwrap();
    for raw in [i128::MAX, i128::MIN, 0, 1, -1] {
        assert_eq!(Amount::from_raw(raw).times(one), Some(Amount::from_raw(raw)));
    }
    assert_eq!(Amount::from_raw(i128::MAX).times(Price::parse("1.00000001").unwrap()), None);
}

#[test]
fn an_amount_prints_exactly() {
    let subscription = product(Quantity::ONE, Price::parse("25").unwrap());
    let cases = [
        (Amount::ZERO, "0"),
        (
            product(Quantity::parse("1.234567").unwrap(), Price::parse("-0.00000001").unwrap()),
            "-0.00000001234567",
        ),
        (product(Quantity::parse("100").unwrap(), Price::parse("0.123456").unwrap()), "12.3456"),
        (subscription.fraction(17, 31).unwrap(), "425/31"),
        (subscription.fraction(-1, 3).unwrap(), "-25/3"),
        (subscription.fraction(14, 28).unwrap(), "12.5"),
        (Amount::from_raw(1), "1/56637000000000000000000"),
    ];
    for (amount, expected) in cases {
        assert_eq!(amount.to_string(), expected);
    }
}

#[test]
fn an_amount_is_rounded_as_told() {
    let cases = [
        ("0.005", Rounding::HalfAwayFromZero, 1),
        ("-0.005", Rounding::HalfAwayFromZero, -1),
        ("0.00499999", Rounding::HalfAwayFromZero, 0),
        ("0.025", Rounding::HalfEven, 2),
        ("0.02500001", Rounding::HalfEven, 3),
        ("0.00000001", Rounding::AwayFromZero, 1),
        ("-0.00999999", Rounding::TowardsZero, 0),
    ];
    for (text, rounding, expected) in cases {
        let amount = product(Quantity::ONE, Price::parse(text).unwrap());
        assert_eq!(
            amount.to_money(Currency::Eur, rounding),
            Some(Money::new(expected, Currency::Eur)),
            "{text}"
        );
        assert_eq!(amount.rounded(2, rounding), Some(i128::from(expected)), "{text}");
    }
}

#[test]
fn what_is_not_exact_or_leaves_the_range_is_refused() {
    let one = product(Quantity::ONE, Price::parse("1").unwrap());
    assert_eq!(one.fraction(1, 11), None);
    assert_eq!(one.fraction(1, 0), None);
    assert_eq!(one.rounded(19, Rounding::HalfEven), None);
    assert_eq!(one.rounded(18, Rounding::HalfEven), Some(1_000_000_000_000_000_000));
    assert_eq!(Amount::from_product(i128::MAX), None);
    assert_eq!(Amount::of(Quantity::from_micros(i64::MAX), Price::from_raw(i64::MAX)), None);
    assert_eq!(Amount::from_raw(i128::MAX).checked_add(Amount::from_raw(1)), None);
    assert_eq!(Amount::from_raw(i128::MIN).checked_neg(), None);
    assert_eq!(
        Amount::from_raw(i128::MAX).to_money(Currency::Eur, Rounding::HalfEven).map(Money::minor),
        Some(300_406_418_878_947_034)
    );
}
