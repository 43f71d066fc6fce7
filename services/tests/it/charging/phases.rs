//! Reserve, use, release; debits; money in and out. A kWh costs 0.50 and 21 % tax: 0.605.

use proto::charging::{
    CreditLimit, DebitMode, DebitRequest, EndAgreementRequest, ExtendRequest, ListAgreementsRequest,
    RefundRequest, ReleaseRequest, SetCreditLimitRequest, TransferRequest, shortage,
};
use tonic::Code;

use super::given::{Given, asked, authorize, by_name, commit, energy, euros, parts, reserve, top_up, used};
use crate::grpc::supplier::{account_name, date};
use crate::grpc::world::{reason, run};

fn debit(account: &str, id: &str, mode: DebitMode, quantity: &str) -> DebitRequest {
    DebitRequest {
        payer: by_name(account),
        operation_id: id.to_owned(),
        mode: mode.into(),
        usage: energy(),
        used: used(quantity),
        ..DebitRequest::default()
    }
}

#[test]
fn what_is_held_is_used_and_the_rest_comes_back() {
    run(async {
        let mut given = Given::new().await;
        let grant = given.client.authorize(authorize(by_name("anna"), "10")).await.unwrap().into_inner();
        assert_eq!((parts(&grant.parts).as_str(), grant.expire_time), ("1=6.05 EUR", None));
        assert_eq!(given.balance("anna").await, "100");

        let held = given.client.reserve(reserve(by_name("anna"), "r1", "10")).await.unwrap().into_inner();
        assert_eq!(parts(&held.parts), "1=6.05 EUR");
        assert!(held.expire_time.is_some() && held.shortage.is_none());
        assert_eq!(given.balance("anna").await, "100 held 6.05");
        let again = given.client.reserve(reserve(by_name("anna"), "r1", "10")).await.unwrap().into_inner();
        assert_eq!(again, held);

        let more = ExtendRequest {
            payer: by_name("anna"),
            operation_id: "x1".to_owned(),
            reservation_id: "r1".to_owned(),
            more: asked("2"),
            ttl: None,
        };
        let more = given.client.extend(more).await.unwrap().into_inner();
        assert_eq!(parts(&more.parts), "1=1.21 EUR");
        assert_eq!(given.balance("anna").await, "100 held 7.26");

        // 8.5 x 0.605
        let taken = given.client.commit(commit(by_name("anna"), "r1", "8.5")).await.unwrap().into_inner();
        assert_eq!((parts(&taken.parts).as_str(), taken.late), ("1=5.1425 EUR", false));
        assert_eq!(given.balance("anna").await, "94.8575");
        let again = given.client.commit(commit(by_name("anna"), "r1", "8.5")).await.unwrap().into_inner();
        assert_eq!(again, taken);
        let other = given.client.commit(commit(by_name("anna"), "r1", "8.6")).await.unwrap_err();
        assert_eq!(reason(&other), (Code::AlreadyExists, "ID_REUSED".to_owned()));

        given.client.reserve(reserve(by_name("anna"), "r2", "1")).await.unwrap();
        let release = ReleaseRequest { payer: by_name("anna"), reservation_id: "r2".to_owned() };
        let released = given.client.release(release).await.unwrap().into_inner();
        assert_eq!(parts(&released.parts), "1=0.605 EUR");
        assert_eq!(given.balance("anna").await, "94.8575");
    });
}

#[test]
fn a_grant_goes_as_far_as_the_funds() {
    run(async {
        let mut given = Given::new().await;
        // 100 / 0.605 = 165.289…, in steps of a thousandth.
        let held = given.client.reserve(reserve(by_name("anna"), "r1", "200")).await.unwrap().into_inner();
        assert_eq!(held.granted, asked("165.289"));
        assert_eq!(held.shortage.unwrap().shortage, Some(shortage::Shortage::Funds(())));
        let nothing = given.client.reserve(reserve(by_name("bert"), "r1", "1")).await.unwrap_err();
        assert_eq!(reason(&nothing), (Code::FailedPrecondition, "OUT_OF_CREDIT".to_owned()));
        // It stays refused under its id, whatever came since.
        given.client.top_up(top_up("bert", "t1", "50")).await.unwrap();
        let nothing = given.client.reserve(reserve(by_name("bert"), "r1", "1")).await.unwrap_err();
        assert_eq!(reason(&nothing), (Code::FailedPrecondition, "OUT_OF_CREDIT".to_owned()));
        given.client.reserve(reserve(by_name("bert"), "r2", "1")).await.unwrap();
    });
}

