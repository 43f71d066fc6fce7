//! Events sent to an address: signed, in order, each until it was acknowledged, whatever the receiver does and whichever node
//! sends.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that can't have its answer has failed"
)]

mod bad_input;
pub(crate) mod receiver;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use proto::charging::TopUpRequest;
use proto::charging::charging_service_client::ChargingServiceClient;
use proto::events::webhook_service_client::WebhookServiceClient;
use proto::events::{
    AccountEventKind, AttemptFailure, DeleteWebhookRequest, DropFormerWebhookSecretRequest, EventFilter,
    GetWebhookRequest, ListWebhooksRequest, PauseWebhookRequest, ResumeWebhookRequest,
    RotateWebhookSecretRequest, SetWebhookRequest, Webhook, WebhookState,
};
use services::node::NodeOptions;
use services::store::StoreAddress;
use services::webhooks::WebhookOptions;
use sha2::Sha256;
use tonic::transport::Channel;

use crate::grpc::supplier::{TENANT, account_name};
use crate::grpc::world::{World, options, run};
use receiver::{Manner, Received, Receiver};

pub(crate) const NAME: &str = "tenants/light/webhooks/billing";
/// The bytes 0 to 23, and 100 to 123.
pub(crate) const SECRETS: [&str; 2] =
    ["whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", "whsec_ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7"];

/// A node with one account, and who asks it.
struct Given {
    world: World,
    webhooks: WebhookServiceClient<Channel>,
    charging: ChargingServiceClient<Channel>,
    topped_up: u32,
}

/// Pauses in which no test has to wait; patience that no load uses up.
pub(crate) fn swift() -> WebhookOptions {
    WebhookOptions {
        first_pause: Duration::from_millis(5),
        longest_pause: Duration::from_millis(40),
        patience: Duration::from_secs(60),
        poll: Duration::from_millis(5),
        look: Duration::from_millis(20),
        ..WebhookOptions::default()
    }
}

impl Given {
    async fn new() -> Self {
        Self::with(NodeOptions { webhooks: swift(), ..options(StoreAddress::Memory) }).await
    }

    async fn with(options: NodeOptions) -> Self {
        let mut given = Self::on(World::with(options).await);
        given.world.open(TENANT, "anna").await;
        given
    }

    fn on(world: World) -> Self {
        let webhooks = WebhookServiceClient::new(world.channel.clone());
        let charging = ChargingServiceClient::new(world.channel.clone());
        Self { world, webhooks, charging, topped_up: 0 }
    }

    /// So many events of the account.
    async fn happen(&mut self, events: u32) {
        for _ in 0..events {
            self.topped_up += 1;
            top_up(&mut self.charging, self.topped_up).await;
        }
    }

    async fn set(&mut self, receiver: &Receiver) -> Webhook {
        self.webhooks.set_webhook(wanted(&receiver.url)).await.unwrap().into_inner()
    }

    async fn get(&mut self) -> Webhook {
        self.webhooks.get_webhook(GetWebhookRequest { name: NAME.to_owned() }).await.unwrap().into_inner()
    }

    async fn resume(&mut self) {
        let resumed = self.webhooks.resume_webhook(ResumeWebhookRequest { name: NAME.to_owned() }).await;
        assert_eq!(resumed.unwrap().into_inner().state(), WebhookState::Active);
    }

    /// Waits until the webhook is so.
    async fn until(&mut self, is_so: impl Fn(&Webhook) -> bool) -> Webhook {
        loop {
            let webhook = self.get().await;
            if is_so(&webhook) {
                return webhook;
            }
            tokio::task::yield_now().await;
        }
    }
}

pub(crate) async fn top_up(charging: &mut ChargingServiceClient<Channel>, number: u32) {
    let top_up = TopUpRequest {
        account: account_name("anna"),
        operation_id: format!("bank-{number}"),
        currency_code: "EUR".to_owned(),
        exact_amount: "7.5".to_owned(),
        ..TopUpRequest::default()
    };
    charging.top_up(top_up).await.unwrap();
}

pub(crate) fn wanted(url: &str) -> SetWebhookRequest {
    SetWebhookRequest {
        name: NAME.to_owned(),
        url: url.to_owned(),
        secret: SECRETS[0].to_owned(),
        ..SetWebhookRequest::default()
    }
}

/// The id of an event of the account: its partition and its place there.
pub(crate) fn id(number: u32) -> String {
    let partition = domain::entity::event_log::Partition::of_account("anna").number();
    format!("light/{partition}-{number}")
}

