//! Who is let in: tokens, the exchange of credentials from either side, suspension, rotation, limits.

use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::{Method, Request};
use bytes::Bytes;
use http_body_util::Full;
use proto::roaming::{
    ConnectPartnerRequest, CreatePartnerRequest, GetPartnerRequest, OwnProfile, PartnerRole, PartnerState,
    PartyRole, RequestLimit, ResumePartnerRequest, RotatePartnerTokenRequest, SetOwnProfileRequest,
    SuspendPartnerRequest, UpdatePartnerRequest,
};
use serde_json::json;
use tonic::Code;

use super::given::{BASE, Given, Line, party};
use crate::grpc::supplier::{TENANT, account_name};
use crate::grpc::world::{reason, run};

const CREDENTIALS: &str = "/ocpi/light/2.2.1/credentials";

#[test]
fn credentials_are_exchanged_and_the_first_token_is_worth_nothing_then() {
    run(async {
        let mut given = Given::new().await;
        given.world.open(TENANT, "abc").await;
        let first = given.create("abc", None).await;
        // The first token opens versions and credentials, and nothing else.
        let versions = given.get(&format!("{BASE}/versions"), &first).await;
        versions.is(200, 1000);
        let address = given.address();
        assert_eq!(
            versions.data(),
            &json!([{"version": "2.2.1", "url": format!("http://{address}/ocpi/light/2.2.1")}])
        );
        assert_eq!(versions.header("x-request-id"), "the id");
        given.get(&format!("{BASE}/2.2.1/cpo/locations"), &first).await.is(401, 2000);
        given.ask(Method::PUT, CREDENTIALS, &first, Bytes::from_static(b"{}")).await.is(405, 2000);
        let body = given.platform.credentials("their token", json!([]));
        given.post(CREDENTIALS, &first, &body).await.is(200, 2001);

        let roles = json!([{"role": "EMSP", "party_id": "ABC", "country_code": "BE"}]);
        let body = given.platform.credentials("their-token", roles);
        given.platform.asked();
        let told = given.post(CREDENTIALS, &first, &body).await;
        told.is(200, 1000);
        let second = told.data()["token"].as_str().unwrap().to_owned();
        assert_eq!(told.data()["url"], format!("http://{address}/ocpi/light/versions"));
        assert_eq!(told.data()["roles"][0]["party_id"], "LGT");
        // It was called back with the token that it gave, in base64.
        let asked = given.platform.asked();
        assert_eq!(
            asked.iter().map(|asked| asked.path.as_str()).collect::<Vec<_>>(),
            ["/versions", "/2.2.1"]
        );
        assert_eq!(asked[0].authorization, "Token dGhlaXItdG9rZW4=");

        given.get(&format!("{BASE}/versions"), &first).await.is(401, 2000);
        given.get(&format!("{BASE}/2.2.1/cpo/locations"), &second).await.is(200, 1000);
        let shown = given.get(CREDENTIALS, &second).await;
        assert_eq!(shown.data()["token"], second.as_str());
        given.post(CREDENTIALS, &second, &body).await.is(405, 2000);
        // Anew, with another token; then no longer.
        let told = given.put(CREDENTIALS, &second, &body).await;
        told.is(200, 1000);
        let third = told.data()["token"].as_str().unwrap().to_owned();
        given.get(CREDENTIALS, &second).await.is(401, 2000);
        given.ask(Method::DELETE, CREDENTIALS, &third, Bytes::new()).await.is(200, 1000);
        given.get(CREDENTIALS, &third).await.is(401, 2000);
    });
}

