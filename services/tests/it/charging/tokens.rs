//! Who is charged by a token: held, blocked, given back; blocked accounts and suspended contracts. Nothing moves.

use proto::charging::payer::Payer as WirePayer;
use proto::charging::{
    BlockAccountRequest, BlockTokenRequest, Payer, SuspendAccountRequest, UnblockAccountRequest,
    UnblockTokenRequest,
};
use proto::directory::directory_service_client::DirectoryServiceClient;
use proto::directory::{ClaimTokenRequest, ReleaseTokenRequest, Token};
use tonic::{Code, Status};

use super::given::{Given, authorize, by_name, by_token, commit, parts, reserve};
use crate::grpc::supplier::account_name;
use crate::grpc::world::{reason, request_id, run};

/// The name of anna's card.
async fn card(given: &Given) -> String {
    let mut directory = DirectoryServiceClient::new(given.world.channel.clone());
    let token = Token { token_type: "rfid".to_owned(), value: "04A2".to_owned(), ..Token::default() };
    let claim = ClaimTokenRequest {
        parent: account_name("anna"),
        token: Some(token),
        request_id: request_id(),
        ..ClaimTokenRequest::default()
    };
    directory.claim_token(claim).await.unwrap().into_inner().name
}

#[test]
fn what_a_token_reserved_is_committed_by_the_account_that_held_it() {
    run(async {
        let mut given = Given::new().await;
        let name = card(&given).await;
        let held = given.client.reserve(reserve(by_token("04A2"), "r1", "10")).await.unwrap().into_inner();
        assert_eq!(held.account, account_name("anna"));
        let may = given.client.authorize(authorize(by_token("04A2"), "10")).await.unwrap().into_inner();
        assert_eq!(may.account, account_name("anna"));
        // The card goes to bert while it runs: by the card the reservation is looked for at bert's.
        let mut directory = DirectoryServiceClient::new(given.world.channel.clone());
        let release = ReleaseTokenRequest { name, request_id: request_id(), ..Default::default() };
        directory.release_token(release).await.unwrap();
        refused(given.client.commit(commit(by_token("04A2"), "r1", "8")).await, "UNKNOWN_TOKEN");
        let token = Token { token_type: "rfid".to_owned(), value: "04A2".to_owned(), ..Token::default() };
        let claim = ClaimTokenRequest {
            parent: account_name("bert"),
            token: Some(token),
            request_id: request_id(),
            ..ClaimTokenRequest::default()
        };
        directory.claim_token(claim).await.unwrap();
        refused(given.client.commit(commit(by_token("04A2"), "r1", "8")).await, "UNKNOWN_RESERVATION");
        let payer = Payer { payer: Some(WirePayer::Account(held.account)) };
        // 8 x 0.605
        let taken = given.client.commit(commit(Some(payer), "r1", "8")).await.unwrap().into_inner();
        assert_eq!(parts(&taken.parts), "1=4.84 EUR");
    });
}

fn refused<T: std::fmt::Debug>(answer: Result<T, Status>, name: &str) {
    assert_eq!(reason(&answer.unwrap_err()).1, name);
}

#[test]
fn a_token_that_is_blocked_is_refused_at_once() {
    run(async {
        let mut given = Given::new().await;
        refused(given.client.authorize(authorize(by_token("04:a2"), "1")).await, "UNKNOWN_TOKEN");
        let name = card(&given).await;
        let held = given.client.reserve(reserve(by_token("04:a2"), "r1", "10")).await.unwrap();
        assert_eq!(parts(&held.into_inner().parts), "1=6.05 EUR");

        let block = BlockTokenRequest { name: name.clone() };
        assert!(given.client.block_token(block.clone()).await.unwrap().into_inner().blocked);
        refused(given.client.authorize(authorize(by_token("04A2"), "1")).await, "TOKEN_BLOCKED");
        refused(given.client.reserve(reserve(by_token("04A2"), "r2", "1")).await, "TOKEN_BLOCKED");
        // What was used is booked all the same.
        given.client.commit(commit(by_token("04A2"), "r1", "1")).await.unwrap();
        assert_eq!(given.balance("anna").await, "99.395");
        // The account itself may be charged.
        given.client.authorize(authorize(by_name("anna"), "1")).await.unwrap();

        let unblock = UnblockTokenRequest { name: name.clone() };
        assert!(!given.client.unblock_token(unblock).await.unwrap().into_inner().blocked);
        refused(given.client.reserve(reserve(by_token("04A2"), "r2", "1")).await, "TOKEN_BLOCKED");
        given.client.reserve(reserve(by_token("04A2"), "r3", "1")).await.unwrap();

        let mut directory = DirectoryServiceClient::new(given.world.channel.clone());
        let release = ReleaseTokenRequest { name, request_id: request_id(), ..Default::default() };
        directory.release_token(release).await.unwrap();
        refused(given.client.authorize(authorize(by_token("04A2"), "1")).await, "UNKNOWN_TOKEN");
        refused(given.client.block_token(block).await, "TOKEN_NOT_OWNED");
    });
}

#[test]
fn an_account_that_is_blocked_or_suspended_spends_nothing() {
    run(async {
        let mut given = Given::new().await;
        let account = account_name("anna");
        given.client.block_account(BlockAccountRequest { account: account.clone() }).await.unwrap();
        refused(given.client.reserve(reserve(by_name("anna"), "r1", "1")).await, "BLOCKED");
        given.client.suspend_account(SuspendAccountRequest { account: account.clone() }).await.unwrap();
        refused(given.client.reserve(reserve(by_name("anna"), "r2", "1")).await, "SUSPENDED");
        given.client.unblock_account(UnblockAccountRequest { account }).await.unwrap();
        given.client.reserve(reserve(by_name("anna"), "r3", "1")).await.unwrap();
        assert_eq!(given.balance("anna").await, "100 held 0.605");
        let nobody = given.client.authorize(authorize(by_name("emil"), "1")).await.unwrap_err();
        assert_eq!(reason(&nobody), (Code::NotFound, "UNKNOWN_ACCOUNT".to_owned()));
    });
}
