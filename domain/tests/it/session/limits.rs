//! Least and most, tax that is not given, rounding, and reservations.

use domain::fixed::Rounding;
use domain::price::Price;
use domain::price_sheet::{Limit, PriceSheet, ReservationKind};
use domain::session::{
    Cost, ReservationOutcome, RoundingPoint, RoundingPolicy, SessionDimension, SessionTerms, price,
};

use super::given::{amount, amsterdam, check, check_under, priced, session, sheet};

const TEN_KWH: &str = "2024-10-01T08:00Z energy 10; 2024-10-01T09:00Z";

fn limit(text: &str) -> Limit {
    let price = |text: &str| (text != "-").then(|| Price::parse(text).unwrap());
    let (net, gross) = text.split_once(' ').unwrap();
    Limit { excluding_vat: price(net), including_vat: price(gross) }
}

#[test]
fn least_and_most_bind_each_way_by_themselves() {
    // 10 kWh at 0.50 and 20 %: 5 and 6.
    for (least, most, expected) in [
        ("- -", "- -", "5 6"),
        ("5 6", "5 6", "5 6"),
        ("5.5 -", "- -", "5.5 6"),
        ("- 7", "- -", "5 7"),
        ("5.5 6.6", "- -", "5.5 6.6"),
        ("- -", "4 -", "4 6"),
        ("- -", "- 5.5", "5 5.5"),
        ("- -", "4 4.8", "4 4.8"),
        ("8 8", "7 7", "7 7"),
    ] {
        let sheet = PriceSheet { least: limit(least), most: limit(most), ..sheet("energy 0.5 vat 20") };
        check_under(&sheet, TEN_KWH, expected);
        let priced = priced(&sheet, &session(TEN_KWH));
        let energy = priced.dimensions[&SessionDimension::Energy];
        assert_eq!(energy.checked_add(priced.limits), Some(priced.total));
    }
    // Least is due even where nothing is priced.
    let free = PriceSheet { least: limit("1 1.2"), ..sheet("flat 3 ? duration 7200-") };
    check_under(&free, TEN_KWH, "1 1.2");
}

#[test]
fn no_tax_is_not_a_tax_of_zero() {
    let vat = |elements: &str| priced(&sheet(elements), &session(TEN_KWH)).components[0].vat;
    assert_eq!(vat("energy 0.5"), None);
    assert_eq!(vat("energy 0.5 vat 0").map(|vat| vat.hundredths_of_percent()), Some(0));
    check("energy 0.5", TEN_KWH, "5 5");
    check("energy 0.5 vat 0", TEN_KWH, "5 5");
}

#[test]
fn the_contract_says_how_to_round() {
    // 1.005 and 2.225 without tax, 1.2060 and 2.4475 with it.
    let sheet = sheet("energy 0.201 vat 20 | time 2.225 vat 10");
    let session = session("2024-10-01T08:00Z energy 5 time 1; 2024-10-01T09:00Z");
    let all = [
        (RoundingPoint::Sum, Rounding::HalfAwayFromZero, "3.23", "3.65"),
        (RoundingPoint::Component, Rounding::HalfAwayFromZero, "3.24", "3.66"),
        (RoundingPoint::Component, Rounding::HalfEven, "3.22", "3.66"),
        (RoundingPoint::Component, Rounding::TowardsZero, "3.22", "3.64"),
        (RoundingPoint::Sum, Rounding::AwayFromZero, "3.23", "3.66"),
    ];
    for (point, mode, net, gross) in all {
        let rounding = Some(RoundingPolicy { mode, decimals: 2, point });
        let terms = SessionTerms { rounding, ..SessionTerms::default() };
        let priced = price(&session, std::slice::from_ref(&sheet), &amsterdam(), &terms).unwrap();
        let expected = Cost { excluding_vat: amount(net), including_vat: amount(gross) };
        assert_eq!(priced.total, expected, "{point:?} {mode:?}");
        let sum = priced.dimensions.values().try_fold(priced.rounding, |sum, cost| sum.checked_add(*cost));
        assert_eq!(sum, Some(priced.total));
    }
}

#[test]
fn reservations() {
    let mut sheet = sheet("flat 4 | flat 2, time 5 step 300 | flat 0.5, time 1, energy 0.25");
    sheet.elements[0].restrictions.reservation = Some(ReservationKind::Expired);
    sheet.elements[1].restrictions.reservation = Some(ReservationKind::Reserved);
    let check = |periods: &str, reservation: ReservationOutcome, expected: &str| {
        let terms = SessionTerms { reservation, ..SessionTerms::default() };
        let priced = price(&session(periods), std::slice::from_ref(&sheet), &amsterdam(), &terms).unwrap();
        assert_eq!(priced.total.excluding_vat, amount(expected), "{periods}");
        assert_eq!(priced.warnings, []);
    };
    // 13 minutes become 15: 1.25 and 2 at once; the session: 0.5 at once, an hour at 1, 20 kWh at 0.25.
    let used = "2024-10-01T08:00Z reservation 0.2167; 2024-10-01T08:13Z energy 20 time 1; 2024-10-01T09:13Z";
    check(used, ReservationOutcome::Used, "9.75");
    // An expired one costs 4 at once, its time what a reservation costs, and there is no session.
    let alone = "2024-10-01T08:00Z reservation 1; 2024-10-01T09:00Z";
    check(alone, ReservationOutcome::Expired, "9");
    check(alone, ReservationOutcome::Used, "7");
}

#[test]
fn durations_of_the_session_begin_behind_the_reservation() {
    let used = "2024-10-01T08:00Z reservation 0.5; 2024-10-01T08:30Z time 1; 2024-10-01T09:30Z";
    check("time 1 ? duration 1800-", used, "0.5");
    check("time 1 ? duration -1800", used, "0.5");
}