#[test]
fn whoever_can_not_be_called_back_is_not_registered() {
    run(async {
        let mut given = Given::new().await;
        given.world.open(TENANT, "abc").await;
        let first = given.create("abc", None).await;
        let roles = json!([{"role": "EMSP", "party_id": "ABC", "country_code": "BE"}]);
        let good = given.platform.credentials("their-token", roles.clone());
        let of = |name: &str, value: serde_json::Value| {
            let mut body = good.clone();
            body[name] = value;
            body
        };
        let cases = [
            (of("url", json!("http://127.0.0.1:9/versions")), 3001, "can't be reached"),
            (of("url", json!("https://partner.example/versions")), 2001, "TLS"),
            (of("url", json!("ftp://partner")), 2001, "url"),
            (of("token", json!("a b")), 2001, "token"),
            (of("token", json!(7)), 2001, "credentials"),
            (of("roles", json!([{"role": "NSP", "party_id": "ABC", "country_code": "BE"}])), 3003, "roles"),
            (
                of("roles", json!([{"role": "CPO", "party_id": "ABCD", "country_code": "BE"}])),
                2001,
                "party_id",
            ),
            // The party of another partner.
            (
                of("roles", json!([{"role": "EMSP", "party_id": "DCB", "country_code": "DE"}])),
                2000,
                "another partner",
            ),
        ];
        let beyond =
            |role: &str| of("roles", json!([{"role": role, "party_id": "LGT", "country_code": "NL"}]));
        // A hub, where none was agreed, and the tenant itself.
        let cases = cases.into_iter().chain([
            (beyond("HUB"), 2000, "HUB:NL*LGT was not agreed"),
            (beyond("EMSP"), 2000, "tenant itself"),
        ]);
        for (body, code, text) in cases {
            let told = given.post(CREDENTIALS, &first, &body).await;
            told.is(200, code);
            assert!(told.message().contains(text), "{}", told.message());
        }
        given.platform.names(Some(json!({"version": "2.2.1", "endpoints": []})));
        given.post(CREDENTIALS, &first, &good).await.is(200, 3003);
        given.platform.names(Some(json!("nothing")));
        given.post(CREDENTIALS, &first, &good).await.is(200, 3001);
        given.platform.names(None);
        // Nothing of that has had an effect.
        let told = given.post(CREDENTIALS, &first, &good).await;
        told.is(200, 1000);
        // It becomes no more later either.
        let second = told.data()["token"].as_str().unwrap();
        let roles = json!([{"role": "CPO", "party_id": "ABC", "country_code": "BE"}]);
        let told = given.put(CREDENTIALS, second, &of("roles", roles)).await;
        told.is(200, 2000);
        assert!(told.message().starts_with("CPO:BE*ABC was not agreed"), "{}", told.message());
        given.put(CREDENTIALS, second, &good).await.is(200, 1000);
    });
}

#[test]
fn nobody_without_a_token_is_let_in() {
    run(async {
        let given = Given::new().await;
        let send = async |authorization: Option<&str>, path: &str| {
            let mut line = Line::open(given.address()).await;
            let request = Request::builder().uri(path).header(HOST, "here");
            let request = match authorization {
                Some(shown) => request.header(AUTHORIZATION, shown),
                None => request,
            };
            line.send(request.body(Full::default()).unwrap()).await
        };
        let versions = format!("{BASE}/versions");
        for shown in [None, Some("Token"), Some("Basic YTpi"), Some("Token bm9uZQ=="), Some("Token a b")] {
            send(shown, &versions).await.is(401, 2000);
        }
        // The token in clear, as many still send it.
        send(Some(&format!("Token {}", given.operator)), &versions).await.is(200, 1000);
        for path in ["/ocpi/dark/versions", "/ocpi/NO!/versions", "/", "/ocpi"] {
            send(Some(&format!("Token {}", given.operator)), path).await.is(401, 2000);
        }
        // What a role does not open.
        given.get(&format!("{BASE}/2.2.1/cpo/locations"), &given.operator).await.is(404, 2000);
        given.get(&format!("{BASE}/2.2.1/emsp/tokens"), &given.provider).await.is(404, 2000);
        given.get(&format!("{BASE}/2.1.1"), &given.operator).await.is(404, 3002);
        given.get(&format!("{BASE}/2.1.1/locations"), &given.operator).await.is(404, 3002);
        given.get(&format!("{BASE}/2.2.1/emsp/commands/NL/TNM/1"), &given.operator).await.is(404, 2000);
        given.get(&format!("{BASE}/2.2.1/nowhere"), &given.operator).await.is(404, 2000);
        let tariff = format!("{BASE}/2.2.1/emsp/tariffs/NL/TNM/1");
        let told = given.ask(Method::POST, &tariff, &given.operator, Bytes::new()).await;
        told.is(405, 2000);
        assert_eq!(told.header("allow"), "GET, PUT, DELETE");
    });
}

#[test]
fn a_suspended_partner_and_a_former_token_are_let_in_nowhere() {
    run(async {
        let mut given = Given::new().await;
        let (name, versions) = (format!("{TENANT}/partners/tnm"), format!("{BASE}/versions"));
        given.partners.suspend_partner(SuspendPartnerRequest { name: name.clone() }).await.unwrap();
        let told = given.get(&versions, &given.operator).await;
        told.is(401, 2000);
        assert!(told.message().contains("suspended"));
        given.partners.resume_partner(ResumePartnerRequest { name: name.clone() }).await.unwrap();
        given.get(&versions, &given.operator).await.is(200, 1000);
        let rotated = given.partners.rotate_partner_token(RotatePartnerTokenRequest { name }).await.unwrap();
        given.get(&versions, &given.operator).await.is(401, 2000);
        given.get(&versions, &rotated.into_inner().token).await.is(200, 1000);
    });
}

