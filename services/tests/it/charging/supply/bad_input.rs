//! What can't be is refused, each with a reason of its own, and changes nothing.

use proto::charging::{FriendlyWindow, WeeklyRecovery};
use proto::google_type::{Date, DayOfWeek, TimeOfDay};
use tonic::Code;

use super::*;
use crate::grpc::world::{field, reason, request_id, run};

/// The whole day, on so many days of the week.
fn all_day(weekdays: std::ops::RangeInclusive<i32>) -> FriendlyWindow {
    FriendlyWindow {
        weekdays: weekdays.map(|day| DayOfWeek::try_from(day).unwrap().into()).collect(),
        from_time: Some(TimeOfDay::default()),
        to_time: Some(TimeOfDay { hours: 24, ..TimeOfDay::default() }),
    }
}

fn weekly(amount: &str) -> Option<Recovery> {
    let (exact_amount, first_day) = (amount.to_owned(), Some(date(2024, 10, 7)));
    Some(Recovery::Weekly(WeeklyRecovery { exact_amount, first_day }))
}

fn emergency(amount: &str, offered_at: &str) -> Option<EmergencyCredit> {
    Some(EmergencyCredit { exact_amount: amount.to_owned(), exact_offered_at: offered_at.to_owned() })
}

#[test]
fn terms_that_can_not_be_kept_are_refused() {
    type Change = fn(&mut PrepaidTerms);
    let cases: &[(Change, &str)] = &[
        (|one| one.metering_point_ids.clear(), "PREPAID_POINTS"),
        (|one| one.exact_low_credit = "-0.01".to_owned(), "LEVELS_OUT_OF_ORDER"),
        (|one| one.emergency = emergency("5", "-0.01"), "LEVELS_OUT_OF_ORDER"),
        (|one| one.friendly_windows = vec![all_day(1..=1); 33], "TOO_MANY_FRIENDLY_HOURS"),
        (|one| one.holidays = days(401), "TOO_MANY_FRIENDLY_HOURS"),
        (|one| one.friendly_windows = vec![all_day(1..=7)], "ALWAYS_FRIENDLY"),
        (
            |one| one.friendly_windows = vec![FriendlyWindow { to_time: midnight(), ..all_day(1..=1) }],
            "FRIENDLY_WINDOW",
        ),
        (|one| one.emergency = emergency("0", "2"), "PREPAID_AMOUNT"),
        (|one| one.recovery = weekly("0"), "PREPAID_AMOUNT"),
        (|one| one.exact_least_reconnection = "-1".to_owned(), "PREPAID_AMOUNT"),
        (|one| one.recovery = weekly("1.005"), "PREPAID_SCALE"),
        (|one| one.exact_zero_credit = "1.001".to_owned(), "PREPAID_SCALE"),
        (|one| one.exact_low_credit = "5.0001".to_owned(), "PREPAID_SCALE"),
        (|one| one.emergency = emergency("5.001", "2"), "PREPAID_SCALE"),
        (|one| one.exact_low_credit = "1000000000.01".to_owned(), "PREPAID_OUT_OF_RANGE"),
        (|one| one.average_days = 0, "AVERAGE_DAYS"),
        (|one| one.average_days = 32, "AVERAGE_DAYS"),
    ];
    run(async {
        let mut supplied = Supplied::with("10").await;
        for (number, (change, expected)) in cases.iter().enumerate() {
            let mut terms = terms();
            change(&mut terms);
            let refused = supplied.set(terms).await.unwrap_err();
            assert_eq!(reason(&refused), (Code::InvalidArgument, (*expected).to_owned()), "case {number}");
        }
        assert_eq!(reason(&supplied.terms().await.unwrap_err()).1, "NOT_PREPAID");
    });
}

/// So many different days.
fn days(count: i32) -> Vec<Date> {
    (0..count).map(|day| date(2024 + day / 336, 1 + day / 28 % 12, 1 + day % 28)).collect()
}

fn midnight() -> Option<TimeOfDay> {
    Some(TimeOfDay::default())
}

#[test]
fn a_field_that_says_nothing_is_named() {
    type Change = fn(&mut SetPrepaidTermsRequest);
    let cases: &[(Change, &str, &str)] = &[
        (|one| one.account = "anna".to_owned(), "account", "INVALID"),
        (|one| one.terms = None, "terms", "MISSING"),
        (|one| one.request_id = "first".to_owned(), "request_id", "REQUEST_ID_INVALID"),
        (|one| one.first_day = Some(date(2024, 2, 30)), "first_day", "INVALID"),
        (|one| of(one).currency_code = "XXX".to_owned(), "terms.currency_code", "INVALID"),
        (|one| of(one).exact_low_credit = "five".to_owned(), "terms.exact_low_credit", "INVALID"),
        (|one| of(one).exact_zero_credit.clear(), "terms.exact_zero_credit", "MISSING"),
        (|one| of(one).metering_point_ids = vec!["12".to_owned()], "terms.metering_point_ids[0]", "INVALID"),
        (|one| of(one).average_days = 65_536, "terms.average_days", "INVALID"),
        (
            |one| of(one).recovery = Some(Recovery::ShareBasisPoints(10_001)),
            "terms.share_basis_points",
            "INVALID",
        ),
        (|one| of(one).holidays = vec![date(2024, 2, 30)], "terms.holidays[0]", "INVALID"),
    ];
    run(async {
        let mut supplied = Supplied::with("10").await;
        for (change, wrong, expected) in cases {
            let mut request = setting(terms());
            change(&mut request);
            let refused = supplied.client.set_prepaid_terms(request).await.unwrap_err();
            assert_eq!((field(&refused).as_str(), reason(&refused).1.as_str()), (*wrong, *expected));
        }
    });
}

