//! Money in minor units.

use domain::fixed::DecimalError;
use domain::money::{Currency, Money};
use proptest::prelude::*;

proptest! {
    #[test]
    fn money_is_its_text(minor in any::<i64>()) {
        for currency in Currency::ALL {
            let money = Money::new(minor, currency);
            prop_assert_eq!(Money::parse(&money.to_text(), currency), Ok(money));
        }
    }

    #[test]
    fn what_is_added_can_be_taken_away(one in any::<i64>(), other in any::<i64>()) {
        let [one, other] = [one, other].map(|minor| Money::new(minor, Currency::Dkk));
        if let Some(sum) = one.checked_add(other) {
            prop_assert_eq!(sum.checked_sub(other), Some(one));
        }
    }
}

#[test]
fn money_has_the_decimals_of_its_currency() {
    let cases = [
        (Currency::Eur, "19.95", Ok(1995)),
        (Currency::Eur, "-0.01", Ok(-1)),
        (Currency::Eur, "19.950", Ok(1995)),
        (Currency::Eur, "0.005", Err(DecimalError::TooManyDecimals { most: 2 })),
        (Currency::Jpy, "1995", Ok(1995)),
        (Currency::Jpy, "0.5", Err(DecimalError::TooManyDecimals { most: 0 })),
        (Currency::Kwd, "1.995", Ok(1995)),
        (Currency::Eur, "92233720368547758.08", Err(DecimalError::TooLarge)),
    ];
    for (currency, text, expected) in cases {
        assert_eq!(Money::parse(text, currency).map(Money::minor), expected, "{text} {currency}");
    }
    assert_eq!(Money::new(-5, Currency::Eur).to_string(), "-0.05 EUR");
    assert_eq!(Money::new(5, Currency::Jpy).to_string(), "5 JPY");
}

#[test]
fn two_currencies_never_meet() {
    let (euro, krone) = (Money::new(1, Currency::Eur), Money::new(1, Currency::Dkk));
    assert_eq!(euro.checked_add(krone), None);
    assert_eq!(euro.checked_sub(krone), None);
    assert_eq!(euro.checked_add(euro).unwrap(), Money::new(2, Currency::Eur));
    for currency in Currency::ALL {
        assert_eq!(Currency::from_code(currency.code()), Some(currency));
    }
}