#[test]
fn a_partner_may_ask_for_as_much_as_was_agreed() {
    run(async {
        let mut given = Given::new().await;
        given.world.open(TENANT, "few").await;
        // So few a second that none comes back while the test runs.
        let limit = RequestLimit { per_second: 1, at_once: 3 };
        let token = given.create("few", Some(limit)).await;
        let mut statuses = Vec::new();
        for _ in 0..20 {
            let told = given.get(&format!("{BASE}/versions"), &token).await;
            if told.status == 429 {
                told.is(429, 2000);
                assert!(told.header("retry-after").parse::<u64>().unwrap() >= 1);
            }
            statuses.push(told.status.as_u16());
        }
        assert_eq!(statuses[..3], [200, 200, 200]);
        assert!(statuses.contains(&429), "{statuses:?}");
        given.get(&format!("{BASE}/versions"), &given.operator).await.is(200, 1000);
    });
}

#[test]
fn credentials_are_exchanged_from_this_side_too() {
    run(async {
        let mut given = Given::new().await;
        given.world.open(TENANT, "abc").await;
        let first = given.create("abc", None).await;
        let name = format!("{TENANT}/partners/abc");
        let url = given.platform.versions();
        let connect = || ConnectPartnerRequest {
            name: name.clone(),
            versions_url: url.clone(),
            token: "given-by-hand".to_owned(),
        };
        // Nobody knows where this platform is reached.
        let refused = given.partners.connect_partner(connect()).await.unwrap_err();
        assert_eq!(reason(&refused).1, "NO_OWN_PROFILE");
        let parent = TENANT.to_owned();
        let listed = given
            .partners
            .list_partners(proto::roaming::ListPartnersRequest { parent: parent.clone() })
            .await;
        let mut own = listed.unwrap().into_inner().own.unwrap();
        own.url = "https://ocpi.light.example".to_owned();
        given.partners.set_own_profile(SetOwnProfileRequest { parent, own: Some(own) }).await.unwrap();

        given.platform.goes_away(true);
        let refused = given.partners.connect_partner(connect()).await.unwrap_err();
        assert_eq!(reason(&refused).1, "PARTNER_NOT_REACHED");
        given.platform.goes_away(false);
        // It takes what it is told, and is more than was agreed: another's operator.
        let roles = json!([{"role": "CPO", "party_id": "TNM", "country_code": "NL"}]);
        given.platform.answers(given.platform.credentials("for-this-side", roles));
        given.platform.asked();
        let refused = given.partners.connect_partner(connect()).await.unwrap_err();
        assert_eq!(reason(&refused).1, "PARTY_IN_USE");
        assert!(refused.message().contains("has unregistered at the partner again"), "{}", refused.message());
        let told = given.platform.asked();
        // With the token that it gave; "for-this-side" in base64.
        let taken_back = told.last().unwrap();
        assert_eq!(
            (&*taken_back.method, &*taken_back.path, &*taken_back.authorization),
            ("DELETE", "/credentials", "Token Zm9yLXRoaXMtc2lkZQ==")
        );
        let told = told.iter().find(|asked| asked.method == "POST").unwrap();
        // All is as before: the token given by hand holds, the one that was told does not.
        given.get(&format!("{BASE}/versions"), told.body["token"].as_str().unwrap()).await.is(401, 2000);
        given.get(&format!("{BASE}/versions"), &first).await.is(200, 1000);
        // So it is where what it answers can't be taken at all, and its token can be read.
        let nobody = json!([{"role": "NSP", "party_id": "ABC", "country_code": "BE"}]);
        given.platform.answers(given.platform.credentials("for-this-side", nobody));
        given.platform.asked();
        let refused = given.partners.connect_partner(connect()).await.unwrap_err();
        assert_eq!(reason(&refused).1, "PARTNER_NOT_REACHED");
        assert_eq!(given.platform.asked().last().unwrap().method, "DELETE");
        let roles = json!([{"role": "CPO", "party_id": "ABC", "country_code": "BE"}]);
        given.platform.answers(given.platform.credentials("for-this-side", roles));
        given.platform.asked();
        let partner = given.partners.connect_partner(connect()).await.unwrap().into_inner();
        assert_eq!(partner.state(), PartnerState::Connected);
        assert_eq!(partner.parties[0].party_id, "ABC");
        let asked = given.platform.asked();
        let told = asked.iter().find(|asked| asked.method == "POST").unwrap();
        assert_eq!(told.authorization, "Token Z2l2ZW4tYnktaGFuZA==");
        assert_eq!(told.body["url"], "https://ocpi.light.example/ocpi/light/versions");
        // What it was told is what it shows.
        let token = told.body["token"].as_str().unwrap();
        given.get(&format!("{BASE}/2.2.1/emsp/tokens"), token).await.is(200, 1000);
        let held = given.partners.get_partner(GetPartnerRequest { name }).await.unwrap().into_inner();
        assert_eq!(held.versions_url, url);
        assert!(!format!("{held:?}").contains(token), "a token is shown once");
    });
}

