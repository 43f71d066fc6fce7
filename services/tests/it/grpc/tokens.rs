//! Tokens over a connection: claimed, refused, given back, listed, resolved.

use proto::directory::directory_service_client::DirectoryServiceClient;
use proto::directory::{
    ClaimTokenRequest, GetTokenRequest, ListTokensRequest, ReleaseTokenRequest, ResolveTokenRequest, Token,
    TokenState,
};
use tokio::task::JoinSet;
use tonic::transport::Channel;
use tonic::{Code, Status};

use super::supplier::{POINT, TENANT, account_name, point_name};
use super::world::{World, fact, field, reason, request_id, run};

type Client = DirectoryServiceClient<Channel>;

fn claim(parent: &str, kind: &str, value: &str) -> ClaimTokenRequest {
    let token = Token { token_type: kind.to_owned(), value: value.to_owned(), ..Default::default() };
    ClaimTokenRequest {
        parent: parent.to_owned(),
        token: Some(token),
        request_id: request_id(),
        ..Default::default()
    }
}

async fn claimed(client: &mut Client, parent: &str, kind: &str, value: &str) -> Token {
    client.claim_token(claim(parent, kind, value)).await.unwrap().into_inner()
}

async fn released(client: &mut Client, name: &str) -> Result<Token, Status> {
    let release =
        ReleaseTokenRequest { name: name.to_owned(), request_id: request_id(), ..Default::default() };
    client.release_token(release).await.map(tonic::Response::into_inner)
}

async fn resolved(client: &mut Client, kind: &str, value: &str) -> Result<String, Status> {
    let (token_type, value) = (kind.to_owned(), value.to_owned());
    let resolve = ResolveTokenRequest { parent: TENANT.to_owned(), token_type, value };
    client.resolve_token(resolve).await.map(|answer| answer.into_inner().owner)
}

#[test]
fn a_token_goes_from_one_owner_to_the_next() {
    run(async {
        let mut world = World::new().await;
        world.with_catalog().await;
        world.with_customer("anna", POINT).await;
        let mut client = DirectoryServiceClient::new(world.channel.clone());
        let unknown = resolved(&mut client, "rfid", "04a2").await.unwrap_err();
        assert_eq!(reason(&unknown), (Code::NotFound, "UNKNOWN_TOKEN".to_owned()));

        let held = claimed(&mut client, &account_name("anna"), "rfid", "04:a2:2b:3c").await;
        assert_eq!((held.state(), held.value.as_str()), (TokenState::Held, "04A22B3C"));
        assert_eq!(held.name, format!("{}/tokens/rfid.04A22B3C", account_name("anna")));
        assert_eq!(resolved(&mut client, "rfid", "04-A2 2b3c").await.unwrap(), account_name("anna"));

        let refused = claimed(&mut client, &point_name(POINT), "rfid", "04A22B3C").await;
        assert_eq!(
            (refused.state(), refused.holder.as_str()),
            (TokenState::Refused, account_name("anna").as_str())
        );
        let get = GetTokenRequest { name: refused.name.clone() };
        assert_eq!(client.get_token(get).await.unwrap().into_inner(), refused);

        assert_eq!(released(&mut client, &held.name).await.unwrap().state(), TokenState::Released);
        let gone = released(&mut client, &held.name).await.unwrap_err();
        assert_eq!(reason(&gone), (Code::NotFound, "TOKEN_NOT_OWNED".to_owned()));
        let held = claimed(&mut client, &point_name(POINT), "rfid", "04A22B3C").await;
        assert_eq!(held.state(), TokenState::Held);
        assert_eq!(resolved(&mut client, "rfid", "04A22B3C").await.unwrap(), point_name(POINT));
        // Another tenant has tokens of its own.
        let resolve = ResolveTokenRequest {
            parent: "tenants/dark".to_owned(),
            token_type: "rfid".to_owned(),
            value: "04A22B3C".to_owned(),
        };
        assert_eq!(client.resolve_token(resolve).await.unwrap_err().code(), Code::NotFound);
    });
}

