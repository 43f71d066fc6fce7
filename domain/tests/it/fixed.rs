//! Decimal text and division, and the numbers that are made of them: quantity and price.

use domain::fixed::{self, DecimalError, Rounding};
use domain::price::Price;
use domain::quantity::{Quantity, QuantitySum, Unit};
use proptest::prelude::*;

proptest! {
    #[test]
    fn text_gives_the_number_back(value in -(i128::MAX / 2)..i128::MAX / 2, scale in 0_u32..24, least in 0_u32..30) {
        prop_assert_eq!(fixed::parse(&fixed::format(value, scale, least), scale), Ok(value));
    }

    #[test]
    fn an_exponent_moves_the_point(value in any::<i32>(), exponent in -6_i32..=6) {
        let (value, scale) = (i128::from(value), 12);
        let factor = 10_i128.pow(exponent.unsigned_abs());
        let at_scale = value * 10_i128.pow(scale);
        let expected = if exponent < 0 { at_scale / factor } else { at_scale * factor };
        prop_assert_eq!(fixed::parse(&format!("{value}E{exponent}"), scale), Ok(expected));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[-+0-9.eE]{0,50}", scale in 0_u32..40) {
        let _ = fixed::parse(&text, scale);
    }

    #[test]
    fn a_rounded_quotient_is_next_to_the_exact_one(dividend in any::<i64>(), divisor in any::<i32>()) {
        prop_assume!(divisor != 0);
        let (dividend, divisor) = (i128::from(dividend), i128::from(divisor));
        let error = |rounding| {
            fixed::divide(dividend, divisor, rounding).unwrap() * divisor.abs() - dividend * divisor.signum()
        };
        for rounding in [Rounding::HalfAwayFromZero, Rounding::HalfEven] {
            prop_assert!(error(rounding).abs() * 2 <= divisor.abs());
        }
        let exact = dividend * divisor.signum();
        prop_assert!(error(Rounding::TowardsZero) * exact.signum() <= 0);
        prop_assert!(error(Rounding::AwayFromZero) * exact.signum() >= 0);
        for rounding in [Rounding::TowardsZero, Rounding::AwayFromZero] {
            prop_assert!(error(rounding).abs() < divisor.abs());
        }
        let negated = fixed::divide(-dividend, divisor, Rounding::HalfAwayFromZero).unwrap();
        prop_assert_eq!(Some(-negated), fixed::divide(dividend, divisor, Rounding::HalfAwayFromZero));
    }

    #[test]
    fn quantities_and_prices_are_their_text(raw in any::<i64>(), least in 0_u32..9) {
        prop_assert_eq!(Quantity::parse(&Quantity::from_micros(raw).to_text(least)), Ok(Quantity::from_micros(raw)));
        prop_assert_eq!(Price::parse(&Price::from_raw(raw).to_text(least)), Ok(Price::from_raw(raw)));
    }

    #[test]
    fn a_sum_of_quantities_does_not_overflow_on_the_way(raw in prop::collection::vec(any::<i64>(), 0..40)) {
        let there = raw.iter().map(|micros| Quantity::from_micros(*micros));
        let back = raw.iter().filter_map(|micros| Quantity::from_micros(*micros).checked_neg());
        let whole: QuantitySum = there.clone().chain(back.clone()).sum();
        let lost = raw.iter().filter(|micros| **micros == i64::MIN).count();
        prop_assert_eq!(whole.micros(), i128::from(i64::MIN) * i128::try_from(lost).unwrap());
        if lost == 0 {
            prop_assert_eq!(Quantity::checked_sum(there.chain(back)), Some(Quantity::ZERO));
        }
    }

    #[test]
    fn a_converted_price_converts_back(raw in -i64::MAX / 1000..i64::MAX / 1000) {
        let price = Price::from_raw(raw);
        let per_mwh = price.converted(Unit::KilowattHour, Unit::MegawattHour).unwrap();
        prop_assert_eq!(per_mwh.converted(Unit::MegawattHour, Unit::KilowattHour), Some(price));
    }
}

#[test]
fn numbers_outside_their_range_are_refused() {
    let largest = "9223372036854.775807";
    assert_eq!(Quantity::parse(largest).unwrap(), Quantity::from_micros(i64::MAX));
    assert_eq!(Quantity::parse("-9223372036854.775808").unwrap(), Quantity::from_micros(i64::MIN));
    assert_eq!(Quantity::parse("9223372036854.775808"), Err(DecimalError::TooLarge));
    assert_eq!(Quantity::parse("0.0000001"), Err(DecimalError::TooManyDecimals { most: 6 }));
    assert_eq!(Price::parse("0.000000001"), Err(DecimalError::TooManyDecimals { most: 8 }));
    assert_eq!(Price::parse("92233720368.54775808"), Err(DecimalError::TooLarge));
    assert_eq!(Price::parse("1e-400"), Err(DecimalError::TooManyDecimals { most: 8 }));
    assert_eq!(Quantity::from_micros(i64::MAX).checked_add(Quantity::from_micros(1)), None);
    assert_eq!(Quantity::from_micros(i64::MIN).checked_neg(), None);
    assert_eq!(Quantity::from_units(9_223_372_036_855), None);
}

#[test]
fn a_price_is_stated_per_another_unit_exactly_or_not_at_all() {
    use Unit::{Day, KilowattHour, MegawattHour};
    let cases = [
        ("62.33", MegawattHour, KilowattHour, Some("0.06233")),
        ("-0.01", MegawattHour, KilowattHour, Some("-0.00001")),
        ("0.00001", MegawattHour, KilowattHour, Some("0.00000001")),
        ("0.000001", MegawattHour, KilowattHour, None),
        ("0.25", KilowattHour, MegawattHour, Some("250")),
        ("92233720368", KilowattHour, MegawattHour, None),
        ("1", KilowattHour, KilowattHour, Some("1")),
        ("1", KilowattHour, Day, None),
    ];
    for (price, from, to, expected) in cases {
        let converted = Price::parse(price).unwrap().converted(from, to);
        assert_eq!(
            converted.map(|price| price.to_string()).as_deref(),
            expected,
            "{price} per {from} to {to}"
        );
    }
}

#[test]
fn a_quantity_is_rounded_to_its_decimals() {
    let cases = [
        ("1.2345", 3, "1.235"),
        ("-1.2345", 3, "-1.235"),
        ("1.234499", 3, "1.234"),
        ("0.5", 0, "1"),
        ("7", 6, "7"),
    ];
    for (quantity, decimals, expected) in cases {
        let quantity = Quantity::parse(quantity).unwrap();
        let rounded = quantity.rounded(decimals, Rounding::HalfAwayFromZero).unwrap();
        assert_eq!(rounded.to_string(), expected, "{quantity}");
    }
    assert_eq!(Quantity::ONE.rounded(7, Rounding::HalfEven), None);
}
