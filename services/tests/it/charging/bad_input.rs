//! Bad input: each has a reason of its own, and nothing moves.

use proto::charging::{CommitRequest, ReserveRequest, TopUpRequest};
use proto::types::Unit;
use tonic::Code;
use uuid::{NoContext, Timestamp, Uuid};

use super::given::{Given, by_name, commit, kwh, reserve, top_up};
use crate::grpc::world::{field, reason, run};

/// The seconds since 1970.
fn now() -> u64 {
    Uuid::now_v7().get_timestamp().unwrap().to_unix().0
}

/// An id that was made so many seconds from now.
fn made_in(seconds: u64) -> String {
    Uuid::new_v7(Timestamp::from_unix(NoContext, now() + seconds, 0)).to_string()
}

fn amount(amount: &str, currency_code: &str) -> Option<proto::charging::Asked> {
    use proto::charging::asked::Asked;
    let (currency_code, exact_amount) = (currency_code.to_owned(), amount.to_owned());
    let money = proto::charging::ExactMoney { currency_code, exact_amount };
    Some(proto::charging::Asked { asked: Some(Asked::Amount(money)) })
}

fn in_unit(request: &mut ReserveRequest, quantity: &str, unit: Unit) {
    use proto::charging::asked::Asked;
    let quantity = proto::charging::UnitQuantity { unit: unit.into(), ..kwh(quantity) };
    request.asked.as_mut().unwrap().asked = Some(Asked::Quantity(quantity));
}

#[test]
fn a_reservation_that_can_not_be_is_refused() {
    type Change = fn(&mut ReserveRequest);
    let cases: &[(Change, &str)] = &[
        (|one| in_unit(one, "-1", Unit::KilowattHour), "QUANTITY_NOT_POSITIVE"),
        (|one| in_unit(one, "0", Unit::KilowattHour), "QUANTITY_NOT_POSITIVE"),
        (|one| in_unit(one, "10000000.000001", Unit::KilowattHour), "QUANTITY_ABSURD"),
        (|one| in_unit(one, "1", Unit::Kilowatt), "NOT_AN_ASSET"),
        (|one| in_unit(one, "1", Unit::CubicMetre), "UNPRICED"),
        (|one| one.ttl = Some(prost_types::Duration { seconds: 0, nanos: 999_000_000 }), "TIME_TO_LIVE"),
        (|one| one.ttl = Some(prost_types::Duration { seconds: 2_678_401, nanos: 0 }), "TIME_TO_LIVE"),
        (|one| one.reservation_id = made_in(3_600), "ID_AHEAD"),
        (|one| one.member = Some("carl".to_owned()), "UNKNOWN_MEMBER"),
        (|one| one.usage.as_mut().unwrap().agreement_id = "road".to_owned(), "UNKNOWN_AGREEMENT"),
        (|one| one.usage.as_mut().unwrap().dimension = "parking".to_owned(), "UNPRICED"),
    ];
    run(async {
        let mut given = Given::new().await;
        for (number, (change, expected)) in cases.iter().enumerate() {
            let mut request = reserve(by_name("anna"), &format!("r{number}"), "1");
            change(&mut request);
            let refused = given.client.reserve(request).await.unwrap_err();
            assert_eq!(reason(&refused).1, *expected, "case {number}");
        }
        assert_eq!(given.balance("anna").await, "100");
    });
}