#[test]
fn of_many_claims_at_once_one_is_granted() {
    run(async {
        let mut world = World::new().await;
        world.with_catalog().await;
        world.with_customer("anna", POINT).await;
        for id in ["bert", "carl", "dora"] {
            world.open(TENANT, id).await;
        }
        let client: Client = DirectoryServiceClient::new(world.channel.clone());
        for card in 0..10 {
            let mut claims = JoinSet::new();
            for id in ["anna", "bert", "carl", "dora", "anna", "bert"] {
                let mut client = client.clone();
                let value = format!("CARD{card}");
                claims.spawn(async move { claimed(&mut client, &account_name(id), "rfid", &value).await });
            }
            let answers = claims.join_all().await;
            let holders: std::collections::BTreeSet<String> = answers
                .iter()
                .map(|token| match token.state() {
                    TokenState::Held => token.name.rsplit_once("/tokens/").unwrap().0.to_owned(),
                    TokenState::Refused => token.holder.clone(),
                    state => panic!("{state:?}"),
                })
                .collect();
            assert_eq!(holders.len(), 1, "{answers:?}");
        }
    });
}

#[test]
fn tokens_are_listed_in_pages() {
    run(async {
        let mut world = World::new().await;
        world.open(TENANT, "anna").await;
        world.open(TENANT, "bert").await;
        let mut client = DirectoryServiceClient::new(world.channel.clone());
        let values = ["A1", "B2", "C3"];
        for value in values.iter().rev() {
            claimed(&mut client, &account_name("anna"), "rfid", value).await;
        }
        claimed(&mut client, &account_name("anna"), "contract_id", "DE*8AA*CA2B3C4D5").await;
        let (mut seen, mut page_token) = (Vec::new(), String::new());
        loop {
            let list = ListTokensRequest { parent: account_name("anna"), page_size: 2, page_token };
            let page = client.list_tokens(list).await.unwrap().into_inner();
            seen.extend(page.tokens.into_iter().map(|token| token.value));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
            let list = ListTokensRequest {
                parent: account_name("bert"),
                page_size: 2,
                page_token: page_token.clone(),
            };
            assert_eq!(field(&client.list_tokens(list).await.unwrap_err()), "page_token");
        }
        assert_eq!(seen, ["DE8AACA2B3C4D5", "A1", "B2", "C3"]);
    });
}

#[test]
fn claims_that_can_not_be_are_refused() {
    run(async {
        let mut world = World::new().await;
        world.open(TENANT, "anna").await;
        let mut client = DirectoryServiceClient::new(world.channel.clone());
        let anna = account_name("anna");
        for (parent, kind, value, wrong) in [
            (anna.as_str(), "RFID", "04", "token.token_type"),
            (anna.as_str(), "rfid", "ä", "token.value"),
            (anna.as_str(), "rfid", "", "token.value"),
            ("tenants/light/products/x", "rfid", "04", "parent"),
            ("tenants/light/meteringPoints/7", "rfid", "04", "parent"),
        ] {
            let refused = client.claim_token(claim(parent, kind, value)).await.unwrap_err();
            assert_eq!(
                (refused.code(), field(&refused)),
                (Code::InvalidArgument, wrong.to_owned()),
                "{value}"
            );
        }
        let nobody = client.claim_token(claim(&account_name("emil"), "rfid", "04")).await.unwrap_err();
        assert_eq!(reason(&nobody), (Code::NotFound, "UNKNOWN_ACCOUNT".to_owned()));
        for name in [anna.clone(), format!("{anna}/tokens/rfid"), format!("{anna}/tokens/rfid.04%3Aa2")] {
            assert_eq!(field(&released(&mut client, &name).await.unwrap_err()), "name");
        }
        world.put_points().await;
        for number in 0..100 {
            claimed(&mut client, &point_name(POINT), "meter_serial", &number.to_string()).await;
        }
        let full = client.claim_token(claim(&point_name(POINT), "meter_serial", "100")).await.unwrap_err();
        assert_eq!(reason(&full), (Code::FailedPrecondition, "TOO_MANY_TOKENS".to_owned()));
        assert_eq!(fact(&full, "most"), "100");
    });
}
