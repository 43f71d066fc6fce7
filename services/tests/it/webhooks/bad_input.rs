//! What can't be set is refused, each with its own reason, and changes nothing.

use proto::events::{
    EventFilter, GetWebhookRequest, ListWebhooksRequest, RotateWebhookSecretRequest, SetWebhookRequest,
};
use tonic::{Code, Status};

use super::*;
use crate::grpc::world::{field, reason};

const URL: &str = "http://127.0.0.1:9/";

fn check(refused: &Status, code: Code, expected: &str) {
    assert_eq!(reason(refused), (code, expected.to_owned()), "{refused:?}");
}

#[test]
fn what_can_not_be_is_refused_with_its_reason() {
    run(async {
        let mut given = Given::new().await;
        let long = format!("http://example.org/{}", "x".repeat(1_000));
        let of_bytes = |count: usize| format!("whsec_{}", STANDARD.encode(vec![7; count]));
        let short = of_bytes(23);
        let with_url = |url: &str| wanted(url);
        let with_secret = |secret: &str| SetWebhookRequest { secret: secret.to_owned(), ..wanted(URL) };
        let with_filter = |filter| SetWebhookRequest { filter: Some(filter), ..wanted(URL) };
        let unknown_kind = EventFilter { kinds: vec![99], ..EventFilter::default() };
        let no_kind = EventFilter { kinds: vec![0], ..EventFilter::default() };
        let stranger = EventFilter { account: "tenants/heavy/accounts/anna".to_owned(), kinds: vec![] };
        let too_long = EventFilter { account: account_name(&"x".repeat(57)), kinds: vec![] };
        let named = |name: &str| SetWebhookRequest { name: name.to_owned(), ..wanted(URL) };
        let long_name = format!("tenants/light/webhooks/{}", "x".repeat(57));
        for (request, expected, at) in [
            (with_url(""), "WEBHOOK_URL_MALFORMED", "url"),
            (with_url("example.org"), "WEBHOOK_URL_MALFORMED", "url"),
            (with_url("http://user:word@example.org/"), "WEBHOOK_URL_MALFORMED", "url"),
            (with_url("https://example.org/"), "WEBHOOK_URL_ENCRYPTED", "url"),
            (with_url(&long), "WEBHOOK_URL_TOO_LONG", "url"),
            (with_secret("hunter2"), "WEBHOOK_SECRET_MALFORMED", "secret"),
            (with_secret(&short), "WEBHOOK_SECRET_LENGTH", "secret"),
            (with_secret(&of_bytes(65)), "WEBHOOK_SECRET_LENGTH", "secret"),
            (with_filter(unknown_kind), "INVALID", "filter.kinds"),
            (with_filter(no_kind), "INVALID", "filter.kinds"),
            (with_filter(stranger), "INVALID", "filter.account"),
            (with_filter(too_long), "INVALID", "filter.account"),
            (named("billing"), "INVALID", "name"),
            (named(&long_name), "INVALID", "name"),
            (SetWebhookRequest { cursor: "now".to_owned(), ..wanted(URL) }, "CURSOR_MALFORMED", "cursor"),
            (
                SetWebhookRequest { request_id: "1".to_owned(), ..wanted(URL) },
                "REQUEST_ID_INVALID",
                "request_id",
            ),
        ] {
            let refused = given.webhooks.set_webhook(request.clone()).await.unwrap_err();
            check(&refused, Code::InvalidArgument, expected);
            assert_eq!(field(&refused), at, "{expected}");
            let (secret, url) = (&request.secret, &request.url);
            assert!(!refused.message().contains(secret.as_str()), "a secret is told again: {url}");
        }
        let refused = given.webhooks.set_webhook(with_secret("")).await.unwrap_err();
        check(&refused, Code::InvalidArgument, "WEBHOOK_SECRET_MISSING");
        let get = GetWebhookRequest { name: NAME.to_owned() };
        check(&given.webhooks.get_webhook(get).await.unwrap_err(), Code::NotFound, "UNKNOWN_WEBHOOK");
        let list = ListWebhooksRequest { parent: TENANT.to_owned() };
        assert_eq!(given.webhooks.list_webhooks(list).await.unwrap().into_inner().webhooks, []);
        given.world.node.stop().await.unwrap();
    });
}

#[test]
fn what_stands_in_the_way_is_refused_with_its_reason() {
    run(async {
        let (mut given, receiver) = (Given::new().await, Receiver::start(Manner::Answer(200)).await);
        let checked = SetWebhookRequest { validate_only: true, ..wanted(&receiver.url) };
        given.webhooks.set_webhook(checked).await.unwrap();
        let get = GetWebhookRequest { name: NAME.to_owned() };
        check(&given.webhooks.get_webhook(get).await.unwrap_err(), Code::NotFound, "UNKNOWN_WEBHOOK");
        given.set(&receiver).await;
        let other = SetWebhookRequest { secret: SECRETS[1].to_owned(), ..wanted(&receiver.url) };
        let refused = given.webhooks.set_webhook(other).await.unwrap_err();
        check(&refused, Code::FailedPrecondition, "OTHER_WEBHOOK_SECRET");
        let rotate =
            |secret: &str| RotateWebhookSecretRequest { name: NAME.to_owned(), secret: secret.to_owned() };
        given.webhooks.rotate_webhook_secret(rotate(SECRETS[1])).await.unwrap();
        given.webhooks.rotate_webhook_secret(rotate(SECRETS[1])).await.unwrap();
        let third = format!("whsec_{}", STANDARD.encode([9; 32]));
        let refused = given.webhooks.rotate_webhook_secret(rotate(&third)).await.unwrap_err();
        check(&refused, Code::FailedPrecondition, "ROTATION_UNDER_WAY");
        let refused = given.webhooks.rotate_webhook_secret(rotate("whsec_")).await.unwrap_err();
        check(&refused, Code::InvalidArgument, "WEBHOOK_SECRET_LENGTH");
        for number in 1..16 {
            let name = format!("tenants/light/webhooks/w{number}");
            let another = SetWebhookRequest { name, ..wanted(&receiver.url) };
            given.webhooks.set_webhook(another).await.unwrap();
        }
        let name = "tenants/light/webhooks/one-more".to_owned();
        let refused = given.webhooks.set_webhook(SetWebhookRequest { name, ..wanted(&receiver.url) }).await;
        check(&refused.unwrap_err(), Code::FailedPrecondition, "TOO_MANY_WEBHOOKS");
        given.world.node.stop().await.unwrap();
    });
}
