//! What a price decides: what is promised, and what is decided anew once there is one.

use domain::day::{Day, DayRule};
use domain::instant::Instant;
use domain::zone::Zone;
use proto::catalog::{ConstantPrice, DatedPrice, Product, component};
use proto::charging::{CommitRequest, ReserveRequest};
use proto::google_type::Date;
use tonic::Code;
use uuid::Uuid;

use super::given::{Given, by_name, commit, parts, product, reserve};
use crate::grpc::supplier::{date, decimal, seconds};
use crate::grpc::world::{fact, reason, run};

const DAY_SECONDS: i64 = 86_400;

/// The seconds since 1970.
fn now() -> i64 {
    i64::try_from(Uuid::now_v7().get_timestamp().unwrap().to_unix().0).unwrap()
}

/// The civil day of the tenant so many days ago.
fn days_ago(days: i64) -> Date {
    let at = Instant::from_millis((now() - days * DAY_SECONDS) * 1_000).unwrap();
    let day: Day = DayRule::civil(Zone::named("Europe/Amsterdam").unwrap()).day_of(at);
    (&day).into()
}

/// Energy at 2.00 per kWh until ten days ago, at 0.50 since then.
fn cheaper(id: &str) -> Product {
    let price = |valid_from, price| DatedPrice { valid_from: Some(valid_from), price: Some(decimal(price)) };
    let prices = vec![price(date(2024, 1, 1), "2.00"), price(days_ago(10), "0.50")];
    let mut product = Product { product_id: id.to_owned(), ..product() };
    product.components.first_mut().unwrap().price =
        Some(component::Price::Constant(ConstantPrice { prices }));
    product
}

fn under(agreement: &str, request: ReserveRequest) -> ReserveRequest {
    let mut request = request;
    request.usage.as_mut().unwrap().agreement_id = agreement.to_owned();
    request
}

#[test]
fn what_lacked_a_price_is_decided_anew_under_its_id() {
    run(async {
        let mut given = Given::new().await;
        let ask = || under("later", reserve(by_name("anna"), "r1", "10"));
        let unknown = given.client.reserve(ask()).await.unwrap_err();
        assert_eq!(reason(&unknown), (Code::NotFound, "UNKNOWN_AGREEMENT".to_owned()));
        given.agree("anna", "later", "later").await;
        let unpriced = given.client.reserve(ask()).await.unwrap_err();
        assert_eq!(reason(&unpriced), (Code::FailedPrecondition, "UNPRICED".to_owned()));
        assert_eq!(fact(&unpriced, "unpriced"), "UNKNOWN_PRODUCT");
        // Two agreements, and none is named: the same id with the name is another request, and the first one that is kept.
        let several = given.client.reserve(reserve(by_name("anna"), "r1", "10")).await.unwrap_err();
        assert_eq!(reason(&several), (Code::FailedPrecondition, "SEVERAL_AGREEMENTS".to_owned()));
        given.sell(cheaper("later")).await;
        let held = given.client.reserve(ask()).await.unwrap().into_inner();
        assert_eq!(parts(&held.parts), "1=6.05 EUR");
    });
}

#[test]
fn a_granted_quantity_is_taken_at_a_dearer_price_too() {
    run(async {
        let mut given = Given::new().await;
        given.sell(cheaper("cheaper")).await;
        given.agree("anna", "dated", "cheaper").await;
        for id in ["r1", "r2"] {
            // 10 x 0.50 x 1.21
            let held =
                given.client.reserve(under("dated", reserve(by_name("anna"), id, "10"))).await.unwrap();
            assert_eq!(parts(&held.into_inner().parts), "1=6.05 EUR");
        }
        let then = |id: &str, quantity: &str| CommitRequest {
            used_time: Some(seconds(now() - 20 * DAY_SECONDS)),
            ..commit(by_name("anna"), id, quantity)
        };
        let above = given.client.commit(then("r1", "10.001")).await.unwrap_err();
        assert_eq!(reason(&above), (Code::FailedPrecondition, "COMMIT_ABOVE_HOLD".to_owned()));
        // 10.001 x 2.00 x 1.21 - 6.05
        assert_eq!(fact(&above, "missing"), "18.15242");
        let taken = given.client.commit(then("r1", "10")).await.unwrap().into_inner();
        // 10 x 2.00 x 1.21, of which 6.05 were held.
        assert_eq!((parts(&taken.parts).as_str(), taken.exact_beyond_hold.as_str()), ("1=24.2 EUR", "18.15"));
        let taken = given.client.commit(commit(by_name("anna"), "r2", "10")).await.unwrap().into_inner();
        assert_eq!((parts(&taken.parts).as_str(), taken.exact_beyond_hold.as_str()), ("1=6.05 EUR", "0"));
        assert_eq!(given.balance("anna").await, "69.75");
    });
}

#[test]
fn a_late_commit_is_held_to_what_was_granted() {
    run(async {
        let mut given = Given::new().await;
        let ttl = Some(prost_types::Duration { seconds: 1, nanos: 0 });
        let held = ReserveRequest { ttl, ..reserve(by_name("anna"), "r1", "1") };
        given.client.reserve(held).await.unwrap();
        while given.balance("anna").await != "100" {
            tokio::task::yield_now().await;
        }
        let above = given.client.commit(commit(by_name("anna"), "r1", "10000000")).await.unwrap_err();
        assert_eq!(reason(&above), (Code::FailedPrecondition, "COMMIT_ABOVE_HOLD".to_owned()));
        // (10,000,000 - 1) x 0.605
        assert_eq!(fact(&above, "missing"), "6049999.395");
        assert_eq!(given.balance("anna").await, "100");
        let taken = given.client.commit(commit(by_name("anna"), "r1", "1")).await.unwrap().into_inner();
        assert_eq!((parts(&taken.parts).as_str(), taken.late), ("1=0.605 EUR", true));
        assert_eq!(given.balance("anna").await, "99.395");
    });
}