#[test]
fn debits_go_as_far_as_they_may() {
    run(async {
        let mut given = Given::new().await;
        let far = given.client.debit(debit("anna", "d1", DebitMode::Voluntary, "166")).await.unwrap_err();
        assert_eq!(reason(&far), (Code::FailedPrecondition, "OUT_OF_CREDIT".to_owned()));
        let taken = given.client.debit(debit("anna", "d2", DebitMode::Voluntary, "100")).await.unwrap();
        assert_eq!(parts(&taken.into_inner().parts), "1=60.5 EUR");
        let limit = CreditLimit { currency_code: "EUR".to_owned(), exact_amount: "20".to_owned() };
        let set = SetCreditLimitRequest { account: account_name("anna"), credit_limit: Some(limit) };
        given.client.set_credit_limit(set).await.unwrap();
        // 39.5 left: 65.289 kWh, without credit.
        let left = given.client.debit(debit("anna", "d3", DebitMode::Balancing, "100")).await.unwrap();
        assert_eq!(parts(&left.into_inner().parts), "1=39.499845 EUR");
        let forced = given.client.debit(debit("anna", "d4", DebitMode::Forced, "100")).await.unwrap();
        assert_eq!(parts(&forced.into_inner().parts), "1=60.5 EUR");
        assert_eq!(given.balance("anna").await, "-60.499845");
    });
}

#[test]
fn money_leaves_and_arrives() {
    run(async {
        let mut given = Given::new().await;
        let refund = RefundRequest {
            account: account_name("anna"),
            operation_id: "f1".to_owned(),
            amount: euros("10"),
        };
        given.client.refund(refund.clone()).await.unwrap();
        given.client.refund(refund).await.unwrap();
        let transfer = |to: &str| TransferRequest {
            account: account_name("anna"),
            operation_id: format!("to-{to}"),
            to_account: account_name(to),
            amount: euros("25.50"),
        };
        given.client.transfer(transfer("bert")).await.unwrap();
        assert_eq!(given.balance("anna").await, "64.5");
        // It arrives by message.
        while given.balance("bert").await != "25.5" {
            tokio::task::yield_now().await;
        }
        let nobody = given.client.transfer(transfer("emil")).await.unwrap_err();
        assert_eq!(reason(&nobody), (Code::NotFound, "NOT_FOUND".to_owned()));
        let itself = given.client.transfer(transfer("anna")).await.unwrap_err();
        assert_eq!(reason(&itself), (Code::InvalidArgument, "SAME_ACCOUNT".to_owned()));
        assert_eq!(given.balance("anna").await, "64.5");
    });
}

#[test]
fn an_agreement_says_by_what_it_is_charged() {
    run(async {
        let mut given = Given::new().await;
        let list = || ListAgreementsRequest { account: account_name("anna") };
        let agreements = given.client.list_agreements(list()).await.unwrap().into_inner().agreements;
        let names: Vec<&str> = agreements.iter().map(|agreement| agreement.name.as_str()).collect();
        assert_eq!(names, [format!("{}/agreements/home", account_name("anna"))]);
        given.agree("anna", "road", "charging").await;
        let several = given.client.authorize(authorize(by_name("anna"), "1")).await.unwrap_err();
        assert_eq!(reason(&several), (Code::FailedPrecondition, "SEVERAL_AGREEMENTS".to_owned()));
        let mut named = authorize(by_name("anna"), "1");
        named.usage.as_mut().unwrap().agreement_id = "road".to_owned();
        given.client.authorize(named.clone()).await.unwrap();
        let end = EndAgreementRequest {
            account: account_name("anna"),
            agreement_id: "road".to_owned(),
            end_day: Some(date(2024, 2, 1)),
        };
        given.client.end_agreement(end).await.unwrap();
        let over = given.client.authorize(named).await.unwrap_err();
        assert_eq!(reason(&over), (Code::FailedPrecondition, "AGREEMENT_OVER".to_owned()));
        given.client.authorize(authorize(by_name("anna"), "1")).await.unwrap();
        // A product that does not count what runs.
        given.agree("anna", "supply", "basic").await;
        let mut supply = authorize(by_name("anna"), "1");
        supply.usage.as_mut().unwrap().agreement_id = "supply".to_owned();
        let unpriced = given.client.authorize(supply).await.unwrap_err();
        assert_eq!(reason(&unpriced), (Code::FailedPrecondition, "UNPRICED".to_owned()));
    });
}
