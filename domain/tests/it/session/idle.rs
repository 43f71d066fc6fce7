//! The idle fee: grace, free hours, the most of a day, and that the sheet's bounds do not bind it.

use domain::price::Price;
use domain::price_sheet::Limit;
use domain::session::{DayHours, IdleFee, SessionDimension, SessionTerms, price};
use domain::tax::VatRate;

use super::given::{amount, amsterdam, session, sheet};

fn fee(grace_s: u32, free: Option<(u16, u16)>, cap: Option<&str>) -> IdleFee {
    IdleFee {
        price: Price::parse("6").unwrap(),
        vat: VatRate::new(2_000),
        grace_s,
        free: free.map(|(start, end)| DayHours { start_minute: start * 60, end_minute: end * 60 }),
        most_per_day: cap.map(|cap| Price::parse(cap).unwrap()),
    }
}

/// What the fee comes to by day, and in all with tax.
#[track_caller]
fn check(fee: IdleFee, periods: &str, days: &[(&str, &str)], with_vat: &str) {
    let terms = SessionTerms { idle_fee: Some(fee), ..SessionTerms::default() };
    let priced = price(&session(periods), &[sheet("flat 1")], &amsterdam(), &terms).unwrap();
    let found: Vec<(String, String)> =
        priced.idle_days.iter().map(|(day, idle)| (day.to_string(), idle.amount.to_string())).collect();
    let days: Vec<(String, String)> =
        days.iter().map(|(day, amount)| ((*day).to_owned(), (*amount).to_owned())).collect();
    assert_eq!(found, days);
    let cost = priced.dimensions.get(&SessionDimension::IdleFee).copied().unwrap_or_default();
    assert_eq!(cost.including_vat, amount(with_vat));
    assert_eq!(priced.total.including_vat, cost.including_vat.checked_add(amount("1")).unwrap());
}

#[test]
fn grace_is_the_first_parked_time_of_the_session() {
    let hour = "2024-10-01T08:00Z time 2; 2024-10-01T10:00Z parking 1; 2024-10-01T11:00Z";
    check(fee(0, None, None), hour, &[("2024-10-01", "6")], "7.2");
    check(fee(900, None, None), hour, &[("2024-10-01", "4.5")], "5.4");
    check(fee(3_600, None, None), hour, &[], "0");
    // It is there once: 10 minutes and 20 minutes of parking are 15 minutes beyond the grace.
    let twice = "2024-10-01T08:00Z parking 0.1667; 2024-10-01T08:10Z time 1; 2024-10-01T09:10Z parking 0.3333; \
        2024-10-01T09:30Z";
    check(fee(900, None, None), twice, &[("2024-10-01", "1.5")], "1.8");
}

#[test]
fn nights_are_free_and_days_have_a_most() {
    // 20:00 on Tuesday to 10:00 on Thursday, local time: 2 h, 15 h and 3 h are not free.
    let long = "2024-10-01T18:00Z parking 38; 2024-10-03T08:00Z";
    let all = [("2024-10-01", "12"), ("2024-10-02", "90"), ("2024-10-03", "18")];
    check(fee(0, Some((22, 7)), None), long, &all, "144");
    let capped = [("2024-10-01", "12"), ("2024-10-02", "20"), ("2024-10-03", "18")];
    check(fee(0, Some((22, 7)), Some("20")), long, &capped, "60");
    // Grace runs on in free hours: from 21:50 on, 30 minutes are over before the morning.
    let evening = "2024-10-01T19:50Z parking 9.6667; 2024-10-02T05:30Z";
    check(fee(1_800, Some((22, 7)), None), evening, &[("2024-10-02", "3")], "3.6");
}

#[test]
fn the_day_of_25_hours() {
    let day = "2024-10-26T22:00Z parking 25; 2024-10-27T23:00Z";
    check(fee(0, Some((2, 3)), None), day, &[("2024-10-27", "138")], "165.6");
    check(fee(0, None, Some("100")), day, &[("2024-10-27", "100")], "120");
}

#[test]
fn what_the_sheet_bounds_is_bound_without_it() {
    let mut sheet = sheet("flat 9 vat 20");
    sheet.most = Limit { excluding_vat: Some(Price::parse("5").unwrap()), including_vat: None };
    let session = session("2024-10-01T08:00Z parking 1; 2024-10-01T09:00Z");
    let terms = SessionTerms { idle_fee: Some(fee(0, None, None)), ..SessionTerms::default() };
    let priced = price(&session, &[sheet], &amsterdam(), &terms).unwrap();
    assert_eq!(priced.total.excluding_vat, amount("11"));
    let sum = priced.dimensions.values().try_fold(priced.limits, |sum, cost| sum.checked_add(*cost));
    assert_eq!(sum, Some(priced.total));
}