fn of(request: &mut SetPrepaidTermsRequest) -> &mut PrepaidTerms {
    request.terms.as_mut().unwrap()
}

#[test]
fn a_repeat_is_known_by_its_id_and_a_trial_sets_nothing() {
    run(async {
        let mut supplied = Supplied::with("10").await;
        let trial = SetPrepaidTermsRequest { validate_only: true, ..setting(terms()) };
        supplied.client.set_prepaid_terms(trial).await.unwrap();
        assert_eq!(reason(&supplied.terms().await.unwrap_err()).1, "NOT_PREPAID");

        let first = SetPrepaidTermsRequest { request_id: request_id(), ..setting(terms()) };
        supplied.client.set_prepaid_terms(first.clone()).await.unwrap();
        let next = SetPrepaidTermsRequest { first_day: None, ..setting(terms_with_emergency()) };
        supplied.client.set_prepaid_terms(next).await.unwrap();
        supplied.client.set_prepaid_terms(first.clone()).await.unwrap();
        assert_eq!(supplied.terms().await.unwrap(), terms_with_emergency(), "the repeat changes nothing");
        let other = SetPrepaidTermsRequest { terms: Some(terms_with_emergency()), ..first };
        let reused = supplied.client.set_prepaid_terms(other).await.unwrap_err();
        assert_eq!(reason(&reused).1, "REQUEST_ID_REUSED");
    });
}

#[test]
fn what_the_supply_does_not_allow_is_refused() {
    run(async {
        let mut supplied = Supplied::with("1").await;
        for refused in [supplied.credit().await.unwrap_err(), supplied.owe("1").await.unwrap_err()] {
            assert_eq!(reason(&refused), (Code::FailedPrecondition, "NOT_PREPAID".to_owned()));
        }
        assert_eq!(reason(&supplied.take(1).await.unwrap_err()).1, "NOT_PREPAID");
        let ahead = SetPrepaidTermsRequest { first_day: Some(date(2999, 1, 1)), ..setting(terms()) };
        let refused = supplied.client.set_prepaid_terms(ahead).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::InvalidArgument, "FIRST_DAY_AHEAD".to_owned()));
        let other = PrepaidTerms { currency_code: "DKK".to_owned(), ..terms() };
        let refused = supplied.set(other).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::FailedPrecondition, "PREPAID_CURRENCY".to_owned()));
        supplied.set(terms_with_emergency()).await.unwrap();
        for (total, expected) in [("-1", "PREPAID_AMOUNT"), ("1.005", "PREPAID_SCALE"), ("ten", "INVALID")] {
            assert_eq!(reason(&supplied.owe(total).await.unwrap_err()).1, expected);
        }
        // The same again, or other terms, and a first day: nothing joins by them.
        for terms in [terms_with_emergency(), terms()] {
            let refused = supplied.set(terms).await.unwrap_err();
            assert_eq!(reason(&refused), (Code::FailedPrecondition, "FIRST_DAY_JOINED".to_owned()));
        }
        let others = ["571313180000000005", "571313180000000012"];
        let points = others.iter().filter(|one| **one != POINT).map(|one| (*one).to_owned());
        let metering_point_ids = points.chain([POINT.to_owned()]).collect();
        let refused = supplied.set(PrepaidTerms { metering_point_ids, ..terms() }).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::FailedPrecondition, "NO_CONTRACT_ALONE".to_owned()));
        supplied.owe("2").await.unwrap();
        assert_eq!(supplied.pay("t1", "0.80").await.unwrap().exact_to_debt, "0.2");
        assert_eq!(reason(&supplied.owe("0.19").await.unwrap_err()).1, "DEBT_BELOW_RECOVERED");
        assert_eq!(reason(&supplied.take(0).await.unwrap_err()).1, "MISSING");
        assert_eq!(reason(&supplied.take(2).await.unwrap_err()).1, "EMERGENCY_NOT_OFFERED");
        // 1.60 - 2 x 3.872 = -6.144: more is missing than 5.
        supplied.use_day(1, "-2.272").await;
        supplied.use_day(2, "-6.144").await;
        assert_eq!(reason(&supplied.take(1).await.unwrap_err()).1, "BEYOND_EMERGENCY");
        let reserved = supplied.charging.top_up(top_up("anna", "prepaid:9", "1")).await.unwrap_err();
        assert_eq!(reason(&reserved).1, "RESERVED_ID");
        assert_eq!(supplied.credit().await.unwrap().exact_credit, "-6.144");
    });
}

#[test]
fn who_is_not_there_is_not_found() {
    run(async {
        let mut supplied = Supplied::with("1").await;
        let nobody = SetPrepaidTermsRequest { account: account_name("emil"), ..setting(terms()) };
        let refused = supplied.client.set_prepaid_terms(nobody).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::NotFound, "UNKNOWN_ACCOUNT".to_owned()));
        let list = ListSupplyOrdersRequest { parent: point_name("571313180000000012") };
        let refused = supplied.client.list_supply_orders(list).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::NotFound, "UNKNOWN_METERING_POINT".to_owned()));
        let list = ListSupplyOrdersRequest { parent: point_name(POINT) };
        let orders = supplied.client.list_supply_orders(list).await.unwrap().into_inner();
        assert!(orders.supply_orders.is_empty(), "nobody supplies it in advance");
    });
}
