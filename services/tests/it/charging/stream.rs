//! The stream: many requests under way, each answered under its number.

use std::collections::BTreeMap;

use proto::charging::charge_request::Request;
use proto::charging::charge_response::Outcome;
use proto::charging::{ChargeRequest, ChargeResponse};
use tokio_stream::StreamExt as _;
use tonic::Code;

use super::given::{Given, by_name, by_token, commit, parts, reserve};
use crate::grpc::world::run;

async fn answers(given: &mut Given, requests: Vec<(u64, Option<Request>)>) -> BTreeMap<u64, Outcome> {
    let count = requests.len();
    let requests = requests.into_iter().map(|(correlation, request)| ChargeRequest { correlation, request });
    let requests: Vec<ChargeRequest> = requests.collect();
    let answers = given.client.charge(tokio_stream::iter(requests)).await.unwrap().into_inner();
    let answers: Vec<ChargeResponse> = answers.map(Result::unwrap).collect().await;
    assert_eq!(answers.len(), count);
    answers.into_iter().map(|answer| (answer.correlation, answer.outcome.unwrap())).collect()
}

#[test]
fn every_request_is_answered_under_its_number() {
    run(async {
        let mut given = Given::new().await;
        // More than may be under way at once.
        let reserves = (0..600).map(|number| {
            let request = reserve(by_name("anna"), &format!("r{number}"), "0.1");
            (number, Some(Request::Reserve(request)))
        });
        let granted = answers(&mut given, reserves.collect()).await;
        assert_eq!(granted.len(), 600);
        for outcome in granted.values() {
            let Outcome::Granted(grant) = outcome else { panic!("{outcome:?}") };
            assert_eq!(parts(&grant.parts), "1=0.0605 EUR");
        }
        // 600 x 0.0605
        assert_eq!(given.balance("anna").await, "100 held 36.3");
        let commits = (0..600).map(|number| {
            let request = commit(by_name("anna"), &format!("r{number}"), "0.05");
            (1_000 + number, Some(Request::Commit(request)))
        });
        let taken = answers(&mut given, commits.collect()).await;
        assert!(taken.values().all(|outcome| matches!(outcome, Outcome::Taken(_))));
        // 600 x 0.05 x 0.605
        assert_eq!(given.balance("anna").await, "81.85");
    });
}

#[test]
fn a_request_that_fails_fails_alone() {
    run(async {
        let mut given = Given::new().await;
        let requests = vec![
            (1, Some(Request::Reserve(reserve(by_name("anna"), "r0", "-1")))),
            (2, None),
            (3, Some(Request::Reserve(reserve(by_token("FFFF"), "r1", "1")))),
            (4, Some(Request::Reserve(reserve(by_name("bert"), "r1", "1")))),
            (5, Some(Request::Reserve(reserve(by_name("anna"), "r1", "1")))),
        ];
        let outcomes = answers(&mut given, requests).await;
        let told: Vec<(i32, &str)> = outcomes
            .values()
            .map(|outcome| match outcome {
                Outcome::Error(error) => (error.code, error.reason.as_str()),
                Outcome::Granted(_) => (0, "granted"),
                outcome => panic!("{outcome:?}"),
            })
            .collect();
        assert_eq!(
            told,
            [
                (i32::from(Code::InvalidArgument), "QUANTITY_NOT_POSITIVE"),
                (i32::from(Code::InvalidArgument), "MISSING"),
                (i32::from(Code::NotFound), "UNKNOWN_TOKEN"),
                (i32::from(Code::FailedPrecondition), "OUT_OF_CREDIT"),
                (0, "granted"),
            ]
        );
    });
}
