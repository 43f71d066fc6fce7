//! Decimal text to scaled integers and back, and division that says how it rounds.
//!
//! Every number of the field is an integer that counts a fixed fraction of its unit. This module holds the two
//! places where such numbers meet the outside: text, and division. Text is read exactly or refused: no digit is
//! dropped in silence.

use std::fmt::{self, Write as _};

/// Room for the usual number as text.
const USUAL_DIGITS: usize = 24;

/// How a division that leaves a remainder is settled.
///
/// The field's default is [`Rounding::HalfAwayFromZero`] (commercial rounding); a contract may name another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rounding {
    /// To the nearest; a tie goes away from zero: 0.125 becomes 0.13, -0.125 becomes -0.13.
    #[default]
    HalfAwayFromZero,
    /// To the nearest; a tie goes to the even neighbour: 0.125 becomes 0.12, 0.135 becomes 0.14.
    HalfEven,
    /// Towards zero.
    TowardsZero,
    /// Away from zero.
    AwayFromZero,
}

/// Why a text is not the number that was wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalError {
    /// The text is empty or holds something else than a sign, digits and one point.
    NotANumber,
    /// The text has more decimals than the number can hold.
    TooManyDecimals {
        /// How many decimals fit.
        most: u32,
    },
    /// The number is too large for its type.
    TooLarge,
}

impl fmt::Display for DecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotANumber => write!(f, "is not a decimal number"),
            Self::TooManyDecimals { most } => write!(f, "has more than {most} decimals"),
            Self::TooLarge => write!(f, "is too large"),
        }
    }
}

impl std::error::Error for DecimalError {}

/// Divides and rounds as told. `None` where `divisor` is zero or the quotient does not fit.
#[must_use]
pub fn divide(dividend: i128, divisor: i128, rounding: Rounding) -> Option<i128> {
    let quotient = dividend.checked_div(divisor)?;
    let remainder = dividend.checked_rem(divisor)?;
    if remainder == 0 {
        return Some(quotient);
    }
    let away = match rounding {
        Rounding::TowardsZero => false,
        Rounding::AwayFromZero => true,
        Rounding::HalfAwayFromZero => is_at_least_half(remainder, divisor),
        Rounding::HalfEven => {
            let tie =
                remainder.unsigned_abs() == divisor.unsigned_abs().wrapping_sub(remainder.unsigned_abs());
            if tie { quotient.checked_rem(2)? != 0 } else { is_at_least_half(remainder, divisor) }
        }
    };
    let step = if (dividend < 0) == (divisor < 0) { 1 } else { -1 };
    if away { quotient.checked_add(step) } else { Some(quotient) }
}

/// Reads a decimal text such as `-12.345` or `1.5E-3` as a count of 10^-`scale`.
///
/// Trailing zeros beyond the scale are accepted, other digits beyond it are refused. An exponent is accepted because
/// JSON numbers may carry one.
///
/// # Errors
/// [`DecimalError`] where the text is not a number, or does not fit exactly.
pub fn parse(text: &str, scale: u32) -> Result<i128, DecimalError> {
    let (mantissa, exponent) = split_exponent(text)?;
    let (negative, digits) = match mantissa.as_bytes() {
        [b'-', ..] => (true, mantissa.get(1..).unwrap_or_default()),
        [b'+', ..] => (false, mantissa.get(1..).unwrap_or_default()),
        _ => (false, mantissa),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
        return Err(DecimalError::NotANumber);
    }
    let fraction = fraction.trim_end_matches('0');
    let mut value: i128 = 0;
    for digit in whole.bytes().chain(fraction.bytes()) {
        let digit = i128::from(digit.wrapping_sub(b'0'));
        value = value.checked_mul(10).and_then(|v| v.checked_add(digit)).ok_or(DecimalError::TooLarge)?;
    }
    if value == 0 {
        return Ok(0);
    }
    let decimals = i64::try_from(fraction.len()).map_err(|_| DecimalError::TooLarge)?;
    let shift = i64::from(scale).saturating_sub(decimals).saturating_add(i64::from(exponent));
    let value = shifted(value, shift, scale)?;
    Ok(if negative { value.wrapping_neg() } else { value })
}

/// Writes a count of 10^-`scale` as decimal text, with at least `least_decimals` decimals and no more than needed.
#[must_use]
pub fn format(value: i128, scale: u32, least_decimals: u32) -> String {
    let (magnitude, unit) = (value.unsigned_abs(), power_of_ten(scale).map(i128::unsigned_abs));
    let whole = unit.and_then(|unit| magnitude.checked_div(unit)).unwrap_or_default();
    let fraction = unit.and_then(|unit| magnitude.checked_rem(unit)).unwrap_or(magnitude);
    let (fraction, decimals) = without_zeros(fraction, scale, least_decimals.min(scale));
    let mut text = String::with_capacity(USUAL_DIGITS);
    if value < 0 {
        text.push('-');
    }
    push_digits(&mut text, whole, 1);
    if decimals > 0 {
        text.push('.');
        push_digits(&mut text, fraction, decimals as usize);
    }
    text
}

