//! Bundles cleared among their providers.

use domain::money::{Currency, Money};
use domain::price::Price;
use domain::share::{Claim, ClaimBasis, Cleared, ClearingRefused, clear};

use super::dice::{Dice, number_from};

fn claims(bases: &[ClaimBasis]) -> Vec<Claim> {
    let claim =
        |(number, basis): (usize, &ClaimBasis)| Claim { recipient: number.to_string(), basis: *basis };
    bases.iter().enumerate().map(claim).collect()
}

fn check(minor: i64, bases: &[ClaimBasis], expected: (&[i64], i64)) {
    let money = |minor| Money::new(minor, Currency::Eur);
    let parts = expected.0.iter().copied().map(money).collect();
    let expected = Cleared { parts, own: money(expected.1) };
    assert_eq!(clear(money(minor), &claims(bases)), Ok(expected), "{minor} {bases:?}");
}

#[test]
fn a_ticket_of_several_operators() {
    use ClaimBasis::{PerUse, Price as Agreed, Weight};
    let price = |text| Price::parse(text).unwrap();
    check(1000, &[Weight(1), Weight(1), Weight(1)], (&[334, 333, 333], 0));
    check(-1000, &[Weight(1), Weight(1), Weight(1)], (&[-334, -333, -333], 0));
    check(4900, &[Weight(17), Weight(3), Weight(0)], (&[4165, 735, 0], 0));
    check(4900, &[Agreed(price("12.50")), PerUse { uses: 3, price: price("0.335") }], (&[1250, 101], 3549));
    check(4900, &[Agreed(price("12.50")), Weight(2), Weight(1)], (&[1250, 2433, 1217], 0));
    check(1000, &[Agreed(price("12.50")), Weight(1)], (&[1250, 0], -250));
    check(-4900, &[Agreed(price("12.50")), Weight(2), Weight(1)], (&[-1250, -2433, -1217], 0));
    check(-200, &[Agreed(price("1.50"))], (&[-150], -50));
    check(-200, &[Agreed(price("2.50")), PerUse { uses: 2, price: price("0") }], (&[-250, 0], 50));
    check(0, &[Weight(1)], (&[0], 0));
    check(0, &[Agreed(price("1.50"))], (&[150], -150));
}

#[test]
fn what_cant_be_cleared() {
    let amount = Money::new(100, Currency::Eur);
    assert_eq!(clear(amount, &[]), Err(ClearingRefused::NoClaims));
    let twice = [
        Claim { recipient: "a".to_owned(), basis: ClaimBasis::Weight(1) },
        Claim { recipient: "a".to_owned(), basis: ClaimBasis::Weight(2) },
    ];
    assert_eq!(clear(amount, &twice), Err(ClearingRefused::Duplicate(1)));
}

#[test]
fn a_price_is_never_below_zero() {
    let price = |text| Price::parse(text).unwrap();
    let below = [
        ClaimBasis::Price(price("-1.50")),
        ClaimBasis::Price(price("-0.00000001")),
        ClaimBasis::PerUse { uses: 3, price: price("-0.1") },
        ClaimBasis::PerUse { uses: 0, price: price("-0.1") },
    ];
    for minor in [-200, 0, 200] {
        for basis in below {
            let refused = clear(Money::new(minor, Currency::Eur), &claims(&[ClaimBasis::Weight(1), basis]));
            assert_eq!(refused, Err(ClearingRefused::BelowZero(1)), "{minor} {basis:?}");
        }
    }
}

/// 20,000 bundles; `KVARTER_OPERATIONS` asks for another number.
#[test]
fn parts_and_own_part_add_up_to_the_amount() {
    let mut dice = Dice(number_from("KVARTER_SEED", 9));
    for _ in 0..number_from("KVARTER_OPERATIONS", 20_000) {
        let (amount, claims) = (dice.money(Currency::Eur), dice.claims());
        let cleared = clear(amount, &claims).unwrap();
        let parts = cleared.parts.iter().map(|part| part.minor()).sum::<i64>();
        assert_eq!(parts + cleared.own.minor(), amount.minor(), "{claims:?} {cleared:?}");
        assert_eq!(clear(amount, &claims).unwrap(), cleared);
        if amount.minor() == 0 {
            // Nothing has no mirror image: what is agreed is still due.
            continue;
        }
        let back = clear(amount.checked_neg().unwrap(), &claims).unwrap();
        let mirror = |money: &Money| money.checked_neg().unwrap();
        assert_eq!(back.parts, cleared.parts.iter().map(mirror).collect::<Vec<_>>());
        assert_eq!(back.own, mirror(&cleared.own));
    }
}
