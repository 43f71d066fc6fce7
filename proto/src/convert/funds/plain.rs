//! Numbers as clients may write them in requests: plain decimals such as `12.34` or `-5`. What is stored and answered may be
//! finer and is read by its own rules.

use crate::charging::{Asked, Charged, CreditLimit, ExactMoney, Used, asked, used};
use crate::convert::{FieldError, FieldFault};
use crate::google_type;

type Plain = Result<(), FieldError>;

/// A number in a field of text. One that is not there is told as missing by whoever needs it.
pub(super) fn number(field: &str, text: &str) -> Plain {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, decimals) =
        digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = text.is_empty() || (is_digits(whole) && decimals.is_none_or(is_digits));
    if is_plain { Ok(()) } else { Err(FieldError::at(field, FieldFault::NotPlain)) }
}

/// How much is asked for.
pub(super) fn asked(field: &str, asked: Option<&Asked>) -> Plain {
    let read = || match asked.and_then(|asked| asked.asked.as_ref()) {
        Some(asked::Asked::Quantity(quantity)) => decimal("quantity.quantity", quantity.quantity.as_ref()),
        Some(asked::Asked::Amount(amount)) => money("amount", Some(amount)),
        None => Ok(()),
    };
    read().map_err(|error| error.within(field))
}

/// What was used.
pub(super) fn used(used: Option<&Used>) -> Plain {
    let read = || match used.and_then(|used| used.used.as_ref()) {
        Some(used::Used::Quantity(quantity)) => decimal("quantity.quantity", quantity.quantity.as_ref()),
        Some(used::Used::Charged(charged)) => parts(charged).map_err(|error| error.within("charged")),
        None => Ok(()),
    };
    read().map_err(|error| error.within("used"))
}

/// An amount with its currency.
pub(super) fn money(field: &str, money: Option<&ExactMoney>) -> Plain {
    let amount = money.map(|money| number("exact_amount", &money.exact_amount));
    amount.unwrap_or(Ok(())).map_err(|error| error.within(field))
}

/// A credit limit.
pub(super) fn credit_limit(field: &str, limit: Option<&CreditLimit>) -> Plain {
    let amount = limit.map(|limit| number("exact_amount", &limit.exact_amount));
    amount.unwrap_or(Ok(())).map_err(|error| error.within(field))
}

fn decimal(field: &str, decimal: Option<&google_type::Decimal>) -> Plain {
    decimal.map_or(Ok(()), |decimal| number(field, &decimal.value))
}

fn parts(charged: &Charged) -> Plain {
    for (index, part) in charged.parts.iter().enumerate() {
        let net = number("exact_net", &part.exact_net);
        let both = net.and_then(|()| number("exact_tax", &part.exact_tax));
        both.map_err(|error| error.within(&format!("[{index}]")).within("parts"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_decimal_has_digits_on_both_sides_of_its_point() {
        for text in ["0", "5", "-5", "12.34", "-0.000001", "007", ""] {
            assert_eq!(number("exact_amount", text), Ok(()), "{text}");
        }
        for text in
            ["1e3", "1E3", "1/2", "+5", ".5", "5.", ".", "-", "--5", " 5", "5 ", "1,5", "0x5", "1.2.3", "٥"]
        {
            let refused = number("exact_amount", text);
            assert_eq!(refused, Err(FieldError::at("exact_amount", FieldFault::NotPlain)), "{text}");
        }
    }
}