/// A fraction without the zeros at its end, as far as decimals may be left away, and how many decimals are left.
fn without_zeros(fraction: u128, decimals: u32, least: u32) -> (u128, u32) {
    let (mut fraction, mut decimals) = (fraction, decimals);
    // Most fractions fit the processor's own numbers, which it divides much faster.
    if let Ok(mut short) = u64::try_from(fraction) {
        while decimals > least && short.checked_rem(10) == Some(0) {
            short = short.checked_div(10).unwrap_or_default();
            decimals = decimals.saturating_sub(1);
        }
        return (u128::from(short), decimals);
    }
    while decimals > least && fraction.checked_rem(10) == Some(0) {
        fraction = fraction.checked_div(10).unwrap_or_default();
        decimals = decimals.saturating_sub(1);
    }
    (fraction, decimals)
}

fn push_digits(text: &mut String, number: u128, least: usize) {
    // Writing to a text can't fail.
    let _ = match u64::try_from(number) {
        Ok(short) => write!(text, "{short:0>least$}"),
        Err(_) => write!(text, "{number:0>least$}"),
    };
}

/// 10^`exponent`, or `None` where it does not fit.
#[must_use]
pub fn power_of_ten(exponent: u32) -> Option<i128> {
    10_i128.checked_pow(exponent)
}

fn is_at_least_half(remainder: i128, divisor: i128) -> bool {
    remainder.unsigned_abs() >= divisor.unsigned_abs().wrapping_sub(remainder.unsigned_abs())
}

fn split_exponent(text: &str) -> Result<(&str, i32), DecimalError> {
    match text.split_once(['e', 'E']) {
        None => Ok((text, 0)),
        Some((mantissa, exponent)) => {
            let exponent: i32 = exponent.parse().map_err(|_| DecimalError::NotANumber)?;
            Ok((mantissa, exponent))
        }
    }
}

fn shifted(value: i128, shift: i64, scale: u32) -> Result<i128, DecimalError> {
    let places = u32::try_from(shift.unsigned_abs()).map_err(|_| DecimalError::TooLarge)?;
    if shift >= 0 {
        let factor = power_of_ten(places).ok_or(DecimalError::TooLarge)?;
        return value.checked_mul(factor).ok_or(DecimalError::TooLarge);
    }
    let too_fine = DecimalError::TooManyDecimals { most: scale };
    let divisor = power_of_ten(places).ok_or(too_fine)?;
    if value.checked_rem(divisor) == Some(0) {
        value.checked_div(divisor).ok_or(too_fine)
    } else {
        Err(too_fine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_parse(text: &str, scale: u32, expected: Result<i128, DecimalError>) {
        assert_eq!(parse(text, scale), expected, "{text} at scale {scale}");
    }

    #[test]
    fn text_is_read_exactly_or_refused() {
        check_parse("12.345", 3, Ok(12_345));
        check_parse("-0.5", 3, Ok(-500));
        check_parse("+7", 2, Ok(700));
        check_parse(".5", 1, Ok(5));
        check_parse("5.", 1, Ok(50));
        check_parse("1.2000000", 2, Ok(120));
        check_parse("1.5E-1", 2, Ok(15));
        check_parse("2e3", 0, Ok(2000));
        check_parse("0e99", 2, Ok(0));
        check_parse("0.0001", 3, Err(DecimalError::TooManyDecimals { most: 3 }));
        for text in ["", "-", ".", "1,5", "0x10", "1.2.3", "NaN", "inf", "1e", "--1", "1 "] {
            check_parse(text, 3, Err(DecimalError::NotANumber));
        }
        check_parse(&"9".repeat(40), 0, Err(DecimalError::TooLarge));
        check_parse("1e40", 0, Err(DecimalError::TooLarge));
    }

    #[test]
    fn text_is_written_without_needless_zeros() {
        let cases = [
            (0, 3, 0, "0"),
            (0, 3, 2, "0.00"),
            (-5, 3, 0, "-0.005"),
            (12_340, 3, 0, "12.34"),
            (12_340, 3, 3, "12.340"),
            (7, 0, 2, "7"),
        ];
        for (value, scale, least, expected) in cases {
            assert_eq!(format(value, scale, least), expected);
        }
    }

    #[test]
    fn division_rounds_as_told() {
        use Rounding::{AwayFromZero, HalfAwayFromZero, HalfEven, TowardsZero};
        let cases = [
            (5, 2, HalfAwayFromZero, 3),
            (-5, 2, HalfAwayFromZero, -3),
            (5, -2, HalfAwayFromZero, -3),
            (4, 3, HalfAwayFromZero, 1),
            (-4, 3, HalfAwayFromZero, -1),
            (5, 3, HalfAwayFromZero, 2),
            (5, 2, HalfEven, 2),
            (7, 2, HalfEven, 4),
            (-5, 2, HalfEven, -2),
            (-7, 2, HalfEven, -4),
            (9, 2, TowardsZero, 4),
            (-9, 2, TowardsZero, -4),
            (9, 2, AwayFromZero, 5),
            (-9, 2, AwayFromZero, -5),
            (8, 2, AwayFromZero, 4),
            (1, 3, AwayFromZero, 1),
            (-1, 3, AwayFromZero, -1),
        ];
        for (dividend, divisor, rounding, expected) in cases {
            assert_eq!(
                divide(dividend, divisor, rounding),
                Some(expected),
                "{dividend} / {divisor} {rounding:?}"
            );
        }
        assert_eq!(divide(1, 0, HalfAwayFromZero), None);
        assert_eq!(divide(i128::MIN, -1, HalfAwayFromZero), None);
    }
}
