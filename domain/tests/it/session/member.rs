//! What members pay: a share less, so much a unit less, a price of their own, and energy that is included.

use domain::contract::Share;
use domain::price::Price;
use domain::price_sheet::Limit;
use domain::session::{
    CostPart, MemberPrice, MemberPrices, PricedSession, RoundingPoint, RoundingPolicy, SessionDimension,
    SessionTerms, price,
};
use proptest::prelude::*;

use super::given::{amount, amsterdam, quantity, session, sheet};

const CHARGE: &str =
    "2024-10-01T08:00Z energy 10 time 1; 2024-10-01T09:00Z energy 4 parking 0.5; 2024-10-01T09:30Z";

fn less(ten_thousandths: u32) -> Option<MemberPrice> {
    Share::new(ten_thousandths).map(MemberPrice::Discount)
}

fn price_of(text: &str) -> Price {
    Price::parse(text).unwrap()
}

fn priced(elements: &str, periods: &str, member: MemberPrices) -> PricedSession {
    let terms = SessionTerms { member, ..SessionTerms::default() };
    price(&session(periods), &[sheet(elements)], &amsterdam(), &terms).unwrap()
}

/// The total without and with tax, and what the member pays less.
#[track_caller]
fn check(elements: &str, member: MemberPrices, expected: (&str, &str), discount: &str) {
    let priced = priced(elements, CHARGE, member);
    assert_eq!(
        (priced.total.excluding_vat, priced.total.including_vat),
        (amount(expected.0), amount(expected.1))
    );
    let found = priced.dimensions.get(&SessionDimension::MemberDiscount).copied().unwrap_or_default();
    assert_eq!(found.excluding_vat, amount(discount));
}

#[test]
fn every_kind_of_price() {
    let all = "energy 0.5 vat 20, time 2 vat 20, flat 1 vat 20 | parking 6 vat 10";
    let none = MemberPrices::default();
    check(all, none, ("13", "15.3"), "0");
    // 14 kWh at 0.50, an hour at 2, half an hour at 6, and 1 at once.
    check(all, MemberPrices { energy: less(1_000), ..none }, ("12.3", "14.46"), "-0.7");
    check(all, MemberPrices { time: less(10_000), ..none }, ("11", "12.9"), "-2");
    check(all, MemberPrices { parking: less(3_333), ..none }, ("12.0001", "14.20011"), "-0.9999");
    let energy = |price| MemberPrices { energy: Some(price), ..none };
    check(all, energy(MemberPrice::Less(price_of("0.05"))), ("12.3", "14.46"), "-0.7");
    // Never below zero, and nothing less where there is nothing to pay.
    check(all, energy(MemberPrice::Less(price_of("0.7"))), ("6", "6.9"), "-7");
    check("energy -0.1", energy(MemberPrice::Less(price_of("0.7"))), ("-1.4", "-1.4"), "0");
    check(all, energy(MemberPrice::Instead(price_of("0.39"))), ("11.46", "13.452"), "-1.54");
    check(all, energy(MemberPrice::Instead(price_of("0.6"))), ("14.4", "16.98"), "1.4");
    check("time 2", energy(MemberPrice::Instead(price_of("0.6"))), ("2", "2"), "0");
    check(all, MemberPrices { flat: Some(MemberPrice::Instead(Price::ZERO)), ..none }, ("12", "14.1"), "-1");
}

#[test]
fn included_energy_is_the_first_of_the_session() {
    let included =
        |kwh: &str, energy| MemberPrices { included_kwh: quantity(kwh), energy, ..MemberPrices::default() };
    // 10 kWh before 11:00 local time at 0.50, 4 kWh after it at 0.70.
    let by_time = "energy 0.5 ? time 00:00-11:00 | energy 0.7";
    check(by_time, included("0", None), ("7.8", "7.8"), "0");
    check(by_time, included("3", None), ("6.3", "6.3"), "-1.5");
    check(by_time, included("12", None), ("1.4", "1.4"), "-6.4");
    check(by_time, included("20", None), ("0", "0"), "-7.8");
    // What is not included costs the member's price.
    check(by_time, included("12", less(5_000)), ("0.7", "0.7"), "-7.1");
    let used = |kwh: &str| priced(by_time, CHARGE, included(kwh, None)).included_kwh;
    assert_eq!((used("3"), used("12.5"), used("20")), (quantity("3"), quantity("12.5"), quantity("14")));
    // A step's surplus is not included: 14 kWh are billed as 15.
    check("energy 0.5 step 5000", included("14", None), ("0.5", "0.5"), "-7");
}

