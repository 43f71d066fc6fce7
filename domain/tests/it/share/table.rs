//! Sales split, worked by hand.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use domain::day::Day;
use domain::day_span::DaySpan;
use domain::fixed::Rounding;
use domain::leg::LegKind;
use domain::model::Tier;
use domain::money::{Currency, Money};
use domain::price::Price;
use domain::quantity::Quantity;
use domain::share::{
    MonthTerms, SessionTerms, ShareAgreement, ShareBase, ShareDefect, ShareRule, ShareTiers, SharedSession,
    SplitRefused, TierCount, split,
};

fn price(text: &str) -> Price {
    Price::parse(text).unwrap()
}

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::Eur)
}

fn rated(base: ShareBase, rate: &str) -> SessionTerms {
    SessionTerms { base, rate: price(rate), ..SessionTerms::default() }
}

fn agreement(rules: &[(SessionTerms, Option<Rounding>)]) -> ShareAgreement {
    let rule = |(number, (session, rounding)): (usize, &(SessionTerms, Option<Rounding>))| ShareRule {
        recipient: format!("partner {number}"),
        kind: LegKind::Share("commission".to_owned()),
        session: *session,
        month: MonthTerms::default(),
        rounding: *rounding,
    };
    ShareAgreement {
        id: "A".to_owned(),
        version: 1,
        name: "site".to_owned(),
        currency: Currency::Eur,
        span: DaySpan::since(Day::new(2026, 1, 1).unwrap()).unwrap(),
        rules: rules.iter().enumerate().map(rule).collect(),
    }
}

/// Sale, purchase, rules; shares and own part.
fn check(sale: i64, purchase: i64, rules: &[(SessionTerms, Option<Rounding>)], expected: (&[i64], i64)) {
    let session = SharedSession { energy_kwh: Quantity::parse("20").unwrap(), is_credit: false };
    let split = split(eur(sale), eur(purchase), &agreement(rules), &session).unwrap();
    let shares: Vec<i64> = split.shares.iter().map(|share| share.amount.minor()).collect();
    assert_eq!((shares.as_slice(), split.own.minor()), expected, "{sale} {purchase} {rules:?}");
}

#[test]
fn a_sale_is_split() {
    use ShareBase::{Margin, Remainder, Sale};
    check(1000, 0, &[(rated(Sale, "0.1"), None)], (&[100], 900));
    // Three thirds: the earlier takes the unit that is left.
    let third = || (rated(Sale, "0.33333333"), None);
    check(1000, 0, &[third(), third(), third()], (&[334, 333, 333], 0));
    check(-1000, 0, &[third(), third(), third()], (&[-334, -333, -333], 0));
    check(1000, 700, &[(rated(Margin, "0.5"), None)], (&[150], 850));
    check(1000, 700, &[(rated(Margin, "0.5"), None), (rated(Remainder, "0.5"), None)], (&[150, 75], 775));
    let per = SessionTerms { per_kwh: price("0.015"), per_session: price("0.05"), ..SessionTerms::default() };
    check(1000, 700, &[(per, None), (rated(Remainder, "1"), None)], (&[35, 265], 700));
    let floor = SessionTerms { floor: Some(price("0.50")), ..rated(Sale, "0.01") };
    let cap = SessionTerms { cap: Some(price("0.25")), ..rated(Sale, "0.1") };
    check(1000, 0, &[(floor, None), (cap, None)], (&[50, 25], 925));
    // A tie between share and own part goes to the share.
    check(1, 0, &[(rated(Sale, "0.5"), None)], (&[1], 0));
    check(1, 0, &[(rated(Sale, "0.5"), Some(Rounding::TowardsZero))], (&[0], 1));
    check(
        333,
        0,
        &[(rated(Sale, "0.5"), Some(Rounding::AwayFromZero)), (rated(Sale, "0.25"), None)],
        (&[167, 83], 83),
    );
    // Shares may be more than there is: the own part bears it.
    check(100, 90, &[(rated(Sale, "1"), None), (per, None)], (&[100, 35], -35));
}

