//! Request ids, callers, deadlines, and a node that has enough to do.

use std::time::Duration;

use proto::account::{Account, CreateAccountRequest, GetAccountRequest};
use proto::metering::{CreateContractRequest, StreamDaysRequest};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request};
use tonic_types::StatusExt;
use uuid::{NoContext, Timestamp, Uuid};

use super::supplier::{POINT, TENANT, account, account_name, contract, point_name};
use super::world::{World, field, options, reason, request_id, run};

fn create(id: &str, request_id: &str) -> CreateAccountRequest {
    CreateAccountRequest {
        parent: TENANT.to_owned(),
        account: Some(account(id)),
        request_id: request_id.to_owned(),
        ..Default::default()
    }
}

fn id_of(age: i64) -> String {
    let now = Uuid::now_v7().get_timestamp().unwrap().to_unix().0;
    let seconds = now.checked_add_signed(-age).unwrap();
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, 0)).to_string()
}

#[test]
fn a_repeat_gets_the_first_answer() {
    run(async {
        let mut world = World::new().await;
        world.with_catalog().await;
        world.with_customer("anna", POINT).await;
        let id = request_id();
        let first = world.accounts.create_account(create("bert", &id)).await.unwrap().into_inner();
        let again = world.accounts.create_account(create("bert", &id)).await.unwrap().into_inner();
        assert_eq!(first, again);

        // A refusal is an answer as well: it stays even where the request would be taken now.
        let id = request_id();
        let other = Account { display_name: "Another".to_owned(), ..account("bert") };
        let other = CreateAccountRequest { account: Some(other), ..create("bert", &id) };
        for _ in 0..2 {
            let refused = world.accounts.create_account(other.clone()).await.unwrap_err();
            assert_eq!(reason(&refused), (Code::AlreadyExists, "ALREADY_OPEN".to_owned()));
        }
        let add = |id: &str, request_id: &str| CreateContractRequest {
            parent: point_name(POINT),
            contract: Some(contract(id, "anna")),
            request_id: request_id.to_owned(),
            ..Default::default()
        };
        let id = request_id();
        let refused = world.metering.create_contract(add("C2", &id)).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::FailedPrecondition, "CONTRACT_OVERLAPS".to_owned()));
        let reused = world.metering.create_contract(add("C3", &id)).await.unwrap_err();
        assert_eq!(reason(&reused), (Code::InvalidArgument, "REQUEST_ID_REUSED".to_owned()));
        assert_eq!(field(&reused), "request_id");
    });
}

#[test]
fn ids_of_requests_are_judged() {
    run(async {
        let mut world = World::new().await;
        let day = 86_400;
        for (id, expected) in [
            ("x".to_owned(), "REQUEST_ID_INVALID"),
            (Uuid::nil().to_string(), "REQUEST_ID_INVALID"),
            (id_of(8 * day), "REQUEST_ID_EXPIRED"),
            (id_of(-600), "REQUEST_ID_AHEAD"),
        ] {
            let refused = world.accounts.create_account(create("anna", &id)).await.unwrap_err();
            assert_eq!(reason(&refused), (Code::InvalidArgument, expected.to_owned()), "{id}");
            assert_eq!(field(&refused), "request_id");
        }
        for id in [id_of(6 * day), id_of(-60), String::new()] {
            world.accounts.create_account(create("anna", &id)).await.unwrap();
        }
    });
}

#[test]
fn ids_belong_to_their_client() {
    run(async {
        let mut world = World::new().await;
        let id = request_id();
        world.accounts.create_account(create("anna", &id)).await.unwrap();
        let mut other = CreateAccountRequest { account: Some(account("anna")), ..create("anna", &id) };
        other.account.as_mut().unwrap().email = "other@home.example".to_owned();
        let reused = world.accounts.create_account(other.clone()).await.unwrap_err();
        assert_eq!(reason(&reused).1, "REQUEST_ID_REUSED");
        let mut request = Request::new(other);
        request.metadata_mut().insert("kvarter-client", "importer".parse().unwrap());
        let refused = world.accounts.create_account(request).await.unwrap_err();
        assert_eq!(reason(&refused).1, "ALREADY_OPEN");
        for client in ["", &"x".repeat(129)] {
            let mut request = Request::new(create("bert", ""));
            request.metadata_mut().insert("kvarter-client", client.parse().unwrap());
            let refused = world.accounts.create_account(request).await.unwrap_err();
            assert_eq!(field(&refused), "kvarter-client");
        }
    });
}

#[test]
fn a_deadline_that_passed_is_told() {
    run(async {
        let mut world = World::new().await;
        world.accounts.create_account(create("anna", "")).await.unwrap();
        let mut request = Request::new(GetAccountRequest { name: account_name("anna") });
        request.metadata_mut().insert("grpc-timeout", "0m".parse().unwrap());
        let refused = world.accounts.get_account(request).await.unwrap_err();
        assert!(matches!(refused.code(), Code::DeadlineExceeded | Code::Cancelled), "{refused:?}");
        let mut request = Request::new(GetAccountRequest { name: account_name("anna") });
        request.set_timeout(Duration::from_secs(20));
        world.accounts.get_account(request).await.unwrap();
    });
}

#[test]
fn a_full_node_says_when_to_come_again() {
    run(async {
        let mut options = options(services::store::StoreAddress::Memory);
        options.requests = 1;
        let mut world = World::with(options).await;
        let (batches, stream) = tokio::sync::mpsc::channel::<StreamDaysRequest>(1);
        let mut answers = world.metering.stream_days(ReceiverStream::new(stream)).await.unwrap().into_inner();
        let get = GetAccountRequest { name: account_name("anna") };
        let refused = world.accounts.get_account(get.clone()).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::ResourceExhausted, "OVERLOADED".to_owned()));
        assert!(refused.get_details_retry_info().unwrap().retry_delay.is_some());
        let (_silent, stream) = tokio::sync::mpsc::channel::<StreamDaysRequest>(1);
        let refused = world.metering.stream_days(ReceiverStream::new(stream)).await.unwrap_err();
        assert_eq!(
            reason(&refused),
            (Code::ResourceExhausted, "OVERLOADED".to_owned()),
            "one that says nothing"
        );
        // So many that a connection would be closed if refusals counted as faults of it.
        for _ in 0..1_500 {
            let refused = world.accounts.get_account(get.clone()).await.unwrap_err();
            assert_eq!(reason(&refused), (Code::ResourceExhausted, "OVERLOADED".to_owned()));
        }
        drop(batches);
        assert_eq!(answers.message().await.unwrap(), None);
        // The place is free once the server has put the stream away.
        loop {
            let refused = world.accounts.get_account(get.clone()).await.unwrap_err();
            if refused.code() == Code::NotFound {
                break;
            }
        }
    });
}
