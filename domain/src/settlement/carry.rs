//! Rounding with carry: an hour split into quarters keeps its sum.
//!
//! A quarter of an hourly value has up to five decimals of a kWh. Each quarter is rounded to three, half away from
//! zero, and what rounding added or took is carried to the next quarter of the same hour (settlement.md, rule 7):
//! 0.003 kWh becomes .001 .001 .000 .001.

use super::column::Column;
use crate::fixed::{Rounding, divide};

/// Quarters of a watt-hour in a watt-hour: the unit in which sums of quarters of hourly values are exact.
pub(super) const FINE_PER_WH: i128 = 4;

/// The values of one hour, given in quarters of a Wh, rounded to whole Wh.
///
/// Their sum is the sum of the values wherever that is a whole number of Wh.
#[must_use]
pub fn round_hour(quarters_of_wh: &[i128]) -> Vec<i128> {
    let mut carry = 0;
    quarters_of_wh.iter().map(|value| round_one(*value, &mut carry)).collect()
}

/// Rounds a column of quarters of a Wh to Wh, hour by hour. Absent values stay absent.
pub(super) fn rounded(mut column: Column, steps_per_hour: usize) -> Column {
    for hour in column.hours_mut(steps_per_hour) {
        let mut carry = 0;
        for (value, _) in hour.filter(|(_, qualities)| !qualities.is_empty()) {
            *value = round_one(*value, &mut carry);
        }
    }
    column
}

fn round_one(value: i128, carry: &mut i128) -> i128 {
    let exact = value.saturating_add(*carry);
    let rounded = divide(exact, FINE_PER_WH, Rounding::HalfAwayFromZero).unwrap_or_default();
    *carry = exact.saturating_sub(rounded.saturating_mul(FINE_PER_WH));
    rounded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(hour_wh: i128, expected: [i128; 4]) {
        assert_eq!(round_hour(&[hour_wh; 4]), expected, "{hour_wh} Wh in an hour");
    }

    #[test]
    fn an_hour_is_split_with_carry() {
        check(0, [0, 0, 0, 0]);
        check(1, [0, 1, 0, 0]);
        check(2, [1, 0, 1, 0]);
        check(3, [1, 1, 0, 1]);
        check(4, [1, 1, 1, 1]);
        check(5, [1, 2, 1, 1]);
        check(-1, [0, -1, 0, 0]);
        check(-3, [-1, -1, 0, -1]);
        check(3357, [839, 840, 839, 839]);
        check(40_159, [10_040, 10_040, 10_039, 10_040]);
    }

    #[test]
    fn quarters_that_are_whole_stay_as_they_are() {
        assert_eq!(round_hour(&[4, 8, -12, 0]), [1, 2, -3, 0]);
    }

    #[test]
    fn a_sum_that_changes_sign_within_the_hour_is_kept() {
        assert_eq!(round_hour(&[42, -38, 2, 2]), [11, -10, 1, 0]);
    }

    proptest! {
        #[test]
        fn carry_conserves_the_hour(hourly_wh in -1_000_000_000_i64..1_000_000_000, quarters_wh in prop::array::uniform4(-1_000_000_i64..1_000_000)) {
            let fine: Vec<i128> = quarters_wh.iter().map(|wh| i128::from(hourly_wh) + 4 * i128::from(*wh)).collect();
            let rounded = round_hour(&fine);
            let exact: i64 = hourly_wh + quarters_wh.iter().sum::<i64>();
            prop_assert_eq!(rounded.iter().sum::<i128>(), i128::from(exact));
            for (given, rounded) in fine.iter().zip(&rounded) {
                prop_assert!((rounded * 4 - given).abs() <= 4);
            }
        }
    }
}