#[test]
fn a_field_that_says_nothing_is_named() {
    type Change = fn(&mut ReserveRequest);
    let cases: &[(Change, &str, &str)] = &[
        (|one| one.payer = None, "payer", "MISSING"),
        (|one| one.asked = None, "asked", "MISSING"),
        (|one| one.ttl = None, "ttl", "MISSING"),
        (|one| one.reservation_id.clear(), "reservation_id", "MISSING"),
        (|one| one.reservation_id = "with space".to_owned(), "reservation_id", "INVALID"),
        (|one| one.reservation_id = "été".to_owned(), "reservation_id", "INVALID"),
        (|one| one.reservation_id = "r".repeat(65), "reservation_id", "INVALID"),
        (|one| one.usage.as_mut().unwrap().product_id = "basic".to_owned(), "usage.product_id", "INVALID"),
        (|one| in_unit(one, "one", Unit::KilowattHour), "asked.quantity.quantity", "INVALID"),
        (|one| in_unit(one, "1e3", Unit::KilowattHour), "asked.quantity.quantity", "INVALID"),
        (|one| in_unit(one, "+5", Unit::KilowattHour), "asked.quantity.quantity", "INVALID"),
        (|one| in_unit(one, ".5", Unit::KilowattHour), "asked.quantity.quantity", "INVALID"),
        (|one| in_unit(one, "5.", Unit::KilowattHour), "asked.quantity.quantity", "INVALID"),
        (|one| in_unit(one, "", Unit::KilowattHour), "asked.quantity.quantity", "MISSING"),
        (|one| in_unit(one, "1", Unit::Unspecified), "asked.quantity.unit", "MISSING"),
        (|one| in_unit(one, "-1", Unit::KilowattHour), "asked.quantity.quantity", "QUANTITY_NOT_POSITIVE"),
        (|one| in_unit(one, "10000001", Unit::KilowattHour), "asked.quantity.quantity", "QUANTITY_ABSURD"),
        (|one| in_unit(one, "1", Unit::Kilowatt), "asked.quantity.unit", "NOT_AN_ASSET"),
        (|one| one.asked = amount("1/2", "EUR"), "asked.amount.exact_amount", "INVALID"),
        (|one| one.asked = amount("", "EUR"), "asked.amount.exact_amount", "MISSING"),
        (|one| one.asked = amount("5", ""), "asked.amount.currency_code", "MISSING"),
        (|one| one.asked = amount("-5", "EUR"), "asked.amount.exact_amount", "AMOUNT_NOT_POSITIVE"),
        (|one| one.asked = amount("2000000000", "EUR"), "asked.amount.exact_amount", "AMOUNT_ABSURD"),
        (|one| one.reservation_id = made_in(3_600), "reservation_id", "ID_AHEAD"),
        (|one| one.ttl = Some(prost_types::Duration { seconds: 0, nanos: 0 }), "ttl", "TIME_TO_LIVE"),
        (|one| in_unit(one, "1.0000001", Unit::KilowattHour), "asked.quantity.quantity", "INVALID"),
    ];
    run(async {
        let mut given = Given::new().await;
        for (change, wrong, expected) in cases {
            let mut request = reserve(by_name("anna"), "r1", "1");
            change(&mut request);
            let refused = given.client.reserve(request).await.unwrap_err();
            assert_eq!(refused.code(), Code::InvalidArgument, "{wrong}");
            assert_eq!((field(&refused).as_str(), reason(&refused).1.as_str()), (*wrong, *expected));
        }
        assert_eq!(given.balance("anna").await, "100");
    });
}

#[test]
fn a_payment_that_can_not_be_is_refused() {
    type Change = fn(&mut TopUpRequest);
    let cases: &[(Change, &str)] = &[
        (|one| one.exact_amount = "0".to_owned(), "AMOUNT_NOT_POSITIVE"),
        (|one| one.exact_amount = "-1".to_owned(), "AMOUNT_NOT_POSITIVE"),
        (|one| one.exact_amount = "1000000001".to_owned(), "AMOUNT_ABSURD"),
        (|one| one.exact_amount = "1.005".to_owned(), "OTHER_SCALE"),
        (|one| one.currency_code = "XXX".to_owned(), "INVALID"),
        (|one| one.currency_code.clear(), "MISSING"),
        (|one| one.unit = "kWh".to_owned(), "INVALID"),
        (|one| one.exact_amount = "ten".to_owned(), "INVALID"),
        (|one| one.operation_id = made_in(3_600), "ID_AHEAD"),
        (|one| one.operation_id = "start".to_owned(), "ID_REUSED"),
    ];
    run(async {
        let mut given = Given::new().await;
        for (number, (change, expected)) in cases.iter().enumerate() {
            let mut request = top_up("anna", &format!("t{number}"), "7");
            change(&mut request);
            let refused = given.client.top_up(request).await.unwrap_err();
            assert_eq!(reason(&refused).1, *expected, "case {number}");
        }
        assert_eq!(given.balance("anna").await, "100");
    });
}

#[test]
fn a_commit_that_can_not_be_is_refused() {
    type Change = fn(&mut CommitRequest);
    let at = |seconds: i64| {
        Some(prost_types::Timestamp { seconds: i64::try_from(now()).unwrap() + seconds, nanos: 0 })
    };
    let cases: &[(Change, &str)] = &[
        (|one| one.used = super::given::used("-1"), "QUANTITY_NOT_POSITIVE"),
        (|one| one.used = super::given::used("10.001"), "COMMIT_ABOVE_HOLD"),
        (|one| one.reservation_id = "r2".to_owned(), "UNKNOWN_RESERVATION"),
    ];
    run(async {
        let mut given = Given::new().await;
        given.client.reserve(reserve(by_name("anna"), "r1", "10")).await.unwrap();
        for (change, expected) in cases {
            let mut request = commit(by_name("anna"), "r1", "1");
            change(&mut request);
            assert_eq!(reason(&given.client.commit(request).await.unwrap_err()).1, *expected);
        }
        for (used_time, expected) in [(at(3_600), "USED_TIME"), (at(-32 * 86_400), "USED_TIME")] {
            let request = CommitRequest { used_time, ..commit(by_name("anna"), "r1", "1") };
            assert_eq!(reason(&given.client.commit(request).await.unwrap_err()).1, expected);
        }
        assert_eq!(given.balance("anna").await, "100 held 6.05");
        // What was used a day ago has the price of then.
        let yesterday = CommitRequest { used_time: at(-86_400), ..commit(by_name("anna"), "r1", "1") };
        given.client.commit(yesterday).await.unwrap();
        assert_eq!(given.balance("anna").await, "99.395");
    });
}