#[test]
fn what_cant_be_split() {
    let session = SharedSession { energy_kwh: Quantity::ONE, is_credit: false };
    let one = agreement(&[(rated(ShareBase::Sale, "0.1"), None)]);
    let kroner = Money::new(100, Currency::Dkk);
    assert_eq!(split(kroner, eur(0), &one, &session), Err(SplitRefused::OtherCurrency));
    assert_eq!(split(eur(0), kroner, &one, &session), Err(SplitRefused::OtherCurrency));
    assert_eq!(split(eur(i64::MAX), eur(i64::MIN), &one, &session), Err(SplitRefused::OutOfRange));
}

#[test]
fn what_keeps_an_agreement_from_being_made() {
    let mut defective =
        agreement(&[(rated(ShareBase::Sale, "1.1"), None), (rated(ShareBase::Sale, "0.1"), None)]);
    defective.rules[1].recipient = defective.rules[0].recipient.clone();
    defective.rules[1].month.least = Some(price("2"));
    defective.rules[1].month.most = Some(price("1"));
    let expected = [ShareDefect::RateTooLarge(0), ShareDefect::BoundsCross(1), ShareDefect::Duplicate(1)];
    assert_eq!(defective.defects(), expected);
    assert_eq!(agreement(&[]).defects(), [ShareDefect::Empty]);
    let mut purchase = agreement(&[(rated(ShareBase::Sale, "0.1"), None)]);
    purchase.rules[0].kind = LegKind::Purchase;
    assert_eq!(purchase.defects(), [ShareDefect::NotAShare(0)]);
}

#[test]
fn what_is_given_is_never_below_zero() {
    let tiers = |count, of: &str, flat_fee: &str| ShareTiers {
        count,
        tiers: vec![Tier { up_to: None, price: price(of), flat_fee: price(flat_fee) }],
    };
    let below = |term| vec![ShareDefect::BelowZero(0, term)];
    type Case = (fn(&mut ShareRule), Vec<ShareDefect>);
    let cases: [Case; 9] = [
        (|rule| rule.session.rate = price("-0.1"), below("rate")),
        (|rule| rule.session.per_kwh = price("-0.01"), below("per_kwh")),
        (|rule| rule.session.per_session = price("-1"), below("per_session")),
        (|rule| rule.session.cap = Some(price("-5")), below("cap")),
        (|rule| rule.month.fixed = price("-25"), below("fixed")),
        (|rule| rule.month.most = Some(price("-1")), below("most")),
        (|rule| rule.session.cap = Some(price("0")), Vec::new()),
        // How much of a loss is borne.
        (|rule| rule.session.floor = Some(price("-5")), Vec::new()),
        (|rule| rule.month.least = Some(price("-100")), Vec::new()),
    ];
    for (change, expected) in cases {
        let mut agreement = agreement(&[(rated(ShareBase::Sale, "0.1"), None)]);
        change(&mut agreement.rules[0]);
        assert_eq!(agreement.defects(), expected, "{:?}", agreement.rules);
    }
    for (table, expected) in [
        (tiers(TierCount::Energy, "-0.01", "0"), below("tier")),
        (tiers(TierCount::Sessions, "1", "-1"), below("tier")),
        (tiers(TierCount::Sessions, "1.5", "1"), Vec::new()),
        (tiers(TierCount::Base, "1.5", "0"), vec![ShareDefect::RateTooLarge(0)]),
        (tiers(TierCount::Base, "1", "0"), Vec::new()),
    ] {
        let mut agreement = agreement(&[(rated(ShareBase::Sale, "0.1"), None)]);
        agreement.rules[0].month.tiers = Some(table);
        assert_eq!(agreement.defects(), expected, "{:?}", agreement.rules);
    }
}

#[test]
fn the_latest_version_that_holds_counts() {
    let day = |month, day| Day::new(2026, month, day).unwrap();
    let version = |version, first, end| ShareAgreement {
        version,
        span: DaySpan::new(first, end).unwrap(),
        ..agreement(&[])
    };
    let versions =
        [version(1, day(1, 1), Day::MAX), version(2, day(6, 1), day(7, 1)), version(3, day(9, 1), Day::MAX)];
    let on = |service| ShareAgreement::on(&versions, service).map(|version| version.version);
    assert_eq!(on(day(5, 31)), Some(1));
    assert_eq!(on(day(6, 1)), Some(2));
    assert_eq!(on(day(7, 1)), Some(1));
    assert_eq!(on(day(12, 1)), Some(3));
    assert_eq!(ShareAgreement::on(&versions, Day::new(2025, 12, 31).unwrap()), None);
}