#[test]
fn a_partner_is_settled_with_an_account_that_there_is() {
    run(async {
        let mut given = Given::new().await;
        let account = account_name("nobody");
        let create = CreatePartnerRequest {
            name: format!("{TENANT}/partners/new"),
            account: account.clone(),
            ..CreatePartnerRequest::default()
        };
        let refused = given.partners.create_partner(create).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::FailedPrecondition, "UNKNOWN_ACCOUNT".to_owned()));
        let name = format!("{TENANT}/partners/tnm");
        let update = UpdatePartnerRequest { name, account: Some(account), ..UpdatePartnerRequest::default() };
        let refused = given.partners.update_partner(update).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::FailedPrecondition, "UNKNOWN_ACCOUNT".to_owned()));
    });
}

/// The other side of a connection, as it stands here.
async fn standing(given: &mut Given) -> PartnerState {
    let name = format!("{TENANT}/partners/other");
    given.partners.get_partner(GetPartnerRequest { name }).await.unwrap().into_inner().state()
}

/// Agrees with the other side on a role, and says who this side is.
async fn agree(given: &mut Given, own: PartyRole, other: Vec<PartyRole>) -> String {
    let url = format!("http://{}", given.address());
    let own = OwnProfile { business_name: "One".to_owned(), parties: vec![own], url };
    let set = SetOwnProfileRequest { parent: TENANT.to_owned(), own: Some(own) };
    given.partners.set_own_profile(set).await.unwrap();
    let create = CreatePartnerRequest {
        name: format!("{TENANT}/partners/other"),
        parties: other,
        ..CreatePartnerRequest::default()
    };
    given.partners.create_partner(create).await.unwrap().into_inner().token
}

#[test]
fn two_nodes_come_together_again_after_either_refused() {
    run(async {
        let (mut seller, mut buyer) = (Given::new().await, Given::new().await);
        let operator = party(PartnerRole::Operator, "BE", "SEL");
        let provider = party(PartnerRole::Provider, "BE", "BUY");
        let first = agree(&mut seller, operator.clone(), Vec::new()).await;
        agree(&mut buyer, provider, vec![party(PartnerRole::Operator, "BE", "OTH")]).await;
        let (name, url) =
            (format!("{TENANT}/partners/other"), format!("http://{}{BASE}/versions", seller.address()));
        let connect = |token: &str| ConnectPartnerRequest {
            name: name.clone(),
            versions_url: url.clone(),
            token: token.to_owned(),
        };
        // The seller takes the buyer's credentials; the buyer has agreed with somebody else.
        let refused = buyer.partners.connect_partner(connect(&first)).await.unwrap_err();
        assert_eq!(reason(&refused).1, "PARTY_NOT_AGREED");
        assert!(refused.message().contains("unregistered at the partner again"), "{}", refused.message());
        let both = [standing(&mut seller).await, standing(&mut buyer).await];
        assert_eq!(both, [PartnerState::Registered; 2]);
        let refused = buyer.partners.connect_partner(connect(&first)).await.unwrap_err();
        assert_eq!(reason(&refused).1, "PARTNER_NOT_REACHED");
        assert!(refused.message().contains("rotate"), "{}", refused.message());

        let agreed = UpdatePartnerRequest {
            name: name.clone(),
            parties: vec![operator],
            ..UpdatePartnerRequest::default()
        };
        buyer.partners.update_partner(agreed).await.unwrap();
        // Once it is connected another token leads there again, though the buyer holds that it is.
        for _ in 0..2 {
            let rotate = RotatePartnerTokenRequest { name: name.clone() };
            let token = seller.partners.rotate_partner_token(rotate).await.unwrap().into_inner().token;
            assert_eq!(standing(&mut seller).await, PartnerState::Registered);
            buyer.partners.connect_partner(connect(&token)).await.unwrap();
            let both = [standing(&mut seller).await, standing(&mut buyer).await];
            assert_eq!(both, [PartnerState::Connected; 2]);
        }
    });
}