/// What the receiver computes from what came and its secrets.
fn signed(received: &Received, secrets: &[&str]) -> String {
    let of = |secret: &&str| {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{}.{}.", received.id(), received.header("webhook-timestamp")).as_bytes());
        mac.update(&received.body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    };
    secrets.iter().map(of).collect::<Vec<_>>().join(" ")
}

/// Each id in the order in which it came first, having had the same body whenever it came.
pub(crate) fn firsts(received: &[Received]) -> Vec<String> {
    let mut firsts: Vec<&Received> = Vec::new();
    for one in received {
        match firsts.iter().find(|first| first.id() == one.id()) {
            Some(first) => assert_eq!(first.body, one.body, "{}", one.id()),
            None => firsts.push(one),
        }
    }
    firsts.into_iter().map(|one| one.id().to_owned()).collect()
}

pub(crate) fn ids(numbers: std::ops::RangeInclusive<u32>) -> Vec<String> {
    numbers.map(id).collect()
}

#[test]
fn events_come_signed_and_in_order() {
    run(async {
        let (mut given, mut receiver) = (Given::new().await, Receiver::start(Manner::Answer(204)).await);
        given.happen(2).await;
        let set = given.set(&receiver).await;
        assert_eq!((set.state(), set.secret_fingerprints.len()), (WebhookState::Active, 1));
        given.happen(1).await;
        let received = receiver.until(&id(3)).await;
        assert_eq!(firsts(&received), ids(1..=3));
        for (number, one) in (1_u32..).zip(&received) {
            assert_eq!(one.path, "/hook?of=kvarter");
            assert_eq!(one.header("content-type"), "application/json");
            assert_eq!(one.header("webhook-signature"), signed(one, &SECRETS[..1]));
            let json = one.json();
            assert_eq!(json["accountId"], "anna");
            assert_eq!(json["kind"], "ACCOUNT_EVENT_KIND_TOPPED_UP");
            assert_eq!(json["toppedUp"]["operationId"], format!("bank-{number}"));
            assert_eq!(format!("light/{}", json["eventId"].as_str().unwrap()), one.id());
        }
        given.world.node.stop().await.unwrap();
    });
}

#[test]
fn both_secrets_sign_while_they_change() {
    run(async {
        let (mut given, mut receiver) = (Given::new().await, Receiver::start(Manner::Answer(200)).await);
        given.set(&receiver).await;
        let (name, secret) = (NAME.to_owned(), SECRETS[1].to_owned());
        let rotate = RotateWebhookSecretRequest { name: name.clone(), secret };
        let rotated = given.webhooks.rotate_webhook_secret(rotate).await.unwrap().into_inner();
        assert_eq!(rotated.secret_fingerprints.len(), 2);
        given.happen(1).await;
        let both = receiver.next().await;
        assert_eq!(both.header("webhook-signature"), signed(&both, &[SECRETS[1], SECRETS[0]]));
        given.webhooks.drop_former_webhook_secret(DropFormerWebhookSecretRequest { name }).await.unwrap();
        given.happen(1).await;
        let newest = receiver.next().await;
        assert_eq!(newest.header("webhook-signature"), signed(&newest, &SECRETS[1..]));
        let list = ListWebhooksRequest { parent: TENANT.to_owned() };
        let listed = given.webhooks.list_webhooks(list).await.unwrap().into_inner();
        assert!(!format!("{listed:?}").contains("whsec_"));
        given.world.node.stop().await.unwrap();
    });
}

#[test]
fn what_fails_is_sent_again_with_the_same_id_until_it_is_taken() {
    for (manner, failure, status) in [
        (Manner::Answer(500), AttemptFailure::Answered, 500),
        (Manner::Answer(404), AttemptFailure::Answered, 404),
        (Manner::Redirect, AttemptFailure::Answered, 307),
        (Manner::BreakOff, AttemptFailure::Unreachable, 0),
    ] {
        run(async {
            let (mut given, mut receiver) = (Given::new().await, Receiver::start(manner).await);
            given.set(&receiver).await;
            given.happen(3).await;
            let mut received = vec![receiver.next().await, receiver.next().await, receiver.next().await];
            let failing = given.until(|webhook| webhook.failing.is_some()).await.failing.unwrap();
            assert_eq!((failing.failure(), failing.http_status), (failure, status), "{manner:?}");
            receiver.turn(Manner::Answer(200));
            received.extend(receiver.until(&id(3)).await);
            assert_eq!(firsts(&received), ids(1..=3), "{manner:?}");
            assert!(received.iter().all(|one| one.path.starts_with("/hook")), "nothing is followed");
            given.until(|webhook| webhook.failing.is_none()).await;
            given.world.node.stop().await.unwrap();
        });
    }
}

#[test]
fn a_receiver_that_says_nothing_is_not_waited_for() {
    run(async {
        let webhooks = WebhookOptions { patience: Duration::from_millis(50), ..swift() };
        let mut given = Given::with(NodeOptions { webhooks, ..options(StoreAddress::Memory) }).await;
        let mut receiver = Receiver::start(Manner::Silence).await;
        given.set(&receiver).await;
        given.happen(2).await;
        let mut received = vec![receiver.next().await, receiver.next().await];
        let is_timed_out = |webhook: &Webhook| {
            webhook.failing.is_some_and(|failing| failing.failure() == AttemptFailure::TimedOut)
        };
        given.until(is_timed_out).await;
        receiver.turn(Manner::Answer(200));
        received.extend(receiver.until(&id(2)).await);
        assert_eq!(firsts(&received), ids(1..=2));
        given.world.node.stop().await.unwrap();
    });
}

#[test]
fn a_receiver_that_talks_without_end_has_acknowledged() {
    run(async {
        let (mut given, mut receiver) = (Given::new().await, Receiver::start(Manner::Chatter).await);
        given.set(&receiver).await;
        given.happen(3).await;
        assert_eq!(firsts(&receiver.until(&id(3)).await), ids(1..=3));
        given.world.node.stop().await.unwrap();
    });
}

#[test]
fn a_receiver_that_is_gone_is_asked_no_more_until_it_is_resumed() {
    run(async {
        let (mut given, mut receiver) = (Given::new().await, Receiver::start(Manner::Answer(410)).await);
        given.set(&receiver).await;
        given.happen(2).await;
        let mut received = vec![receiver.next().await];
        given.until(|webhook| webhook.state() == WebhookState::Gone).await;
        receiver.turn(Manner::Answer(200));
        given.resume().await;
        received.extend(receiver.until(&id(2)).await);
        let came: Vec<&str> = received.iter().map(Received::id).collect();
        assert_eq!(came, [id(1), id(1), id(2)], "the first was sent once before it was resumed");
        given.world.node.stop().await.unwrap();
    });
}

#[test]
fn a_busy_receiver_says_when_and_a_person_may_try_before() {
    run(async {
        let hour = Duration::from_secs(3_600);
        let webhooks = WebhookOptions { longest_pause: hour, look: hour, ..swift() };
        let mut given = Given::with(NodeOptions { webhooks, ..options(StoreAddress::Memory) }).await;
        let mut receiver = Receiver::start(Manner::Busy).await;
        given.set(&receiver).await;
        given.happen(1).await;
        let mut received = vec![receiver.next().await];
        let failing = given.until(|webhook| webhook.failing.is_some()).await.failing.unwrap();
        let (since, next) = (failing.since_time.unwrap(), failing.next_attempt_time.unwrap());
        assert_eq!(next.seconds - since.seconds, 3_600, "a day was asked for, an hour is the longest");
        receiver.turn(Manner::Answer(200));
        given.resume().await;
        received.push(receiver.next().await);
        assert_eq!(firsts(&received), ids(1..=1));
        given.world.node.stop().await.unwrap();
    });
}

#[test]
fn nothing_is_lost_while_it_is_paused_and_only_what_is_wanted_comes() {
    run(async {
        let (mut given, mut receiver) = (Given::new().await, Receiver::start(Manner::Answer(200)).await);
        given.happen(1).await;
        given.set(&receiver).await;
        receiver.until(&id(1)).await;
        let stood = given.get().await.cursor;
        let paused = given.webhooks.pause_webhook(PauseWebhookRequest { name: NAME.to_owned() }).await;
        assert_eq!(paused.unwrap().into_inner().state(), WebhookState::Paused);
        given.happen(3).await;
        given.resume().await;
        assert_eq!(firsts(&receiver.until(&id(4)).await).last(), Some(&id(4)));
        given.until(|webhook| webhook.cursor != stood).await;

        // Another one, of blocks alone, and of what comes from now on.
        let mut blocks = Receiver::start(Manner::Answer(200)).await;
        let filter =
            EventFilter { kinds: vec![AccountEventKind::Blocked.into()], account: account_name("anna") };
        let name = "tenants/light/webhooks/blocks".to_owned();
        let wanted = SetWebhookRequest { name, filter: Some(filter), from_now: true, ..wanted(&blocks.url) };
        given.webhooks.set_webhook(wanted).await.unwrap();
        given.happen(1).await;
        let account = account_name("anna");
        let block = proto::charging::BlockAccountRequest { account };
        given.charging.block_account(block).await.unwrap();
        assert_eq!(blocks.next().await.id(), id(6));
        given.world.node.stop().await.unwrap();
    });
}

#[test]
fn a_webhook_goes_on_after_its_node_was_stopped() {
    run(async {
        let directory = tempfile::tempdir().unwrap();
        let store = StoreAddress::Directory(directory.path().to_owned());
        let options = || NodeOptions { webhooks: swift(), ..options(store.clone()) };
        let mut given = Given::with(options()).await;
        let mut receiver = Receiver::start(Manner::Answer(200)).await;
        given.set(&receiver).await;
        given.happen(2).await;
        let mut received = receiver.until(&id(2)).await;
        given.world.node.stop().await.unwrap();

        let mut given = Given { topped_up: 2, ..Given::on(World::with(options()).await) };
        given.happen(2).await;
        received.extend(receiver.until(&id(4)).await);
        // A node that stops in order has recorded what was acknowledged.
        let came: Vec<&str> = received.iter().map(Received::id).collect();
        assert_eq!(came, ids(1..=4));
        let delete = DeleteWebhookRequest { name: NAME.to_owned() };
        given.webhooks.delete_webhook(delete).await.unwrap();
        let list = ListWebhooksRequest { parent: TENANT.to_owned() };
        assert_eq!(given.webhooks.list_webhooks(list).await.unwrap().into_inner().webhooks, []);
        given.world.node.stop().await.unwrap();
    });
}