#[test]
fn bounds_steps_and_rounding() {
    let member = MemberPrices { energy: less(1_000), ..MemberPrices::default() };
    check("energy 0.5 step 5000", member, ("6.75", "6.75"), "-0.75");
    let terms = SessionTerms { member, ..SessionTerms::default() };
    let bounded = |least: Option<&str>, most: Option<&str>| {
        let limit = |text: Option<&str>| Limit { excluding_vat: text.map(price_of), including_vat: None };
        let sheet =
            domain::price_sheet::PriceSheet { least: limit(least), most: limit(most), ..sheet("energy 0.5") };
        price(&session(CHARGE), &[sheet], &amsterdam(), &terms).unwrap().total.excluding_vat
    };
    // 7.00 less 0.70: the sheet bounds what the member pays.
    assert_eq!(bounded(Some("6.5"), None), amount("6.5"));
    assert_eq!(bounded(None, Some("6.5")), amount("6.3"));
    let rounding = |point| {
        let policy = RoundingPolicy { mode: domain::fixed::Rounding::HalfAwayFromZero, decimals: 0, point };
        let terms = SessionTerms { rounding: Some(policy), ..terms.clone() };
        price(&session(CHARGE), &[sheet("energy 0.54")], &amsterdam(), &terms).unwrap()
    };
    // 7.56 - 0.756: 8 - 1 by component, 6.804 on the sum.
    assert_eq!(rounding(RoundingPoint::Component).total.excluding_vat, amount("7"));
    assert_eq!(rounding(RoundingPoint::Sum).total.excluding_vat, amount("7"));
    assert_eq!(rounding(RoundingPoint::Sum).rounding.excluding_vat, amount("0.196"));
}

#[test]
fn a_reservation_has_no_price_for_members() {
    let mut sheet = sheet("time 3 | time 2");
    sheet.elements[0].restrictions.reservation = Some(domain::price_sheet::ReservationKind::Reserved);
    let member = MemberPrices { time: less(10_000), ..MemberPrices::default() };
    let terms = SessionTerms { member, ..SessionTerms::default() };
    let record = session("2024-10-01T08:00Z reservation 1; 2024-10-01T09:00Z time 1; 2024-10-01T10:00Z");
    let priced = price(&record, &[sheet], &amsterdam(), &terms).unwrap();
    assert_eq!(priced.total.excluding_vat, amount("3"));
    assert_eq!(priced.cost_of(CostPart::Reservation).unwrap().excluding_vat, amount("3"));
    assert_eq!(priced.cost_of(CostPart::Time).unwrap().excluding_vat, amount("0"));
}

proptest! {
    /// The total is the sum of the dimensions, and the parts that records state are the same sum cut otherwise; nobody who
    /// pays a share less pays more.
    #[test]
    fn sums_hold_and_shares_make_cheaper(
        share in 1_u32..=10_000, kwh in 0_i64..20_000_000, price in 0_i64..100_000_000, vat in 0_u32..30,
    ) {
        let energy = format!("energy {} vat {vat} step 7, flat 1.23 vat 9, time 0.37", Price::from_raw(price));
        let member = MemberPrices {
            energy: less(share),
            time: less(share),
            included_kwh: domain::quantity::Quantity::from_micros(kwh),
            ..MemberPrices::default()
        };
        let found = priced(&energy, CHARGE, member);
        let sum = found.dimensions.values().try_fold(found.limits, |sum, cost| sum.checked_add(*cost));
        prop_assert_eq!(sum, Some(found.total));
        let by_part = CostPart::ALL.into_iter().try_fold(found.limits, |sum, part| sum.checked_add(found.cost_of(part)?));
        prop_assert_eq!(by_part, Some(found.total));
        prop_assert!(found.total <= priced(&energy, CHARGE, MemberPrices::default()).total);
    }
}
